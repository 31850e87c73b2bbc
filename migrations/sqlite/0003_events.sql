-- The event log: written in the transaction that makes the change, read by consumers that each keep a cursor.
CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  type TEXT NOT NULL,
  account_id INTEGER NOT NULL,
  account TEXT NOT NULL,
  repository_id INTEGER NOT NULL DEFAULT 0,
  name TEXT NOT NULL DEFAULT '',
  actor_id INTEGER NOT NULL DEFAULT 0,
  actor TEXT NOT NULL DEFAULT '',
  credential TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL DEFAULT '',
  data TEXT NOT NULL DEFAULT '{}',
  created_at INTEGER NOT NULL,
  txid INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX event_by_position ON event (txid, id);
CREATE INDEX event_by_account ON event (account_id, id);
CREATE INDEX event_by_account_type ON event (account_id, type, id);

CREATE TABLE event_cursor (
  consumer TEXT NOT NULL PRIMARY KEY,
  txid INTEGER NOT NULL,
  event_id INTEGER NOT NULL
);

-- What consumers read, ordered by (txid, id): events that no running transaction can still come before. One writer at a time
-- makes that every event; the other database has more to do here.
CREATE VIEW settled_event AS SELECT * FROM event;
CREATE VIEW event_horizon AS SELECT 1 AS next_txid;

-- Background work: a leased queue. claims only grows and tells the holders of a lease apart; again: asked for while it ran.
CREATE TABLE job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  key TEXT NOT NULL DEFAULT '',
  payload TEXT NOT NULL DEFAULT '{}',
  state TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'running', 'dead')),
  attempts INTEGER NOT NULL DEFAULT 0,
  claims INTEGER NOT NULL DEFAULT 0,
  again INTEGER NOT NULL DEFAULT 0,
  run_after INTEGER NOT NULL,
  leased_until INTEGER NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL
);
CREATE INDEX job_by_time ON job (state, run_after, id);
CREATE UNIQUE INDEX job_by_key ON job (kind, key) WHERE key <> '';
