"""What a repository may hold, given what was asked of it and what was answered.

Every key (a blob, manifest or tag of one repository) has a set of possible values. An acknowledged
operation leaves one value. An operation cut by the kill leaves two: before and after, and nothing in
between: its Pending record says which keys had to change together. Garbage collection may take what
nothing refers to once its grace is over; until then it must be there.

One worker thread owns a Repository and is the only one to change it while the server runs; the
verifier reads and settles it while no worker runs. Times are time.monotonic() seconds, taken when an
operation was sent: the server's own grace starts then or later.
"""

import time

PRESENT = "present"
ABSENT = "absent"

# Timer granularity, and the time between the client's clock reading and the server's.
GRACE_SLACK = 0.25


class Policy:
    """What the running server may collect: after which grace, and whether untagged manifests too."""

    def __init__(self, grace, untagged):
        self.grace = grace
        self.untagged = untagged

    def __str__(self):
        return f"grace {self.grace} s, untagged manifests {'collected' if self.untagged else 'kept'}"


class Entry:
    """A blob or manifest: its possible states, and since when it was last promised."""

    def __init__(self):
        self.states = {ABSENT}
        self.lease = 0.0
        # Bytes and references: only for manifests.
        self.manifest = None

    def maybe_present(self):
        return PRESENT in self.states

    def surely_present(self):
        return self.states == {PRESENT}


class Pending:
    """An operation cut by the kill: `before` and `after` map keys to values; all of one or of the other."""

    def __init__(self, what, before, after):
        self.what = what
        self.before = before
        self.after = after


