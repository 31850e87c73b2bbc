-- Settings that an administrator changed while the server runs; what is not here is as configured.
CREATE TABLE server_setting (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL DEFAULT ''
);
-- A server whose administrator has been there before needs no first-run wizard.
INSERT INTO server_setting (name, value, updated_at)
  SELECT 'setup_complete', 'true', last_login_at FROM account WHERE is_admin = 1 AND last_login_at IS NOT NULL ORDER BY id LIMIT 1;

ALTER TABLE plan ADD COLUMN for_organizations INTEGER NOT NULL DEFAULT 0;
ALTER TABLE plan ADD COLUMN access_tokens INTEGER NOT NULL DEFAULT -1;
ALTER TABLE plan ADD COLUMN storage_bytes INTEGER NOT NULL DEFAULT -1;
ALTER TABLE plan ADD COLUMN registry_access INTEGER NOT NULL DEFAULT 1;
ALTER TABLE plan ADD COLUMN custom_roles INTEGER NOT NULL DEFAULT 1;
ALTER TABLE plan ADD COLUMN is_enabled INTEGER NOT NULL DEFAULT 1;
ALTER TABLE plan ADD COLUMN is_default INTEGER NOT NULL DEFAULT 0;
UPDATE plan SET registry_access = access_management, custom_roles = access_management;
UPDATE plan SET for_organizations = 1 WHERE name IN ('team', 'business');
UPDATE plan SET is_default = 1 WHERE name IN ('personal', 'business');
-- One for users, one for organizations: the plan of accounts that were given none.
CREATE UNIQUE INDEX plan_default ON plan (for_organizations) WHERE is_default = 1;
CREATE INDEX account_by_plan ON account (kind, plan);
CREATE INDEX account_by_kind ON account (kind, name);

CREATE TABLE plan_assignment (
  account_id INTEGER NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  seats INTEGER NOT NULL,
  assigned_at INTEGER NOT NULL,
  assigned_by TEXT NOT NULL
);

-- A repository's own badge; '' leaves it with its namespace's. Ranking reads it without the texts.
ALTER TABLE repository ADD COLUMN badge TEXT NOT NULL DEFAULT '';
DROP INDEX repository_for_search;
CREATE INDEX repository_for_search ON repository
  (id, is_private, account_id, namespace, name, star_count, pull_count, updated_at, badge);
CREATE INDEX repository_by_badge ON repository (badge) WHERE badge <> '';

-- Passes of the collector that freed something or were asked for; each row carries the sum up to it.
CREATE TABLE garbage_run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  started_at INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  freed_items INTEGER NOT NULL,
  freed_bytes INTEGER NOT NULL,
  total_freed_bytes INTEGER NOT NULL
);

-- Bytes by namespace, repository and tag, as the last count found them. own: would go if the row alone went; shared: something else
-- uses them too. visible_*: what members of the namespace are told, which leaves out what only foreign private repositories share.
CREATE TABLE storage_report (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  computed_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  tags INTEGER NOT NULL,
  manifests INTEGER NOT NULL,
  blobs INTEGER NOT NULL
);
CREATE TABLE storage_namespace (
  account_id INTEGER NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  own INTEGER NOT NULL,
  shared INTEGER NOT NULL,
  total INTEGER NOT NULL,
  visible_own INTEGER NOT NULL,
  visible_shared INTEGER NOT NULL,
  repositories INTEGER NOT NULL,
  tags INTEGER NOT NULL,
  manifests INTEGER NOT NULL,
  last_pushed_at INTEGER
);
CREATE INDEX storage_namespace_by_own ON storage_namespace (own DESC, name);
CREATE INDEX storage_namespace_by_shared ON storage_namespace (shared DESC, name);
CREATE INDEX storage_namespace_by_total ON storage_namespace (total DESC, name);
CREATE INDEX storage_namespace_by_name ON storage_namespace (name);
CREATE TABLE storage_repository (
  repository_id INTEGER NOT NULL PRIMARY KEY REFERENCES repository (id) ON DELETE CASCADE,
  account_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  own INTEGER NOT NULL,
  shared INTEGER NOT NULL,
  total INTEGER NOT NULL,
  tags INTEGER NOT NULL,
  manifests INTEGER NOT NULL,
  last_pushed_at INTEGER,
  signature TEXT NOT NULL
);
CREATE INDEX storage_repository_by_own ON storage_repository (account_id, own DESC, name);
CREATE INDEX storage_repository_by_shared ON storage_repository (account_id, shared DESC, name);
CREATE INDEX storage_repository_by_total ON storage_repository (account_id, total DESC, name);
CREATE INDEX storage_repository_by_name ON storage_repository (account_id, name);
CREATE TABLE storage_tag (
  repository_id INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  own INTEGER NOT NULL,
  shared INTEGER NOT NULL,
  total INTEGER NOT NULL,
  manifests INTEGER NOT NULL,
  last_pushed_at INTEGER,
  counted_at INTEGER NOT NULL,
  PRIMARY KEY (repository_id, name)
);
CREATE INDEX storage_tag_by_own ON storage_tag (repository_id, own DESC, name);
CREATE INDEX storage_tag_by_shared ON storage_tag (repository_id, shared DESC, name);
CREATE INDEX storage_tag_by_total ON storage_tag (repository_id, total DESC, name);

-- The server's audit log: newest first, of all, of an action, of an actor, of an account.
CREATE INDEX event_by_time ON event (created_at, id);
CREATE INDEX event_by_type ON event (type, created_at, id);
CREATE INDEX event_by_actor ON event (actor, created_at, id);
CREATE INDEX event_by_account_name ON event (account, created_at, id);
CREATE INDEX job_by_kind ON job (kind, id);
