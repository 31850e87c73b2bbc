"""Berth in Docker Hub's place: unmodified docker commands by their ordinary names.

In a network and mount namespace of its own (root), Docker Hub's host names lead to Berth, which serves TLS with a
certificate that docker is told to trust. `check` starts this file again inside the namespaces and adds its results.
"""

import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import time
import types
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support"), str(HERE.parent / "clients")]

# pylint: disable=wrong-import-position
from berth_server import Berth
from checks import Checks, require, require_equal
from docker_client import daemon
from harness import attempt, refused, run, stdout_of
from world import Image, World

NAMES = ("hub.docker.com", "registry-1.docker.io", "auth.docker.io", "index.docker.io", "login.docker.com",
         "registry.hub.docker.com")
DEVICE_LOGIN_SINCE = 27  # of the docker command


def check(context):
    work = context.work / "stand-in"
    work.mkdir()
    results = work / "results.json"
    command = ["unshare", "--net", "--mount", "--propagation", "private", sys.executable, str(HERE / "stand_in.py"),
               context.server.program, str(work), str(results)]
    missing = [tool for tool in ("unshare", "ip", "openssl", "dockerd") if not shutil.which(tool)]
    if missing or os.geteuid() != 0:
        context.checks.skip("Berth in Docker Hub's place", f"needs root and {', '.join(missing) or 'namespaces'}")
        return
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, timeout=300)
    if not results.exists():
        raise RuntimeError(f"ended with status {done.returncode} before its results were there")
    told = json.loads(results.read_text())
    for name in ("passed", "failed", "skipped"):
        setattr(context.checks, name, getattr(context.checks, name) + told[name])


class TlsBerth(Berth):
    """Asked for its readiness by a name that its certificate is for."""

    def ready(self):
        return attempt("curl", "--silent", "--fail", "--output", "/dev/null", "https://hub.docker.com/readyz")[0] == 0


def prepare_namespaces(work):
    """Names, a certificate for them, and trust in it: for this process and its children alone."""
    run("ip", "link", "set", "lo", "up")
    hosts = work / "hosts"
    hosts.write_text("127.0.0.1 localhost " + " ".join(NAMES) + "\n")
    run("mount", "--bind", hosts, "/etc/hosts")
    certificate, key = work / "stand-in.pem", work / "stand-in.key"
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=stand-in",
        "-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in NAMES), "-keyout", key, "-out", certificate)
    (work / "no-certificates").mkdir()
    os.environ.update(SSL_CERT_FILE=str(certificate), CURL_CA_BUNDLE=str(certificate),
                      SSL_CERT_DIR=str(work / "no-certificates"))
    return certificate, key


def inside(program, work, results):
    checks = Checks()
    certificate, key = prepare_namespaces(work)
    context = types.SimpleNamespace(checks=checks, folder=lambda name: make_folder(work / name))
    server = Berth(program, work / "data", 5000, log=work / "berth.log")
    server.start()
    with daemon(context, "docker-in-place") as docker:
        try:
            if docker:
                things = fill(server)
                plain(checks, docker, things)
                server.stop()
                secure = TlsBerth(program, server.data, 443, log=server.log_path, options=[
                    "--tls-cert", str(certificate), "--tls-key", str(key), "--hub-host", "hub.docker.com",
                    "--registry-host", "registry-1.docker.io", "--auth-host", "auth.docker.io"])
                secure.start()
                try:
                    in_place(checks, docker, things)
                    device_login(checks, docker, things)
                finally:
                    secure.stop()
        finally:
            server.stop()
    results.write_text(json.dumps({"passed": checks.passed, "failed": checks.failed, "skipped": checks.skipped}))
    if checks.failed:
        print("dockerd's log ends with:\n" + (work / "docker-in-place" / "dockerd.log").read_text()[-3000:])


def make_folder(path):
    path.mkdir(parents=True)
    return path


def fill(server):
    """People, tokens and images, made before the server moves to its names."""
    world = World(server)
    person = world.person("docker")
    organization = world.organization(person)
    image = Image("stand-in")
    official = "nginx-like"
    world.admin.hub.post("/v2/namespaces/library/repositories", {"name": official, "description": "Like nginx"}).expect(201)
    world.image(world.admin, f"library/{official}", "1.0", content=image)
    private = world.repository(person, private=True)
    shared = world.repository(person, namespace=organization, private=True)
    for name in (private, shared):
        world.image(person, name, "v1", content=image)
    token = person.hub.post(f"/v2/orgs/{organization}/access-tokens", {"label": "docker", "resources": [
        {"type": "TYPE_REPO", "path": shared, "scopes": ["scope-image-pull"]}]}).expect(201)["token"]
    return types.SimpleNamespace(
        name=person.name, password=person.password, personal=person.personal_token("repo:write"),
        organization=organization, token=token, image=image, official=official, private=private, shared=shared)


def plain(checks, docker, things):
    """By the address of the server, as every registry is used."""
    with checks.check("docker search at an address"):
        require(f"{things.official} " in docker.run("search", f"127.0.0.1:5000/{things.official}"), "not found")
    with checks.check("docker login at an address"):
        docker.run("login", "-u", things.name, "--password-stdin", "127.0.0.1:5000", stdin=things.personal)
        docker.run("logout", "127.0.0.1:5000")