class Repository:
    def __init__(self, name):
        self.name = name
        self.blobs = {}
        self.manifests = {}
        self.tags = {}       # tag -> set of possible digests, or None for no such tag
        self.pending = []
        self.uploads = []    # open upload sessions: see worker.OpenUpload
        self.bad_digests = []

    # What may be there.

    def blob(self, digest):
        return self.blobs.setdefault(digest, Entry())

    def manifest(self, digest):
        return self.manifests.setdefault(digest, Entry())

    def tag(self, name):
        return self.tags.setdefault(name, {None})

    def live_manifests(self):
        return [e for e in self.manifests.values() if e.maybe_present()]

    def tags_of(self, digest):
        return [t for t, values in self.tags.items() if digest in values]

    def referenced_blobs(self):
        """Blobs of manifests that may be there: nobody deletes these by hand."""
        return {d for e in self.live_manifests() for d in e.manifest.blobs}

    def referenced_manifests(self):
        """Manifests that an index which may be there has as children."""
        return {d for e in self.live_manifests() for d in e.manifest.children}

    # What must be there.

    def promised_manifests(self, policy, now=None):
        """Digests of manifests that may not be missing now.

        Those are all, unless untagged ones are collected; then the tagged ones, the ones acknowledged
        (or released by what referred to them) within the grace, and in turn the children and
        referrers of these.
        """
        now = now or time.monotonic()
        sure = {d: e for d, e in self.manifests.items() if e.surely_present()}
        if not policy.untagged:
            return set(sure)
        tagged = {next(iter(values)) for values in self.tags.values() if len(values) == 1}
        promised = {d for d, e in sure.items()
                    if d in tagged or now < e.lease + policy.grace - GRACE_SLACK}
        while True:
            more = {d for d, e in sure.items() if e.manifest.subject in promised}
            for digest in promised:
                more.update(c for c in sure[digest].manifest.children if c in sure)
            if more <= promised:
                return promised
            promised |= more

    def promised_blobs(self, policy, now=None):
        """Digests of blobs that may not be missing now: of a promised manifest, or within the grace."""
        now = now or time.monotonic()
        promised = {d for m in self.promised_manifests(policy, now)
                    for d in self.manifests[m].manifest.blobs}
        promised.update(d for d, e in self.blobs.items()
                        if now < e.lease + policy.grace - GRACE_SLACK)
        return {d for d in promised if self.blob(d).surely_present()}

    # Acknowledged operations.

    def blob_pushed(self, digest, sent):
        entry = self.blob(digest)
        entry.states = {PRESENT}
        entry.lease = sent

    def blob_gone(self, digest):
        self.blob(digest).states = {ABSENT}

    def manifest_pushed(self, manifest, tags, sent, policy=None):
        """`policy` is the running server's: what comes to be promised by this may have been collected before it."""
        promised_before = self.promised_manifests(policy) if policy and policy.untagged else None
        self._push_manifest(manifest, tags, sent)
        if promised_before is None:
            return
        checked = self._closure_of_children(manifest.digest)
        for digest in self.promised_manifests(policy) - promised_before - checked:
            self.manifest(digest).states |= {ABSENT}

    def _closure_of_children(self, digest):
        """The manifest and what it leads to as an index: the server saw to it that these are there."""
        closure, open_ends = set(), [digest]
        while open_ends:
            digest = open_ends.pop()
            if digest in closure:
                continue
            closure.add(digest)
            entry = self.manifest(digest)
            open_ends += entry.manifest.children if entry.manifest else []
        return closure

    def _push_manifest(self, manifest, tags, sent):
        entry = self.manifest(manifest.digest)
        entry.manifest = manifest
        entry.states = {PRESENT}
        entry.lease = sent
        for tag in tags:
            self._leave_tag(tag, sent)
            self.tags[tag] = {manifest.digest}
        for digest in manifest.blobs:
            self.blob_pushed(digest, sent)

    def manifest_deleted(self, digest, sent):
        self.manifest(digest).states = {ABSENT}
        for tag in self.tags_of(digest):
            self.tags[tag] = {None}
        self._release(digest, sent)

    def tag_deleted(self, tag, sent):
        self._leave_tag(tag, sent)
        self.tags[tag] = {None}

    # Operations cut by the kill.

    # A cut push promises nothing anew: whether it renewed a grace is not known.

    def blob_push_cut(self, digest):
        entry = self.blob(digest)
        entry.states = entry.states | {PRESENT}

    def blob_delete_cut(self, digest):
        self.blob(digest).states |= {ABSENT}

    def manifest_push_cut(self, manifest, tags, sent):
        keys = [("manifest", manifest.digest)] + [("tag", t) for t in tags]
        after = {("manifest", manifest.digest): PRESENT}
        after.update({("tag", t): manifest.digest for t in tags})
        self._add_pending(f"push of manifest {manifest.digest} with tags {list(tags)}", keys, after)
        entry = self.manifest(manifest.digest)
        entry.manifest = manifest
        entry.states = entry.states | {PRESENT}
        for tag in tags:
            self._leave_tag(tag, sent)
            self.tags[tag] = self.tag(tag) | {manifest.digest}

    def manifest_gone(self, digest):
        """It turned out to have been collected: what it referred to was released at an unknown time."""
        self.manifest(digest).states = {ABSENT}

    def manifest_delete_cut(self, digest):
        # Promises nothing anew either: if it did not happen, what the manifest refers to goes when the manifest's own
        # grace is over.
        tags = self.tags_of(digest)
        keys = [("manifest", digest)] + [("tag", t) for t in tags]
        after = {("manifest", digest): ABSENT}
        after.update({("tag", t): None for t in tags})
        self._add_pending(f"delete of manifest {digest} with tags {tags}", keys, after)
        self.manifest(digest).states |= {ABSENT}
        for tag in tags:
            self.tags[tag] = self.tags[tag] | {None}

    def tag_delete_cut(self, tag, sent):
        self._leave_tag(tag, sent)
        self.tags[tag] = self.tag(tag) | {None}

    def _add_pending(self, what, keys, after):
        before = {}
        for kind, name in keys:
            values = self.tag(name) if kind == "tag" else self.manifest(name).states
            if len(values) != 1:
                return  # The state before is not known exactly, so neither is what must change.
            before[(kind, name)] = next(iter(values))
        self.pending.append(Pending(what, before, after))

    def _leave_tag(self, tag, sent):
        """What the tag pointed at may lose its last reference: its grace starts anew."""
        for digest in self.tag(tag):
            if digest:
                self.manifest(digest).lease = max(self.manifest(digest).lease, sent)

    def _release(self, digest, sent):
        """A manifest goes: the grace of what it refers to starts anew."""
        manifest = self.manifest(digest).manifest
        for blob in manifest.blobs:
            self.blob(blob).lease = max(self.blob(blob).lease, sent)
        for child in manifest.children:
            self.manifest(child).lease = max(self.manifest(child).lease, sent)
        for entry in self.manifests.values():
            if entry.manifest and entry.manifest.subject == digest:
                entry.lease = max(entry.lease, sent)

    def end_graces(self):
        """The policy changes: what nothing refers to is promised no longer."""
        for table in (self.blobs, self.manifests):
            for entry in table.values():
                entry.lease = 0.0

    def forget(self, keep_absent):
        """Drops all but the newest `keep_absent` keys known to be absent, so that rounds stay short."""
        for table in (self.blobs, self.manifests):
            gone = [d for d, e in table.items() if e.states == {ABSENT}]
            for digest in gone[:-keep_absent] if keep_absent else gone:
                del table[digest]
        unused = [t for t, values in self.tags.items() if values == {None}]
        for tag in unused[:-keep_absent] if keep_absent else unused:
            del self.tags[tag]


class TagRegister:
    """A tag that several workers write at once: which value may it hold in the end?

    Holds every write with the times it was sent and answered (None: cut by the kill). A write may be
    the last one unless another acknowledged write was sent after this one was answered. The list is
    appended to by all workers (list.append is atomic) and settled while none runs.
    """

    def __init__(self):
        self.writes = []    # (value or None, sent, answered or None)
        self.removals = []  # (manifest digest deleted by its owner, sent, answered or None)

    def wrote(self, value, sent, answered):
        self.writes.append((value, sent, answered))

    def removed(self, digest, sent, answered):
        self.removals.append((digest, sent, answered))

    def possible(self):
        acknowledged = [w for w in self.writes if w[2] is not None]
        latest_sent = max((w[1] for w in acknowledged), default=None)
        values = set() if acknowledged else {None}
        for value, _, answered in self.writes:
            if answered is None or latest_sent is None or answered >= latest_sent:
                values |= self._after_removals(value, answered)
        return values

    def _after_removals(self, value, answered):
        relevant = [r for r in self.removals if r[0] == value]
        if not relevant:
            return {value}
        # A write cut by the kill comes after everything its worker had done before.
        surely = any(r[2] is not None and answered is not None and r[1] >= answered
                     for r in relevant)
        return {None} if surely else {value, None}

    def settle(self, value):
        self.writes = [(value, 0.0, 0.0)]
        self.removals = []
