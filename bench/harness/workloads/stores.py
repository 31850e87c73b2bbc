"""Extra instances of the systems: with tokens, with TLS, with large stores."""

import itertools
import json
import random
import subprocess
from pathlib import Path

from .. import images, procfs, seed
from ..client import Load
from ..jwt import TokenIssuer
from ..rounds import Bench
from ..servers import Berth, Distribution, Nginx, Server

READERS = ["berth", "distribution", "zot", "nginx"]
# Repositories named in one token, well within a request line.
SCOPES_A_TOKEN = 20


def stop(systems: list[Server]) -> None:
    """Stops the instances and removes their data."""
    for server in systems:
        server.wipe()


def instances(bench: Bench, label: str, names: list[str] | None = None) -> list[Server]:
    """New instances, not started, of those of `names` that take part in this run."""
    made = [bench.new_server(name, label) for name in names or READERS if name in bench.servers]
    for server in made:
        server.wipe()
    return made


def with_tokens(bench: Bench) -> list[Server]:
    """Berth as it is, and the peers with token authentication on."""
    issuer = TokenIssuer(bench.settings.work / "keys")
    systems = [bench.servers["berth"]] if "berth" in bench.servers else []
    for server in instances(bench, "token", ["distribution", "zot"]):
        if isinstance(server, Distribution) and "Debian" in bench.versions["distribution"]:
            bench.note("W1 private: Debian's docker-registry takes no key set; left out")
            continue
        server.issuer = issuer
        server.start()
        systems.append(server)
    return systems


def stop_with_tokens(bench: Bench, systems: list[Server]) -> None:
    stop([server for server in systems if server is not bench.servers.get("berth")])


def make_private(server: Server, name: str) -> None:
    """Creates the repository as a private one on Berth; on the peers everything is."""
    if not isinstance(server, Berth):
        return
    namespace, _, repository = images.repository(name).partition("/")
    server.http().call(
        "POST", f"/v2/namespaces/{namespace}/repositories",
        json.dumps({"namespace": namespace, "name": repository, "registry": "docker",
                    "description": "", "is_private": True}).encode(),
        {"Content-Type": "application/json", "Authorization": server.hub_authorization()},
        expect=(200, 201, 400, 409))  # 400 or 409: it is there from a run before


def certificate(folder: Path) -> tuple[Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    key, chain = folder / "tls-key.pem", folder / "tls.pem"
    if not chain.exists():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", chain,
                        "-days", "30", "-subj", "/CN=127.0.0.1",
                        "-addext", "subjectAltName=IP:127.0.0.1"],
                       capture_output=True, check=True)
    return chain, key


def with_tls(bench: Bench) -> list[Server]:
    systems = instances(bench, "tls")
    for server in systems:
        server.tls = certificate(bench.settings.work / "keys")
        server.start()
    return systems


def scoped(server: Server, repositories: list[str]) -> tuple[list[str], dict[str, int]]:
    """Authorizations that together cover the repositories, and which one covers each."""
    values, number_of = [], {}
    if not isinstance(server, Berth):
        value = server.authorization(repositories[:1], ["pull"])
        return [value], dict.fromkeys(repositories, 0)
    basic = server.basic()
    for at in range(0, len(repositories), SCOPES_A_TOKEN):
        part = repositories[at:at + SCOPES_A_TOKEN]
        number_of.update(dict.fromkeys(part, len(values)))
        values.append("Bearer " + server.token(part, ["pull", "push"], basic))
    return values, number_of


def put_tags(bench: Bench, server: Berth, tags_of: dict[str, list[str]],
             manifest: bytes, media_type: str) -> float:
    """Pushes one manifest under all the tags of all the repositories; returns the seconds.
    In parts, so that no token expires on the way."""
    seconds = 0.0
    repositories = list(tags_of)
    for part in _parts(repositories, tags_of, 50_000):
        values, number_of = scoped(server, part)
        rows = ((repo, tag, media_type, 0, len(manifest), number_of[repo])
                for repo in part for tag in tags_of[repo])
        seconds += images.put_many(bench.client, server, rows, manifest, values)
    return seconds


def _parts(repositories, tags_of, limit):
    part, size = [], 0
    for name in repositories:
        part.append(name)
        size += len(tags_of[name])
        if size >= limit:
            yield part
            part, size = [], 0
    if part:
        yield part


def fill(bench: Bench, systems: list[Server], tags_of: dict[str, list[str]]) -> None:
    """Gives every system these repositories and tags of the smallest manifest, and starts it.
    The peers' folders are written directly (see seed.py)."""
    for server in systems:
        if isinstance(server, Berth):
            if server.process is None:
                server.start()
            seconds = put_tags(bench, server, tags_of, images.EMPTY_INDEX, images.INDEX)
            total = sum(map(len, tags_of.values()))
            bench.note(f"{total} tags pushed to Berth over HTTP, durable: {total / seconds:.0f}/s "
                       f"on 32 connections")
            continue
        if isinstance(server, Nginx):
            for repo, tags in tags_of.items():
                for tag in tags:
                    server.put(f"/v2/{repo}/manifests/{tag}", images.EMPTY_INDEX)
        else:
            store = (seed.DistributionStore if isinstance(server, Distribution)
                     else seed.ZotStore)(server.data)
            for repo, tags in tags_of.items():
                store.repository(repo, images.EMPTY_INDEX, tags)
        if server.process is None:
            server.start()
        _read_back(server, tags_of)


def _read_back(server: Server, tags_of: dict[str, list[str]]) -> None:
    connection = server.http()
    chosen = random.Random(1).sample(list(tags_of), min(10, len(tags_of)))
    for repo in chosen:
        path = f"/v2/{repo}/manifests/{tags_of[repo][-1]}"
        _, content = connection.call("GET", path, headers={"Accept": images.INDEX})
        assert content == images.EMPTY_INDEX, f"{server.name}: {path} was not seeded"


def tag_names(count: int) -> list[str]:
    return [f"t{number:06d}" for number in range(count)]


def many_repositories(bench: Bench, repositories: int, tags: int) -> list[Server]:
    systems = instances(bench, "many")
    names = {images.repository(f"r{number:05d}"): tag_names(tags)
             for number in range(repositories)}
    fill(bench, systems, names)
    return systems


def zipf_load(bench: Bench, server: Server, repositories: int, tags: int,
              connections: int) -> Load:
    """GETs by tag, the most popular first in a shuffled order that is the same for all."""
    names = [images.repository(f"r{number:05d}") for number in range(repositories)]
    pairs = list(itertools.product(names, tag_names(tags)))
    random.Random(1).shuffle(pairs)
    values, number_of = scoped(server, names)
    targets = bench.client.targets(
        ("GET", f"/v2/{repo}/manifests/{tag}", 200, number_of[repo]) for repo, tag in pairs)
    load = {"targets": targets, "pick": "zipf:1.0", "connections": connections,
            "accept": images.INDEX}
    if values[0]:
        load["authorizations"] = bench.client.file("".join(v + "\n" for v in values))
    return Load("requests", load)


def fresh(server: Server) -> None:
    """The same system with an empty folder, everything written back before."""
    server.wipe()
    procfs.sync()
    server.start()


