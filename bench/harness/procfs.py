"""What /proc and the file system say about a server."""

import mmap
import os
from pathlib import Path


def descendants(pid: int) -> list[int]:
    """The process and all its children, so that nginx's worker counts with its master."""
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def _status(pid: int, key: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    return 0


def resident_bytes(pids: list[int]) -> int:
    return sum(_status(pid, "VmRSS") for pid in pids)


def peak_bytes(pids: list[int]) -> int:
    """The sum of the highest resident sizes since reset_peak()."""
    return sum(_status(pid, "VmHWM") for pid in pids)


def reset_peak(pids: list[int]) -> None:
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def disk_bytes(folder: Path) -> int:
    """Bytes allocated on disk under the folder; a file with several names counts once."""
    total, seen = 0, set()
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                info = os.lstat(os.path.join(parent, name))
            except FileNotFoundError:  # an upload that just ended
                continue
            if info.st_ino not in seen:
                seen.add(info.st_ino)
                total += info.st_blocks * 512
    return total


def forget_cached(folder: Path) -> None:
    """Drops the folder's files from the page cache, and leaves everybody else's alone."""
    os.sync()
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                descriptor = os.open(os.path.join(parent, name), os.O_RDONLY)
            except OSError:
                continue
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def warm_memory(size: int) -> None:
    """Touches free memory just before a measurement that fills the page cache. A virtual machine
    may have given its free memory back to the host; the first to use it again would pay, some
    seconds a GiB, for what has nothing to do with it."""
    available = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    size = min(size, available // 2)
    mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE).close()


def sync() -> None:
    """Writes back what earlier parts left dirty, so that no one pays for another's writes."""
    os.sync()


def cpu_seconds(pids: list[int]) -> float:
    """Time on a core of all threads so far, to the nanosecond; threads that have ended are left out."""
    total = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            total += int(task.read_text().split()[0])
    return total / 1e9
