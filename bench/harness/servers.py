"""Starting and stopping the systems under test, each on the server core with its own folder."""

import base64
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from . import jwt, procfs
from .http import Http
from .settings import SERVER_CORE


class Server:
    """One running system. Subclasses say how it is configured and how one signs in."""

    name = ""
    durability = ""
    is_registry = True

    def __init__(self, program: Path, folder: Path, port: int):
        self.program = program
        self.folder = folder
        self.data = folder / "data"
        self.port = port
        self.process: subprocess.Popen | None = None
        self.tls: tuple[Path, Path] | None = None  # certificate and key
        self.log = folder / "log"

    def command(self) -> list[str]:
        raise NotImplementedError

    def settings(self) -> str:
        """The settings that matter for a comparison, for the report."""
        raise NotImplementedError

    def ready_path(self) -> str:
        return "/v2/"

    def start(self) -> float:
        """Starts and waits until it answers; returns the seconds that took."""
        self.data.mkdir(parents=True, exist_ok=True)
        with socket.socket() as probe:
            # SO_REUSEPORT would let two servers share the port, and the other answer for this one.
            if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                raise RuntimeError(f"port {self.port} is taken; choose others with --port")
        command = ["taskset", "-c", SERVER_CORE, *self.command()]
        began = time.monotonic()
        # taskset replaces itself by the program, so the process is the server's own.
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log,
                                            cwd=self.folder, start_new_session=True)
        while True:
            if self.process.poll() is not None:
                tail = self.log.read_text(errors="replace")[-600:]
                raise RuntimeError(f"{self.name} ended while starting: {tail}")
            try:
                self.http().call("GET", self.ready_path(), expect=(200, 401))
                return time.monotonic() - began
            except (OSError, AssertionError):
                if time.monotonic() - began > 600:
                    raise RuntimeError(f"{self.name} did not start in 600 s") from None
                time.sleep(0.002)

    def stop(self, how=signal.SIGTERM) -> None:
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def wipe(self) -> None:
        self.stop()
        # rm is many times faster than shutil.rmtree on stores of 100,000 folders.
        subprocess.run(["rm", "-rf", str(self.folder)], check=True)
        self.folder.mkdir(parents=True)

    def pids(self) -> list[int]:
        return procfs.descendants(self.process.pid)

    def http(self) -> Http:
        return Http(self.port, self.tls is not None)

    def authorization(self, repositories: list[str], actions: list[str]) -> str:
        """The Authorization value for these repositories; empty when none is needed."""
        return ""

    def headers(self, repositories: list[str], actions=("pull", "push")) -> dict:
        value = self.authorization(repositories, list(actions))
        return {"Authorization": value} if value else {}


class Berth(Server):
    name = "berth"
    durability = "fsync before every 201"
    # The peers' access logs are off too; W1 has a row with it on.
    quiet = ("--no-access-log", "--log-level", "warn")
    extra: tuple[str, ...] = ()

    def command(self):
        command = [str(self.program), "serve", "--data", str(self.data),
                   "--listen", f"127.0.0.1:{self.port}", *self.quiet, *self.extra]
        if self.tls:
            command += ["--tls-cert", str(self.tls[0]), "--tls-key", str(self.tls[1])]
        return command

    def settings(self):
        return "SQLite, file system, " + " ".join((*self.quiet, *self.extra))

    def ready_path(self):
        return "/readyz"

    def basic(self) -> str:
        password = (self.data / "initial-admin-password").read_text().strip()
        return "Basic " + base64.b64encode(f"admin:{password}".encode()).decode()

    def authorization(self, repositories, actions):
        return "Bearer " + self.token(repositories, actions, self.basic())

    def hub_authorization(self) -> str:
        """For the Hub API: a session of the first administrator."""
        password = (self.data / "initial-admin-password").read_text().strip()
        _, content = self.http().call(
            "POST", "/v2/users/login",
            json.dumps({"username": "admin", "password": password}).encode(),
            {"Content-Type": "application/json"})
        return "Bearer " + json.loads(content)["token"]

    def access_token(self, label: str) -> str:
        """A new personal access token of the administrator, as Basic credentials."""
        _, content = self.http().call(
            "POST", "/v2/access-tokens",
            json.dumps({"token_label": label, "scopes": ["repo:admin"]}).encode(),
            {"Content-Type": "application/json", "Authorization": self.hub_authorization()},
            (201,))
        secret = json.loads(content)["token"]
        return "Basic " + base64.b64encode(f"admin:{secret}".encode()).decode()

    def anonymous(self, repositories: list[str]) -> str:
        return "Bearer " + self.token(repositories, ["pull"], "")

    def token(self, repositories, actions, basic: str) -> str:
        scopes = "".join(f"&scope=repository:{name}:{','.join(actions)}" for name in repositories)
        if actions == ["catalog"]:
            scopes = "&scope=registry:catalog:*"
        headers = {"Authorization": basic} if basic else {}
        _, content = self.http().call("GET", "/token?service=berth" + scopes, headers=headers)
        return json.loads(content)["token"]


