"""One client: does random registry operations on its own repository, and on one that all share.

The worker is the only one to change its own repository, so it knows what every answer must be. It runs
until the server is killed under it, and files the operation it was in as "maybe".
"""

import threading
import time

import content
from model import ABSENT, PRESENT, TagRegister
from registry_client import Cut, Session, Unexpected, finish_path, location_path

CHUNK = 48 << 10
MOST_MANIFESTS = 12
TAG_NAMES = [f"t{n}" for n in range(8)]
SHARED_TAGS = [f"s{n}" for n in range(5)]


class Tally:
    """Counts by name; shared by all threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self.counts = {}

    def add(self, name, count=1):
        with self._lock:
            self.counts[name] = self.counts.get(name, 0) + count


class SharedRepository:
    """A repository whose tags every worker switches and deletes, each with manifests of its own."""

    def __init__(self, name):
        self.name = name
        self.registers = {t: TagRegister() for t in SHARED_TAGS}
        for register in self.registers.values():
            register.settle(None)
        self.manifests = {}  # digest -> Manifest; only ever added to while workers run


class OpenUpload:
    """An upload left open: what was sent so far, to be resumed after the kill."""

    def __init__(self, path, blob, sent):
        self.path = path
        self.blob = blob
        self.sent = sent


class Worker(threading.Thread):
    """See the file's comment. `failures` is appended to; `killed` is set just before the kill."""

    def __init__(self, name, repository, others, shared, common, rng, setting):
        super().__init__(name=name, daemon=True)
        self.repository = repository
        self.others = others            # names of the other workers' repositories, to mount from
        self.shared = shared
        self.common = common
        self.rng = rng
        self.policy = setting.policy
        self.killed = setting.killed
        self.tally = setting.tally
        self.failures = setting.failures
        self.session = Session(setting.port, setting.token)

    def run(self):
        operations = [
            (self.push_image, 30), (self.push_index, 5), (self.push_artifact, 5),
            (self.switch_tag, 14), (self.delete_tag, 8), (self.delete_manifest, 9),
            (self.delete_blob, 6), (self.push_orphan, 7), (self.leave_upload_open, 3),
            (self.cancel_upload, 2), (self.push_bad_digest, 2), (self.read_something, 14),
            (self.push_shared, 10), (self.delete_shared_tag, 3), (self.delete_shared_manifest, 4)]
        names, weights = zip(*operations)
        try:
            while not self.killed.is_set():
                operation = self.rng.choices(names, weights)[0]
                if len(self.repository.live_manifests()) > MOST_MANIFESTS:
                    operation = self.delete_manifest
                operation()
        except Cut as cut:
            if not self.killed.is_set():
                self.fail(f"connection lost while the server should serve: {cut}")
            self.tally.add("cut by the kill")
        except Unexpected as unexpected:
            self.fail(str(unexpected))
        finally:
            self.session.close()

    def fail(self, text):
        self.failures.append(f"{self.repository.name}: {text}")

    def expect(self, reply, statuses, what):
        if reply.status not in statuses:
            raise Unexpected(f"{what}: {reply}")

    # Blobs.

    def some_blob(self):
        if self.rng.random() < 0.35:
            return self.rng.choice(self.common)
        return content.random_blob(self.rng)

    def push_blob(self, blob, repository=None):
        """Pushes one blob in a random way, into the worker's own repository or the shared one."""
        own = repository is None
        name = self.repository.name if own else repository
        sent = time.monotonic()
        try:
            reply = self._push_blob_somehow(name, blob)
        except Cut:
            if own:
                self.repository.blob_push_cut(blob.digest)
            raise
        self.expect(reply, (201,), f"push of blob {blob.digest} to {name}")
        if own:
            # Only the last request of a push promises the blob, but its grace begins no earlier.
            self.repository.blob_pushed(blob.digest, sent)
        self.tally.add("blobs pushed")

    def _push_blob_somehow(self, name, blob):
        kind = self.rng.random()
        if kind < 0.15 and self.others:
            reply = self.session.mount(name, blob.digest, self.rng.choice(self.others))
            self.tally.add("mounts" if reply.status == 201 else "mounts missed")
            if reply.status != 202:
                return reply
            return self.session.request("PUT", finish_path(reply, blob.digest), blob.data,
                                        {"Content-Type": "application/octet-stream"})
        if kind < 0.40:
            return self.session.push_monolithic(name, blob.data, blob.digest, single_post=True)
        if kind < 0.65 or len(blob.data) < 2 * CHUNK:
            return self.session.push_monolithic(name, blob.data, blob.digest)
        chunk = self.rng.choice([CHUNK, 4 * CHUNK, len(blob.data) // 2 + 1])
        return self.session.push_chunked(name, blob.data, blob.digest, chunk,
                                         last_in_put=self.rng.random() < 0.5)

    def push_orphan(self):
        """A blob that nothing will refer to: garbage once its grace is over."""
        self.push_blob(self.some_blob())

    def delete_blob(self):
        used = self.repository.referenced_blobs()
        free = [d for d, e in self.repository.blobs.items()
                if e.maybe_present() and d not in used]
        if not free:
            return
        digest = self.rng.choice(free)
        try:
            reply = self.session.blob(self.repository.name, digest, "DELETE")
        except Cut:
            self.repository.blob_delete_cut(digest)
            raise
        self._expect_deleted(reply, digest not in self.repository.promised_blobs(self.policy),
                             f"delete of blob {digest}")
        self.repository.blob_gone(digest)
        self.tally.add("blobs deleted")

    def _expect_deleted(self, reply, may_be_gone, what):
        self.expect(reply, (202, 404) if may_be_gone else (202,), what)
        if reply.status == 404:
            self.tally.add("already collected")

    def push_bad_digest(self):
        blob = content.random_blob(self.rng)
        wrong = content.Blob(blob.data + b"x")
        self.repository.bad_digests.append(wrong.digest)
        reply = self.session.push_monolithic(self.repository.name, blob.data, wrong.digest)
        self.expect(reply, (400,), "push with a digest that is not the content's")
        self.tally.add("bad digests refused")

    def leave_upload_open(self):
        blob = content.Blob(self.rng.randbytes(self.rng.randint(2 * CHUNK, 6 * CHUNK)))
        reply = self.session.start_upload(self.repository.name)
        self.expect(reply, (202,), "start of an upload")
        upload = OpenUpload(location_path(reply), blob, 0)
        self.repository.uploads.append(upload)
        for _ in range(self.rng.randint(0, 2)):
            piece = blob.data[upload.sent:upload.sent + CHUNK]
            offset = upload.sent
            upload.sent += len(piece)  # Before the request: if it is cut, any part may be there.
            reply = self.session.patch(upload.path, piece, offset)
            self.expect(reply, (202,), "chunk of an upload")
            upload.path = location_path(reply)
        self.tally.add("uploads left open")

    def cancel_upload(self):
        reply = self.session.start_upload(self.repository.name)
        self.expect(reply, (202,), "start of an upload")
        reply = self.session.patch(location_path(reply), self.rng.randbytes(1000), 0)
        self.expect(reply, (202,), "chunk of an upload")
        path = location_path(reply)
        self.expect(self.session.request("DELETE", path), (204,), "cancel of an upload")
        self.expect(self.session.request("GET", path), (404,), "status of a cancelled upload")
        self.tally.add("uploads cancelled")

    # Manifests.

    def put_manifest(self, manifest, tags):
        """Puts by tag, or by digest with `tag=` parameters; False when garbage collection came first."""
        repository = self.repository
        by_tag = len(tags) == 1 and self.rng.random() < 0.7
        sent = time.monotonic()
        try:
            reply = self.session.put_manifest(
                repository.name, tags[0] if by_tag else manifest.digest, manifest.body,
                manifest.media_type, () if by_tag else tags)
        except Cut:
            repository.manifest_push_cut(manifest, tags, sent)
            raise
        if reply.status in (400, 404) and reply.error_code() in (
                "MANIFEST_BLOB_UNKNOWN", "MANIFEST_UNKNOWN", "BLOB_UNKNOWN"):
            self._check_refusal(manifest, reply)
            return False
        self.expect(reply, (201,), f"push of manifest {manifest.digest}")
        repository.manifest_pushed(manifest, tags, sent, self.policy)
        self.tally.add("manifests pushed")
        self.tally.add("tags written", len(tags))
        return True

    def _check_refusal(self, manifest, reply):
        blobs = self.repository.promised_blobs(self.policy)
        manifests = self.repository.promised_manifests(self.policy)
        if blobs.issuperset(manifest.blobs) and manifests.issuperset(manifest.children):
            raise Unexpected(f"manifest {manifest.digest} refused although all it refers to was "
                             f"acknowledged within the grace of {self.policy.grace} s: {reply}")
        self.tally.add("manifests refused after collection")

    def some_tags(self):
        return tuple(self.rng.sample(TAG_NAMES, self.rng.choice([0, 1, 1, 1, 1, 2, 3])))

    def label(self):
        return f"{self.repository.name} {self.rng.getrandbits(64):x}"

    def push_image(self, subject=None):
        blobs = [self.some_blob() for _ in range(self.rng.randint(1, 4))]
        for blob in blobs:
            self.push_blob(blob)
        manifest = content.image(self.label(), blobs[0], blobs[1:], subject)
        tags = () if subject else self.some_tags()
        for _ in range(3):
            if self.put_manifest(manifest, tags):
                return
            for blob in blobs:
                self.push_blob(blob)

    def push_artifact(self):
        subjects = [e.manifest for e in self.repository.live_manifests()]
        if subjects:
            self.push_image(self.rng.choice(subjects))

    def push_index(self):
        tagged = {next(iter(values)) for values in self.repository.tags.values()
                  if len(values) == 1 and None not in values}
        if not tagged:
            return
        chosen = self.rng.sample(sorted(tagged), min(len(tagged), self.rng.randint(1, 3)))
        children = [self.repository.manifests[d].manifest for d in chosen]
        self.put_manifest(content.index(self.label(), children), self.some_tags())

    def switch_tag(self):
        live = self.repository.live_manifests()
        if live:
            self.put_manifest(self.rng.choice(live).manifest, (self.rng.choice(TAG_NAMES),))

    def delete_tag(self):
        repository = self.repository
        set_tags = [t for t, values in repository.tags.items() if values != {None}]
        if not set_tags:
            return
        tag = self.rng.choice(set_tags)
        sent = time.monotonic()
        try:
            reply = self.session.manifest(repository.name, tag, "DELETE")
        except Cut:
            repository.tag_delete_cut(tag, sent)
            raise
        self.expect(reply, (202,), f"delete of tag {tag}")
        repository.tag_deleted(tag, sent)
        self.tally.add("tags deleted")

    def delete_manifest(self):
        repository = self.repository
        kept = repository.referenced_manifests()
        free = [d for d, e in repository.manifests.items()
                if e.maybe_present() and d not in kept]
        if not free:
            return
        digest = self.rng.choice(free)
        sent = time.monotonic()
        try:
            reply = self.session.manifest(repository.name, digest, "DELETE")
        except Cut:
            repository.manifest_delete_cut(digest)
            raise
        promised = digest in repository.promised_manifests(self.policy)
        self._expect_deleted(reply, not promised, f"delete of manifest {digest}")
        if reply.status == 404:
            repository.manifest_gone(digest)
        else:
            repository.manifest_deleted(digest, sent)
            self.tally.add("manifests deleted")

    # Reading one's own writes.

    def read_something(self):
        kind = self.rng.choice(["tag", "manifest", "blob"])
        table = {"tag": self.repository.tags, "manifest": self.repository.manifests,
                 "blob": self.repository.blobs}[kind]
        if table:
            getattr(self, "_read_" + kind)(self.rng.choice(sorted(table)))
            self.tally.add("reads")

    def _read_tag(self, tag):
        reply = self.session.manifest(self.repository.name, tag)
        digest = reply.headers.get("docker-content-digest") if reply.status == 200 else None
        if digest not in self.repository.tag(tag):
            raise Unexpected(f"tag {tag} answers {digest}, not {self.repository.tag(tag)}: {reply}")

    def _read_manifest(self, digest):
        reply = self.session.manifest(self.repository.name, digest)
        entry = self.repository.manifest(digest)
        self._check_read(reply, entry, digest in self.repository.promised_manifests(self.policy),
                         f"manifest {digest}")
        if reply.status == 200 and reply.body != entry.manifest.body:
            raise Unexpected(f"manifest {digest} has other bytes than were pushed")

    def _read_blob(self, digest):
        reply = self.session.blob(self.repository.name, digest)
        self._check_read(reply, self.repository.blob(digest),
                         digest in self.repository.promised_blobs(self.policy), f"blob {digest}")
        if reply.status == 200 and content.digest_of(reply.body) != digest:
            raise Unexpected(f"blob {digest} has other bytes than were pushed")

    def _check_read(self, reply, entry, promised, what):
        self.expect(reply, (200, 404), f"read of {what}")
        observed = PRESENT if reply.status == 200 else ABSENT
        if observed == ABSENT and promised:
            raise Unexpected(f"{what} is missing though acknowledged")
        if observed == PRESENT and entry.states == {ABSENT}:
            raise Unexpected(f"{what} is there though deleted")

    # The shared repository.

    def push_shared(self):
        shared = self.shared
        blobs = [self.some_blob() for _ in range(self.rng.randint(1, 2))]
        manifest = content.image(self.label(), blobs[0], blobs[1:])
        register = shared.registers[tag := self.rng.choice(SHARED_TAGS)]
        for _ in range(3):
            for blob in blobs:
                self.push_blob(blob, shared.name)
            sent = time.monotonic()
            shared.manifests[manifest.digest] = manifest
            try:
                reply = self.session.put_manifest(shared.name, tag, manifest.body,
                                                  manifest.media_type)
            except Cut:
                register.wrote(manifest.digest, sent, None)
                raise
            if reply.status == 201:
                register.wrote(manifest.digest, sent, time.monotonic())
                self.tally.add("shared tags written")
                return
            # Another worker's copy of the blob may have been collected: only then is this right.
            self.expect(reply, (400, 404), "push to the shared repository")

    def delete_shared_tag(self):
        register = self.shared.registers[tag := self.rng.choice(SHARED_TAGS)]
        sent = time.monotonic()
        try:
            reply = self.session.manifest(self.shared.name, tag, "DELETE")
        except Cut:
            register.wrote(None, sent, None)
            raise
        self.expect(reply, (202, 404), f"delete of shared tag {tag}")
        register.wrote(None, sent, time.monotonic())
        self.tally.add("shared tags deleted")

    def delete_shared_manifest(self):
        """Deletes a manifest of its own: a tag that still points at it goes with it."""
        mine = [d for r in self.shared.registers.values() for d, _, answered in list(r.writes)
                if d and answered and self._is_mine(d)]
        if not mine:
            return
        digest = self.rng.choice(mine)
        sent = time.monotonic()
        answered = None
        try:
            reply = self.session.manifest(self.shared.name, digest, "DELETE")
            answered = time.monotonic()
            self.expect(reply, (202, 404), f"delete of shared manifest {digest}")
            self.tally.add("shared manifests deleted")
        finally:
            for register in self.shared.registers.values():
                register.removed(digest, sent, answered)

    def _is_mine(self, digest):
        label = self.repository.name.encode() + b" "
        return label in self.shared.manifests[digest].body
