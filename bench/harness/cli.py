"""The command line of bench/run."""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import ceilings, peers, procfs, report
from .client import Client
from .rounds import Bench
from .servers import Berth, Distribution, DurableZot, Nginx, Server, Zot
from .settings import ROOT, Settings
from .workloads import WORKLOADS

KINDS = {"berth": Berth, "distribution": Distribution, "zot": Zot, "zot-durable": DurableZot,
         "nginx": Nginx}


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="W1..W14",
                        help="workloads to run (default: all)")
    parser.add_argument("--clients", type=int, help="only this number of connections")
    parser.add_argument("--rounds", type=int, help="alternating rounds (default 5; 2 with --short)")
    parser.add_argument("--seconds", type=float, help="of each measurement (default 2; 1)")
    parser.add_argument("--short", action="store_true", help="smaller stores, fewer rounds")
    parser.add_argument("--systems", default=",".join(KINDS),
                        help="which take part (default: %(default)s)")
    parser.add_argument("--berth", type=Path, help="the program (default build/release/berth)")
    parser.add_argument("--client", type=Path, help="the load client")
    parser.add_argument("--work", type=Path, help="folder for data, on a real disk")
    parser.add_argument("--results", type=Path, help="folder for the table, JSON and plots")
    parser.add_argument("--port", type=int, default=22000, help="first of the ports used")
    return parser.parse_args(arguments)


def _settings(arguments: list[str]) -> Settings:
    parsed = _arguments(arguments)
    unknown = [name for name in parsed.workloads if name.upper() not in WORKLOADS]
    systems = parsed.systems.split(",")
    unknown += [name for name in systems if name not in KINDS]
    if unknown:
        sys.exit(f"bench/run: unknown: {', '.join(unknown)}")
    settings = Settings([name.upper() for name in parsed.workloads] or list(WORKLOADS))
    settings.short = parsed.short
    settings.rounds = parsed.rounds or (2 if parsed.short else 5)
    settings.seconds = parsed.seconds or (1.0 if parsed.short else 2.0)
    settings.warmup = 0.2 if parsed.short else 0.5
    settings.clients = parsed.clients
    settings.systems = systems
    settings.first_port = parsed.port
    for key in ("berth", "client", "work", "results"):
        if getattr(parsed, key):
            setattr(settings, key, getattr(parsed, key).resolve())
    return settings


def _programs(settings: Settings) -> dict[str, peers.Peer]:
    """What can take part, by name; says what cannot and why."""
    found = {}
    if "berth" in settings.systems:
        if settings.berth.exists():
            version = subprocess.run([settings.berth, "--version"], capture_output=True,
                                     text=True, check=False).stdout.strip()
            found["berth"] = peers.Peer("berth", version, settings.berth)
        else:
            found["berth"] = peers.Peer("berth", "", None, f"{settings.berth} is not built")
    makers = {"distribution": peers.distribution, "zot": peers.zot, "nginx": peers.nginx}
    for name, make in makers.items():
        if name in settings.systems or (name == "zot" and "zot-durable" in settings.systems):
            found[name] = make()
    if "zot-durable" in settings.systems:
        found["zot-durable"] = found["zot"]
    for name in list(found):
        if name not in settings.systems:
            del found[name]
    return found


def _build_client(settings: Settings) -> None:
    """The client stands alone, so that peers can be measured without a build of Berth."""
    if settings.client.exists():
        return
    folder = ROOT / "build" / "bench-client"
    settings.client = folder / "berth-bench-client"
    if not settings.client.exists():
        subprocess.run(["cmake", "-S", ROOT / "bench" / "client", "-B", folder], check=True)
        subprocess.run(["cmake", "--build", folder], check=True)


def _check_machine() -> None:
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("bench/run: needs two cores, one for the server and one for the client")
    busy = os.getloadavg()[0]
    if busy > 1:
        print(f"bench/run: the machine is busy (load {busy:.1f}); times will vary",
              file=sys.stderr)


def main(arguments: list[str]) -> int:
    settings = _settings(arguments)
    # As after Ctrl-C: what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench/run: terminated"))
    _check_machine()
    _build_client(settings)
    settings.work.mkdir(parents=True, exist_ok=True)
    programs = _programs(settings)
    ports = iter(range(settings.first_port, settings.first_port + 399))

    def factory(name: str, label: str) -> Server:
        folder = settings.work / f"{name}-{label}"
        return KINDS[name](programs[name].program, folder, next(ports))

    bench = Bench(settings, Client(settings), {}, factory,
                  {name: peer.version for name, peer in programs.items()})
    for name, peer in programs.items():
        if peer.note:
            bench.note(f"{name}: {peer.note}")
        if peer.program:
            bench.servers[name] = factory(name, "main")
    try:
        return _run(bench)
    finally:
        bench.stop_all()


def _run(bench: Bench) -> int:
    for server in bench.servers.values():
        server.wipe()
        if server.name != "zot-durable":  # reading is the same; writing starts its own
            server.start()
    procfs.sync()
    bench.ceilings = ceilings.measure(bench.settings.work / "raw", bench.client,
                                      bench.settings.first_port + 399)
    failed = []
    for name in bench.settings.workloads:
        began = time.monotonic()
        print(f"== {name}: {WORKLOADS[name].__name__}", flush=True)
        try:
            WORKLOADS[name](bench)
        except (AssertionError, RuntimeError, OSError, KeyError, ValueError) as error:
            # One workload that cannot run must not take the others' results with it.
            bench.note(f"{name} failed: {type(error).__name__}: {error}")
            failed.append(name)
        finally:  # also what there is when the run is cut short
            folder = report.write(bench)
        print(f"== {name} took {time.monotonic() - began:.0f} s", flush=True)
    print(f"{folder}/results.md")
    if failed:
        print(f"bench/run: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0
