"""Compares what a restarted server holds with what the model says it may hold, and settles the model.

Runs while no worker runs, but garbage collection goes on: things may vanish in between, nothing may
appear. What others refer to is therefore read first, and what refers to it afterwards.
"""

import json
import time

from model import ABSENT, PRESENT
from registry_client import digest_of, finish_path, location_path, range_end

MOST_ABSENT_CHECKS = 25


class Verifier:
    """Checks one repository after the other; problems are appended to `failures`."""

    def __init__(self, session, policy, failures, tally, rng):
        self.session = session
        self.policy = policy
        self.failures = failures
        self.tally = tally
        self.rng = rng

    def fail(self, repository, text):
        self.failures.append(f"{repository.name}: after the restart: {text}")

    def check(self, repository):
        blobs = self._read_blobs(repository)
        manifests = self._read_manifests(repository)
        tags = self._read_tags(repository)
        self._check_whole(repository, blobs, manifests, tags)
        self._check_pending(repository, manifests, tags)
        self._check_tag_list(repository, tags)
        self._check_referrers(repository, manifests)
        self._settle(repository, blobs, manifests, tags)
        self._resume_uploads(repository)
        repository.forget(keep_absent=60)

    # Reading: each returns what was observed, and reports what cannot be.

    def _chosen(self, table):
        """All keys that may be there, and some that must not be."""
        alive = [d for d, e in table.items() if e.maybe_present()]
        gone = [d for d, e in table.items() if not e.maybe_present()]
        return alive + self.rng.sample(gone, min(len(gone), MOST_ABSENT_CHECKS))

    def _judge(self, repository, kind, digest, entry, observed, promised):
        if observed == PRESENT and not entry.maybe_present():
            self.fail(repository, f"{kind} {digest} is there though deleted")
        if observed == ABSENT and promised:
            self.fail(repository, f"{kind} {digest} is missing though acknowledged")
        if observed == ABSENT and entry.surely_present():
            self.tally.add(f"{kind}s collected")

    def _read_blobs(self, repository):
        observed = {}
        for digest in self._chosen(repository.blobs):
            reply = self.session.blob(repository.name, digest)
            observed[digest] = self._presence(repository, f"blob {digest}", reply)
            promised = digest in repository.promised_blobs(self.policy)
            self._judge(repository, "blob", digest, repository.blobs[digest], observed[digest],
                        promised)
            if reply.status == 200 and digest_of(reply.body) != digest:
                self.fail(repository, f"blob {digest} is not byte-identical "
                                      f"({len(reply.body)} bytes)")
        for digest in repository.bad_digests[-20:]:
            if self.session.blob(repository.name, digest, "HEAD").status != 404:
                self.fail(repository, f"blob {digest} is there, whose push was refused")
        return observed

    def _read_manifests(self, repository):
        observed = {}
        for digest in self._chosen(repository.manifests):
            reply = self.session.manifest(repository.name, digest)
            observed[digest] = self._presence(repository, f"manifest {digest}", reply)
            entry = repository.manifests[digest]
            promised = digest in repository.promised_manifests(self.policy)
            self._judge(repository, "manifest", digest, entry, observed[digest], promised)
            if reply.status == 200 and reply.body != entry.manifest.body:
                self.fail(repository, f"manifest {digest} is not byte-identical")
        return observed

    def _presence(self, repository, what, reply):
        if reply.status not in (200, 404):
            self.fail(repository, f"{what}: {reply}")
        return PRESENT if reply.status == 200 else ABSENT

    def _read_tags(self, repository):
        observed = {}
        for tag, possible in repository.tags.items():
            reply = self.session.manifest(repository.name, tag)
            digest = reply.headers.get("docker-content-digest") if reply.status == 200 else None
            if reply.status not in (200, 404):
                self.fail(repository, f"tag {tag}: {reply}")
            elif digest not in possible:
                self.fail(repository, f"tag {tag} is {digest}, but can only be one of {possible}")
            if digest and digest_of(reply.body) != digest:
                self.fail(repository, f"tag {tag} answers other bytes than those of {digest}")
            observed[tag] = digest
        return observed

    # Nothing half there.

    def _check_whole(self, repository, blobs, manifests, tags):
        for digest, state in manifests.items():
            if state == ABSENT:
                continue
            manifest = repository.manifests[digest].manifest
            for blob in manifest.blobs:
                if blobs.get(blob) != PRESENT:
                    self.fail(repository, f"manifest {digest} is there without its blob {blob}")
            for child in manifest.children:
                if manifests.get(child) != PRESENT:
                    self.fail(repository, f"index {digest} is there without its child {child}")
        for tag, digest in tags.items():
            if digest and manifests.get(digest) != PRESENT:
                self.fail(repository, f"tag {tag} is there without its manifest {digest}")

    def _check_pending(self, repository, manifests, tags):
        for operation in repository.pending:
            observed = {(kind, name): manifests.get(name, ABSENT) if kind == "manifest"
                        else tags.get(name) for kind, name in operation.after}
            if self._is_state(observed, operation.after):
                self.tally.add("cut operations that happened")
            elif self._is_state(observed, operation.before):
                self.tally.add("cut operations that did not happen")
            else:
                self.fail(repository, f"half done: {operation.what}: before {operation.before}, "
                                      f"now {observed}")
        repository.pending = []

    def _is_state(self, observed, state):
        """True when all keys are as in `state`, less an untagged manifest that was collected since."""
        return all(observed[key] == value or
                   (self.policy.untagged and key[0] == "manifest" and observed[key] == ABSENT)
                   for key, value in state.items())

    def _check_tag_list(self, repository, tags):
        reply = self.session.request("GET", f"/v2/{repository.name}/tags/list?n=1000")
        if reply.status == 404 and not any(tags.values()):
            return  # Nothing was ever pushed.
        if reply.status != 200:
            self.fail(repository, f"tags list: {reply}")
            return
        listed = json.loads(reply.body)["tags"] or []
        expected = sorted(t for t, digest in tags.items() if digest)
        if sorted(listed) != expected:
            self.fail(repository, f"tags list is {listed}, but {expected} resolve")

    def _check_referrers(self, repository, manifests):
        """Each referrer that is there is listed with its subject, and none that is not."""
        subjects = {}
        for digest, state in manifests.items():
            subject = repository.manifests[digest].manifest.subject
            if subject:
                subjects.setdefault(subject, {})[digest] = state
        for subject, referrers in subjects.items():
            reply = self.session.request("GET", f"/v2/{repository.name}/referrers/{subject}")
            if reply.status != 200:
                self.fail(repository, f"referrers of {subject}: {reply}")
                continue
            listed = {m["digest"] for m in json.loads(reply.body)["manifests"]}
            for digest, state in referrers.items():
                if state == ABSENT and digest in listed:
                    self.fail(repository, f"referrer {digest} is listed, but not there")
                promised = digest in repository.promised_manifests(self.policy)
                if state == PRESENT and digest not in listed and promised:
                    self.fail(repository, f"referrer {digest} is there, but not listed")

    def _settle(self, repository, blobs, manifests, tags):
        for table, observed in ((repository.blobs, blobs), (repository.manifests, manifests)):
            for digest, state in observed.items():
                table[digest].states = {state}
        for tag, digest in tags.items():
            repository.tags[tag] = {digest}

    # Uploads that were open when the server was killed.

    def _resume_uploads(self, repository):
        """An upload may be lost with the kill; if it is there, what it says it holds must be so."""
        uploads, repository.uploads = repository.uploads, []
        for upload in uploads:
            status = self.session.request("GET", upload.path)
            if status.status == 404:
                self.tally.add("open uploads lost")
                continue
            if status.status != 204:
                self.fail(repository, f"status of an upload: {status}")
                continue
            self._finish_upload(repository, upload, status)

    def _finish_upload(self, repository, upload, status):
        offset = range_end(status)
        if offset > upload.sent:
            self.fail(repository, f"upload has {offset} bytes, but {upload.sent} were sent")
            return
        path = location_path(status) if "location" in status.headers else upload.path
        sent = time.monotonic()
        reply = self.session.patch(path, upload.blob.data[offset:], offset)
        if reply.status == 202:
            reply = self.session.request("PUT", finish_path(reply, upload.blob.digest))
        if reply.status != 201:
            self.fail(repository, f"upload resumed at {offset} of {len(upload.blob.data)}: {reply}")
            return
        repository.blob_pushed(upload.blob.digest, sent)
        self.tally.add("open uploads resumed")


def check_shared(verifier, shared):
    """Every shared tag has one of the values its last writes left, whole and readable."""
    for tag, register in shared.registers.items():
        possible = register.possible()
        reply = verifier.session.manifest(shared.name, tag)
        digest = reply.headers.get("docker-content-digest") if reply.status == 200 else None
        if reply.status not in (200, 404):
            verifier.fail(shared, f"tag {tag}: {reply}")
        elif digest not in possible:
            verifier.fail(shared, f"tag {tag} is {digest}, but can only be one of {possible}")
        register.settle(digest)
        if digest not in shared.manifests:
            continue
        manifest = shared.manifests[digest]
        if reply.body != manifest.body:
            verifier.fail(shared, f"tag {tag}: manifest {digest} is not byte-identical")
        for blob in manifest.blobs:
            content = verifier.session.blob(shared.name, blob)
            if content.status != 200 or digest_of(content.body) != blob:
                verifier.fail(shared, f"tag {tag}: blob {blob} is not there or not right: "
                                      f"status {content.status}")
    kept = {v for r in shared.registers.values() for v, _, _ in r.writes}
    shared.manifests = {d: m for d, m in shared.manifests.items() if d in kept}
