-- Which tags a manifest has had: outlives the tag, goes with the manifest.
CREATE TABLE tag_history (
  manifest_id BIGINT NOT NULL REFERENCES manifest (id) ON DELETE CASCADE,
  name TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (manifest_id, name)
);
INSERT INTO tag_history (manifest_id, name) SELECT manifest_id, name FROM tag;

-- Orders of image lists. Activity is the later of push and pull.
CREATE INDEX manifest_by_activity ON manifest
  (repository_id, (CASE WHEN last_pulled_at > created_at THEN last_pulled_at ELSE created_at END), id);
CREATE INDEX manifest_by_pull ON manifest (repository_id, (COALESCE(last_pulled_at, 0)), id);
CREATE INDEX manifest_by_content_size ON manifest (repository_id, (content_size + size), id);
CREATE INDEX tag_by_pull ON tag (repository_id, (COALESCE(last_pulled_at, 0)), id);

-- Pulls and version checks of each hour (its beginning, in microseconds). tag '' is the whole repository; a tag's row counts what was
-- fetched by that tag.
CREATE TABLE pull_hour (
  repository_id BIGINT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
  tag TEXT COLLATE "C" NOT NULL,
  hour BIGINT NOT NULL,
  pulls BIGINT NOT NULL DEFAULT 0,
  version_checks BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (repository_id, tag, hour)
);
