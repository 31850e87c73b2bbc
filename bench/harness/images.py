"""Putting the same content into every system."""

import json
from pathlib import Path

from .client import Client, Load
from .http import INDEX, MANIFEST, digest_of, image_manifest
from .servers import Nginx, Server
from .settings import NAMESPACE

# An index over nothing: the smallest manifest that every registry takes without blobs.
EMPTY_INDEX = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}).encode()


def repository(name: str) -> str:
    return f"{NAMESPACE}/{name}"


def small_image() -> tuple[bytes, bytes, list[bytes]]:
    """A manifest of ordinary size (about 1.5 KB) with its config and five tiny layers."""
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {},
                         "rootfs": {"type": "layers", "diff_ids": []}}).encode()
    layers = [f"layer {number} of the small image\n".encode() * 8 for number in range(5)]
    manifest = image_manifest((digest_of(config), len(config)),
                              [(digest_of(layer), len(layer)) for layer in layers])
    return manifest, config, layers


def put_image(server: Server, name: str, tag: str) -> str:
    """Puts the small image; returns its manifest's digest."""
    manifest, config, layers = small_image()
    digest = digest_of(manifest)
    repo = repository(name)
    if isinstance(server, Nginx):
        for reference in (tag, digest):
            server.put(f"/v2/{repo}/manifests/{reference}", manifest)
        for blob in (config, *layers):
            server.put(f"/v2/{repo}/blobs/{digest_of(blob)}", blob)
        return digest
    connection, headers = server.http(), server.headers([repo])
    for blob in (config, *layers):
        connection.push_blob(repo, blob, headers)
    assert connection.put_manifest(repo, tag, manifest, headers) == digest
    return digest


def put_blobs(client: Client, server: Server, name: str, size: int, count: int,
              first: int = 1, connections: int = 4) -> list[str]:
    """Puts `count` random blobs of a size; returns their digests. The same on every system."""
    digests = client.digests(size, first, count)
    repo = repository(name)
    if isinstance(server, Nginx):
        for number, digest in enumerate(digests):
            client.write_blob(size, first + number, server.data / f"v2/{repo}/blobs/{digest}")
        return digests
    report = client.run(server, [Load("prepare", {
        "kind": "push", "connections": min(connections, count), "blob_bytes": size,
        "first_id": first, "count": count, "repositories": client.file(repo + "\n"),
        "authorization": server.authorization([repo], ["pull", "push"])})])
    done = report["classes"]["prepare"]
    assert done["errors"] == 0 and done["operations"] == count, f"{server.name}: {done}"
    return digests


def verify_blobs(client: Client, server: Server, name: str, digests: list[str],
                 authorization: str) -> None:
    """Downloads each blob once and checks its digest, outside the timed part."""
    repo = repository(name)
    targets = client.targets(("GET", f"/v2/{repo}/blobs/{digest}", 200, 0) for digest in digests)
    report = client.run(server, [Load("verify", {
        "targets": targets, "pick": "once", "verify": "yes", "connections": 4,
        "authorization": authorization})])
    done = report["classes"]["verify"]
    assert done["errors"] == 0 and done["operations"] == len(digests), f"{server.name}: {done}"


def put_many(client: Client, server: Server, rows, bodies: bytes, authorizations: list[str],
             connections: int = 32) -> float:
    """PUTs prepared manifests: rows of (repository, reference, media type, offset, size,
    authorization number). Returns the seconds it took."""
    targets = client.targets(
        ("PUT", f"/v2/{repo}/manifests/{reference}", 201, number, kind, offset, size)
        for repo, reference, kind, offset, size, number in rows)
    values = {"targets": targets, "pick": "once", "connections": connections,
              "bodies": client.file(bodies)}
    if authorizations and authorizations[0]:
        values["authorizations"] = client.file("".join(a + "\n" for a in authorizations))
    report = client.run(server, [Load("prepare", values)])
    done = report["classes"]["prepare"]
    assert done["errors"] == 0, f"{server.name}: {done['errors']} errors {done['bad_statuses']}"
    return report["elapsed"]


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)




