"""Slow readers and writers beside normal clients: the normal clients' p99 may hardly move."""

import os
import pathlib
import statistics
import time

from harness import MIB, random_image
from registry_client import location_path

REPOSITORY = "admin/slow"
SLOW = 200
SLOW_RATE = 20_000          # bytes a second, for each slow client
NORMAL_RATE = 1_000         # requests a second of all normal clients together
MOST_GROWTH = 1.20
WINDOW = 1.5                # seconds of one measurement
SETTLE = 0.5                # seconds that connecting and leaving of the slow clients may take
MOST_KERNEL_MIB = 128       # of the kernel's memory for connections: it has one for the whole machine


def run(host_with, figures, short):
    turns, most_turns = (7, 25) if short else (15, 45)
    # Server and clients on a core each, so that the slow clients' own work is not what is measured.
    cores = sorted(os.sched_getaffinity(0))
    server_core = ["taskset", "-c", str(cores[0])] if len(cores) > 1 else []
    client_core = ["taskset", "-c", str(cores[-1])] if len(cores) > 1 else []
    with host_with([REPOSITORY], prefix=server_core, ahead=True) as host:
        session = host.session(timeout=60)
        normal = random_image(REPOSITORY, "normal", [16 << 10])
        large = random_image(REPOSITORY, "large", [64 * MIB])
        figures.none("refused while pushing",
                     [r for r in (normal.push(session), large.push(session)) if r])

        def measure():
            # A virtual machine stands still for milliseconds now and then, longer than what is looked for.
            load = host.load(normal.targets(), ["--connections", 16, "--rate", NORMAL_RATE,
                                                "--seconds", WINDOW, "--skip-pauses"], client_core)
            result = load.result()
            normal_errors.extend(result["texts"])
            left_out.append(result["left_out"])
            counted.append(result["requests"]["count"])
            return result["requests"]["p99"]

        normal_errors, slow_errors, alone, beside, left_out, counted = [], [], [], [], [], []
        kernel_before, kernel = kernel_memory(), 0
        measure()  # Warms both sides up; not counted.
        # Only measurements that follow each other are compared; more are made while they tell too little.
        while len(alone) < turns or (len(alone) < most_turns
                                     and growth(alone, beside) >= MOST_GROWTH):
            alone.append(measure())
            slow = start_slow_clients(host, session, large, ["chrt", "--idle", "0", *client_core])
            time.sleep(SETTLE)
            beside.append(measure())
            kernel = max(kernel, kernel_memory() - kernel_before)
            for load in slow:
                slow_errors.extend(load.stop()["texts"])
            time.sleep(SETTLE)
        figures.none("errors of normal clients", normal_errors)
        figures.none("errors of slow clients", slow_errors)
        figures.at_most("memory of the kernel that the slow clients hold", kernel, MOST_KERNEL_MIB, " MiB")
        print(f"       (medians of {len(alone)} pairs: p99 {statistics.median(alone)} µs alone, "
              f"{statistics.median(beside)} µs beside {SLOW} readers and {SLOW} writers; "
              f"{100 * sum(left_out) / (sum(left_out) + sum(counted)):.0f} % of the requests met a pause of the "
              "machine and are left out)")
        figures.check("normal p99 beside slow clients, against alone, median of the pairs",
                      f"{growth(alone, beside):.2f}", growth(alone, beside) < MOST_GROWTH,
                      f"under {MOST_GROWTH}")


def kernel_memory():
    """MiB that all TCP connections of the machine hold in the kernel."""
    [words] = [line.split() for line in pathlib.Path("/proc/net/sockstat").read_text().splitlines()
               if line.startswith("TCP:")]
    return int(words[words.index("mem") + 1]) * os.sysconf("SC_PAGESIZE") / MIB


def growth(alone, beside):
    return statistics.median(b / a for a, b in zip(alone, beside))


def start_slow_clients(host, session, large, core):
    layer = max(large.blobs, key=lambda d: len(large.blobs[d]))
    read = [f"GET /v2/{REPOSITORY}/blobs/{layer} 200"]
    write = []
    for _ in range(SLOW):
        reply = session.start_upload(REPOSITORY)
        if reply.status != 202:
            raise RuntimeError(f"start of an upload: {reply}")
        write.append(f"PATCH {location_path(reply)} 202 - {8 * MIB}")
    return [host.load(read, ["--connections", SLOW, "--read-rate", SLOW_RATE], core),
            host.load(write, ["--connections", SLOW, "--write-rate", SLOW_RATE, "--order", "own"],
                      core)]
