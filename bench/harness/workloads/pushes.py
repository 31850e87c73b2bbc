"""W4 monolithic pushes, W5 chunked pushes, W6 the CI pattern, W7 pulls while pushing."""

from .. import images, procfs
from ..client import Load
from ..http import digest_of, image_manifest
from ..rounds import GIB, MIB, Bench, Sample, sample_of
from ..servers import Server
from . import stores

WRITERS = ["berth", "distribution", "zot", "zot-durable"]


def _push(bench: Bench, server: Server, size: int, clients: int, count: int,
          chunk: int, unit: str) -> Sample:
    """`count` unique blobs into an empty store, until the last is acknowledged."""
    stores.fresh(server)
    repo = images.repository("push")
    load = {"kind": "push", "connections": clients, "blob_bytes": size, "count": count,
            "first_id": bench.next_blob(count),
            "repositories": bench.client.file(repo + "\n"),
            "authorization": server.authorization([repo], ["pull", "push"])}
    if chunk:
        load["chunk_bytes"] = chunk
    procfs.warm_memory(size * count + GIB // 4)
    report = bench.client.run(server, [Load("push", load)])
    sample = sample_of(report, unit)
    if sample.errors:
        bench.note(f"push {size // MIB} MiB {clients} clients {server.name}: {sample.errors} "
                   f"errors {report['classes']['push']['bad_statuses']}")
    sample.disk_bytes = procfs.disk_bytes(server.data)
    server.wipe()
    return sample


def _count(size: int, clients: int, bytes_wanted: int) -> int:
    return max(clients, min(1000, bytes_wanted // size), 1)


def _rows(bench: Bench, workload: str, title: str, cases) -> None:
    systems = stores.instances(bench, "push", WRITERS)
    wanted = bench.settings.pick(GIB, GIB // 4)
    for mebibytes, chunk, clients in cases:
        size = mebibytes * MIB
        count = _count(size, clients, wanted)
        parameters = f"{mebibytes} MiB"
        if chunk:
            parameters += f" in {chunk} MiB chunks"
        row = bench.row(workload, title, f"{parameters}, {clients} clients, {count} blobs",
                        "MiB/s", cpu_unit="GiB", ceiling="hash and disk")
        bench.alternate(row, systems, lambda server, _, a=size, b=clients, c=count, d=chunk:
                        _push(bench, server, a, b, c, d * MIB, "MiB/s"))


def monolithic(bench: Bench) -> None:
    counts = bench.settings.connection_counts([1, 10, 50])
    cases = [(size, 0, clients) for size in bench.settings.pick([1, 10, 100], [1, 10])
             for clients in counts]
    cases += bench.settings.pick([(1024, 0, 1), (1024, 0, 10)], [(1024, 0, 1)])
    _rows(bench, "W4", "push monolithic (POST, PUT)", cases)


def chunked(bench: Bench) -> None:
    clients = bench.settings.clients or 10
    cases = bench.settings.pick([(1, 1), (10, 1), (10, 8), (100, 8), (100, 64)],
                                [(10, 1), (100, 8)])
    _rows(bench, "W5", "push chunked (POST, PATCH, PUT)",
          [(size, chunk, clients) for size, chunk in cases])


def _base_image(server: Server, repo: str) -> tuple[list[tuple[str, int]], bytes]:
    """Ten layers and a config in `repo`, and a manifest over them with a mark to replace."""
    connection, headers = server.http(), server.headers([repo])
    config = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
    blobs = [config] + [f"base layer {number}\n".encode() * 64 for number in range(10)]
    for blob in blobs:
        connection.push_blob(repo, blob, headers)
    pairs = [(digest_of(blob), len(blob)) for blob in blobs]
    return pairs, image_manifest(pairs[0], pairs[1:], {"org.example.build": "@ID@"})


def continuous_integration(bench: Bench) -> None:
    """Every layer exists: ten mounts, the config's mount and a new manifest make one push."""
    base = images.repository("base")
    targets = [images.repository(f"ci{number}") for number in range(10)]
    systems = stores.instances(bench, "ci", WRITERS)
    for clients in bench.settings.connection_counts([1, 50]):
        row = bench.row("W6", "CI push: 11 mounts and a manifest", f"{clients} clients",
                        "images/s", ceiling="")

        def measure(server, _, clients=clients):
            stores.fresh(server)
            pairs, manifest = _base_image(server, base)
            load = {"kind": "mount", "connections": clients, "first_id": bench.next_blob(10 ** 6),
                    "repositories": bench.client.file("\n".join(targets) + "\n"),
                    "sources": bench.client.file("".join(f"{base}\t{digest}\n"
                                                         for digest, _ in pairs)),
                    "manifest": bench.client.file(manifest), "media_type": images.MANIFEST,
                    "authorization": server.authorization([base, *targets], ["pull", "push"])}
            report = bench.client.run(server, [Load("ci", load)], bench.settings.seconds,
                                      bench.settings.warmup)
            sample = sample_of(report, row.unit)
            if sample.errors:
                bench.note(f"W6 {server.name}: {sample.errors} errors "
                           f"{report['classes']['ci']['bad_statuses']}")
            sample.disk_bytes = procfs.disk_bytes(server.data)
            server.wipe()
            return sample
        bench.alternate(row, systems, measure)


def mixed(bench: Bench) -> None:
    """75 % pulls and 25 % pushes at constant rates: what pushes do to the pulls' p99."""
    systems = stores.instances(bench, "mixed", WRITERS)
    pushed = images.repository("pushed")
    pulled = images.repository("blobs")
    cases = [(1, 90, 30), (10, 9, 3)]
    seconds = bench.settings.pick(max(bench.settings.seconds, 10), 3)
    for mebibytes, pulls, pushes in cases:
        size = mebibytes * MIB
        rows = {}
        for kind in ("alone", "while pushing"):
            rows[kind] = bench.row(
                "W7", f"pull p99 {kind}", f"{mebibytes} MiB, {pulls} pulls/s, {pushes} pushes/s, "
                "48 + 16 connections", "ms", higher_is_better=False)
        ratio = bench.row("W7", "pull p99 while pushing, times alone", f"{mebibytes} MiB", "x",
                          higher_is_better=False)

        def measure(server, _, size=size, pulls=pulls, pushes=pushes, rows=rows):
            stores.fresh(server)
            digests = images.put_blobs(bench.client, server, "blobs", size, 16)
            value = server.authorization([pulled, pushed], ["pull", "push"])
            pull = Load("pull", {
                "pick": "uniform", "connections": 48, "rate": pulls, "authorization": value,
                "targets": bench.client.targets(
                    ("GET", f"/v2/{pulled}/blobs/{digest}", 200, 0) for digest in digests)})
            push = Load("push", {
                "kind": "push", "connections": 16, "rate": pushes, "blob_bytes": size,
                "first_id": bench.next_blob(10 ** 6), "authorization": value,
                "repositories": bench.client.file(pushed + "\n")})
            figures = {}
            for kind, loads in (("alone", [pull]), ("while pushing", [pull, push])):
                report = bench.client.run(server, loads, seconds, bench.settings.warmup)
                sample = sample_of(report, "ms", "pull")
                figures[kind] = sample.value = sample.p99_us / 1000
                rows[kind].add(server.name, sample)
            server.wipe()
            return Sample(figures["while pushing"] / figures["alone"])
        bench.alternate(ratio, systems, measure, rounds=min(3, bench.settings.rounds))
        for row in rows.values():
            bench.show(row)
