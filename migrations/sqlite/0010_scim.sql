-- Provisioning by an identity provider (RFC 7644). An organization's connection is its token; only a hash of it is kept.
CREATE TABLE scim_connection (
  organization_id INTEGER NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  secret_hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER
);

-- Accounts that an organization's identity provider has made: it alone switches them on and off.
CREATE TABLE managed_account (
  account_id INTEGER NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  organization_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE
);
CREATE INDEX managed_account_by_organization ON managed_account (organization_id);

-- What the identity provider says of a user. Being active is not kept here: it is being a member. role: what the user gets
-- when switched on again.
CREATE TABLE scim_user (
  organization_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  user_name TEXT NOT NULL,
  user_key TEXT NOT NULL,
  external_id TEXT NOT NULL DEFAULT '',
  given_name TEXT NOT NULL DEFAULT '',
  family_name TEXT NOT NULL DEFAULT '',
  formatted TEXT NOT NULL DEFAULT '',
  display_name TEXT NOT NULL DEFAULT '',
  role TEXT NOT NULL DEFAULT 'member',
  docker_team TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, account_id),
  UNIQUE (organization_id, user_key)
);
CREATE INDEX scim_user_by_account ON scim_user (account_id);
CREATE INDEX scim_user_by_external_id ON scim_user (organization_id, external_id);

CREATE TABLE scim_email (
  organization_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  value TEXT NOT NULL,
  value_key TEXT NOT NULL,
  type TEXT NOT NULL DEFAULT '',
  display TEXT NOT NULL DEFAULT '',
  is_primary INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (organization_id, account_id, position),
  FOREIGN KEY (organization_id, account_id) REFERENCES scim_user (organization_id, account_id) ON DELETE CASCADE
);
CREATE INDEX scim_email_by_value ON scim_email (organization_id, value_key);

-- Teams that the identity provider knows, with the name it gave; the team's own name is made from it.
CREATE TABLE scim_group (
  team_id INTEGER NOT NULL PRIMARY KEY REFERENCES team (id) ON DELETE CASCADE,
  display_name TEXT NOT NULL,
  external_id TEXT NOT NULL DEFAULT '',
  updated_at INTEGER NOT NULL
);

-- Teams that a user who is switched off comes back to.
CREATE TABLE scim_held_member (
  team_id INTEGER NOT NULL REFERENCES team (id) ON DELETE CASCADE,
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  PRIMARY KEY (team_id, account_id)
);
CREATE INDEX scim_held_member_by_account ON scim_held_member (account_id, team_id);
