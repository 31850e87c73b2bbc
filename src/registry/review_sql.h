// The end of every statement that puts rows into gc_review: an entry that is there already is put off, if anything.
//
// It writes the row in any case: a batch of the collector that ends the review at the same time then collides with the
// statement and looks again. PostgreSQL does not count a row that ON CONFLICT leaves as it is as read, so its
// serializable transactions would both commit, and the object would never be reviewed again.
#pragma once

#define BERTH_OR_PUT_OFF_REVIEW                                                  \
  " ON CONFLICT (kind, repository_id, object_id) DO UPDATE"                      \
  " SET review_after = CASE WHEN gc_review.review_after < excluded.review_after" \
  " THEN excluded.review_after ELSE gc_review.review_after END"
