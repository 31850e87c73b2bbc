"""Large stores for the peers, written straight into their folders.

Pushing 100,000 tags takes zot hours (it rewrites the whole index for each) and distribution
many minutes. Reading them is what is measured, so their on-disk layout is written directly,
before they start; a sample is read back over HTTP afterwards.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from .http import INDEX, digest_of
from .images import write


def _hex(digest: str) -> str:
    return digest.partition(":")[2]


class DistributionStore:
    def __init__(self, data: Path):
        self.root = data / "docker" / "registry" / "v2"

    def _blob(self, content: bytes) -> str:
        digest = digest_of(content)
        name = _hex(digest)
        write(self.root / "blobs" / "sha256" / name[:2] / name / "data", content)
        return digest

    def repository(self, name: str, manifest: bytes, tags: Iterable[str]) -> None:
        digest = self._blob(manifest)
        folder = self.root / "repositories" / name / "_manifests"
        link = digest.encode()
        write(folder / "revisions" / "sha256" / _hex(digest) / "link", link)
        (folder.parent / "_layers").mkdir(exist_ok=True)
        for tag in tags:
            write(folder / "tags" / tag / "current" / "link", link)
            write(folder / "tags" / tag / "index" / "sha256" / _hex(digest) / "link", link)


class ZotStore:
    def __init__(self, data: Path):
        self.root = data

    def _start(self, name: str) -> Path:
        folder = self.root / name
        write(folder / "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        return folder

    def _finish(self, folder: Path, entries: list[dict]) -> None:
        write(folder / "index.json", json.dumps({
            "schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode())

    def repository(self, name: str, manifest: bytes, tags: Iterable[str],
                   media_type: str = INDEX) -> None:
        folder = self._start(name)
        digest = digest_of(manifest)
        write(folder / "blobs" / "sha256" / _hex(digest), manifest)
        self._finish(folder, [{
            "mediaType": media_type, "digest": digest, "size": len(manifest),
            "annotations": {"org.opencontainers.image.ref.name": tag}} for tag in tags])

    def manifests(self, name: str, manifests: Iterable[tuple[bytes, str, str]],
                  blobs: Iterable[bytes]) -> None:
        """A repository of (manifest, media type, tag or nothing) and the blobs they name."""
        folder = self._start(name)
        for blob in blobs:
            write(folder / "blobs" / "sha256" / _hex(digest_of(blob)), blob)
        entries = []
        for content, media_type, tag in manifests:
            digest = digest_of(content)
            write(folder / "blobs" / "sha256" / _hex(digest), content)
            entry = {"mediaType": media_type, "digest": digest, "size": len(content)}
            if tag:
                entry["annotations"] = {"org.opencontainers.image.ref.name": tag}
            entries.append(entry)
        self._finish(folder, entries)
