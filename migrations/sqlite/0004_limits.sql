-- Plans are data: an administrator may edit and assign them. -1 is "no limit".
CREATE TABLE plan (
  name TEXT NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  position INTEGER NOT NULL,
  private_repositories INTEGER NOT NULL,
  collaborators INTEGER NOT NULL,
  teams INTEGER NOT NULL,
  organization_tokens INTEGER NOT NULL,
  seats INTEGER NOT NULL,
  parallel_builds INTEGER NOT NULL,
  pulls INTEGER NOT NULL,
  pull_window_seconds INTEGER NOT NULL,
  audit_log INTEGER NOT NULL,
  scim INTEGER NOT NULL,
  access_management INTEGER NOT NULL
);
INSERT INTO plan (name, title, position, private_repositories, collaborators, teams, organization_tokens, seats, parallel_builds,
                  pulls, pull_window_seconds, audit_log, scim, access_management)
VALUES ('anonymous', 'Anonymous', 0, 0, 0, 0, 0, 0, 0, 100, 21600, 0, 0, 0),
       ('personal', 'Personal', 1, 1, 0, 1, 0, 1, 0, 200, 21600, 0, 0, 0),
       ('pro', 'Pro', 2, -1, 1, 1, 0, 1, 5, -1, 21600, 0, 0, 0),
       ('team', 'Team', 3, -1, -1, -1, 10, 100, 15, -1, 21600, 1, 0, 0),
       ('business', 'Business', 4, -1, -1, -1, 100, -1, 15, -1, 21600, 1, 1, 1);

-- Pulls of one user or address in its running window; written behind.
CREATE TABLE pull_usage (
  key TEXT NOT NULL PRIMARY KEY,
  window_start INTEGER NOT NULL,
  pulls INTEGER NOT NULL
);
CREATE INDEX pull_usage_by_start ON pull_usage (window_start);
