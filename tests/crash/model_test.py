"""The crash suite's model itself: what it lets pass, and what not."""

import time
import unittest

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

from content import Blob, image, index  # noqa: E402
from model import ABSENT, PRESENT, Policy, Repository, TagRegister  # noqa: E402

KEEP = Policy(grace=10, untagged=False)
COLLECT = Policy(grace=10, untagged=True)
SENT = 1000.0
SOON = SENT + 5
LATE = SENT + 60


class RepositoryTest(unittest.TestCase):
    def setUp(self):
        self.repository = Repository("admin/test")
        self.blob = Blob(b"layer")
        self.image = image("one", self.blob, [])
        self.other = image("two", self.blob, [])

    def test_unreferenced_blob_is_promised_for_its_grace_only(self):
        self.repository.blob_pushed(self.blob.digest, SENT)
        self.assertIn(self.blob.digest, self.repository.promised_blobs(KEEP, SOON))
        self.assertNotIn(self.blob.digest, self.repository.promised_blobs(KEEP, LATE))

    def test_referenced_blob_is_promised_for_ever(self):
        self.repository.manifest_pushed(self.image, ("latest",), SENT)
        self.assertIn(self.blob.digest, self.repository.promised_blobs(COLLECT, LATE))

    def test_blob_of_a_deleted_manifest_gets_a_new_grace(self):
        self.repository.manifest_pushed(self.image, (), SENT)
        self.repository.manifest_deleted(self.image.digest, LATE)
        self.assertIn(self.blob.digest, self.repository.promised_blobs(KEEP, LATE + 5))
        self.assertNotIn(self.blob.digest, self.repository.promised_blobs(KEEP, LATE + 60))

    def test_untagged_manifest_is_promised_unless_collected(self):
        self.repository.manifest_pushed(self.image, (), SENT)
        self.assertIn(self.image.digest, self.repository.promised_manifests(KEEP, LATE))
        self.assertIn(self.image.digest, self.repository.promised_manifests(COLLECT, SOON))
        self.assertNotIn(self.image.digest, self.repository.promised_manifests(COLLECT, LATE))

    def test_children_and_referrers_are_promised_with_what_is_tagged(self):
        referrer = image("signature", self.blob, [], subject=self.image)
        for manifest in (self.image, referrer):
            self.repository.manifest_pushed(manifest, (), SENT)
        self.repository.manifest_pushed(index("list", [self.image]), ("latest",), SENT)
        promised = self.repository.promised_manifests(COLLECT, LATE)
        self.assertIn(self.image.digest, promised)
        self.assertIn(referrer.digest, promised)

    def test_what_a_push_reaches_anew_may_have_been_collected_before(self):
        referrer = image("signature", self.blob, [], subject=self.image)
        child = image("child", self.blob, [])
        long_ago = time.monotonic() - 60
        for manifest in (referrer, child):
            self.repository.manifest_pushed(manifest, (), long_ago, COLLECT)
        self.repository.manifest_pushed(self.image, ("latest",), long_ago, COLLECT)
        self.assertEqual(self.repository.manifest(referrer.digest).states, {PRESENT, ABSENT})
        # An index is refused without its children, so they are there.
        self.repository.manifest_pushed(index("list", [child]), ("list",), long_ago, COLLECT)
        self.assertEqual(self.repository.manifest(child.digest).states, {PRESENT})

    def test_cut_push_leaves_both_states_and_ties_their_keys(self):
        self.repository.manifest_pushed(self.image, ("latest",), SENT)
        self.repository.manifest_push_cut(self.other, ("latest",), SENT)
        self.assertEqual(self.repository.tag("latest"), {self.image.digest, self.other.digest})
        self.assertEqual(self.repository.manifest(self.other.digest).states, {PRESENT, ABSENT})
        pending = self.repository.pending[0]
        self.assertEqual(pending.before[("tag", "latest")], self.image.digest)
        self.assertEqual(pending.after[("manifest", self.other.digest)], PRESENT)

    def test_delete_takes_the_tags_along(self):
        self.repository.manifest_pushed(self.image, ("a", "b"), SENT)
        self.repository.manifest_deleted(self.image.digest, SENT)
        self.assertEqual(self.repository.tag("a"), {None})
        self.assertEqual(self.repository.promised_manifests(KEEP, SOON), set())


class TagRegisterTest(unittest.TestCase):
    def setUp(self):
        self.register = TagRegister()
        self.register.settle("old")

    def test_later_write_wins(self):
        self.register.wrote("a", 1, 2)
        self.register.wrote("b", 3, 4)
        self.assertEqual(self.register.possible(), {"b"})

    def test_overlapping_writes_may_both_be_last(self):
        self.register.wrote("a", 1, 3)
        self.register.wrote("b", 2, 4)
        self.assertEqual(self.register.possible(), {"a", "b"})

    def test_cut_write_may_or_may_not_have_happened(self):
        self.register.wrote("a", 1, 2)
        self.register.wrote("b", 3, None)
        self.assertEqual(self.register.possible(), {"a", "b"})

    def test_acknowledged_delete_is_not_undone(self):
        self.register.wrote("a", 1, 2)
        self.register.wrote(None, 3, 4)
        self.assertEqual(self.register.possible(), {None})

    def test_manifest_delete_clears_the_tag_that_points_at_it(self):
        self.register.wrote("a", 1, 2)
        self.register.removed("a", 3, 4)
        self.assertEqual(self.register.possible(), {None})

    def test_cut_manifest_delete_leaves_both(self):
        self.register.wrote("a", 1, 2)
        self.register.removed("a", 3, None)
        self.assertEqual(self.register.possible(), {"a", None})


if __name__ == "__main__":
    unittest.main()
