"""A small registry client: one keep-alive connection, exact about what was answered and what was not.

A request ends in one of two ways: a Reply (the whole answer was read), or Cut (the connection ended
before that, so the operation may or may not have happened). A Session belongs to one thread.
"""

import base64
import hashlib
import http.client
import json
import re
import socket
import struct
import urllib.parse

IMAGE_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
IMAGE_INDEX = "application/vnd.oci.image.index.v1+json"
IMAGE_CONFIG = "application/vnd.oci.image.config.v1+json"
IMAGE_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
ACCEPT = f"{IMAGE_MANIFEST}, {IMAGE_INDEX}"


class Cut(Exception):
    """The connection ended before the whole answer was there."""


class Unexpected(Exception):
    """An answer that the protocol does not allow here."""


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Reply:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def error_code(self):
        """The first code of the specification's error body, or ''."""
        try:
            return json.loads(self.body)["errors"][0]["code"]
        except (ValueError, KeyError, IndexError, TypeError):
            return ""

    def __str__(self):
        return f"{self.status} {self.body[:200]!r}"


class Session:
    def __init__(self, port, token=None, timeout=30.0):
        self.port = port
        self.token = token
        self.timeout = timeout
        self._connection = None

    def close(self):
        if self._connection:
            self._connection.close()
            self._connection = None

    def abort(self):
        """Ends the connection with a reset, as a client that lost its network does."""
        if self._connection and self._connection.sock:
            self._connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                             struct.pack("ii", 1, 0))
        self.close()

    def open(self):
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                          timeout=self.timeout)
            self._connection.connect()
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._connection

    def _headers(self, headers):
        all_headers = dict(headers or {})
        if self.token and "Authorization" not in all_headers:
            all_headers["Authorization"] = "Bearer " + self.token
        return all_headers

    def request(self, method, path, body=None, headers=None):
        """Sends one request and reads the whole answer. Raises Cut."""
        try:
            connection = self.open()
            all_headers = self._headers(headers)
            if body is None and method in ("POST", "PUT", "PATCH"):
                body = b""
            try:
                connection.request(method, path, body=body, headers=all_headers)
                answer = connection.getresponse()
            except (BrokenPipeError, ConnectionResetError):
                # The server may refuse a body early: its answer counts then.
                answer = http.client.HTTPResponse(connection.sock, method=method)
                answer.begin()
            data = answer.read()
        except (OSError, http.client.HTTPException, AttributeError) as error:
            self.close()
            raise Cut(f"{method} {path}: {error!r}") from error
        reply = Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, data)
        if answer.will_close:
            self.close()
        return reply

    def send_part(self, method, path, body, declared, headers=None):
        """Sends a head that declares more bytes than are sent, and no more. Raises Cut."""
        try:
            connection = self.open()
            connection.putrequest(method, path)
            for name, value in {**self._headers(headers), "Content-Length": str(declared)}.items():
                connection.putheader(name, value)
            connection.endheaders()
            connection.sock.sendall(body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Cut(f"{method} {path}: {error!r}") from error

    def read_part(self, path, count, headers=None):
        """Starts a GET and reads `count` bytes of its body; the rest stays unread. Raises Cut."""
        try:
            connection = self.open()
            connection.request("GET", path, headers=self._headers(headers))
            answer = connection.getresponse()
            return answer.status, answer.read(count)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Cut(f"GET {path}: {error!r}") from error

    # Registry operations. Each returns the deciding Reply; statuses are left to the caller.

    def blob(self, repository, digest, method="GET", headers=None):
        return self.request(method, f"/v2/{repository}/blobs/{digest}", headers=headers)

    def manifest(self, repository, reference, method="GET"):
        return self.request(method, f"/v2/{repository}/manifests/{reference}",
                            headers={"Accept": ACCEPT})

    def put_manifest(self, repository, reference, body, media_type, tags=()):
        query = "?" + urllib.parse.urlencode([("tag", t) for t in tags]) if tags else ""
        return self.request("PUT", f"/v2/{repository}/manifests/{reference}{query}", body,
                            {"Content-Type": media_type})

    def push_monolithic(self, repository, data, digest, single_post=False):
        octets = {"Content-Type": "application/octet-stream"}
        if single_post:
            reply = self.request("POST", f"/v2/{repository}/blobs/uploads/?digest={digest}", data,
                                 octets)
            if reply.status != 202:
                return reply
        else:
            reply = self.start_upload(repository)
            if reply.status != 202:
                return reply
        return self.request("PUT", finish_path(reply, digest), data, octets)

    def push_chunked(self, repository, data, digest, chunk, last_in_put=False):
        """Pushes in chunks of `chunk` bytes, each with its Content-Range."""
        reply = self.start_upload(repository)
        offset = 0
        while reply.status == 202 and offset < len(data):
            piece = data[offset:offset + chunk]
            if last_in_put and offset + len(piece) == len(data):
                break
            reply = self.patch(location_path(reply), piece, offset)
            offset += len(piece)
        if reply.status != 202:
            return reply
        rest = data[offset:]
        headers = {"Content-Type": "application/octet-stream"}
        if rest:
            headers["Content-Range"] = f"{offset}-{len(data) - 1}"
        return self.request("PUT", finish_path(reply, digest), rest, headers)

    def start_upload(self, repository):
        return self.request("POST", f"/v2/{repository}/blobs/uploads/")

    def patch(self, path, piece, offset):
        return self.request("PATCH", path, piece, {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"{offset}-{offset + len(piece) - 1}"})

    def mount(self, repository, digest, source):
        query = urllib.parse.urlencode({"mount": digest, "from": source})
        return self.request("POST", f"/v2/{repository}/blobs/uploads/?{query}")


def location_path(reply):
    location = reply.headers.get("location")
    if not location:
        raise Unexpected(f"no Location in the answer {reply}")
    parts = urllib.parse.urlsplit(location)
    return parts.path + ("?" + parts.query if parts.query else "")


def finish_path(reply, digest):
    path = location_path(reply)
    return path + ("&" if "?" in path else "?") + "digest=" + urllib.parse.quote(digest, safe=":")


def range_end(reply):
    """The number of bytes an upload's Range header says are there.

    An upload without bytes is told as `0-0` by many servers, just as one of a single byte: callers
    never send a single byte, so it counts as none.
    """
    match = re.fullmatch(r"(?:bytes=)?0-(\d+)", reply.headers.get("range", ""))
    last = int(match.group(1)) if match else 0
    return last + 1 if last else 0


def fetch_token(port, user, password, scopes, timeout=30.0):
    """A bearer token of the server's own token service for all `scopes`. Raises Cut, Unexpected."""
    session = Session(port, timeout=timeout)
    try:
        challenge = session.request("GET", "/v2/").headers.get("www-authenticate", "")
        service = re.search(r'service="([^"]*)"', challenge)
        query = urllib.parse.urlencode(
            [("service", service.group(1) if service else "")] + [("scope", s) for s in scopes])
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        reply = session.request("GET", "/token?" + query,
                                headers={"Authorization": "Basic " + basic})
    finally:
        session.close()
    if reply.status != 200:
        raise Unexpected(f"no token: {reply}")
    return json.loads(reply.body)["token"]
