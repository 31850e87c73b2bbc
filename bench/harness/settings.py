"""What one run of the harness was asked to do, and where it keeps its files."""

import os
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVER_CORE = "0"
CLIENT_CORE = "1"
SEED = 20240229  # of all random content; the same bytes for every system and every run
NAMESPACE = "admin"


@dataclass
class Settings:
    """Read-only once the command line is parsed."""

    workloads: list[str]
    rounds: int = 5
    seconds: float = 2.0
    warmup: float = 0.5
    clients: int | None = None
    short: bool = False
    systems: list[str] = field(default_factory=list)
    work: Path = ROOT / "build" / "bench"
    results: Path = ROOT / "build" / "bench-results"
    berth: Path = ROOT / "build" / "release" / "berth"
    client: Path = ROOT / "build" / "release" / "bench" / "client" / "berth-bench-client"
    first_port: int = 22000

    def connection_counts(self, usual: list[int]) -> list[int]:
        """The client counts of a workload: the usual ones, or the one asked for."""
        return [self.clients] if self.clients else usual

    def pick(self, full, short):
        """`short` in a short run, else `full`."""
        return short if self.short else full


def cache_folder() -> Path:
    """Where the peers' programs are kept between runs, outside the source tree."""
    chosen = os.environ.get("BERTH_CACHE")
    return Path(chosen) / "bench" if chosen else Path.home() / ".cache" / "berth-bench"
