-- What the Hub adds to a repository: categories, stars, a logo; and the order in which its manifests came.
CREATE TABLE repository_category (
  repository_id INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
  slug TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (repository_id, slug)
);
CREATE INDEX repository_category_by_slug ON repository_category (slug, repository_id);

CREATE TABLE star (
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  repository_id INTEGER NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, repository_id)
);
CREATE INDEX star_by_repository ON star (repository_id);

CREATE TABLE repository_logo (
  repository_id INTEGER NOT NULL PRIMARY KEY REFERENCES repository (id) ON DELETE CASCADE,
  png BLOB NOT NULL,
  updated_at INTEGER NOT NULL
);

CREATE INDEX manifest_by_age ON manifest (repository_id, id);
CREATE INDEX repository_by_account_update ON repository (account_id, updated_at, id);
CREATE INDEX repository_by_account_pulls ON repository (account_id, pull_count, id);
