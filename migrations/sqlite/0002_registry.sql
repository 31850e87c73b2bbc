CREATE TABLE repository (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account (id),
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  full_name TEXT NOT NULL UNIQUE,
  is_private INTEGER NOT NULL DEFAULT 0,
  is_archived INTEGER NOT NULL DEFAULT 0,
  description TEXT NOT NULL DEFAULT '',
  full_description TEXT NOT NULL DEFAULT '',
  immutable_mode TEXT NOT NULL DEFAULT 'none' CHECK (immutable_mode IN ('none', 'all', 'rules')),
  immutable_rules TEXT NOT NULL DEFAULT '[]',
  star_count INTEGER NOT NULL DEFAULT 0,
  pull_count INTEGER NOT NULL DEFAULT 0,
  storage_size INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  last_pushed_at INTEGER,
  last_pulled_at INTEGER
);
CREATE INDEX repository_by_account ON repository (account_id, name);

-- What access adds to a repository beside the namespace's own rights.
CREATE TABLE team_repository (
  team_id INTEGER NOT NULL REFERENCES team (id) ON DELETE CASCADE,
  repository_id INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
  permission TEXT NOT NULL CHECK (permission IN ('read', 'write', 'admin')),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (team_id, repository_id)
);
CREATE INDEX team_repository_by_repository ON team_repository (repository_id);

CREATE TABLE collaborator (
  repository_id INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (repository_id, account_id)
);
CREATE INDEX collaborator_by_account ON collaborator (account_id);

CREATE TABLE blob (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  digest TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  created_at INTEGER NOT NULL
);

-- A repository holds a blob by upload, mount or manifest; only then may it be read through the repository.
-- Until a manifest of the repository refers to it, leased_until keeps it from garbage collection.
CREATE TABLE repository_blob (
  repository_id INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
  blob_id INTEGER NOT NULL REFERENCES blob (id),
  leased_until INTEGER NOT NULL,
  PRIMARY KEY (repository_id, blob_id)
);
CREATE INDEX repository_blob_by_blob ON repository_blob (blob_id);

CREATE TABLE manifest (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository_id INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
  digest TEXT NOT NULL,
  media_type TEXT NOT NULL,
  artifact_type TEXT NOT NULL DEFAULT '',
  config_media_type TEXT NOT NULL DEFAULT '',
  config_digest TEXT NOT NULL DEFAULT '',
  subject_digest TEXT,
  annotations TEXT NOT NULL DEFAULT '',
  size INTEGER NOT NULL,
  content_size INTEGER NOT NULL DEFAULT 0,
  os TEXT NOT NULL DEFAULT '',
  architecture TEXT NOT NULL DEFAULT '',
  variant TEXT NOT NULL DEFAULT '',
  os_version TEXT NOT NULL DEFAULT '',
  payload BLOB NOT NULL,
  pushed_by INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  last_pulled_at INTEGER,
  UNIQUE (repository_id, digest)
);
CREATE INDEX manifest_by_subject ON manifest (repository_id, subject_digest, digest) WHERE subject_digest IS NOT NULL;
CREATE INDEX manifest_by_subject_type ON manifest (repository_id, subject_digest, artifact_type, digest)
  WHERE subject_digest IS NOT NULL;

-- Edges. An index's children and a manifest's subject may be missing, so those edges carry digests.
CREATE TABLE manifest_blob (
  manifest_id INTEGER NOT NULL REFERENCES manifest (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  repository_id INTEGER NOT NULL,
  blob_id INTEGER NOT NULL REFERENCES blob (id),
  PRIMARY KEY (manifest_id, position)
);
CREATE INDEX manifest_blob_by_blob ON manifest_blob (blob_id, repository_id);

-- Edges to blobs that the repository does not hold (yet): layers that are not to be distributed, sparse images.
CREATE TABLE manifest_absent_blob (
  manifest_id INTEGER NOT NULL REFERENCES manifest (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  repository_id INTEGER NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (manifest_id, position)
);
CREATE INDEX manifest_absent_blob_by_digest ON manifest_absent_blob (repository_id, digest);

CREATE TABLE manifest_child (
  manifest_id INTEGER NOT NULL REFERENCES manifest (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  repository_id INTEGER NOT NULL,
  child_digest TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  os TEXT NOT NULL DEFAULT '',
  architecture TEXT NOT NULL DEFAULT '',
  variant TEXT NOT NULL DEFAULT '',
  os_version TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (manifest_id, position)
);
CREATE INDEX manifest_child_by_child ON manifest_child (repository_id, child_digest);

CREATE TABLE tag (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository_id INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  manifest_id INTEGER NOT NULL REFERENCES manifest (id),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  pushed_by INTEGER NOT NULL DEFAULT 0,
  last_pulled_at INTEGER,
  UNIQUE (repository_id, name)
);
CREATE INDEX tag_by_manifest ON tag (manifest_id);
CREATE INDEX tag_by_update ON tag (repository_id, updated_at, id);

-- A running upload belongs to one repository and one caller. Its bytes lie in the blob store under its id.
CREATE TABLE upload (
  id TEXT NOT NULL PRIMARY KEY,
  repository_id INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
  account_id INTEGER NOT NULL,
  algorithm TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
);
CREATE INDEX upload_by_expiry ON upload (expires_at);

-- Garbage: what may have lost its last reference, to be looked at again after a grace time.
CREATE TABLE gc_review (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('repository_blob', 'blob', 'manifest')),
  repository_id INTEGER NOT NULL DEFAULT 0,
  object_id INTEGER NOT NULL,
  review_after INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  UNIQUE (kind, repository_id, object_id)
);
CREATE INDEX gc_review_by_time ON gc_review (kind, review_after, id);
