"""The table, the JSON file and the plots."""

import json
import platform
import subprocess
import time
from dataclasses import asdict
from pathlib import Path

from . import svg
from .rounds import MIB, Bench, Row

COLUMNS = ["berth", "distribution", "zot", "zot-durable", "nginx"]
DURABLE_PEERS = ["distribution", "zot-durable"]
DEFAULT_PEERS = ["distribution", "zot"]


def number(value: float | None) -> str:
    if value is None:
        return "-"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _figure(row: Row, system: str) -> str:
    median = row.median(system)
    if median is None:
        return "-"
    low, high = row.spread(system)
    text = number(median)
    if len(row.samples[system]) > 1:
        text += f" ({number(low)}–{number(high)})"
    if row.errors(system):
        text += f", **{row.errors(system)} errors**"
    return text


def peers_to_beat(row: Row) -> list[str]:
    """Where a push is compared, the durable peers; else the default ones."""
    durable = [name for name in DURABLE_PEERS if name in row.samples]
    return durable if "zot-durable" in row.samples else [
        name for name in DEFAULT_PEERS if name in row.samples]


def ratio(row: Row) -> float | None:
    """How many times better Berth is than the better comparable peer."""
    own = row.median("berth")
    peers = [row.median(name) for name in peers_to_beat(row)]
    if not own or not peers:
        return None
    if row.higher_is_better:
        return own / max(peers) if max(peers) else None
    return min(peers) / own


def ceiling(bench: Bench, row: Row) -> str:
    found = bench.ceilings
    if row.ceiling == "nginx" and row.median("nginx") is not None:
        own = row.median("berth")
        share = f" ({own / row.median('nginx'):.2f})" if own else ""
        return f"nginx {number(row.median('nginx'))}{share}"
    if row.ceiling == "hash and disk" and found:
        size = int(row.parameters.split()[0])
        nearest = "1" if size < 50 else "100" if size < 500 else "1024"
        limit = min(found["SHA-256 MiB/s"], found[f"durable files of {nearest} MiB, MiB/s"])
        own = row.median("berth")
        return f"{number(limit)}" + (f" ({own / limit:.2f})" if own else "")
    if row.ceiling == "RS256" and found:
        limit = found["RS256 signatures/s"]
        own = row.median("berth")
        return f"{number(limit)}" + (f" ({own / limit:.2f})" if own else "")
    return "-"


def _each(row: Row, key: str, scale: float) -> str:
    parts = []
    for system in COLUMNS:
        if system in row.samples:
            value = row.median(system, key)
            parts.append(number(value * scale if value is not None else None))
    return " / ".join(parts) if any(part != "-" for part in parts) else "-"


def _cpu(row: Row) -> str:
    if row.cpu_unit == "GiB":
        text = _each(row, "cpu", 1)
        return f"{text} s/GiB" if text != "-" else "-"
    text = _each(row, "cpu", 1e6)
    return f"{text} µs" if text != "-" else "-"


def _latency(row: Row) -> str:
    parts = []
    for system in COLUMNS:
        if system in row.samples:
            p50, p99 = row.median(system, "p50_us"), row.median(system, "p99_us")
            parts.append("-" if p50 is None else f"{number(p50 / 1000)}, {number(p99 / 1000)}")
    return " / ".join(parts) if any(part != "-" for part in parts) else "-"


def _client(row: Row) -> str:
    return _each(row, "client_share", 100)


