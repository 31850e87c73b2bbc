-- Roles that an organization makes for itself. What one allows adds to the rights of a member.
CREATE TABLE custom_role (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (organization_id, name)
);

CREATE TABLE custom_role_permission (
  role_id INTEGER NOT NULL REFERENCES custom_role (id) ON DELETE CASCADE,
  permission TEXT NOT NULL,
  PRIMARY KEY (role_id, permission)
);

-- Only beside the role 'member'.
ALTER TABLE organization_member ADD COLUMN custom_role_id INTEGER REFERENCES custom_role (id);
CREATE INDEX organization_member_by_custom_role ON organization_member (custom_role_id) WHERE custom_role_id IS NOT NULL;

-- Open invitations; answering or cancelling one deletes it. The link works until expires_at, the invitation stays open after that.
-- account_id: the invited account where it is known; email: the address that was invited, empty when a user name was.
CREATE TABLE invitation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  organization_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  invitee TEXT NOT NULL,
  account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
  email TEXT NOT NULL DEFAULT '',
  inviter TEXT NOT NULL,
  team_id INTEGER REFERENCES team (id) ON DELETE SET NULL,
  role TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'member')),
  custom_role_id INTEGER REFERENCES custom_role (id),
  token_hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  UNIQUE (organization_id, invitee)
);
CREATE INDEX invitation_by_account ON invitation (account_id, id);
CREATE INDEX invitation_by_email ON invitation (email, id);
CREATE INDEX invitation_by_team ON invitation (team_id);
CREATE INDEX invitation_by_custom_role ON invitation (custom_role_id) WHERE custom_role_id IS NOT NULL;

-- Image access management: which images the members may pull.
CREATE TABLE organization_image_access (
  organization_id INTEGER NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  is_enabled INTEGER NOT NULL,
  allow_official_images INTEGER NOT NULL,
  allow_verified_publishers INTEGER NOT NULL
);

-- Registry access management: which registries the members' clients may use.
CREATE TABLE organization_registry_access (
  organization_id INTEGER NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  is_enabled INTEGER NOT NULL,
  docker_hub_allowed INTEGER NOT NULL
);

CREATE TABLE organization_registry (
  organization_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  address TEXT NOT NULL,
  position INTEGER NOT NULL,
  friendly_name TEXT NOT NULL,
  is_allowed INTEGER NOT NULL,
  PRIMARY KEY (organization_id, address)
);

CREATE INDEX star_by_account_time ON star (account_id, created_at, repository_id);
