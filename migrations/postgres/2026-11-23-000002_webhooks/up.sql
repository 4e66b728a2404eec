-- Where organisations want their notices: as what they registered (role), which kinds (blanks between, none: all),
-- the sealed secret and the one before it with the end of its use. claim counts who served it, leased_until is until
-- when nobody else does.
CREATE TABLE webhooks (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  org TEXT COLLATE "C" NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  url TEXT COLLATE "C" NOT NULL,
  kinds TEXT COLLATE "C" NOT NULL,
  secret BYTEA NOT NULL,
  old_secret BYTEA,
  old_until BIGINT,
  created_at BIGINT NOT NULL,
  created_by TEXT COLLATE "C" NOT NULL,
  disabled_at BIGINT,
  disabled_reason TEXT COLLATE "C",
  claim BIGINT NOT NULL,
  leased_until BIGINT NOT NULL
);
CREATE INDEX webhooks_org ON webhooks (org);
CREATE INDEX webhooks_role ON webhooks (role);

-- Which notice of the outbox (seq, part) goes to which webhook, and how far that is: waiting, delivered, failed.
CREATE TABLE webhook_deliveries (
  webhook TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  part INTEGER NOT NULL,
  notice TEXT COLLATE "C" NOT NULL,
  recall TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  attempts INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  last_at BIGINT,
  ended_at BIGINT,
  error TEXT COLLATE "C",
  PRIMARY KEY (webhook, seq, part)
);
CREATE INDEX webhook_deliveries_state ON webhook_deliveries (state, webhook, recall, seq, part);
CREATE INDEX webhook_deliveries_notice ON webhook_deliveries (webhook, notice);
