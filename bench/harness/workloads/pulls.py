"""W1 manifest GET, W2 HEADs, W3 blob pulls."""

from .. import images, procfs
from ..client import Load
from ..http import ACCEPT, digest_of
from ..rounds import MIB, Bench
from ..servers import Berth, Server
from . import stores

CONNECTIONS = [1, 10, 100]


def _plain(bench: Bench) -> list[Server]:
    """One system of each kind: durability plays no part in reading."""
    return [bench.servers[name] for name in ("berth", "distribution", "zot", "nginx")
            if name in bench.servers]


def _reader(server: Server, names: list[str]) -> str:
    """How an anonymous client reads: Berth wants its anonymous token, the peers nothing."""
    repositories = [images.repository(name) for name in names]
    if isinstance(server, Berth):
        return server.anonymous(repositories)
    return server.authorization(repositories, ["pull"])


def _check_manifest(server: Server, name: str, reference: str, digest: str, value: str) -> None:
    path = f"/v2/{images.repository(name)}/manifests/{reference}"
    headers = {"Accept": ACCEPT} | ({"Authorization": value} if value else {})
    _, content = server.http().call("GET", path, headers=headers)
    assert digest_of(content) == digest, f"{server.name}: {path} has another digest"


def _requests(bench: Bench, row_title: str, workload: str, systems: list[Server],
              rows_of, authorization_of, pick: str = "cycle", counts=None) -> None:
    for count in bench.settings.connection_counts(counts or CONNECTIONS):
        row = bench.row(workload, row_title, f"{count} connections", "req/s", ceiling="nginx")
        files = {server.name: bench.client.targets(rows_of(server)) for server in systems}
        bench.load(row, systems, lambda server, _, count=count: [Load("requests", {
            "targets": files[server.name], "pick": pick, "connections": count,
            "accept": ACCEPT, "authorization": authorization_of(server)})])


def _hot(bench: Bench, systems: list[Server]) -> str:
    digest = ""
    for server in systems:
        digest = images.put_image(server, "hot", "latest")
        _check_manifest(server, "hot", "latest", digest, _reader(server, ["hot"]))
    return digest


def manifest_get(bench: Bench) -> None:
    systems = _plain(bench)
    path = f"/v2/{images.repository('hot')}/manifests/latest"
    _hot(bench, systems)
    counts = bench.settings.pick([1, 10, 100, 1000], CONNECTIONS)
    _requests(bench, "manifest GET by tag, one hot tag", "W1", systems,
              lambda _: [("GET", path, 200, 0)], lambda server: _reader(server, ["hot"]),
              counts=counts)
    _constant_rate(bench, systems, path)
    _with_access_log(bench, path)
    _private(bench)
    _zipf(bench)


def _constant_rate(bench: Bench, systems: list[Server], path: str) -> None:
    """Open loop: the same load for everybody, then 60 % of what each can do."""
    def run(title, parameters, rate_of):
        row = bench.row("W1", title, parameters, "req/s", ceiling="nginx")
        targets = bench.client.targets([("GET", path, 200, 0)])
        bench.load(row, systems, lambda server, _: [Load("requests", {
            "targets": targets, "connections": 32, "rate": rate_of(server),
            "accept": ACCEPT, "authorization": _reader(server, ["hot"])})])
    run("manifest GET by tag, open loop", "300 requests/s on 32 connections", lambda _: 300)
    peak = next((row for row in bench.rows
                 if row.workload == "W1" and row.parameters == "10 connections"), None)
    if peak:
        run("manifest GET by tag, open loop", "60 % of the system's peak on 32 connections",
            lambda server: int(0.6 * peak.median(server.name)))


def _with_access_log(bench: Bench, path: str) -> None:
    """What Berth's access log costs: one JSON line a request, into a file."""
    if "berth" not in bench.servers:
        return
    [server] = stores.instances(bench, "log", ["berth"])
    server.quiet = ()
    server.start()
    images.put_image(server, "hot", "latest")
    _requests(bench, "manifest GET by tag, Berth with its access log on", "W1", [server],
              lambda _: [("GET", path, 200, 0)], lambda each: _reader(each, ["hot"]), counts=[10])
    stores.stop([server])


def _private(bench: Bench) -> None:
    """Bearer token on a private repository; the peers run with token authentication on."""
    systems = stores.with_tokens(bench)
    path = f"/v2/{images.repository('private')}/manifests/latest"
    for server in systems:
        stores.make_private(server, "private")
        digest = images.put_image(server, "private", "latest")
        value = server.authorization([images.repository("private")], ["pull"])
        _check_manifest(server, "private", "latest", digest, value)
    values = {}

    def value_of(server):
        if server.name not in values or isinstance(server, Berth):  # its tokens expire soon
            values[server.name] = server.authorization([images.repository("private")], ["pull"])
        return values[server.name]
    _requests(bench, "manifest GET by tag, private, bearer token", "W1", systems,
              lambda _: [("GET", path, 200, 0)], value_of)
    stores.stop_with_tokens(bench, systems)


