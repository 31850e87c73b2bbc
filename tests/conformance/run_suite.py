"""Runs a built conformance suite against a fresh Berth, under each rule about missing blobs, and judges its results files.

usage: run_suite.py SUITE_PROGRAM BERTH_PROGRAM
"""

import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

# pylint: disable=wrong-import-position
from accounts import create_user
from berth_server import Berth
from ports import free_port

RESULTS = HERE.parents[1] / "build" / "conformance"

USER = "conformance"
PASSWORD = "a-password-for-the-conformance-suite"

# What the suite of the pinned version tracks; a result file with less has not run everything.
APIS = 28
DATA_SETS = 24

@dataclasses.dataclass
class Run:
    """One run of the suite: the server's rule about what a manifest may name without its being there."""
    missing_references: str
    switches: dict
    disabled: frozenset = frozenset()  # data sets that the suite leaves off by default


# The data set of sparse manifests, off by default in the suite, has an image one of whose layers was never pushed: the very
# thing that the specification lets a registry refuse, and that ours refuses unless it is told otherwise.
RUNS = (
    Run("indexes", {}, frozenset({"Sparse Manifests"})),
    Run("allow", {"OCI_DATA_SPARSE": "true"}),
)


def read_results(text):
    """The `apis` and `data` maps of results.yaml: {section: {name: status}}.

    The file is written by one known program and these two sections are flat maps of plain scalars, so
    a YAML library would be a dependency for two loops.
    """
    sections = {"apis": {}, "data": {}}
    current = None
    for line in text.splitlines():
        if line and not line.startswith(" "):
            current = sections.get(line.rstrip(":"))
            continue
        match = re.fullmatch(r"\s+(.+?):\s+(\S+)\s*", line)
        if current is not None and match:
            current[match.group(1).strip("\"'")] = match.group(2)
    return sections


def judge(results, run):
    """Prints one line for each API and data set; returns (passed, failed)."""
    passed = failed = 0
    print(f"--missing-references {run.missing_references}")
    for section, least in (("apis", APIS), ("data", DATA_SETS)):
        for name, status in sorted(results[section].items()):
            if section == "data" and name in run.disabled and status == "Disabled":
                continue
            good = status == "Pass"
            passed += good
            failed += not good
            print(f"{'pass' if good else 'FAIL'}  {section}: {name}: {status}")
        if len(results[section]) < least:
            failed += 1
            print(f"FAIL  {section}: {len(results[section])} reported, at least {least} expected")
    return passed, failed


def run_suite(program, server, run, results):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OCI_")}
    environment.update(run.switches, OCI_REGISTRY=f"127.0.0.1:{server.port}", OCI_TLS="disabled",
                       OCI_REPO1=f"{USER}/repository1", OCI_REPO2=f"{USER}/repository2",
                       OCI_USERNAME=USER, OCI_PASSWORD=PASSWORD, OCI_VERSION="dev",
                       OCI_RESULTS_DIR=str(results))
    done = subprocess.run([program], env=environment, cwd=results, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900, check=False)
    (results / "output.txt").write_bytes(done.stdout)
    return done.returncode, done.stdout.decode(errors="replace")


def run_and_judge(suite, berth, run):
    """One run against a server of its own; returns (passed, failed)."""
    results = RESULTS / run.missing_references
    results.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="berth-conformance-") as folder:
        server = Berth(berth, pathlib.Path(folder) / "data", free_port(),
                       ["--missing-references", run.missing_references])
        server.start()
        try:
            create_user(server, USER, PASSWORD)
            status, output = run_suite(suite, server, run, results)
        finally:
            server.stop()
    file = results / "results.yaml"
    if not file.exists():
        print(output[-4000:] + "\nthe suite wrote no results")
        return 0, 1
    passed, failed = judge(read_results(file.read_text()), run)
    if failed or status:
        # The suite's own report names the requests that went wrong.
        print(*[line for line in output.splitlines() if re.search(r"FAIL|Error|Skip| - ", line)][:200], sep="\n")
        failed = failed or 1
    print(f"the whole report: {results}/report.html")
    return passed, failed


def main():
    suite, berth = sys.argv[1:]
    shutil.rmtree(RESULTS, ignore_errors=True)
    counts = [run_and_judge(suite, berth, run) for run in RUNS]
    passed, failed = (sum(column) for column in zip(*counts))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
