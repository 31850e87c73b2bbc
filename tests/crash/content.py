"""Blobs and manifests made from a seeded random generator: the same seed makes the same bytes."""

import json

from registry_client import (IMAGE_CONFIG, IMAGE_INDEX, IMAGE_LAYER, IMAGE_MANIFEST, digest_of)


class Blob:
    def __init__(self, data):
        self.data = data
        self.digest = digest_of(data)


class Manifest:
    """A manifest's exact bytes and what it refers to."""

    def __init__(self, body, media_type, blobs=(), children=(), subject=None):
        self.body = body
        self.media_type = media_type
        self.digest = digest_of(body)
        self.blobs = tuple(blobs)
        self.children = tuple(children)
        self.subject = subject


def random_size(rng):
    kind = rng.random()
    if kind < 0.30:
        return rng.randint(2, 1024)
    if kind < 0.80:
        return rng.randint(1024, 64 << 10)
    if kind < 0.96:
        return rng.randint(64 << 10, 512 << 10)
    return rng.randint(1 << 20, 3 << 20)


def random_blob(rng):
    return Blob(rng.randbytes(random_size(rng)))


def common_blobs(seed_rng, count):
    """Contents that every repository pushes, deletes and pushes again: one digest, many owners."""
    return [random_blob(seed_rng) for _ in range(count)]


def _descriptor(digest, size, media_type):
    return {"mediaType": media_type, "digest": digest, "size": size}


def image(label, config, layers, subject=None):
    """An image manifest; `label` makes its bytes unique. `subject` is a Manifest or None."""
    document = {
        "schemaVersion": 2,
        "mediaType": IMAGE_MANIFEST,
        "config": _descriptor(config.digest, len(config.data), IMAGE_CONFIG),
        "layers": [_descriptor(b.digest, len(b.data), IMAGE_LAYER) for b in layers],
        "annotations": {"test.label": label},
    }
    if subject:
        document["artifactType"] = "application/vnd.test.artifact"
        document["subject"] = _descriptor(subject.digest, len(subject.body), subject.media_type)
    body = json.dumps(document).encode()
    return Manifest(body, IMAGE_MANIFEST, [config.digest, *(b.digest for b in layers)],
                    subject=subject.digest if subject else None)


def index(label, manifests):
    document = {
        "schemaVersion": 2,
        "mediaType": IMAGE_INDEX,
        "manifests": [_descriptor(m.digest, len(m.body), m.media_type) for m in manifests],
        "annotations": {"test.label": label},
    }
    return Manifest(json.dumps(document).encode(), IMAGE_INDEX,
                    children=[m.digest for m in manifests])
