-- What is in a layer: read once when somebody first asks, gone with the blob. `contents` is layers::LayerIndex, encoded.
CREATE TABLE layer_index (
  blob_id INTEGER NOT NULL PRIMARY KEY REFERENCES blob (id) ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'ready', 'refused', 'failed')),
  reason TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 0,
  bytes_done INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  requested_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  contents BLOB
);
