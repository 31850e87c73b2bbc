"""What every load scenario uses: a server with data of its own, the generator, and the figures."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from berth_server import ROOT, Berth, start_ahead
from registry_client import (ACCEPT, IMAGE_CONFIG, IMAGE_LAYER, IMAGE_MANIFEST, Session,
                             digest_of, fetch_token)

HERE = pathlib.Path(__file__).resolve().parent
MIB = 1 << 20


class Figures:
    """The figures of one scenario, and whether each reaches what is asked."""

    def __init__(self, seconds=None):
        self.seconds = seconds  # How long a scenario of free length is to last; None: its own choice.
        self.failed = 0

    def check(self, what, value, good, wanted):
        """Prints one figure; `wanted` says in words what is asked of it."""
        mark = "ok  " if good else "FAIL"
        print(f"  {mark} {what}: {value} (wanted: {wanted})", flush=True)
        self.failed += not good

    def at_most(self, what, value, limit, unit=""):
        self.check(what, f"{value:.4g}{unit}", value <= limit, f"at most {limit:.4g}{unit}")

    def none(self, what, items):
        """`items` must be empty; the first few are shown when they are not."""
        shown = "".join(f"\n         {i}" for i in items[:5])
        self.check(what, f"{len(items)}{shown}", not items, "none")


class Image:
    """A pushed image: its manifest's bytes and all its blobs."""

    def __init__(self, repository, tag, blobs):
        config, *layers = blobs
        self.repository = repository
        self.tag = tag
        self.blobs = {digest_of(b): b for b in blobs}
        self.manifest = json.dumps({
            "schemaVersion": 2, "mediaType": IMAGE_MANIFEST,
            "config": _descriptor(config, IMAGE_CONFIG),
            "layers": [_descriptor(b, IMAGE_LAYER) for b in layers]}).encode()

    def push(self, session):
        """Pushes blobs and manifest; returns the first answer that is not 201, or None."""
        for digest, data in self.blobs.items():
            reply = session.push_monolithic(self.repository, data, digest)
            if reply.status != 201:
                return reply
        reply = session.put_manifest(self.repository, self.tag, self.manifest, IMAGE_MANIFEST)
        return None if reply.status == 201 else reply

    def problems(self, session):
        """What is not there or not right, as text; empty when all is well."""
        found = []
        reply = session.manifest(self.repository, self.tag)
        if reply.status != 200 or reply.body != self.manifest:
            found.append(f"{self.repository}:{self.tag}: {reply}")
        for digest in self.blobs:
            reply = session.blob(self.repository, digest)
            if reply.status != 200 or digest_of(reply.body) != digest:
                found.append(f"{self.repository}@{digest}: status {reply.status}")
        return found

    def targets(self):
        """Lines for the generator: a whole pull, every digest compared."""
        base = f"GET /v2/{self.repository}"
        manifest = digest_of(self.manifest).removeprefix("sha256:")
        return [f"{base}/manifests/{self.tag} 200 {manifest}"] + [
            f"{base}/blobs/{d} 200 {d.removeprefix('sha256:')}" for d in self.blobs]


def _descriptor(blob, media_type):
    return {"mediaType": media_type, "digest": digest_of(blob), "size": len(blob)}


def random_image(repository, tag, layer_sizes):
    return Image(repository, tag, [os.urandom(500)] + [os.urandom(s) for s in layer_sizes])


class Host:
    """One scenario's server, on a data folder that is removed in the end. A context manager."""

    def __init__(self, arguments, repositories, options=(), prefix=(), data=None, ahead=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="berth-load-", dir=arguments.work))
        self.server = Berth(arguments.berth, data or self.folder / "data", arguments.port,
                            ["--token-ttl", "24h", *options], self.folder / "berth.log", prefix, ahead=ahead)
        self.start_process = start_ahead if ahead else subprocess.Popen
        self.repositories = repositories
        self.generator = arguments.generator
        self.token = None
        self.children = []

    def __enter__(self):
        try:
            self.server.start()
            scopes = [f"repository:{r}:pull,push,delete" for r in self.repositories]
            self.token = fetch_token(self.server.port, "admin", self.server.admin_password(),
                                     scopes)
        except BaseException:
            self.server.kill()
            raise
        return self

    def __exit__(self, kind, error, trace):
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
        self.server.kill()
        if error is None:
            shutil.rmtree(self.folder)
        else:
            print(f"  data and log are kept in {self.folder}")

    def session(self, timeout=30.0):
        return Session(self.server.port, self.token, timeout)

    def load(self, targets, options, prefix=()):
        """Starts the generator on target lines; see Load."""
        path = self.folder / f"targets-{len(self.children)}"
        path.write_text("\n".join(targets) + "\n")
        command = [*prefix, str(self.generator), "--port", str(self.server.port), "--targets",
                   str(path), "--header", f"Authorization: Bearer {self.token}",
                   "--header", f"Accept: {ACCEPT}", *[str(o) for o in options]]
        child = self.start_process(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.children.append(child)
        return Load(child)


class Load:
    """A running generator. Each result is a dict: errors, bytes, open, requests.p99 in µs, …"""

    def __init__(self, child):
        self.child = child

    def result(self):
        """Waits for the next result (the end of the run, or of the first pass with --hold)."""
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError(f"the generator ended with status {self.child.wait()}")
        return json.loads(line)

    def again(self):
        """With --hold: sends everything a second time, on the connections that are still open."""
        self.child.stdin.write(b"\n")
        self.child.stdin.flush()
        return self.result()

    def stop(self):
        """Ends the run before its time."""
        self.child.stdin.close()
        return self.result()


def build_generator():
    """The path of an up-to-date berth_load: the build's, or one compiled here."""
    sources = sorted((HERE / "generator").glob("*.cc"))
    newest = max(p.stat().st_mtime for p in (HERE / "generator").iterdir())
    for folder in ("release", "load"):
        program = ROOT / "build" / folder / "berth_load"
        if program.exists() and program.stat().st_mtime >= newest:
            return program
    program.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([os.environ.get("CXX", "g++"), "-std=c++23", "-O2", "-o", str(program),
                    *map(str, sources), "-lcrypto"], check=True)
    return program


def wait_until(condition, timeout, step=0.05):
    """Waits for `condition()`; returns the seconds that took, or None after `timeout`."""
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > timeout:
            return None
        time.sleep(step)
    return time.monotonic() - begin
