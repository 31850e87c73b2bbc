"""Starts, watches and stops one Berth server as a child process.

Used by the crash and load suites. A Berth object owns its process: every process it starts is
ended by stop() or kill(), and by nothing else. Not thread-safe, except for the read-only
measurements (rss_bytes, cpu_seconds, open_files), which only read /proc.
"""

import http.client
import os
import pathlib
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEFAULT_PROGRAM = ROOT / "build" / "release" / "berth"


class ServerError(Exception):
    """The server did not start, or ended when it should not have."""


def start_ahead(command, **options):
    """Starts a process before all others in the queue for a processor, where that is permitted.

    For what measures latency: other programs on the machine would be measured too. On Linux a session
    is scheduled as a group, so the process gets a session and the group the priority.
    """
    process = subprocess.Popen(command, start_new_session=True, **options)
    try:
        with open(f"/proc/{process.pid}/autogroup", "w", encoding="ascii") as group:
            group.write("-20")
        os.setpriority(os.PRIO_PGRP, process.pid, -20)
    except OSError:
        pass  # Not root, or no such grouping: measured as it is.
    return process


class Berth:
    READY_PATH = "/readyz"

    def __init__(self, program, data, port, options=(), log=None, prefix=(), environment=None,
                 ahead=False):
        self.program = str(program)
        self.data = pathlib.Path(data)
        self.port = port
        self.options = list(options)
        self.prefix = list(prefix)
        self.log_path = pathlib.Path(log) if log else self.data.parent / "berth.log"
        # Settings of the caller's shell must not change what is tested.
        clean = {k: v for k, v in os.environ.items() if not k.startswith("BERTH_")}
        self.environment = {**clean, **(environment or {})}
        self.start_process = start_ahead if ahead else subprocess.Popen
        self.process = None

    def command(self):
        return [*self.prefix, self.program, "serve", "--data", str(self.data),
                "--listen", f"127.0.0.1:{self.port}", *self.options]

    def spawn(self):
        """Starts the process without waiting until it serves."""
        if self.process and self.process.poll() is None:
            raise ServerError("already running")
        with open(self.log_path, "ab") as log:
            self.process = self.start_process(self.command(), stdin=subprocess.DEVNULL, stdout=log,
                                              stderr=log, env=self.environment)

    def start(self, timeout=15.0):
        """Starts the process and waits for readiness; returns the seconds that took."""
        begin = time.monotonic()
        self.spawn()
        while not self.ready():
            if self.process.poll() is not None:
                raise ServerError(f"ended with status {self.process.returncode} while starting:\n"
                                  + self.log_tail())
            if time.monotonic() - begin > timeout:
                raise ServerError(f"not ready after {timeout:.0f} s:\n" + self.log_tail())
            time.sleep(0.01)
        return time.monotonic() - begin

    def ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", self.READY_PATH)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """kill -9, and waits until the process is gone."""
        if self.running():
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self, timeout=20.0):
        """Asks the server to drain and end; returns its exit status."""
        if not self.running():
            return self.process.returncode if self.process else None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerError(f"did not end within {timeout:.0f} s of SIGTERM") from None

    def admin_password(self):
        return (self.data / "initial-admin-password").read_text().strip()

    def fsck(self, timeout=300):
        """Runs `berth fsck` on the data folder; returns (exit status, its output)."""
        done = subprocess.run([self.program, "fsck", "--data", str(self.data)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=self.environment, timeout=timeout,
                              check=False)
        return done.returncode, done.stdout.decode(errors="replace")

    def log_tail(self, lines=15):
        try:
            text = self.log_path.read_text(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def _status_kib(self, field):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1])
        raise ServerError(f"no {field} in /proc/{self.process.pid}/status")

    def rss_bytes(self):
        return self._status_kib("VmRSS") * 1024

    def anonymous_bytes(self):
        """Resident memory without file pages: what a leak would grow."""
        return self._status_kib("RssAnon") * 1024

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def open_sockets(self):
        count = 0
        for entry in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                count += os.readlink(entry).startswith("socket:")
            except OSError:
                pass  # Closed meanwhile.
        return count

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))
