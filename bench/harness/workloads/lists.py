"""W8 tag lists, W9 catalog, W10 referrers: what a page costs as the store grows."""

import json

from .. import images, seed
from ..client import Load
from ..http import MANIFEST, digest_of, image_manifest
from ..rounds import Bench, sample_of
from ..servers import Berth, Server, Zot
from . import stores

PEERS = ["berth", "distribution", "zot"]
PAGE = 100


def _pages(bench: Bench, workload: str, title: str, parameters: str, systems: list[Server],
           path: str, authorization_of) -> None:
    """Latency of one page on one connection, each answer complete and 200."""
    row = bench.row(workload, title, parameters, "ms", higher_is_better=False)
    targets = bench.client.targets([("GET", path, 200, 0)])

    def measure(server, _):
        report = bench.client.run(server, [Load("page", {
            "targets": targets, "connections": 1, "authorization": authorization_of(server)})],
            max(1.0, bench.settings.seconds / 2), min(0.2, bench.settings.warmup))
        sample = sample_of(report, row.unit)
        if not sample.histogram:  # not one page in the time given: take the one it needs
            report = bench.client.run(server, [Load("page", {
                "targets": targets, "pick": "once", "connections": 1,
                "authorization": authorization_of(server)})])
            sample = sample_of(report, row.unit)
        sample.value = sample.p50_us / 1000
        return sample
    bench.alternate(row, systems, measure)


def _walk(bench: Bench, workload: str, title: str, parameters: str, systems: list[Server],
          path: str, authorization_of) -> None:
    row = bench.row(workload, title, parameters, "s", higher_is_better=False)

    def measure(server, _):
        report = bench.client.run(server, [Load("walk", {
            "kind": "walk", "path": path, "authorization": authorization_of(server)})])
        sample = sample_of(report, row.unit)
        sample.value = report["elapsed"]
        return sample
    bench.alternate(row, systems, measure, rounds=min(2, bench.settings.rounds))


def _repo_reader(repo: str):
    return lambda server: server.authorization([repo], ["pull", "push"])


def tags(bench: Bench) -> None:
    systems = stores.instances(bench, "tags", PEERS)
    sizes = bench.settings.pick([1000, 10_000, 100_000], [1000, 10_000])
    repositories = {size: images.repository(f"tags{size}") for size in sizes}
    stores.fill(bench, systems, {repo: stores.tag_names(size)
                                 for size, repo in repositories.items()})
    for size, repo in repositories.items():
        reader = _repo_reader(repo)
        base = f"/v2/{repo}/tags/list?n={PAGE}"
        last = stores.tag_names(size)[-PAGE - 1]
        _pages(bench, "W8", "tags list, first page of 100", f"{size} tags", systems, base, reader)
        _pages(bench, "W8", "tags list, last page of 100", f"{size} tags", systems,
               f"{base}&last={last}", reader)
        _walk(bench, "W8", "tags list, whole walk in pages of 100", f"{size} tags",
              [server for server in systems if size <= 10_000 or isinstance(server, Berth)],
              base, reader)
        _next_push(bench, systems, repo, size)
    if 100_000 in sizes:
        bench.note("W8: the whole walk over 100,000 tags is done for Berth alone; by its first "
                   "page's time a peer would need many minutes")
    bench.keep("tags", systems)


def _next_push(bench: Bench, systems: list[Server], repo: str, size: int) -> None:
    """One more tag, again and again, in a repository that has `size`."""
    row = bench.row("W8", "push of the next tag", f"{size} tags", "ms", higher_is_better=False)

    def measure(server, number):
        targets = bench.client.targets(
            ("PUT", f"/v2/{repo}/manifests/x{number}-{each}", 201, 0, images.INDEX, 0,
             len(images.EMPTY_INDEX)) for each in range(20))
        report = bench.client.run(server, [Load("push", {
            "targets": targets, "pick": "once", "connections": 1,
            "bodies": bench.client.file(images.EMPTY_INDEX),
            "authorization": server.authorization([repo], ["pull", "push"])})])
        sample = sample_of(report, row.unit)
        sample.value = sample.p50_us / 1000
        return sample
    bench.alternate(row, systems, measure)