def _zipf(bench: Bench) -> None:
    repositories = bench.settings.pick(1000, 50)
    tags = 100
    systems = stores.many_repositories(bench, repositories, tags)
    row = bench.row("W1", f"manifest GET by tag, zipf over {repositories} repositories x {tags} tags",
                    "100 connections", "req/s", ceiling="nginx")
    bench.load(row, systems, lambda server, _: [stores.zipf_load(bench, server, repositories, tags,
                                                                 100)])
    stores.stop(systems)


def heads(bench: Bench) -> None:
    systems = _plain(bench)
    digest = _hot(bench, systems)
    base = f"/v2/{images.repository('hot')}"
    config = digest_of(images.small_image()[1])
    missing = "sha256:" + "0" * 64
    for title, path, status in (
            ("manifest HEAD by tag", f"{base}/manifests/latest", 200),
            ("manifest HEAD by digest", f"{base}/manifests/{digest}", 200),
            ("blob HEAD, present", f"{base}/blobs/{config}", 200),
            ("blob HEAD, missing", f"{base}/blobs/{missing}", 404)):
        _requests(bench, title, "W2", systems,
                  lambda _, path=path, status=status: [("HEAD", path, status, 0)],
                  lambda server: _reader(server, ["hot"]))


def blob_pull(bench: Bench) -> None:
    systems = _plain(bench)
    sizes = bench.settings.pick([(1, 64), (100, 4), (1024, 2)], [(1, 64), (100, 4)])
    for mebibytes, count in sizes:
        size = mebibytes * MIB
        digests = []
        for server in systems:
            digests = images.put_blobs(bench.client, server, "blobs", size, count)
            images.verify_blobs(bench.client, server, "blobs", digests,
                                _reader(server, ["blobs"]))
        rows = [("GET", f"/v2/{images.repository('blobs')}/blobs/{digest}", 200, 0)
                for digest in digests]
        _blob_rows(bench, systems, mebibytes, rows)
        if mebibytes == 100:
            _ranges(bench, systems, size, rows)
            _cold(bench, systems, rows)
    bench.note("W3: bodies are discarded in the client's kernel in the timed part; every blob's "
               "digest was checked in a pass of its own before it")
    _tls(bench)


def _blob_rows(bench, systems, mebibytes, rows, workload="W3", title="blob pull",
               connections=None) -> None:
    targets = bench.client.targets(rows)
    for count in bench.settings.connection_counts(connections or CONNECTIONS):
        row = bench.row(workload, title, f"{mebibytes} MiB, {count} clients", "MiB/s",
                        cpu_unit="GiB", ceiling="nginx")
        bench.load(row, systems, lambda server, _, count=count: [Load("pull", {
            "targets": targets, "pick": "uniform", "connections": count,
            "authorization": _reader(server, ["blobs"])})])


def _ranges(bench, systems, size, rows) -> None:
    targets = bench.client.targets([(method, path, 206, 0) for method, path, _, _ in rows])
    for count in bench.settings.connection_counts([1, 10, 100]):
        row = bench.row("W3", "random 64 KiB ranges of 100 MiB blobs", f"{count} clients", "req/s",
                        ceiling="nginx")
        bench.load(row, systems, lambda server, _, count=count: [Load("ranges", {
            "kind": "range", "targets": targets, "pick": "uniform", "blob_bytes": size,
            "range_bytes": 65536, "connections": count,
            "authorization": _reader(server, ["blobs"])})], receive_buffer=212_992)


def _cold(bench, systems, rows) -> None:
    """Each blob once after its pages were dropped."""
    targets = bench.client.targets(rows)
    row = bench.row("W3", "blob pull, cold page cache", "100 MiB, 4 clients", "MiB/s",
                    cpu_unit="GiB", ceiling="nginx")

    def loads(server, _):
        procfs.forget_cached(server.data)
        return [Load("pull", {"targets": targets, "pick": "once", "connections": 4,
                              "authorization": _reader(server, ["blobs"])})]
    bench.load(row, systems, loads, seconds=600, warmup=0)


def _tls(bench: Bench) -> None:
    """The same with TLS 1.3 and AES-128-GCM everywhere (no kernel TLS)."""
    systems = stores.with_tls(bench)
    for server in systems:
        digests = images.put_blobs(bench.client, server, "blobs", 100 * MIB, 4)
        images.verify_blobs(bench.client, server, "blobs", digests, _reader(server, ["blobs"]))
        images.put_image(server, "hot", "latest")
    rows = [("GET", f"/v2/{images.repository('blobs')}/blobs/{digest}", 200, 0)
            for digest in digests]
    _blob_rows(bench, systems, 100, rows, title="blob pull, TLS 1.3 AES-128-GCM",
               connections=[1, 10])
    path = f"/v2/{images.repository('hot')}/manifests/latest"
    _requests(bench, "manifest GET by tag, TLS 1.3", "W1", systems,
              lambda _: [("GET", path, 200, 0)], lambda server: _reader(server, ["hot"]),
              counts=[10])
    stores.stop(systems)


