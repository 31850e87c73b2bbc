"""Named checks of a black-box suite: one check is one line of its report.

A check fails by an exception; the checks after it still run. Not thread-safe.
"""

import contextlib
import os
import time


class Failed(Exception):
    """A check did not hold."""


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.skipped = 0

    @contextlib.contextmanager
    def check(self, name):
        begin = time.monotonic()
        try:
            yield
        except Exception as error:  # every error is a failed check, and the suite goes on
            self.failed += 1
            reason = str(error) if isinstance(error, Failed) else repr(error)
            print(f"FAIL     {name}\n         " + reason.replace("\n", "\n         "), flush=True)
        else:
            self.passed += 1
            print(f"pass     {name} ({time.monotonic() - begin:.1f} s)", flush=True)

    def skip(self, client, reason):
        """A client that is not here. CI has every client, so there it is a failure."""
        if os.environ.get("CI") == "true":
            self.failed += 1
            print(f"FAIL     {client}: {reason}, and CI skips nothing", flush=True)
        else:
            self.skipped += 1
            print(f"skipped  {client}: {reason}", flush=True)

    def result(self):
        """Prints the closing line; returns the suite's exit status."""
        if self.skipped:
            print(f"{self.skipped} skipped")
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


def require(condition, message):
    if not condition:
        raise Failed(message)


def require_equal(what, actual, expected):
    require(actual == expected, f"{what}: {actual!r}, expected {expected!r}")
