-- What is in a layer: read once when somebody first asks, gone with the blob. `contents` is layers::LayerIndex, encoded.
CREATE TABLE layer_index (
  blob_id BIGINT NOT NULL PRIMARY KEY REFERENCES blob (id) ON DELETE CASCADE,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'running', 'ready', 'refused', 'failed')),
  reason TEXT COLLATE "C" NOT NULL DEFAULT '',
  version BIGINT NOT NULL DEFAULT 0,
  bytes_done BIGINT NOT NULL DEFAULT 0,
  attempts BIGINT NOT NULL DEFAULT 0,
  requested_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  contents BYTEA
);
