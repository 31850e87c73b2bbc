-- Who there is: users and organizations share one namespace of names.
CREATE TABLE account (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('user', 'organization')),
  email TEXT NOT NULL DEFAULT '',
  full_name TEXT NOT NULL DEFAULT '',
  company TEXT NOT NULL DEFAULT '',
  location TEXT NOT NULL DEFAULT '',
  profile_url TEXT NOT NULL DEFAULT '',
  gravatar_email TEXT NOT NULL DEFAULT '',
  badge TEXT NOT NULL DEFAULT '',
  plan TEXT NOT NULL DEFAULT '',
  is_admin INTEGER NOT NULL DEFAULT 0,
  is_active INTEGER NOT NULL DEFAULT 1,
  email_verified INTEGER NOT NULL DEFAULT 0,
  default_private INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  last_login_at INTEGER
);
CREATE INDEX account_by_email ON account (email);

CREATE TABLE account_password (
  account_id INTEGER NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  changed_at INTEGER NOT NULL
);

-- Personal and organization access tokens; only a hash of the secret is kept.
CREATE TABLE access_token (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('personal', 'organization')),
  secret_hash TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  scopes TEXT NOT NULL DEFAULT '',
  is_active INTEGER NOT NULL DEFAULT 1,
  is_generated INTEGER NOT NULL DEFAULT 0,
  creator_ip TEXT NOT NULL DEFAULT '',
  creator_agent TEXT NOT NULL DEFAULT '',
  created_by INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER
);
CREATE INDEX access_token_by_account ON access_token (account_id, kind, id);

CREATE TABLE access_token_resource (
  token_id INTEGER NOT NULL REFERENCES access_token (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  type TEXT NOT NULL,
  path TEXT NOT NULL,
  scopes TEXT NOT NULL,
  PRIMARY KEY (token_id, position)
);

-- Sign-ins that can be listed and revoked: web sessions and the refresh tokens of clients.
CREATE TABLE session (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  token_id INTEGER REFERENCES access_token (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  refresh_hash TEXT UNIQUE,
  client_id TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL DEFAULT '',
  agent TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  last_used_at INTEGER
);
CREATE INDEX session_by_account ON session (account_id, id);

CREATE TABLE organization_member (
  organization_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'member')),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, account_id)
);
CREATE INDEX organization_member_by_account ON organization_member (account_id, organization_id);

CREATE TABLE team (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  organization_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  UNIQUE (organization_id, name)
);

CREATE TABLE team_member (
  team_id INTEGER NOT NULL REFERENCES team (id) ON DELETE CASCADE,
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (team_id, account_id)
);
CREATE INDEX team_member_by_account ON team_member (account_id, team_id);

-- The server's own secrets (token signing key), sealed with the data folder's key so that replicas share them.
CREATE TABLE server_secret (
  name TEXT NOT NULL PRIMARY KEY,
  sealed BLOB NOT NULL,
  created_at INTEGER NOT NULL
);
