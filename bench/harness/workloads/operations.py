"""W11 garbage collection, W12 start-up, W13 memory."""

import signal
import threading
import time

from .. import images, procfs
from ..client import Load
from ..http import MANIFEST, digest_of, image_manifest
from ..rounds import GIB, MIB, Bench, Sample, sample_of
from ..servers import Berth, Server
from . import stores

# Blobs named by one manifest in the garbage workload.
LAYERS = 50
# Blobs that get their manifests together.
PART = 5_000
# Seconds that a collection may take.
DEADLINE = 300


def garbage(bench: Bench) -> None:
    """Half of the blobs lose their manifests; Berth collects them while pulls and pushes run.
    The peers: distribution collects offline only, zot under a lock on its own schedule; neither
    is asked to do it beside a load here."""
    if "berth" not in bench.servers:
        return
    [server] = stores.instances(bench, "garbage", ["berth"])
    server.extra = ("--gc-grace", "10s", "--gc-interval", "1s")
    count = bench.settings.pick(100_000, 5_000)
    row = bench.row("W11", f"garbage collection, {count} blobs, half of them garbage",
                    "pulls and pushes running", "blobs/s")
    slower = {kind: bench.row("W11", f"{kind} p99 during collection, times without",
                              "open loop, 200 pulls/s and 100 pushes/s", "x",
                              higher_is_better=False) for kind in ("pull", "push")}
    server.start()
    _collect(bench, server, count, row, slower)  # once: preparing takes minutes
    for each in (row, *slower.values()):
        bench.show(each)
    stores.stop([server])


def _fill(bench: Bench, server: Berth, repo: str, count: int) -> tuple[list[bytes], list[str]]:
    """`count` small blobs, every LAYERS of them under one manifest. In parts, so that each blob has
    its manifest before its grace is over."""
    manifests, digests = [], []
    for first in range(0, count, PART):
        part = images.put_blobs(bench.client, server, repo.partition("/")[2], 1024,
                                min(PART, count - first), first=1 + first, connections=64)
        headers = server.headers([repo])
        config = server.http().push_blob(repo, b"{}", headers)
        made = [image_manifest((config, 2), [(each, 1024) for each in part[at:at + LAYERS]])
                for at in range(0, len(part), LAYERS)]
        rows, offset = [], 0
        for number, content in enumerate(made, len(manifests)):
            rows.append((repo, f"m{number}", MANIFEST, offset, len(content), 0))
            offset += len(content)
        images.put_many(bench.client, server, rows, b"".join(made), [headers["Authorization"]])
        manifests += made
        digests += part
    return manifests, digests


def _load(bench: Bench, server: Berth, repo: str, live: list[str]) -> list[Load]:
    value = server.authorization([repo], ["pull", "push"])
    return [
        Load("pull", {"connections": 16, "rate": 200, "pick": "uniform", "authorization": value,
                      "targets": bench.client.targets(
                          ("GET", f"/v2/{repo}/blobs/{digest}", 200, 0) for digest in live)}),
        Load("push", {"kind": "push", "connections": 8, "rate": 100, "blob_bytes": 1024,
                      "first_id": bench.next_blob(10 ** 6), "authorization": value,
                      "repositories": bench.client.file(repo + "\n")})]