def catalog(bench: Bench) -> None:
    def reader(server):
        return server.authorization([], ["catalog"]) if isinstance(server, Berth) else ""
    systems = stores.instances(bench, "catalog", PEERS)
    done = 0
    for size in bench.settings.pick([10_000, 100_000], [1000, 10_000]):
        names = [images.repository(f"r{number:06d}") for number in range(done, size)]
        stores.fill(bench, systems, {name: ["latest"] for name in names})
        done = size
        base = f"/v2/_catalog?n={PAGE}"
        last = images.repository(f"r{size - PAGE - 1:06d}")
        _pages(bench, "W9", "catalog, first page of 100", f"{size} repositories", systems, base,
               reader)
        _pages(bench, "W9", "catalog, last page of 100", f"{size} repositories", systems,
               f"{base}&last={last}", reader)
        _walk(bench, "W9", "catalog, whole walk in pages of 100", f"{size} repositories",
              [server for server in systems if size <= 10_000 or isinstance(server, Berth)],
              base, reader)
    stores.stop(systems)


def _referrer(subject: bytes, config: bytes, number: int) -> bytes:
    manifest = json.loads(image_manifest((digest_of(config), len(config)), [],
                                         {"org.example.number": str(number)}))
    manifest["artifactType"] = ("application/vnd.example.sbom" if number % 2
                                else "application/vnd.example.signature")
    manifest["subject"] = {"mediaType": MANIFEST, "digest": digest_of(subject),
                           "size": len(subject)}
    return json.dumps(manifest).encode()


def _store_referrers(bench, server, repo, subject, config, others) -> None:
    """A subject and further manifests, over one config, in one repository."""
    manifests = [subject, *others]
    if isinstance(server, Zot):
        seed.ZotStore(server.data).manifests(
            repo, [(content, MANIFEST, "") for content in manifests], [config])
        return
    headers = server.headers([repo])
    server.http().push_blob(repo, config, headers)
    rows, at = [], 0
    for content in manifests:
        rows.append((repo, digest_of(content), MANIFEST, at, len(content), 0))
        at += len(content)
    images.put_many(bench.client, server, rows, b"".join(manifests),
                    [headers.get("Authorization", "")])


def referrers(bench: Bench) -> None:
    """10,000 on one subject, and 5 on one in a repository of 10,000 manifests."""
    count = bench.settings.pick(10_000, 1000)
    systems = stores.instances(bench, "referrers", ["berth", "zot"])
    if "distribution" in bench.servers:
        bench.note("W10: distribution has no referrers API")
    config = b"{}"
    subject = image_manifest((digest_of(config), 2), [], {"org.example.subject": "1"})
    many = [_referrer(subject, config, number) for number in range(count)]
    plain = [image_manifest((digest_of(config), 2), [], {"org.example.plain": str(number)})
             for number in range(count)]
    cases = {"many": (f"{count} on one subject", many),
             "few": (f"5 on one subject among {count} manifests", many[:5] + plain)}
    for server in systems:
        if isinstance(server, Berth):
            server.start()
        for name, (_, others) in cases.items():
            _store_referrers(bench, server, images.repository(name), subject, config, others)
        if not isinstance(server, Berth):
            server.start()
    for name, (parameters, _) in cases.items():
        repo = images.repository(name)
        base = f"/v2/{repo}/referrers/{digest_of(subject)}"
        reader = _repo_reader(repo)
        for server in systems:
            _check_referrers(server, base, reader(server))
        _pages(bench, "W10", "referrers, first answer", parameters, systems, base, reader)
        _pages(bench, "W10", "referrers with artifactType, first answer", parameters, systems,
               base + "?artifactType=application/vnd.example.sbom", reader)
        _walk(bench, "W10", "referrers, whole list", parameters, systems, base, reader)
    stores.stop(systems)


def _check_referrers(server: Server, path: str, value: str) -> None:
    headers = {"Authorization": value} if value else {}
    _, content = server.http().call("GET", path, headers=headers)
    assert len(json.loads(content)["manifests"]) >= 5, f"{server.name}: {path} lists too few"


