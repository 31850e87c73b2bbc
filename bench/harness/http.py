"""A small registry client for preparing and checking; never inside a timed part."""

import hashlib
import http.client
import json
import ssl
from urllib.parse import urlsplit

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
# What every client sends with a manifest request; distribution answers 404 without it.
ACCEPT = f"{MANIFEST}, {INDEX}"


def digest_of(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Http:
    """Keep-alive requests to one server. Raises AssertionError on an unexpected status."""

    def __init__(self, port: int, tls: bool = False):
        if tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self.connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=600,
                                                          context=context)
        else:
            self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)

    def call(self, method, path, body=None, headers=None, expect=(200,)):
        """The response and its whole body."""
        try:
            self.connection.request(method, path, body, headers or {})
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.connection.close()
            self.connection.request(method, path, body, headers or {})
            response = self.connection.getresponse()
        content = response.read()
        assert response.status in expect, (
            f"{method} {path}: {response.status} {content[:300]!r}, expected {expect}")
        return response, content

    def push_blob(self, repository: str, content: bytes, authorization: dict) -> str:
        digest = digest_of(content)
        response, _ = self.call("POST", f"/v2/{repository}/blobs/uploads/", b"",
                                authorization, (202,))
        place = urlsplit(response.headers["Location"])
        query = (place.query + "&" if place.query else "") + "digest=" + digest
        self.call("PUT", f"{place.path}?{query}", content,
                  {"Content-Type": "application/octet-stream", **authorization}, (201,))
        return digest

    def put_manifest(self, repository: str, reference: str, content: bytes, authorization: dict,
                     media_type: str = MANIFEST) -> str:
        self.call("PUT", f"/v2/{repository}/manifests/{reference}", content,
                  {"Content-Type": media_type, **authorization}, (201,))
        return digest_of(content)


def image_manifest(config: tuple[str, int], layers: list[tuple[str, int]],
                   annotations: dict | None = None) -> bytes:
    """An OCI image manifest over (digest, size) pairs."""
    def descriptor(kind, pair):
        return {"mediaType": kind, "digest": pair[0], "size": pair[1]}
    manifest = {
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": descriptor("application/vnd.oci.image.config.v1+json", config),
        "layers": [descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer)
                   for layer in layers]}
    if annotations:
        manifest["annotations"] = annotations
    return json.dumps(manifest, indent=2).encode()
