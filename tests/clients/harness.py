"""What every client's file shares: running commands, and comparing what was pulled.

Each check states what it needs and does not rely on an earlier one having left something behind,
except for the login and push that open each client's file.
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess

from checks import Failed, require, require_equal


class Account:
    def __init__(self, name, password):
        self.name = name
        self.password = password


class Context:
    """The running server and who may use it. Owned by `run`; the clients only read it."""

    def __init__(self, server, work, checks):
        self.server = server
        self.work = work
        self.checks = checks
        self.host = f"127.0.0.1:{server.port}"
        self.admin = Account("admin", server.admin_password())
        self.alice = Account("alice", "alice's long password")
        self.bob = Account("bob", "bob's long password")

    def bobs_credentials(self):
        """Of somebody who has an account and no rights to what alice pushes, as `--creds` takes them."""
        return f"{self.bob.name}:{self.bob.password}"

    def folder(self, name):
        path = self.work / name
        path.mkdir(parents=True)
        return path


def run(*command, stdin=None, env=None, timeout=180, cwd=None):
    """Runs a command that must succeed; returns its output and error output together."""
    status, output = attempt(*command, stdin=stdin, env=env, timeout=timeout, cwd=cwd)
    require(status == 0, f"{shown(command)}: exit status {status}\n{output[-1500:]}")
    return output


def stdout_of(*command, env=None, timeout=180):
    """Runs a command that must succeed; returns its standard output alone."""
    done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, capture_output=True,
                          env={**os.environ, **(env or {})}, timeout=timeout, check=False)
    require(done.returncode == 0, f"{shown(command)}: exit status {done.returncode}\n"
            + done.stderr.decode(errors="replace")[-1500:])
    return done.stdout.decode()


def attempt(*command, stdin=None, env=None, timeout=180, cwd=None):
    """Runs a command; returns (exit status, output and error output together)."""
    done = subprocess.run([str(c) for c in command], cwd=cwd, timeout=timeout, check=False,
                          input=(stdin or "").encode(), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={**os.environ, **(env or {})})
    return done.returncode, done.stdout.decode(errors="replace")


REFUSALS = ("denied", "unauthorized", "authentication required", "incorrect username or password",
            "forbidden", "401", "403", "invalid username/password")


def refused(*command, stdin=None, env=None):
    """Runs a command that must fail, and because of missing rights rather than of anything else."""
    status, output = attempt(*command, stdin=stdin, env=env)
    require(status != 0, f"{shown(command)}: succeeded, and should have been refused\n{output[-1500:]}")
    require(any(word in output.lower() for word in REFUSALS),
            f"{shown(command)}: failed for another reason\n{output[-1500:]}")


def missing(*command, env=None):
    """Runs a command that must fail because what it asks for is not there."""
    status, output = attempt(*command, env=env)
    require(status != 0, f"{shown(command)}: succeeded, and should have found nothing")
    words = ("unknown", "not found", "404", "no such manifest")
    require(any(word in output.lower() for word in words),
            f"{shown(command)}: failed for another reason\n{output[-1500:]}")


def shown(command):
    return " ".join(str(part) for part in command)


def tool(name, *places):
    """The path of a program, looked for in `places` before PATH; None without it."""
    for place in places:
        if os.access(place, os.X_OK):
            return str(place)
    return shutil.which(name)


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def read_blob(layout, digest):
    """A blob of an OCI layout, checked against its name."""
    algorithm, value = digest.split(":")
    data = (pathlib.Path(layout) / "blobs" / algorithm / value).read_bytes()
    require_equal(f"the digest of the pulled {digest}", digest_of(data), digest)
    return data


def require_layout(layout, digest):
    """`layout` holds the manifest or index `digest` at its top, and every byte under it is right."""
    top = json.loads((pathlib.Path(layout) / "index.json").read_text())
    digests = [entry["digest"] for entry in top["manifests"]]
    require(digest in digests, f"pulled {digests}, expected {digest}")
    walk_manifest(digest, lambda blob: read_blob(layout, blob))


def require_directory(folder, digest):
    """The same for skopeo's `dir:` form: manifest.json, <digest>.manifest.json, and blobs by hex digest."""
    folder = pathlib.Path(folder)

    def read(blob):
        value = blob.split(":")[1]
        for name in (value, value + ".manifest.json", "manifest.json"):
            path = folder / name
            if path.exists() and digest_of(path.read_bytes()) == blob:
                return path.read_bytes()
        raise Failed(f"{blob} is not in {sorted(p.name for p in folder.iterdir())}")

    walk_manifest(digest, read)


def walk_manifest(digest, read):
    document = json.loads(read(digest))
    for child in document.get("manifests", []):
        walk_manifest(child["digest"], read)
    for blob in [document["config"], *document["layers"]] if "config" in document else []:
        require_equal(f"the size of {blob['digest']}", len(read(blob["digest"])), blob["size"])
