"""What the machine itself allows: disk, SHA-256, RS256 signing, one request over TCP."""

import re
import socket
import subprocess
import sys
import time
from pathlib import Path

from .client import Client, Load
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


class _Floor:
    """The load client's own server, which answers without reading what was asked."""

    name = "floor"
    tls = None

    def __init__(self, program: Path, port: int, answer: int):
        self.port = port
        self._process = subprocess.Popen(["taskset", "-c", SERVER_CORE, str(program), "floor",
                                          str(port), str(answer)])

    def pids(self) -> list[int]:
        return [self._process.pid]

    def __enter__(self):
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.01)
        raise RuntimeError("the floor server did not start")

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()


def request_floor(client: Client, port: int) -> dict[str, float]:
    """Server CPU of a request that is one read and one write of an answer of 2 KiB."""
    found = {}
    with _Floor(client.settings.client, port, 2048) as floor:
        targets = client.targets([("GET", "/v2/admin/hot/manifests/latest", 200, 0)])
        for connections in (1, 10, 100):
            report = client.run(floor, [Load("floor", {"targets": targets, "connections": connections})],
                                seconds=1, warmup=0.2)
            operations = report["classes"]["floor"]["operations"]
            found[f"kernel's own CPU of a request, µs, {connections} connections"] = (
                report["server_cpu"] / operations * 1e6)
    return found


def measure(folder: Path, client: Client, port: int) -> dict[str, float]:
    """All of them, by name."""
    found = {"SHA-256 MiB/s": sha256(), "RS256 signatures/s": rs256()}
    for mebibytes, count in ((1, 200), (100, 5), (1024, 1)):
        found[f"durable files of {mebibytes} MiB, MiB/s"] = disk(folder, mebibytes << 20, count)
    return found | request_floor(client, port)