def forget(docker, image):
    attempt(*docker.command("image", "rm", "-f", image.config_digest), env=docker.environment)


def pull(docker, things, reference):
    forget(docker, things.image)
    docker.run("pull", reference)
    shown = json.loads(stdout_of(*docker.command("image", "inspect", reference), env=docker.environment))
    require_equal("image id", shown[0]["Id"], things.image.config_digest)


def in_place(checks, docker, things):
    with checks.check("docker pull nginx-like:1.0, from library, by nobody"):
        pull(docker, things, f"{things.official}:1.0")
    with checks.check("docker search nginx-like: an official image"):
        lines = docker.run("search", things.official).splitlines()
        line = next((line for line in lines if line.startswith(things.official + " ")), "")
        require("Like nginx" in line and "[OK]" in line, "\n".join(lines))
    with checks.check("docker pull of what is private, by nobody"):
        refused(*docker.command("pull", f"{things.private}:v1"), env=docker.environment)
    with checks.check("docker login with a wrong password"):
        refused(*docker.command("login", "-u", things.name, "--password-stdin"), stdin="wrong", env=docker.environment)
    for kind, secret in (("the password", things.password), ("a personal token", things.personal)):
        with checks.check(f"docker login with {kind}, pull of what is private, logout"):
            docker.run("login", "-u", things.name, "--password-stdin", stdin=secret)
            pull(docker, things, f"{things.private}:v1")
            docker.run("logout")
            refused(*docker.command("pull", f"{things.private}:v1"), env=docker.environment)
    with checks.check("docker login with an organization's token, good for its repository and for no other"):
        docker.run("login", "-u", things.organization, "--password-stdin", stdin=things.token)
        pull(docker, things, f"{things.shared}:v1")
        refused(*docker.command("pull", f"{things.private}:v1"), env=docker.environment)
        docker.run("logout")
    with checks.check("docker push ns/repo:tag, and pull by the digest that it told"):
        docker.run("login", "-u", things.name, "--password-stdin", stdin=things.password)
        pull(docker, things, f"{things.official}:1.0")
        reference = f"{things.name}/pushed"
        docker.run("tag", f"{things.official}:1.0", f"{reference}:v1")
        digest = re.search(r"sha256:[0-9a-f]{64}", docker.run("push", f"{reference}:v1"))
        require(digest, "no digest was told")
        pull(docker, things, f"{reference}@{digest[0]}")
        docker.run("logout")


def newest_docker():
    """A docker command that knows the device login, or None."""
    for path in dict.fromkeys(filter(None, (shutil.which("docker"), "/usr/local/bin/docker", "/usr/bin/docker"))):
        version = re.search(r"version (\d+)\.", attempt(path, "--version")[1])
        if version and int(version[1]) >= DEVICE_LOGIN_SINCE:
            return path
    return None


class Terminal:
    """A command on a pseudo-terminal of its own."""

    def __init__(self, command, environment):
        self.output = ""
        master, slave = pty.openpty()
        self.process = subprocess.Popen([str(part) for part in command], stdin=slave, stdout=slave, stderr=slave,
                                        env={**os.environ, **environment}, start_new_session=True)
        os.close(slave)
        self.master = master

    def wait_for(self, expression, seconds=60):
        """The match of `expression` in what the command has printed so far."""
        end = time.monotonic() + seconds
        while True:
            if match := re.search(expression, self.output):
                return match
            left = end - time.monotonic()
            require(left > 0, f"{expression} was not printed:\n{self.output[-1500:]}")
            if select.select([self.master], [], [], left)[0]:
                try:
                    self.output += os.read(self.master, 65536).decode(errors="replace")
                except OSError:  # the command has ended
                    require(re.search(expression, self.output), f"ended without {expression}:\n{self.output[-1500:]}")

    def finish(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        os.close(self.master)


def device_login(checks, docker, things):
    command = newest_docker()
    if not command:
        print(f"         no docker command of version {DEVICE_LOGIN_SINCE} or newer: sign_in alone plays the device login")
        return
    docker.docker = command
    with checks.check("docker login and nothing more: approved on a page, then docker pulls what is private"):
        terminal = Terminal(docker.command("login"), docker.environment)
        try:
            code = terminal.wait_for(r"code is: (?:\x1b\[[0-9;]*m)*([A-Z0-9]{4}-[A-Z0-9]{4})")[1]
            secret = https("POST", "/v2/users/login", body={"username": things.name, "password": things.password})["token"]
            https("POST", f"/api/berth/v1/device/{code}/approve", token=secret)
            terminal.wait_for("Login Succeeded")
        finally:
            terminal.finish()
        pull(docker, things, f"{things.private}:v1")
    with checks.check("docker logout after it: what is private is out of reach"):
        docker.run("logout")
        refused(*docker.command("pull", f"{things.private}:v1"), env=docker.environment)


def https(method, path, *, body=None, token=None):
    """A request to Berth under Docker Hub's name."""
    request = urllib.request.Request("https://hub.docker.com" + path, method=method,
                                     data=json.dumps(body).encode() if body else b"",
                                     headers={"Content-Type": "application/json",
                                              **({"Authorization": f"Bearer {token}"} if token else {})})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


if __name__ == "__main__":
    inside(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