def _collect(bench: Bench, server: Berth, count: int, row, slower) -> None:
    repo = images.repository("garbage")
    manifests, digests = _fill(bench, server, repo, count)
    live = digests[: count // 2]
    quiet = bench.client.run(server, _load(bench, server, repo, live[:2000]),
                             bench.settings.pick(20, 2), 1)
    doomed = manifests[len(manifests) // 2:]
    targets = bench.client.targets(
        ("DELETE", f"/v2/{repo}/manifests/{digest_of(content)}", 202, 0) for content in doomed)
    value = server.authorization([repo], ["pull", "push", "delete"])
    before = procfs.disk_bytes(server.data)
    report = bench.client.run(server, [Load("delete", {
        "targets": targets, "pick": "once", "connections": 8, "authorization": value})])
    assert report["classes"]["delete"]["errors"] == 0, report["classes"]["delete"]
    watch = _Watch(server, count // 2)
    loads = _load(bench, server, repo, live[:2000])
    watch.start()
    watch.underway.wait(DEADLINE)
    # Beside the collection only, which is over after this; longer would thin its effect out.
    busy = bench.client.run(server, loads, bench.settings.pick(4, 0.25))
    left = watch.goal - watch.removed()
    watch.join()
    seconds, removed = watch.figures()
    row.add(server.name, Sample(removed / seconds if seconds else 0,
                                peak_bytes=busy["peak_bytes"],
                                disk_bytes=procfs.disk_bytes(server.data) - before))
    for kind, each in slower.items():
        ratio = (sample_of(busy, "x", kind).p99_us / sample_of(quiet, "x", kind).p99_us)
        each.add(server.name, Sample(ratio, errors=busy["classes"][kind]["errors"]))
    images.verify_blobs(bench.client, server, "garbage", live,
                        server.authorization([repo], ["pull"]))
    bench.note(f"W11: {removed} blob files gone in {seconds:.1f} s, {max(left, 0)} left when the load beside it "
               f"ended; all {len(live)} live blobs read back and their digests checked")


class _Watch(threading.Thread):
    """Reads Berth's own count of removed files, since walking 100,000 files again and again would take part of both
    cores; the files are counted before and after. What counts begins with the first fifth: before it go single blobs
    that the quiet run pushed."""

    def __init__(self, server: Server, garbage_blobs: int):
        super().__init__(daemon=True)
        self.server = server
        self.goal = garbage_blobs
        self.files = self._count_files()
        self.before = 0
        self.before = self.removed()
        self.underway = threading.Event()
        self.seen: list[tuple[float, int]] = []  # of what counts

    def _count_files(self) -> int:
        return sum(1 for path in self.server.data.rglob("*") if len(path.name) == 64)

    def removed(self) -> int:
        _, content = self.server.http().call("GET", "/metrics")
        [line] = [each for each in content.decode().splitlines()
                  if each.startswith("berth_garbage_blobs_total ")]
        return int(float(line.split()[1])) - self.before

    def run(self) -> None:
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            removed = self.removed()
            if removed >= self.goal / 5:
                self.seen.append((time.monotonic(), removed))
                self.underway.set()
            if removed >= self.goal:
                return
            time.sleep(0.1)

    def figures(self) -> tuple[float, int]:
        """Seconds, and files that went in them."""
        if len(self.seen) < 2:
            return 0.0, 0
        (began, first), (ended, last) = self.seen[0], self.seen[-1]
        gone = self.files - self._count_files()
        # Some are pushed by the load beside it, some removed after the last look.
        assert abs(last - gone) < self.goal / 10, f"{last} said to be removed, {gone} fewer files"
        return ended - began, last - first


def start_up(bench: Bench) -> None:
    """To the first answer, empty and loaded, after a clean stop and after kill -9."""
    empty = stores.instances(bench, "empty", ["berth", "distribution", "zot"])
    for server in empty:
        server.start()
        server.stop()
    _starts(bench, empty, "empty store")
    stores.stop(empty)
    loaded = bench.kept("tags")
    if not loaded:
        tags = bench.settings.pick(100_000, 5000)
        loaded = stores.instances(bench, "tags", ["berth", "distribution", "zot"])
        stores.fill(bench, loaded, {images.repository("tags"): stores.tag_names(tags)})
    blobs = bench.settings.pick(20_000, 1000)
    for server in loaded:
        images.put_blobs(bench.client, server, "many-blobs", 1024, blobs, connections=64)
    _starts(bench, loaded, f"loaded store (the tags of W8 and {blobs} blobs)")
    bench.note("W12: the loaded store holds fewer blobs than the million of the target; its "
               "size is in the row")
    row = bench.row("W13", "memory idle, loaded store", "after a restart", "MiB",
                    higher_is_better=False)
    for server in loaded:
        server.stop()
        server.start()
        time.sleep(1)
        row.add(server.name, Sample(procfs.resident_bytes(server.pids()) / MIB))
    bench.show(row)
    bench.release("tags", loaded)


def _starts(bench: Bench, systems: list[Server], parameters: str) -> None:
    for how, title in ((signal.SIGTERM, "clean stop"), (signal.SIGKILL, "kill -9")):
        row = bench.row("W12", f"start-up after {title}", parameters, "ms",
                        higher_is_better=False)

        def measure(server, _, how=how):
            if server.process is None:
                server.start()
            server.stop(how)
            return Sample(server.start() * 1000)
        bench.alternate(row, systems, measure)


def memory(bench: Bench) -> None:
    """Resident memory: idle, with 10,000 idle connections, and at the peak of large transfers."""
    systems = stores.instances(bench, "memory", ["berth", "distribution", "zot", "nginx"])
    row = bench.row("W13", "memory idle", "empty store, 2 s after the start", "MiB",
                    higher_is_better=False)
    for server in systems:
        server.start()
        time.sleep(2)
        row.add(server.name, Sample(procfs.resident_bytes(server.pids()) / MIB))
    bench.show(row)
    _idle_connections(bench, systems)
    _large_transfers(bench, systems)
    stores.stop(systems)


def _idle_connections(bench: Bench, systems: list[Server]) -> None:
    count = bench.settings.pick(10_000, 1000)
    row = bench.row("W13", "memory with idle keep-alive connections",
                    f"{count} connections, one request each", "MiB", higher_is_better=False)
    targets = bench.client.targets([("GET", "/v2/", 401, 0)] * count)
    open_targets = bench.client.targets([("GET", "/v2/", 200, 0)] * count)
    for server in systems:
        report = bench.client.run(server, [Load("idle", {
            "targets": targets if isinstance(server, Berth) else open_targets, "pick": "once",
            "connections": count})], 6, hold="yes")
        sample = Sample(report["peak_bytes"] / MIB, errors=report["classes"]["idle"]["errors"])
        row.add(server.name, sample)
    bench.show(row)


def _large_transfers(bench: Bench, systems: list[Server]) -> None:
    """100 uploads or downloads of 1 GiB under way at once, cut off after some seconds: the
    peak is reached as soon as all of them move."""
    clients = bench.settings.pick(100, 20)
    repo = images.repository("large")
    seconds = bench.settings.pick(8, 3)
    for kind in ("downloads", "uploads"):
        row = bench.row("W13", f"peak memory, {clients} concurrent 1 GiB {kind}",
                        f"{seconds} s of it", "MiB", higher_is_better=False)
        for server in systems:
            if kind == "uploads" and not server.is_registry:
                continue
            value = server.authorization([repo], ["pull", "push"])
            if kind == "downloads":
                [digest] = images.put_blobs(bench.client, server, "large", GIB, 1)
                load = {"connections": clients, "authorization": value,
                        "targets": bench.client.targets(
                            [("GET", f"/v2/{repo}/blobs/{digest}", 200, 0)])}
            else:
                load = {"kind": "push", "connections": clients, "blob_bytes": GIB,
                        "first_id": bench.next_blob(1000), "authorization": value,
                        "repositories": bench.client.file(repo + "\n")}
            report = bench.client.run(server, [Load("large", load)], seconds)
            row.add(server.name, Sample(report["peak_bytes"] / MIB))
            if kind == "uploads":
                server.wipe()
        bench.show(row)
