-- Public keys that submitters sign records with: the thumbprint is what a signature names. A key holds from the order in
-- control/0 that adds it (seq) to the one that takes it back (until_seq; NULL: none did), which says from when (revoked_at).
CREATE TABLE submitter_keys (
  id TEXT NOT NULL PRIMARY KEY,
  org TEXT NOT NULL,
  public_key BLOB NOT NULL,
  seq BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  until_seq BIGINT,
  revoked_at BIGINT
);
