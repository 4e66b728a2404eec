-- Notices to others, in the order in which they are sent: of which order in control/0 (seq), which of its
-- notices (part), to whom order matters (key), and when the topic had it (NULL: not yet).
CREATE TABLE outbox (
  seq BIGINT NOT NULL,
  part INTEGER NOT NULL,
  id TEXT NOT NULL,
  key TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  published_at BIGINT,
  PRIMARY KEY (seq, part)
);
CREATE UNIQUE INDEX outbox_id ON outbox (id);
CREATE INDEX outbox_unpublished ON outbox (published_at, seq, part);
