"""What the machine itself allows: disk, SHA-256, RS256 signing."""

import re
import subprocess
import sys
from pathlib import Path

from .settings import SERVER_CORE

_DISK = """
import os, sys, time
folder, size, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
block = os.urandom(1 << 20)
begin = time.monotonic()
for number in range(count):
    path = os.path.join(folder, f"raw-{number}")
    with open(path + ".part", "wb", buffering=0) as file:
        for at in range(0, size, len(block)):
            file.write(block[:size - at])
        os.fdatasync(file.fileno())
    os.rename(path + ".part", path)
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
print(size * count / (1 << 20) / (time.monotonic() - begin))
for number in range(count):
    os.unlink(os.path.join(folder, f"raw-{number}"))
"""


def disk(folder: Path, size: int, count: int) -> float:
    """MiB/s of one writer that makes each file durable: write, fdatasync, rename, fsync."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["taskset", "-c", SERVER_CORE, sys.executable, "-c", _DISK, str(folder),
                           str(size), str(count)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _openssl_speed(*arguments: str) -> str:
    return subprocess.run(["taskset", "-c", SERVER_CORE, "openssl", "speed", "-mr", "-seconds",
                           "1", *arguments], capture_output=True, text=True, check=True).stdout


def sha256() -> float:
    """MiB/s of SHA-256 on one core."""
    text = _openssl_speed("-evp", "sha256", "-bytes", "1048576")
    return float(re.search(r"^\+F:.*:([\d.]+)$", text, re.MULTILINE).group(1)) / (1 << 20)


def rs256() -> float:
    """RSA-2048 signatures a second on one core."""
    text = _openssl_speed("rsa2048")
    # +F2:index:bits:signatures a second:verifications a second
    return float(re.search(r"^\+F2:\d+:2048:([\d.]+):", text, re.MULTILINE).group(1))


def measure(folder: Path) -> dict[str, float]:
    """All of them, by name."""
    found = {"SHA-256 MiB/s": sha256(), "RS256 signatures/s": rs256()}
    for mebibytes, count in ((1, 200), (100, 5), (1024, 1)):
        found[f"durable files of {mebibytes} MiB, MiB/s"] = disk(folder, mebibytes << 20, count)
    return found
