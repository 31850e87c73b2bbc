"""Runs the load client on its own core."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from . import procfs
from .servers import Server
from .settings import CLIENT_CORE, SEED, Settings


@dataclass
class Load:
    """One load class of a plan: the keys are described in bench/client/README.md."""

    name: str
    values: dict = field(default_factory=dict)


class Client:
    def __init__(self, settings: Settings):
        self.settings = settings
        self.folder = settings.work / "plans"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._files = 0

    def file(self, text: str | bytes) -> Path:
        """A new file with this content, for a plan to refer to."""
        self._files += 1
        path = self.folder / f"file-{self._files}"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def targets(self, rows) -> Path:
        """A target file of (method, path, status, authorization number[, type, offset, size])."""
        return self.file("".join("\t".join(map(str, row)) + "\n" for row in rows))

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(["taskset", "-c", CLIENT_CORE, str(self.settings.client), *arguments],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"load client: {done.stderr.strip()}")
        return done.stdout

    def digests(self, size: int, first: int, count: int) -> list[str]:
        return self._run("digests", str(SEED), str(size), str(first), str(count)).split()

    def write_blob(self, size: int, number: int, path: Path) -> str:
        path.parent.mkdir(parents=True, exist_ok=True)
        return self._run("blob", str(SEED), str(size), str(number), str(path)).strip()

    def run(self, server: Server, loads: list[Load], seconds: float | None = None,
            warmup: float = 0, **others) -> dict:
        """Runs the loads against the server and returns the client's report with the server's
        peak memory. Without `seconds`, runs until the loads have nothing left to do."""
        pids = server.pids()
        lines = [f"port = {server.port}", f"seed = {SEED}", f"warmup = {warmup}",
                 f"duration = {seconds if seconds is not None else 3600}",
                 "pids = " + ",".join(map(str, pids))]
        if server.tls:
            lines.append("tls = yes")
        lines += [f"{key} = {value}" for key, value in others.items()]
        for load in loads:
            lines.append(f"[{load.name}]")
            lines += [f"{key} = {value}" for key, value in load.values.items()
                      if value not in ("", None)]
        plan = self.folder / f"plan-{server.name}-{os.getpid()}"
        plan.write_text("\n".join(lines) + "\n")
        procfs.reset_peak(pids)
        report = json.loads(self._run("run", str(plan)))
        report["peak_bytes"] = procfs.peak_bytes(pids)
        return report
