"""Blobs and manifests of every shape the specification knows, in any digest algorithm."""

import base64
import hashlib
import json
import random

IMAGE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
FOREIGN_LAYER = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
EMPTY = "application/vnd.oci.empty.v1+json"
ARTIFACT = "application/vnd.example.artifact"


def digest_of(data, algorithm="sha256"):
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


class Content:
    """What one data set consists of, in the order in which it has to be pushed.

    `blobs` are bytes by digest, `manifests` (digest, media type, bytes) with children first, `tags`
    the digest each tag names, `referrers` the expected entries by subject.
    """

    def __init__(self, name, algorithm="sha256"):
        self.name = name
        self.algorithm = algorithm
        self.random = random.Random(f"{name}/{algorithm}")
        self.blobs = {}
        self.manifests = []
        self.tags = {}
        self.referrers = {}

    def blob(self, data=None, media_type=LAYER, **fields):
        """Adds a blob, random unless given; returns its descriptor."""
        data = self.random.randbytes(1500) if data is None else data
        digest = digest_of(data, self.algorithm)
        self.blobs[digest] = data
        return {"mediaType": media_type, "digest": digest, "size": len(data), **fields}

    def missing(self, media_type=LAYER, **fields):
        """A descriptor of something that is never pushed."""
        data = self.random.randbytes(64)
        return {"mediaType": media_type, "digest": digest_of(data, self.algorithm), "size": 64, **fields}

    def add(self, document, tag=None):
        """Adds a manifest; returns its descriptor."""
        data = json.dumps(document, indent=1).encode()
        digest = digest_of(data, self.algorithm)
        entry = {"mediaType": document["mediaType"], "digest": digest, "size": len(data)}
        self.manifests.append((digest, document["mediaType"], data))
        if tag:
            self.tags[tag] = digest
        if "subject" in document:
            kind = document.get("artifactType") or document.get("config", {}).get("mediaType")
            expected = {**entry, **({"artifactType": kind} if kind else {})}
            if "annotations" in document:
                expected["annotations"] = document["annotations"]
            self.referrers.setdefault(document["subject"]["digest"], []).append(expected)
        return entry

    def image(self, tag=None, layers=None, config=None, media_type=IMAGE, **fields):
        layers = [self.blob(), self.blob()] if layers is None else layers
        config = config or self.blob(json.dumps({"os": "linux", "n": self.random.random()}).encode(), CONFIG)
        return self.add({"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": layers,
                         **fields}, tag)

    def index(self, tag=None, children=None, media_type=INDEX, **fields):
        if children is None:
            children = [{**self.image(), "platform": {"os": "linux", "architecture": architecture}}
                        for architecture in ("amd64", "arm64")]
        return self.add({"schemaVersion": 2, "mediaType": media_type, "manifests": children, **fields}, tag)

    def artifact(self, tag=None, **fields):
        return self.image(tag, layers=[self.blob()], config=self.blob(b"{}", EMPTY), artifactType=ARTIFACT,
                          **fields)


def _subjects(content):
    subject = content.image("subject")
    content.image(subject=subject)
    content.artifact("attached", subject=subject, annotations={"org.example.note": "kept \u00e9"})
    content.image(layers=[content.blob()], config=content.blob(b"{}", EMPTY), subject=subject,
                  artifactType="application/vnd.example.other")


def _index_subjects(content):
    subject = content.index("subject")
    content.index("attached", subject=subject, artifactType=ARTIFACT, annotations={"org.example.note": "x"})


def _nested(content):
    content.index("nested", [content.index(), content.index()])


def _data_field(content):
    config = content.blob(b'{"os":"linux"}', CONFIG)
    content.image("data", config={**config, "data": base64.b64encode(b'{"os":"linux"}').decode()})


SHAPES = {
    "image": lambda c: c.image("v1"),
    "large manifest": lambda c: c.image("v1", annotations={f"note-{n}": "A" * 10_000 for n in range(390)}),
    "Docker image": lambda c: c.image("v1", media_type=DOCKER_IMAGE),
    "index": lambda c: c.index("v1"),
    "Docker manifest list": lambda c: c.index("v1", [c.image(media_type=DOCKER_IMAGE)], DOCKER_INDEX),
    "nested index": _nested,
    "empty index": lambda c: c.index("v1", []),
    "artifact": lambda c: c.artifact("v1"),
    "artifact index": lambda c: c.index("v1", [c.artifact()], artifactType=ARTIFACT),
    "artifact without layers": lambda c: c.image("v1", layers=[c.blob(b"{}", EMPTY)],
                                                 config=c.blob(b"{}", EMPTY), artifactType=ARTIFACT),
    "no layers": lambda c: c.image("v1", layers=[]),
    "subject": _subjects,
    "index with subject": _index_subjects,
    "missing subject": lambda c: c.artifact("v1", subject=c.missing(IMAGE)),
    "data field": _data_field,
    "non-distributable layer": lambda c: c.image("v1", layers=[
        c.missing(FOREIGN_LAYER, urls=["https://store.example.com/layer"]), c.blob()]),
    "unknown fields": lambda c: c.index("v1", [c.image(surprise={"deep": [1, None, "x"]})], surprise="kept"),
    "sparse index": lambda c: c.index("v1", [c.image(), c.missing(IMAGE, platform={
        "os": "linux", "architecture": "arm64"})]),
}


def every_shape():
    """Every data set in both digest algorithms."""
    for algorithm in ("sha256", "sha512"):
        for name, build in SHAPES.items():
            content = Content(name, algorithm)
            build(content)
            yield content


def sparse_image():
    """An image of two layers, one of which is nowhere."""
    content = Content("sparse image")
    content.image("v1", layers=[content.missing(), content.blob()])
    return content