def table(bench: Bench) -> str:
    """The Markdown table. Where one cell holds several figures they stand in the order of the
    columns before, of the systems that took part in the row."""
    heads = ["Workload", "Parameters", "Unit", "Berth", "distribution", "zot", "zot durable",
             "Ceiling (Berth's share)", "Ratio to the better peer", "Server CPU per unit",
             "p50, p99 ms", "Peak memory MiB", "On disk MiB", "Client core %"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for row in bench.rows:
        if not row.samples:
            continue
        better = ratio(row)
        cells = [f"{row.workload} {row.title}", row.parameters, row.unit,
                 *(_figure(row, name) for name in COLUMNS[:-1]), ceiling(bench, row),
                 f"{better:.2f}" if better else "-", _cpu(row), _latency(row),
                 _each(row, "peak_bytes", 1 / MIB), _each(row, "disk_bytes", 1 / MIB),
                 _client(row)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _machine() -> str:
    model = ""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = Path("/proc/meminfo").read_text().split()[1]
    cores = subprocess.run(["nproc", "--all"], capture_output=True, text=True,
                           check=True).stdout.strip()
    return (f"{cores} cores ({model}), {int(memory) >> 20} GiB memory, "
            f"Linux {platform.release()}, file system of the data: "
            + subprocess.run(["stat", "-f", "-c", "%T", "."], capture_output=True, text=True,
                             check=True).stdout.strip())


def markdown(bench: Bench) -> str:
    settings = bench.settings
    lines = [f"Measured {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())} on {_machine()}. "
             f"Server on core 0, client on core 1; {settings.rounds} alternating rounds of "
             f"{settings.seconds:g} s after {settings.warmup:g} s of warm-up; median (lowest–highest).",
             "", "| System | Version | Settings | Durability |", "|---|---|---|---|"]
    for name, server in bench.servers.items():
        lines.append(f"| {name} | {bench.versions[name]} | {server.settings()} | "
                     f"{server.durability} |")
    if bench.ceilings:
        lines += ["", "Ceilings of one core and the disk: " + "; ".join(
            f"{name} {number(value)}" for name, value in bench.ceilings.items()) + "."]
    lines += ["", table(bench)]
    if bench.notes:
        lines += ["Notes:", *(f"- {note}" for note in dict.fromkeys(bench.notes))]
    return "\n".join(lines) + "\n"


def _slug(text: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in text.lower()).split())[:80]


def _distribution_plot(row: Row, folder: Path) -> None:
    """The latency below which a share of the requests stayed, by nines."""
    series = {}
    for system, samples in row.samples.items():
        counts: dict[float, int] = {}
        for sample in samples:
            for upper, count in sample.histogram:
                counts[upper] = counts.get(upper, 0) + count
        total, seen, points = sum(counts.values()), 0, []
        for upper in sorted(counts):
            seen += counts[upper]
            beyond = max(1 - seen / total, 1 / total)
            points.append((1 / beyond, upper / 1000))
        if points:
            series[system] = points
    if not series:
        return
    values = [point for points in series.values() for point in points]
    svg.lines(folder / f"latency-{_slug(row.title + ' ' + row.parameters)}.svg",
              f"{row.title}, {row.parameters}",
              svg.Axis("one request in … is slower", 1, svg.bounds([p[0] for p in values])[1]),
              svg.Axis("latency, ms", *svg.bounds([p[1] for p in values])), series)


def _size_plots(bench: Bench, folder: Path) -> None:
    """Cost against what is stored, for rows that differ in the store's size alone."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in bench.rows:
        if row.workload in ("W8", "W9") and row.samples:
            groups.setdefault((row.workload, row.title), []).append(row)
    for (workload, title), rows in groups.items():
        series: dict[str, list[tuple[float, float]]] = {}
        for row in rows:
            for system in row.samples:
                series.setdefault(system, []).append(
                    (float(row.parameters.split()[0]), row.median(system)))
        if len(rows) < 2:
            continue
        values = [point for points in series.values() for point in points]
        svg.lines(folder / f"size-{workload.lower()}-{_slug(title)}.svg",
                  f"{workload} {title}",
                  svg.Axis(rows[0].parameters.split(maxsplit=1)[1] + " stored",
                           *svg.bounds([p[0] for p in values])),
                  svg.Axis(rows[0].unit, *svg.bounds([p[1] for p in values])), series, dots=True)


def write(bench: Bench) -> Path:
    """Writes results.md, results.json and the plots; returns the folder."""
    folder = bench.settings.results
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    (folder / "results.md").write_text(markdown(bench))
    (folder / "results.json").write_text(json.dumps({
        "measured": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": _machine(),
        "versions": bench.versions, "ceilings": bench.ceilings, "notes": bench.notes,
        "rounds": bench.settings.rounds, "seconds": bench.settings.seconds,
        "durability": {name: server.durability for name, server in bench.servers.items()},
        "settings": {name: server.settings() for name, server in bench.servers.items()},
        "rows": [asdict(row) | {"ratio": ratio(row)} for row in bench.rows]}))
    for row in bench.rows:
        if "open loop" in row.title and row.samples:
            _distribution_plot(row, folder)
    _size_plots(bench, folder)
    return folder
