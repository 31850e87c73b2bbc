-- What an owner has decided about a namespace; without a row nothing is restricted.
CREATE TABLE namespace_policy (
  account_id INTEGER NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  public_allowed INTEGER NOT NULL DEFAULT 1,
  require_second_factor INTEGER NOT NULL DEFAULT 0
);

-- What a user should know of; made from the event log. A user hears of one subject once.
CREATE TABLE notification (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  link TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  read_at INTEGER,
  UNIQUE (account_id, subject)
);
CREATE INDEX notification_by_account ON notification (account_id, id);
CREATE INDEX notification_unread ON notification (account_id) WHERE read_at IS NULL;
CREATE INDEX notification_by_age ON notification (created_at);
CREATE INDEX access_token_by_expiry ON access_token (expires_at) WHERE expires_at IS NOT NULL;
