"""Manifests: every shape pushed, read, listed and deleted; tags; referrers; what is refused."""

import json
import urllib.parse

from checks import require, require_equal
from content import ARTIFACT, DOCKER_IMAGE, IMAGE, INDEX, Content, digest_of
from registry_client import location_path


class Manifests:
    def __init__(self, checks, session, repository):
        self.checks = checks
        self.session = session
        self.repository = repository

    def run(self, shapes):
        for content in shapes:
            with self.checks.check(f"{content.algorithm} manifest: {content.name}"):
                self.round_trip(content)
        self.tags()
        self.errors()

    def path(self, rest):
        return f"/v2/{self.repository}/{rest}"

    def put(self, reference, data, media_type, tags=()):
        return self.session.put_manifest(self.repository, reference, data, media_type, tags)

    def push_blobs(self, content):
        for digest, data in content.blobs.items():
            require_equal("push of a blob", self.session.push_monolithic(self.repository, data, digest).status, 201)

    def is_answered(self, reference, digest, media_type, data):
        """GET and HEAD give the manifest as it was pushed, whatever the client says it accepts."""
        for accept in (media_type, "*/*", "application/vnd.docker.distribution.manifest.v2+json", None):
            headers = {"Accept": accept} if accept else {}
            for method in ("GET", "HEAD"):
                reply = self.session.request(method, self.path(f"manifests/{reference}"), headers=headers)
                require_equal(f"{method} {reference}", reply.status, 200)
                require_equal("Content-Type", reply.headers.get("content-type"), media_type)
                require_equal("Content-Length", reply.headers.get("content-length"), str(len(data)))
                require_equal("Docker-Content-Digest", reply.headers.get("docker-content-digest"), digest)
                require(reply.body == (data if method == "GET" else b""), f"{method} gives other bytes")

    def is_absent(self, reference):
        reply = self.session.manifest(self.repository, reference)
        require_equal(f"GET {reference}", (reply.status, reply.error_code()), (404, "MANIFEST_UNKNOWN"))
        require_equal(f"HEAD {reference}", self.session.manifest(self.repository, reference, "HEAD").status, 404)

    def is_error(self, reply, status, code):
        require_equal("answer", (reply.status, reply.error_code()), (status, code))

    def tag_list(self, query=""):
        reply = self.session.request("GET", self.path("tags/list" + query))
        require_equal("tags/list", reply.status, 200)
        return json.loads(reply.body)["tags"], reply

    def referrers(self, subject, query=""):
        reply = self.session.request("GET", self.path(f"referrers/{subject}{query}"))
        require_equal("referrers", (reply.status, reply.headers.get("content-type")), (200, INDEX))
        document = json.loads(reply.body)
        require_equal("mediaType", (document["mediaType"], document["schemaVersion"]), (INDEX, 2))
        return sorted(document["manifests"], key=lambda entry: entry["digest"]), reply

    def round_trip(self, content):
        self.push_blobs(content)
        subjects = {}
        for subject, entries in content.referrers.items():
            subjects.update({entry["digest"]: subject for entry in entries})
        for digest, media_type, data in content.manifests:
            tags = [tag for tag, named in content.tags.items() if named == digest]
            reply = self.put(digest, data, media_type, tags)
            require_equal("PUT", (reply.status, reply.headers.get("docker-content-digest")), (201, digest))
            require(location_path(reply).endswith(self.path(f"manifests/{digest}")), "Location names something else")
            require_equal("OCI-Subject", reply.headers.get("oci-subject"), subjects.get(digest))
            said = [tag.strip() for tag in reply.headers.get("oci-tag", "").split(",") if tag.strip()]
            require_equal("OCI-Tag", sorted(said), sorted(tags))
        for digest, media_type, data in content.manifests:
            self.is_answered(digest, digest, media_type, data)
            for tag in (tag for tag, named in content.tags.items() if named == digest):
                self.is_answered(tag, digest, media_type, data)
        require_equal("tags", self.tag_list()[0], sorted(content.tags))
        for subject, entries in content.referrers.items():
            self.are_listed(subject, entries)
        self.delete(content)

    def is_refused(self, content):
        """The last manifest refers to a blob that is not there: refused, and nothing is stored."""
        self.push_blobs(content)
        digest, media_type, data = content.manifests[-1]
        self.is_error(self.put(digest, data, media_type), 404, "MANIFEST_BLOB_UNKNOWN")
        self.is_absent(digest)

    def are_listed(self, subject, entries):
        require_equal("referrers", self.referrers(subject)[0], sorted(entries, key=lambda entry: entry["digest"]))
        kinds = {entry["artifactType"] for entry in entries if "artifactType" in entry}
        for kind in kinds:
            found, reply = self.referrers(subject, "?artifactType=" + urllib.parse.quote(kind, safe=""))
            require_equal(f"referrers of type {kind}", [entry["artifactType"] for entry in found],
                          [kind] * sum(entry.get("artifactType") == kind for entry in entries))
            require_equal("OCI-Filters-Applied", reply.headers.get("oci-filters-applied"), "artifactType")

    def delete(self, content):
        for tag, digest in content.tags.items():
            require_equal("DELETE of a tag", self.session.manifest(self.repository, tag, "DELETE").status, 202)
            self.is_absent(tag)
            require_equal("its manifest", self.session.manifest(self.repository, digest, "HEAD").status, 200)
        for digest, _, _ in reversed(content.manifests):
            require_equal("DELETE", self.session.manifest(self.repository, digest, "DELETE").status, 202)
            self.is_absent(digest)
        for subject in content.referrers:
            require_equal("referrers", self.referrers(subject)[0], [])
        for digest in content.blobs:
            require_equal("DELETE of a blob", self.session.blob(self.repository, digest, "DELETE").status, 202)
            require_equal("its HEAD", self.session.blob(self.repository, digest, "HEAD").status, 404)

    def tags(self):
        content = Content("tags")
        content.image("tag")
        digest, media_type, data = content.manifests[0]
        self.push_blobs(content)
        names = ["B", "Z.1", "_under", "a", "a-b", "a.b", "a0", "aa", "v1", "v10", "v1.0", "v2"]
        with self.checks.check("tags: pushed one by one and by parameter name the same manifest"):
            for name in names[:6]:
                require_equal("PUT", self.put(name, data, media_type).status, 201)
            require_equal("PUT", self.put(digest, data, media_type, names[6:]).status, 201)
            for name in names:
                self.is_answered(name, digest, media_type, data)
        with self.checks.check("tags: listed in byte order"):
            require_equal("tags", self.tag_list()[0], sorted(names))
        for size in (1, 5, 11):
            with self.checks.check(f"tags: pages of {size} hold every tag once"):
                self._pages(f"?n={size}", size, sorted(names))
        with self.checks.check("tags: `last` need not be a tag"):
            require_equal("tags", self.tag_list("?last=a1")[0], [name for name in sorted(names) if name > "a1"])
        with self.checks.check("tags: n=0 is an empty page"):
            require_equal("tags", self.tag_list("?n=0")[0], [])
        with self.checks.check("tags: an absurd n is clamped or refused, not obeyed"):
            for value in ("999999999999999999999", "-1", "x"):
                reply = self.session.request("GET", self.path(f"tags/list?n={value}"))
                require(reply.status in (200, 400), f"answered {reply}")
        with self.checks.check("tags: deleting one leaves the others and the manifest"):
            require_equal("DELETE", self.session.manifest(self.repository, "v1", "DELETE").status, 202)
            require_equal("tags", self.tag_list()[0], sorted(set(names) - {"v1"}))
            require_equal("DELETE", self.session.manifest(self.repository, "v1", "DELETE").status, 404)
        with self.checks.check("tags: deleting the manifest deletes its tags"):
            require_equal("DELETE", self.session.manifest(self.repository, digest, "DELETE").status, 202)
            require_equal("tags", self.tag_list()[0], [])

    def _pages(self, query, size, expected):
        found = []
        path = self.path("tags/list" + query)
        while path:
            reply = self.session.request("GET", path)
            page = json.loads(reply.body)["tags"]
            require(len(page) <= size, f"a page of {len(page)}")
            found += page
            link = reply.headers.get("link")
            require(link is None or link.endswith('>; rel="next"'), f"Link: {link}")
            target = urllib.parse.urlsplit(link[1:link.index(">")]) if link else None
            path = f"{target.path}?{target.query}" if target else None
        require_equal("tags", found, expected)

    def errors(self):
        content = Content("errors")
        content.image("tag")
        self.push_blobs(content)
        digest, media_type, data = content.manifests[0]
        wrong = digest_of(b"something else")
        refusals = {
            "a wrong digest": (wrong, data, media_type, 400, "DIGEST_INVALID"),
            "a digest that is none": ("sha256:baddigeststring", data, media_type, 400, None),
            "a tag that is none": ("-tag", data, media_type, 400, None),
            "a tag of 129 characters": ("t" * 129, data, media_type, 400, None),
            "no JSON": ("tag", b"{", media_type, 400, "MANIFEST_INVALID"),
            "JSON with a broken end": ("tag", data + b"}", media_type, 400, "MANIFEST_INVALID"),
            "another media type inside": ("tag", data, INDEX, 400, "MANIFEST_INVALID"),
            "Docker's first schema": ("tag", b'{"schemaVersion":1,"name":"x","tag":"y","fsLayers":[],"history":[]}',
                                      "application/vnd.docker.distribution.manifest.v1+json", 400, "MANIFEST_INVALID"),
            "a size below zero": ("tag", data.replace(b'"size": ', b'"size": -', 1), media_type, 400,
                                  "MANIFEST_INVALID"),
            "more than the limit": ("tag", data + b" " * (5 << 20), media_type, 413, None),
        }
        for name, (reference, body, kind, status, code) in refusals.items():
            with self.checks.check(f"refused: a manifest with {name}"):
                reply = self.put(reference, body, kind)
                require_equal("status", reply.status, status)
                require(reply.error_code() == code if code else reply.error_code(), f"error body: {reply}")
                require(self.session.manifest(self.repository, reference).status in (400, 404), "something was stored")
        with self.checks.check("a manifest that is not there"):
            self.is_absent(digest)
            self.is_absent("missing")
            require(self.session.manifest(self.repository, "sha256:baddigeststring").status in (400, 404), "found")
        with self.checks.check("referrers of what is not there are an empty index"):
            require_equal("referrers", self.referrers(wrong)[0], [])
            require_equal("of type", self.referrers(wrong, f"?artifactType={ARTIFACT}")[0], [])
        with self.checks.check("one bad tag among several changes nothing"):
            reply = self.put(digest, data, media_type, ["good", "-bad"])
            require_equal("status", reply.status, 400)
            self.is_absent("good")
        with self.checks.check("the same bytes under two media types are two answers, the last one"):
            docker = data.replace(IMAGE.encode(), DOCKER_IMAGE.encode())
            require_equal("PUT", self.put("both", data, IMAGE).status, 201)
            require_equal("PUT", self.put("both", docker, DOCKER_IMAGE).status, 201)
            self.is_answered("both", digest_of(docker), DOCKER_IMAGE, docker)
