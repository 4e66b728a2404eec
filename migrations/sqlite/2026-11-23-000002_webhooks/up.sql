-- Where organisations want their notices: as what they registered (role), which kinds (blanks between, none: all),
-- the sealed secret and the one before it with the end of its use. claim counts who served it, leased_until is until
-- when nobody else does.
CREATE TABLE webhooks (
  id TEXT NOT NULL PRIMARY KEY,
  org TEXT NOT NULL,
  role TEXT NOT NULL,
  url TEXT NOT NULL,
  kinds TEXT NOT NULL,
  secret BLOB NOT NULL,
  old_secret BLOB,
  old_until BIGINT,
  created_at BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  disabled_at BIGINT,
  disabled_reason TEXT,
  claim BIGINT NOT NULL,
  leased_until BIGINT NOT NULL
);
CREATE INDEX webhooks_org ON webhooks (org);
CREATE INDEX webhooks_role ON webhooks (role);

-- Which notice of the outbox (seq, part) goes to which webhook, and how far that is: waiting, delivered, failed.
CREATE TABLE webhook_deliveries (
  webhook TEXT NOT NULL,
  seq BIGINT NOT NULL,
  part INTEGER NOT NULL,
  notice TEXT NOT NULL,
  recall TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  last_at BIGINT,
  ended_at BIGINT,
  error TEXT,
  PRIMARY KEY (webhook, seq, part)
);
CREATE INDEX webhook_deliveries_state ON webhook_deliveries (state, webhook, recall, seq, part);
CREATE INDEX webhook_deliveries_notice ON webhook_deliveries (webhook, notice);
