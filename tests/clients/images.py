"""Images made without any client, so that every digest is known before the first push.

The same seed makes the same image; every client has seeds of its own, so that what one pushed cannot
stand in for what another failed to push.
"""

import gzip
import io
import json
import pathlib
import random
import tarfile

from harness import digest_of

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

LAYER_BYTES = 200_000


def _encode(document):
    return json.dumps(document, separators=(",", ":")).encode()


def _descriptor(data, media_type):
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data)}


def _layer_tar(name, data):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        info.mode = 0o644
        archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


class Image:
    """One platform's image; `tars` are its layers uncompressed, `blobs` all its blobs by digest."""

    def __init__(self, seed, architecture="amd64", layers=2):
        rng = random.Random(f"{seed}/{architecture}")
        self.architecture = architecture
        self.tars = [_layer_tar(f"{seed}-{architecture}-{n}.bin", rng.randbytes(LAYER_BYTES))
                     for n in range(layers)]
        packed = [gzip.compress(tar, compresslevel=1, mtime=0) for tar in self.tars]
        self.config = _encode({
            "created": "2024-01-02T03:04:05Z", "architecture": architecture, "os": "linux",
            "config": {"Cmd": ["/nothing"], "Labels": {"seed": str(seed)}},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(tar) for tar in self.tars]},
            "history": [{"created": "2024-01-02T03:04:05Z", "created_by": f"layer {n}"}
                        for n in range(layers)]})
        self.layers = [_descriptor(blob, LAYER) for blob in packed]
        self.manifest = _encode({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": _descriptor(self.config, CONFIG), "layers": self.layers})
        self.digest = digest_of(self.manifest)
        self.config_digest = digest_of(self.config)
        self.blobs = {digest_of(blob): blob for blob in [self.config, self.manifest, *packed]}

    def entry(self):
        return _descriptor(self.manifest, MANIFEST)


class Index:
    """A multi-architecture image of amd64 and arm64."""

    def __init__(self, seed):
        self.images = [Image(seed, architecture) for architecture in ("amd64", "arm64")]
        self.body = _encode({
            "schemaVersion": 2, "mediaType": INDEX,
            "manifests": [{**image.entry(), "platform": {"os": "linux", "architecture": image.architecture}}
                          for image in self.images]})
        self.digest = digest_of(self.body)
        self.blobs = {self.digest: self.body}
        for image in self.images:
            self.blobs.update(image.blobs)

    def entry(self):
        return _descriptor(self.body, INDEX)


def write_layout(folder, content, tag="v1"):
    """Writes an Image or Index as an OCI layout with one tag; returns the folder."""
    entry = {**content.entry(), "annotations": {"org.opencontainers.image.ref.name": tag}}
    return _write_layout(folder, content.blobs, _encode(
        {"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}))


def write_index_layout(folder, index):
    """Writes an Index as an OCI layout whose index.json is that index; returns the folder."""
    return _write_layout(folder, index.blobs, index.body)


def _write_layout(folder, contents, top):
    folder = pathlib.Path(folder)
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    for digest, data in contents.items():
        (blobs / digest.split(":")[1]).write_bytes(data)
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (folder / "index.json").write_bytes(top)
    return folder


def write_docker_archive(path, image, reference):
    """Writes an Image in the form that `docker load` reads."""
    names = [f"layer{n}/layer.tar" for n in range(len(image.tars))]
    config = image.config_digest.split(":")[1] + ".json"
    manifest = [{"Config": config, "RepoTags": [reference], "Layers": names}]
    members = [(config, image.config), *zip(names, image.tars), ("manifest.json", _encode(manifest))]
    with tarfile.open(path, "w") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path
