"""Rows of the result table, and measuring them in alternating rounds."""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from . import procfs
from .client import Client, Load
from .servers import Server
from .settings import Settings

MIB = 1 << 20
GIB = 1 << 30


@dataclass
class Sample:
    """One system's result in one round. Absent figures are None."""

    value: float
    cpu: float | None = None  # server CPU seconds per operation, or per GiB where bytes count
    p50_us: float | None = None
    p99_us: float | None = None
    peak_bytes: int | None = None
    disk_bytes: int | None = None
    client_share: float | None = None  # of the client's core
    errors: int = 0
    histogram: list = field(default_factory=list)


@dataclass
class Row:
    workload: str
    title: str
    parameters: str
    unit: str
    higher_is_better: bool = True
    cpu_unit: str = "op"
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    ceiling: str = ""  # a system's name, or a key of the measured ceilings

    def add(self, system: str, sample: Sample) -> None:
        self.samples.setdefault(system, []).append(sample)

    def median(self, system: str, key: str = "value") -> float | None:
        values = [getattr(sample, key) for sample in self.samples.get(system, [])]
        values = [value for value in values if value is not None]
        return statistics.median(values) if values else None

    def spread(self, system: str) -> tuple[float, float] | None:
        values = [sample.value for sample in self.samples.get(system, [])]
        return (min(values), max(values)) if values else None

    def errors(self, system: str) -> int:
        return sum(sample.errors for sample in self.samples.get(system, []))


def sample_of(report: dict, unit: str, latency_class: str | None = None) -> Sample:
    """A sample from a client's report; `unit` says whether operations or bytes count."""
    classes = report["classes"]
    operations = sum(each["operations"] for each in classes.values())
    moved = sum(each["bytes"] for each in classes.values())
    elapsed = max(report["elapsed"], 1e-9)
    shown = classes[latency_class] if latency_class else next(iter(classes.values()))
    amount = moved / GIB if unit == "MiB/s" else operations
    return Sample(
        value=moved / MIB / elapsed if unit == "MiB/s" else operations / elapsed,
        cpu=report["server_cpu"] / amount if amount else None,
        p50_us=shown["latency"]["p50_us"], p99_us=shown["latency"]["p99_us"],
        peak_bytes=report["peak_bytes"], client_share=report["client_cpu"] / elapsed,
        errors=sum(each["errors"] for each in classes.values()),
        histogram=shown["latency"]["buckets"])


@dataclass
class Bench:
    """What every workload needs: the settings, the load client, the running systems, the rows."""

    settings: Settings
    client: Client
    servers: dict[str, Server]  # those that take part; the readable ones run throughout
    factory: Callable[[str, str], Server]
    versions: dict[str, str]
    extra_servers: list[Server] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    ceilings: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _next_blob: int = 1_000_000  # below are the blobs that workloads prepare for reading
    _kept: dict[str, list[Server]] = field(default_factory=dict)

    def row(self, *arguments, **options) -> Row:
        row = Row(*arguments, **options)
        self.rows.append(row)
        return row

    def note(self, text: str) -> None:
        print("  note: " + text, flush=True)
        self.notes.append(text)

    def new_server(self, name: str, label: str) -> Server:
        """Another instance of a system, in a folder and on a port of its own, not started."""
        server = self.factory(name, label)
        self.extra_servers.append(server)
        return server

    def next_blob(self, count: int) -> int:
        """The first of `count` blob numbers that no push in this run has used."""
        first = self._next_blob
        self._next_blob += count
        return first

    def keep(self, label: str, systems: list[Server]) -> None:
        """Leaves instances running for a later workload of the same run."""
        self._kept[label] = systems

    def kept(self, label: str) -> list[Server]:
        return self._kept.get(label, [])

    def release(self, label: str, systems: list[Server]) -> None:
        self._kept.pop(label, None)
        for server in systems:
            server.wipe()

    def stop_all(self) -> None:
        for server in [*self.servers.values(), *self.extra_servers]:
            server.stop()

    def alternate(self, row: Row, systems: list[Server],
                  measure: Callable[[Server, int], Sample | None],
                  rounds: int | None = None) -> Row:
        """A B C A B C …: a drift of the machine meets every system alike."""
        for number in range(rounds or self.settings.rounds):
            for server in systems:
                sample = measure(server, number)
                if sample is not None:
                    row.add(server.name, sample)
        self.show(row)
        return row

    def load(self, row: Row, systems: list[Server],
             loads: Callable[[Server, int], list[Load] | None],
             latency_class: str | None = None, disk: bool = False,
             seconds: float | None = None, warmup: float | None = None,
             rounds: int | None = None, **others) -> Row:
        """alternate() with a timed run of the load client as the measurement."""
        def measure(server, number):
            classes = loads(server, number)
            if classes is None:
                return None
            before = procfs.disk_bytes(server.data) if disk else 0
            report = self.client.run(
                server, classes, self.settings.seconds if seconds is None else seconds,
                self.settings.warmup if warmup is None else warmup, **others)
            sample = sample_of(report, row.unit, latency_class)
            if sample.errors:
                statuses = {name: each["bad_statuses"] for name, each in report["classes"].items()}
                self.note(f"{row.workload} {row.title} {row.parameters} {server.name}: "
                          f"{sample.errors} errors {statuses}")
            if disk:
                sample.disk_bytes = procfs.disk_bytes(server.data) - before
            return sample
        return self.alternate(row, systems, measure, rounds)

    def show(self, row: Row) -> None:
        parts = []
        for system in row.samples:
            part = f"{system} {row.median(system):.4g}"
            cpu = row.median(system, "cpu")
            if cpu is not None:
                part += (f" ({cpu:.3g} s/GiB)" if row.cpu_unit == "GiB"
                         else f" ({cpu * 1e6:.4g} us/{row.cpu_unit})")
            parts.append(part)
        stamp = time.strftime("%H:%M:%S")
        print(f"{stamp} {row.workload} {row.title}, {row.parameters} [{row.unit}]: "
              + ", ".join(parts), flush=True)
        sys.stdout.flush()
