"""Blobs: every way to push one, ranges, mounts, cancelled and confused uploads, deletion."""

import random
import time

from checks import require, require_equal
from content import digest_of
from registry_client import finish_path, location_path

OCTETS = {"Content-Type": "application/octet-stream"}
UPLOADS = "/v2/{}/blobs/uploads/"
MIB = 1 << 20


class Blobs:
    def __init__(self, checks, session, repository, other, algorithm):
        self.checks = checks
        self.session = session
        self.repository = repository
        self.other = other
        self.algorithm = algorithm
        self.random = random.Random(algorithm)

    def check(self, name):
        return self.checks.check(f"{self.algorithm} blob: {name}")

    def fresh(self, size=3000):
        data = self.random.randbytes(size)
        return data, digest_of(data, self.algorithm)

    # Requests.

    def start(self, query="", body=None):
        return self.session.request("POST", UPLOADS.format(self.repository) + query, body, OCTETS)

    def patch(self, reply, piece, offset=None):
        headers = dict(OCTETS)
        if offset is not None:
            headers["Content-Range"] = f"{offset}-{offset + len(piece) - 1}"
        return self.session.request("PATCH", location_path(reply), piece, headers)

    def finish(self, reply, digest, piece=b"", offset=None):
        headers = dict(OCTETS)
        if offset is not None:
            headers["Content-Range"] = f"{offset}-{offset + len(piece) - 1}"
        return self.session.request("PUT", finish_path(reply, digest), piece, headers)

    def pushed(self, data, digest):
        """Pushes as simply as possible, for checks about something else."""
        require_equal("push", self.finish(self.start(), digest, data).status, 201)

    # What must hold.

    def is_stored(self, reply, data, digest):
        """`reply` ended an upload well, and the blob is there, byte for byte."""
        require_equal("status", reply.status, 201)
        require_equal("Docker-Content-Digest", reply.headers.get("docker-content-digest"), digest)
        path = location_path(reply)
        require(path.endswith(f"/v2/{self.repository}/blobs/{digest}"), f"Location is {path}")
        got = self.session.request("GET", path)
        require_equal("GET", got.status, 200)
        require(got.body == data, "GET gives other bytes")
        require_equal("Docker-Content-Digest", got.headers.get("docker-content-digest"), digest)
        head = self.session.blob(self.repository, digest, "HEAD")
        require_equal("HEAD", head.status, 200)
        require_equal("Content-Length", head.headers.get("content-length"), str(len(data)))
        require_equal("Docker-Content-Digest", head.headers.get("docker-content-digest"), digest)

    def is_absent(self, digest, repository=None):
        reply = self.session.blob(repository or self.repository, digest)
        require_equal("GET", (reply.status, reply.error_code()), (404, "BLOB_UNKNOWN"))
        require_equal("HEAD", self.session.blob(repository or self.repository, digest, "HEAD").status, 404)

    def is_error(self, reply, status, code):
        require_equal("answer", (reply.status, reply.error_code()), (status, code))

    def upload_is(self, reply, size):
        """An upload's answer tells how much has arrived and where to go on."""
        require_equal("Range", reply.headers.get("range"), f"0-{size - 1}")
        location_path(reply)

    # Checks.

    def run(self):
        with self.check("one that is not there"):
            self.is_absent(self.fresh()[1])
        self.pushes()
        self.out_of_order()
        self.uploads()
        self.bad_digests()
        self.mounts()
        self.ranges()
        self.deletion()

    def pushes(self):
        with self.check("POST and PUT"):
            data, digest = self.fresh()
            self.is_stored(self.finish(self.start(), digest, data), data, digest)
        with self.check("POST alone"):
            data, digest = self.fresh()
            self.is_stored(self.start(f"?digest={digest}", data), data, digest)
        with self.check("POST with digest-algorithm, then PUT"):
            data, digest = self.fresh()
            self.is_stored(self.finish(self.start(f"?digest-algorithm={self.algorithm}"), digest, data), data, digest)
        with self.check("PATCH as a stream without a length"):
            data, digest = self.fresh(50_000)
            reply = self.session.request("PATCH", location_path(self.start()),
                                         (data[n:n + 7000] for n in range(0, len(data), 7000)), OCTETS)
            require_equal("PATCH", reply.status, 202)
            self.is_stored(self.finish(reply, digest), data, digest)
        with self.check("PATCH in chunks"):
            data, digest = self.fresh()
            reply = self.start()
            for offset in range(0, 3000, 1000):
                reply = self.patch(reply, data[offset:offset + 1000], offset)
                require_equal("PATCH", reply.status, 202)
                self.upload_is(reply, offset + 1000)
            self.is_stored(self.finish(reply, digest), data, digest)
        with self.check("PATCH in chunks, the last one in the PUT"):
            data, digest = self.fresh()
            reply = self.patch(self.start(), data[:2000], 0)
            self.is_stored(self.finish(reply, digest, data[2000:], 2000), data, digest)
        with self.check("no bytes at all"):
            digest = digest_of(b"", self.algorithm)
            self.is_stored(self.finish(self.start(), digest), b"", digest)
        with self.check("several MiB in one PUT"):
            data, digest = self.fresh(5 * MIB + 4097)
            self.is_stored(self.finish(self.start(), digest, data), data, digest)
        with self.check("several MiB as a stream without a length"):
            data, digest = self.fresh(3 * MIB + 1)
            reply = self.session.request("PATCH", location_path(self.start()),
                                         (data[n:n + 100_003] for n in range(0, len(data), 100_003)), OCTETS)
            require_equal("PATCH", reply.status, 202)
            self.upload_is(reply, len(data))
            self.is_stored(self.finish(reply, digest), data, digest)
        with self.check("large chunks of odd sizes"):
            data, digest = self.fresh(4 * MIB)
            reply, at = self.start(f"?digest-algorithm={self.algorithm}"), 0
            for size in (MIB + 1, 1, 700_000, 2 * MIB - 5):
                reply = self.patch(reply, data[at:at + size], at)
                require_equal("PATCH", reply.status, 202)
                at += size
            self.is_stored(self.finish(reply, digest, data[at:], at), data, digest)
        with self.check("the same again"):
            data, digest = self.fresh()
            self.pushed(data, digest)
            self.is_stored(self.finish(self.start(), digest, data), data, digest)

    def out_of_order(self):
        with self.check("a chunk too far answers 416, and the upload goes on"):
            data, digest = self.fresh()
            reply = self.patch(self.start(), data[:1000], 0)
            self._refused_chunk(self.patch(reply, data[2000:], 2000), 1000)
            reply = self.patch(reply, data[1000:2000], 1000)
            self._refused_chunk(self.finish(reply, digest, data[:1000], 0), 2000)
            self.is_stored(self.finish(reply, digest, data[2000:], 2000), data, digest)
        with self.check("a first chunk that does not begin at 0 answers 416, and the upload goes on"):
            data, digest = self.fresh()
            reply = self.start()
            require_equal("PATCH", self.patch(reply, data[1000:], 1000).status, 416)
            reply = self.patch(reply, data, 0)
            self.is_stored(self.finish(reply, digest), data, digest)
        with self.check("a chunk whose length is not its range's is refused, and changes nothing"):
            data, digest = self.fresh()
            upload = self.start()
            reply = self.session.request("PATCH", location_path(upload), data[:500],
                                         {**OCTETS, "Content-Range": "0-999"})
            require(reply.status in (400, 416), f"answered {reply}")
            self.is_stored(self.finish(self.patch(upload, data, 0), digest), data, digest)

    def _refused_chunk(self, reply, size):
        require_equal("status", reply.status, 416)
        self.upload_is(reply, size)
        status = self.session.request("GET", location_path(reply))
        require_equal("GET of the upload", status.status, 204)
        self.upload_is(status, size)

    def uploads(self):
        with self.check("the status of an upload"):
            data, _ = self.fresh()
            reply = self.session.request("GET", location_path(self.patch(self.start(), data)))
            require_equal("status", reply.status, 204)
            self.upload_is(reply, len(data))
        with self.check("a cancelled upload is gone"):
            upload = self.patch(self.start(), self.fresh()[0])
            require_equal("DELETE", self.session.request("DELETE", location_path(upload)).status, 204)
            for method in ("GET", "PATCH", "DELETE"):
                self.is_error(self.session.request(method, location_path(upload), b"" if method == "PATCH" else None),
                              404, "BLOB_UPLOAD_UNKNOWN")
        with self.check("a finished upload is gone"):
            data, digest = self.fresh()
            upload = self.start()
            self.is_stored(self.finish(upload, digest, data), data, digest)
            self.is_error(self.session.request("GET", location_path(upload)), 404, "BLOB_UPLOAD_UNKNOWN")
        with self.check("a large chunk cut off in the middle is kept as far as it came, and the upload goes on"):
            data, digest = self.fresh(4 * MIB + 3)
            upload = self.start()
            self._cut_off(upload, data, 2 * MIB + 12_345)
            reply = self.patch(upload, data[2 * MIB + 12_345:], 2 * MIB + 12_345)
            require_equal("PATCH", reply.status, 202)
            self.is_stored(self.finish(reply, digest), data, digest)
        with self.check("an upload belongs to its repository"):
            self.session.push_monolithic(self.other, *self.fresh())
            path = location_path(self.start()).replace(f"/{self.repository}/", f"/{self.other}/", 1)
            self.is_error(self.session.request("GET", path), 404, "BLOB_UPLOAD_UNKNOWN")
        with self.check("PUT without a digest is refused"):
            reply = self.session.request("PUT", location_path(self.start()), b"x", OCTETS)
            self.is_error(reply, 400, "DIGEST_INVALID")

    def _cut_off(self, upload, data, size):
        """Begins a chunk of all the data, and hangs up after `size` bytes; waits until they are there."""
        self.session.send_part("PATCH", location_path(upload), data[:size], len(data), OCTETS)
        self.session.close()
        end = time.monotonic() + 30
        while time.monotonic() < end:
            status = self.session.request("GET", location_path(upload))
            require_equal("GET of the upload", status.status, 204)
            if status.headers.get("range") == f"0-{size - 1}":
                return
            time.sleep(0.02)
        require(False, f"the upload stays at {status.headers.get('range')}")

    def bad_digests(self):
        _, wrong = self.fresh()
        data, _ = self.fresh()
        with self.check("a wrong digest in the POST is refused"):
            self.is_error(self.start(f"?digest={wrong}", data), 400, "DIGEST_INVALID")
            self.is_absent(wrong)
        with self.check("a wrong digest in the PUT is refused"):
            self.is_error(self.finish(self.start(), wrong, data), 400, "DIGEST_INVALID")
            self.is_absent(wrong)
        with self.check("a wrong digest after a stream is refused"):
            self.is_error(self.finish(self.patch(self.start(), data), wrong), 400, "DIGEST_INVALID")
            self.is_absent(wrong)
        with self.check("a wrong digest after chunks is refused"):
            reply = self.patch(self.start(), data[:1500], 0)
            self.is_error(self.finish(reply, wrong, data[1500:], 1500), 400, "DIGEST_INVALID")
            self.is_absent(wrong)
        for name in ("md5:" + "0" * 32, self.algorithm + ":short", self.algorithm + ":" + "G" * 64, "nonsense"):
            with self.check(f"the digest {name[:20]} is refused"):
                self.is_error(self.finish(self.start(), name, data), 400, "DIGEST_INVALID")
                require(self.session.blob(self.repository, name).status in (400, 404), "GET finds something")

    def mounts(self):
        for query in ("&from={}", ""):
            with self.check("mount" if query else "anonymous mount"):
                data, digest = self.fresh()
                self.session.push_monolithic(self.other, data, digest)
                self.is_absent(digest)
                self.is_stored(self.start(f"?mount={digest}" + query.format(self.other)), data, digest)
        with self.check("mount of what is not there starts an upload"):
            data, digest = self.fresh()
            reply = self.start(f"?mount={digest}&from={self.other}")
            require_equal("status", reply.status, 202)
            self.is_stored(self.finish(reply, digest, data), data, digest)
        with self.check("mount from a repository that does not hold it starts an upload"):
            data, digest = self.fresh()
            self.pushed(data, digest)
            reply = self.session.request(
                "POST", UPLOADS.format(self.other) + f"?mount={digest}&from={self.repository}-of-nobody")
            require_equal("status", reply.status, 202)

    def ranges(self):
        data, digest = self.fresh(2048)
        self.pushed(data, digest)
        for asked, first, last in (("500-1499", 500, 1499), ("500-", 500, 2047), ("-500", 1548, 2047),
                                   ("2000-5000", 2000, 2047), ("0-0", 0, 0), ("-5000", 0, 2047)):
            with self.check(f"range {asked}"):
                reply = self.session.blob(self.repository, digest, headers={"Range": f"bytes={asked}"})
                require_equal("status", reply.status, 206)
                require_equal("Content-Range", reply.headers.get("content-range"), f"bytes {first}-{last}/2048")
                require_equal("Content-Length", reply.headers.get("content-length"), str(last - first + 1))
                require(reply.body == data[first:last + 1], "other bytes")
        for asked in ("500-0", "5000-10000", "2048-", "-0"):
            with self.check(f"range {asked} answers 416"):
                reply = self.session.blob(self.repository, digest, headers={"Range": f"bytes={asked}"})
                require_equal("status", reply.status, 416)

    def deletion(self):
        with self.check("deleted, it is gone at once, and stays elsewhere"):
            data, digest = self.fresh()
            self.pushed(data, digest)
            self.session.mount(self.other, digest, self.repository)
            reply = self.session.blob(self.repository, digest, "DELETE")
            require_equal("DELETE", reply.status, 202)
            self.is_absent(digest)
            require(self.session.blob(self.other, digest).body == data, "the other repository lost it")
        with self.check("DELETE of what is not there"):
            self.is_error(self.session.blob(self.repository, self.fresh()[1], "DELETE"), 404, "BLOB_UNKNOWN")
