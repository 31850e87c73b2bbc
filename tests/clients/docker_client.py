"""docker: a dockerd of our own, and the docker command beside it."""

import contextlib
import json
import subprocess
import time

from checks import require, require_equal
from harness import attempt, refused, run, stdout_of, tool
from images import Image, write_docker_archive

START_SECONDS = 60


class Daemon:
    """A dockerd without network, in a folder of its own, and the docker command that talks to it."""

    def __init__(self, work):
        # Debian's client matches its daemon; a newer one first on PATH may not.
        self.docker = tool("docker", "/usr/bin/docker")
        self.dockerd = tool("dockerd")
        self.work = work
        self.socket = f"unix://{work}/docker.sock"
        self.environment = {"DOCKER_CONFIG": str(work / "config"), "DOCKER_BUILDKIT": "0"}
        self.process = None

    def command(self, *arguments):
        return (self.docker, "-H", self.socket, *arguments)

    def run(self, *arguments, stdin=None):
        return run(*self.command(*arguments), stdin=stdin, env=self.environment)

    def start(self):
        log = open(self.work / "dockerd.log", "wb")
        with log:
            self.process = subprocess.Popen(
                [self.dockerd, "--data-root", self.work / "data", "--exec-root", self.work / "exec",
                 "-H", self.socket, "--pidfile", self.work / "dockerd.pid", "--bridge", "none",
                 "--iptables=false", "--ip6tables=false"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + START_SECONDS
        while attempt(*self.command("version"), env=self.environment)[0] != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                tail = (self.work / "dockerd.log").read_text(errors="replace")[-1500:]
                raise RuntimeError("dockerd did not start:\n" + tail)
            time.sleep(0.2)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@contextlib.contextmanager
def daemon(context, name):
    """A running Daemon, or None where docker is not installed or cannot run; ended when the block ends."""
    candidate = Daemon(context.folder(name))
    if not candidate.docker or not candidate.dockerd:
        context.checks.skip(name, "docker or dockerd not installed")
        yield None
        return
    try:
        candidate.start()
    except RuntimeError as error:
        candidate.stop()
        context.checks.skip(name, str(error))
        yield None
        return
    try:
        yield candidate
    finally:
        candidate.stop()


def check(context):
    with daemon(context, "docker") as docker:
        if docker:
            _check(context, docker)


def _check(context, docker):
    checks = context.checks
    repository = f"{context.host}/alice/docker"
    images = {architecture: Image("docker", architecture) for architecture in ("amd64", "arm64")}
    pushed = {}

    def inspect(reference, field):
        return json.loads(stdout_of(*docker.command("image", "inspect", reference),
                                    env=docker.environment))[0][field]

    def push(reference):
        output = docker.run("push", reference)
        return next(word for word in output.split() if word.startswith("sha256:") and len(word) == 71)

    def pull_afresh(reference, image, *options):
        """Removes every copy, pulls, and compares; the image's id is the digest of its configuration."""
        attempt(*docker.command("image", "rm", "-f", image.config_digest), env=docker.environment)
        docker.run("pull", *options, reference)
        require_equal("image id", inspect(reference, "Id"), image.config_digest)

    with checks.check("docker: login with a wrong password is refused"):
        refused(*docker.command("login", "-u", "alice", "--password-stdin", context.host),
                stdin="not the password", env=docker.environment)
    with checks.check("docker: login"):
        docker.run("login", "-u", "alice", "--password-stdin", context.host, stdin=context.alice.password)
    for architecture, image in images.items():
        with checks.check(f"docker: push of {architecture}"):
            archive = write_docker_archive(docker.work / f"{architecture}.tar", image, f"{repository}:{architecture}")
            docker.run("load", "-i", archive)
            pushed[architecture] = push(f"{repository}:{architecture}")
    with checks.check("docker: pull by tag"):
        pull_afresh(f"{repository}:amd64", images["amd64"])
        require_equal("repository digests", inspect(f"{repository}:amd64", "RepoDigests"),
                      [f"{repository}@{pushed['amd64']}"])
    with checks.check("docker: pull by digest"):
        pull_afresh(f"{repository}@{pushed['amd64']}", images["amd64"])
    with checks.check("docker: push of a multi-architecture image"):
        docker.run("manifest", "create", "--insecure", f"{repository}:multi",
                   *[f"{repository}@{pushed[architecture]}" for architecture in images])
        docker.run("manifest", "push", "--insecure", f"{repository}:multi")
    for architecture, image in images.items():
        with checks.check(f"docker: pull of {architecture} from a multi-architecture image"):
            pull_afresh(f"{repository}:multi", image, "--platform", f"linux/{architecture}")
            require_equal("architecture", inspect(f"{repository}:multi", "Architecture"), architecture)
    with checks.check("docker: the list of a multi-architecture image"):
        listed = json.loads(stdout_of(*docker.command("manifest", "inspect", "--insecure", f"{repository}:multi"),
                                      env=docker.environment))
        require_equal("digests", {entry["platform"]["architecture"]: entry["digest"] for entry in listed["manifests"]},
                      pushed)
    with checks.check("docker: pull of all tags"):
        for image in images.values():
            attempt(*docker.command("image", "rm", "-f", image.config_digest), env=docker.environment)
        docker.run("pull", "--all-tags", repository)
        for architecture, image in images.items():
            require_equal("image id", inspect(f"{repository}:{architecture}", "Id"), image.config_digest)
    with checks.check("docker: push to another repository mounts the layers"):
        pull_afresh(f"{repository}:amd64", images["amd64"])
        docker.run("tag", f"{repository}:amd64", f"{repository}-mounted:v1")
        output = docker.run("push", f"{repository}-mounted:v1")
        require("Mounted from alice/docker" in output, "nothing was mounted:\n" + output)
        pull_afresh(f"{repository}-mounted:v1", images["amd64"])
    with checks.check("docker: build upon a private image, push, pull"):
        folder = docker.work / "build"
        folder.mkdir()
        (folder / "Dockerfile").write_text(f"FROM {repository}:amd64\nCOPY file /file\nLABEL built=yes\n")
        (folder / "file").write_text("built")
        docker.run("build", "--network", "none", "--pull", "-t", f"{repository}:built", folder)
        identity = inspect(f"{repository}:built", "Id")
        push(f"{repository}:built")
        docker.run("image", "rm", "-f", identity)
        docker.run("pull", f"{repository}:built")
        require_equal("image id", inspect(f"{repository}:built", "Id"), identity)
    with checks.check("docker: logout, and a private image is out of reach"):
        docker.run("logout", context.host)
        refused(*docker.command("pull", f"{repository}:arm64"), env=docker.environment)