class Distribution(Server):
    name = "distribution"
    durability = "fsync of files, not of folders (its only mode)"

    def __init__(self, program, folder, port, issuer: jwt.TokenIssuer | None = None):
        super().__init__(program, folder, port)
        self.issuer = issuer

    def command(self):
        config = {
            "version": "0.1",
            "log": {"level": "error", "accesslog": {"disabled": True}},
            "storage": {"filesystem": {"rootdirectory": str(self.data)},
                        "delete": {"enabled": True},
                        "cache": {"blobdescriptor": "inmemory"},
                        "maintenance": {"uploadpurging": {"enabled": False}}},
            "catalog": {"maxentries": 1000},
            "http": {"addr": f"127.0.0.1:{self.port}", "secret": "bench"}}
        if self.tls:
            config["http"]["tls"] = {"certificate": str(self.tls[0]), "key": str(self.tls[1])}
        if self.issuer:
            config["auth"] = {"token": {
                "realm": "http://127.0.0.1/token", "service": jwt.SERVICE, "issuer": jwt.ISSUER,
                "rootcertbundle": str(self.issuer.certificate),
                "jwks": str(self.issuer.key_set)}}
        path = self.folder / "config.yml"
        path.write_text(json.dumps(config))  # JSON is YAML
        return [str(self.program), "serve", str(path)]

    def settings(self):
        return "filesystem driver, in-memory descriptor cache, access log off, log level error"

    def authorization(self, repositories, actions):
        return "Bearer " + self.issuer.token(repositories, actions) if self.issuer else ""


class Zot(Server):
    name = "zot"
    durability = "no fsync (its default, commit: false)"
    commit = False

    def __init__(self, program, folder, port, issuer: jwt.TokenIssuer | None = None):
        super().__init__(program, folder, port)
        self.issuer = issuer

    def command(self):
        config = {
            "distSpecVersion": "1.1.1",
            "storage": {"rootDirectory": str(self.data), "commit": self.commit},
            "http": {"address": "127.0.0.1", "port": str(self.port)},
            "log": {"level": "error"}}
        if self.tls:
            config["http"]["tls"] = {"cert": str(self.tls[0]), "key": str(self.tls[1])}
        if self.issuer:
            config["http"]["auth"] = {"bearer": {
                "realm": "http://127.0.0.1/token", "service": jwt.SERVICE,
                "cert": str(self.issuer.certificate)}}
        path = self.folder / "config.json"
        path.write_text(json.dumps(config))
        return [str(self.program), "serve", str(path)]

    def settings(self):
        return ("minimal build, dedupe and gc as by default, log level error, commit: "
                + str(self.commit).lower())

    def authorization(self, repositories, actions):
        return "Bearer " + self.issuer.token(repositories, actions) if self.issuer else ""


class DurableZot(Zot):
    name = "zot-durable"
    durability = "fsync (commit: true)"
    commit = True


class Nginx(Server):
    """The ceiling: the same paths as static files."""

    name = "nginx"
    durability = "-"
    is_registry = False

    def command(self):
        listen = f"127.0.0.1:{self.port}" + (" ssl" if self.tls else "")
        tls = ""
        if self.tls:
            tls = (f"ssl_certificate {self.tls[0]}; ssl_certificate_key {self.tls[1]};"
                   " ssl_protocols TLSv1.3;")
        (self.data / "v2").mkdir(parents=True, exist_ok=True)
        (self.data / "v2" / "index.html").write_text("{}")
        path = self.folder / "nginx.conf"
        path.write_text(f"""
daemon off; user root; worker_processes 1; worker_rlimit_nofile 20000;
pid {self.folder}/pid; error_log {self.folder}/error.log;
events {{ worker_connections 12000; }}
http {{
  access_log off; sendfile on; keepalive_requests 1000000000;
  keepalive_timeout 3600; open_file_cache max=20000 inactive=3600s; open_file_cache_valid 3600s;
  client_body_temp_path {self.folder}/body; proxy_temp_path {self.folder}/proxy;
  fastcgi_temp_path {self.folder}/fastcgi; uwsgi_temp_path {self.folder}/uwsgi;
  scgi_temp_path {self.folder}/scgi;
  server {{
    listen {listen} backlog=4096; {tls} root {self.data};
    # Head and file in one segment where both fit; larger answers would wait 40 ms for an acknowledgement.
    location ~ /manifests/ {{ tcp_nopush on; }}
  }}
}}
""")
        return [str(self.program), "-c", str(path), "-e", str(self.folder / "error.log")]

    def settings(self):
        return "one worker, sendfile, tcp_nopush for manifests, open_file_cache, access log off, keep-alive without limit"

    def put(self, path: str, content: bytes) -> None:
        target = self.data / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def link(self, path: str, source: Path) -> None:
        target = self.data / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            os.link(source, target)
