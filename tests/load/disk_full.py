"""The disk fills up and is freed again: clear errors, a server that stays up, nothing lost."""

import os
import pathlib
import subprocess
import tempfile
import threading
import time

from harness import MIB, random_image, wait_until
from registry_client import Cut

REPOSITORY = "admin/disk"
DISK = 96 * MIB
# 507 says it best; a plain 500 or 503 with a clear text is allowed.
REFUSALS = (500, 503, 507)


class SmallDisk:
    """An ext4 file system of DISK bytes in a file, or a tmpfs where that cannot be mounted."""

    def __init__(self, work):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="berth-disk-", dir=work))
        self.mounted = self.folder / "mounted"
        self.mounted.mkdir()
        self.kind = ""

    def __enter__(self):
        image = self.folder / "image"
        with open(image, "wb") as file:
            file.truncate(DISK)
        attempts = [
            ("ext4", [["mkfs.ext4", "-q", "-m", "0", str(image)],
                      ["mount", "-o", "loop", str(image), str(self.mounted)]]),
            ("tmpfs", [["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs",
                        str(self.mounted)]])]
        for kind, commands in attempts:
            if all(succeeds(c) for c in commands):
                self.kind = kind
                return self
        raise RuntimeError("no small disk can be mounted: run as root, or in `unshare -rm`")

    def __exit__(self, *_):
        # The server has just been killed: its last files may take a moment to go.
        wait_until(lambda: succeeds(["umount", str(self.mounted)]), 5)
        for path in (self.folder / "image", self.mounted, self.folder):
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)

    def free_bytes(self):
        state = os.statvfs(self.mounted)
        return state.f_bavail * state.f_frsize

    def fill(self, leave):
        """Writes a file that leaves at most `leave` bytes free."""
        with open(self.mounted / f"filler-{leave}", "wb", buffering=0) as file:
            try:
                while (room := self.free_bytes() - leave) > 0:
                    file.write(b"\1" * min(room, MIB))
                os.fsync(file.fileno())
            except OSError:
                pass  # Full: what was wanted.

    def release(self):
        for filler in self.mounted.glob("filler-*"):
            filler.unlink()


def succeeds(command):
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False).returncode == 0
    except FileNotFoundError:
        return False


class Pusher(threading.Thread):
    """Pushes images until told to stop, and keeps those that were acknowledged."""

    def __init__(self, host, number, sizes):
        super().__init__(daemon=True)
        self.session = host.session()
        self.number = number
        self.sizes = sizes
        self.stopping = threading.Event()
        self.acknowledged = []
        self.refused = []
        self.wrong = []

    def run(self):
        count = 0
        while not self.stopping.is_set():
            count += 1
            image = random_image(REPOSITORY, f"t{self.number}-{count}", self.sizes)
            try:
                reply = image.push(self.session)
            except Cut as cut:
                self.wrong.append(f"cut instead of an answer: {cut}")
                continue
            if reply is None:
                self.acknowledged.append(image)
                continue
            self.refused.append(reply)
            if reply.status not in REFUSALS or not reply.error_code():
                self.wrong.append(f"unclear refusal: {reply}")
            time.sleep(0.02)
        self.session.close()


def push_for(host, seconds, sizes, until=lambda pushers: False):
    """Four pushers at once for `seconds`, or until the condition holds."""
    pushers = [Pusher(host, n, sizes) for n in range(4)]
    for pusher in pushers:
        pusher.start()
    wait_until(lambda: until(pushers), seconds)
    for pusher in pushers:
        pusher.stopping.set()
    for pusher in pushers:
        pusher.join()
    return pushers


def run(host_with, figures, short):
    seconds = 4 if short else 15
    with SmallDisk(host_with.arguments.work) as disk, \
            host_with([REPOSITORY], data=disk.mounted / "data") as host:
        print(f"       (a disk of {DISK // MIB} MiB, {disk.kind})")
        kept = [random_image(REPOSITORY, f"before{n}", [MIB, 5000]) for n in range(6)]
        figures.none("refused while there is space",
                     [r for r in (i.push(host.session()) for i in kept) if r])
        disk.fill(leave=6 * MIB)
        wrong, refused = [], []
        for sizes in ([700 << 10], [3000]):
            # First large blobs, then ones so small that the database is what finds no space.
            for pusher in push_for(host, seconds, sizes):
                kept += pusher.acknowledged
                refused += pusher.refused
                wrong += pusher.wrong
            disk.fill(leave=0)
        statuses = sorted({r.status for r in refused})
        figures.check("pushes refused for want of space",
                      f"{len(refused)}, with status {statuses}", bool(refused), "some")
        figures.none("answers that are not a clear refusal", wrong)
        figures.check("server", "up" if host.server.running() else "gone", host.server.running(),
                      "up")
        figures.none("acknowledged, but not readable while the disk is full",
                     [p for i in kept for p in i.problems(host.session())])
        figures.check("log", "tells of it" if tells_of_space(host) else "silent",
                      tells_of_space(host), "tells that there is no space")
        disk.release()
        recovered = wait_until(lambda: recovers(host, kept), 15)
        figures.check("pushes work again once there is space, without a restart",
                      "never" if recovered is None else f"after {recovered:.2f} s",
                      recovered is not None, "within 15 s")
        figures.none("acknowledged, but lost",
                     [p for i in kept for p in i.problems(host.session())])
        status = host.server.stop()
        figures.check("end by SIGTERM", f"status {status}", status == 0, "status 0")
        status, output = host.server.fsck()
        figures.check("berth fsck", f"status {status} {output[-500:] if status else ''}",
                      status == 0, "clean")


def recovers(host, kept):
    session = host.session(timeout=5)
    image = random_image(REPOSITORY, f"after{len(kept)}", [MIB])
    try:
        if image.push(session) is not None:
            return False
    except Cut:
        return False
    finally:
        session.close()
    kept.append(image)
    return True


def tells_of_space(host):
    text = host.server.log_path.read_text(errors="replace").lower()
    return "no space left" in text or "disk full" in text or "disk is full" in text
