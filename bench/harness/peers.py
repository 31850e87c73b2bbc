"""The other registries: which versions, where from, and how they are built once."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .settings import cache_folder


@dataclass(frozen=True)
class GoProgram:
    name: str
    package: str
    version: str
    environment: tuple[tuple[str, str], ...]
    override: str  # an environment variable that names a program built elsewhere


DISTRIBUTION = GoProgram(
    "distribution", "github.com/distribution/distribution/v3/cmd/registry", "v3.1.2",
    (("CGO_ENABLED", "0"),), "BERTH_BENCH_DISTRIBUTION")
# The build that zot calls minimal: no extension tags.
ZOT = GoProgram(
    "zot", "zotregistry.dev/zot/v2/cmd/zot", "v2.1.20",
    (("CGO_ENABLED", "0"), ("GOEXPERIMENT", "jsonv2")), "BERTH_BENCH_ZOT")


@dataclass
class Peer:
    """A program ready to run, or the reason why there is none."""

    name: str
    version: str
    program: Path | None
    note: str = ""


def _install(program: GoProgram, target: Path) -> str:
    """Builds with go install. Returns the reason when that failed."""
    go = shutil.which("go")
    if not go:
        return "no go command on this machine"
    staging = target.parent / (target.name + ".building")
    environment = dict(os.environ, GOBIN=str(staging), GOFLAGS="-trimpath",
                       **dict(program.environment))
    print(f"building {program.package}@{program.version} (once; kept in {target.parent})",
          flush=True)
    done = subprocess.run([go, "install", f"{program.package}@{program.version}"],
                          env=environment, capture_output=True, text=True, check=False)
    built = list(staging.glob("*")) if staging.exists() else []
    if done.returncode != 0 or not built:
        return "go install failed: " + " ".join(done.stderr.split())[-300:]
    built[0].replace(target)
    staging.rmdir()
    return ""


def _go_peer(program: GoProgram) -> Peer:
    chosen = os.environ.get(program.override)
    if chosen:
        return Peer(program.name, program.version, Path(chosen), f"program from {program.override}")
    target = cache_folder() / "bin" / f"{program.name}-{program.version}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        reason = _install(program, target)
        if reason:
            return Peer(program.name, program.version, None, reason)
    return Peer(program.name, program.version, target)


def _debian_registry() -> Peer:
    program = shutil.which("docker-registry")
    if not program:
        return Peer("distribution", "", None, "Debian's docker-registry is not installed")
    text = subprocess.run([program, "--version"], capture_output=True, text=True,
                          check=False).stdout
    version = re.search(r"(\d+\.\d+\.\d+\S*)", text)
    return Peer("distribution", "Debian " + (version.group(1) if version else "?"), Path(program),
                "Debian's docker-registry, since distribution v3 could not be built")


def distribution() -> Peer:
    """distribution v3, or Debian's older build of it where v3 cannot be had."""
    peer = _go_peer(DISTRIBUTION)
    if peer.program:
        return peer
    older = _debian_registry()
    if older.program:
        older.note += f" ({peer.note})"
        return older
    return peer


def zot() -> Peer:
    return _go_peer(ZOT)


def nginx() -> Peer:
    program = shutil.which("nginx")
    if not program:
        return Peer("nginx", "", None, "nginx-light is not installed")
    text = subprocess.run([program, "-v"], capture_output=True, text=True, check=False).stderr
    return Peer("nginx", text.strip().rpartition("/")[2], Path(program))
