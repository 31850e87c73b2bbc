"""What is neither blob nor manifest: the ping, the challenge, the catalog, methods and paths that are none."""

import json

from checks import require, require_equal
from content import Content
from registry_client import Session


class Surface:
    def __init__(self, checks, port, session, admin, repositories):
        self.checks = checks
        self.port = port
        self.session = session
        self.admin = admin
        self.repositories = repositories

    def run(self):
        nobody = Session(self.port)
        with self.checks.check("ping: signed in"):
            reply = self.session.request("GET", "/v2/")
            require_equal("status", reply.status, 200)
            require_equal("version", reply.headers.get("docker-distribution-api-version"), "registry/2.0")
        with self.checks.check("ping: not signed in, the challenge begins with realm and service"):
            reply = nobody.request("GET", "/v2/")
            require_equal("answer", (reply.status, reply.error_code()), (401, "UNAUTHORIZED"))
            challenge = reply.headers.get("www-authenticate", "")
            require(challenge.startswith('Bearer realm="http://'), challenge)
            require('/token",service="' in challenge and "scope" not in challenge, challenge)
        with self.checks.check("the challenge for a repository names the scope"):
            challenge = nobody.manifest("somebody/something", "v1").headers.get("www-authenticate", "")
            require('scope="repository:somebody/something:pull"' in challenge, challenge)
        with self.checks.check("methods that an endpoint does not have answer 405"):
            repository = self.repositories[0]
            for method, path in (("POST", "manifests/v1"), ("PATCH", "manifests/v1"), ("PUT", "tags/list"),
                                 ("DELETE", "tags/list"), ("PUT", "blobs/sha256:" + "0" * 64),
                                 ("POST", "referrers/sha256:" + "0" * 64)):
                reply = self.session.request(method, f"/v2/{repository}/{path}")
                require_equal(f"{method} {path}", reply.status, 405)
                require(reply.headers.get("allow"), f"{method} {path}: no Allow")
        with self.checks.check("names that are none are refused"):
            for name in ("alice/UPPER", "alice/-x", "alice/a..b", "alice/" + "x" * 300, "alice/x%2f..%2fy"):
                reply = self.session.request("GET", f"/v2/{name}/manifests/v1")
                require(reply.status in (400, 401, 404), f"{name}: answered {reply}")
                reply = self.session.request("POST", f"/v2/{name}/blobs/uploads/")
                require(reply.status in (400, 401, 404), f"{name}: answered {reply}")
        self.catalog()

    def catalog(self):
        content = Content("catalog")
        content.image("v1")
        digest, media_type, data = content.manifests[0]
        for repository in self.repositories:
            for blob, body in content.blobs.items():
                require_equal("push", self.session.push_monolithic(repository, body, blob).status, 201)
            require_equal("push", self.session.put_manifest(repository, "v1", data, media_type).status, 201)
        with self.checks.check("catalog: every repository in byte order, names that begin alike included"):
            found = [name for name in self._repositories("") if name in self.repositories]
            require_equal("repositories", found, sorted(self.repositories))
        with self.checks.check("catalog: pages of one hold every repository once"):
            names, last = [], ""
            while page := self._repositories(f"?n=1&last={last}"):
                require_equal("a page", len(page), 1)
                names += page
                last = page[0]
            require_equal("repositories", names, self._repositories("?n=1000"))
        with self.checks.check("a manifest is in the repositories it was pushed to and in no other"):
            require_equal("status", self.session.manifest(self.repositories[0], digest).status, 200)
            require_equal("status", self.session.manifest(self.repositories[0] + "-other", digest).status, 404)

    def _repositories(self, query):
        reply = self.admin.request("GET", "/v2/_catalog" + query)
        require_equal("catalog", reply.status, 200)
        return json.loads(reply.body)["repositories"]
