-- How the bytes of a payload are kept: 0 as they are, 1 compressed (docs/LEDGER.md). Rows of before stay as they are.
ALTER TABLE ledger_payloads ADD COLUMN packing INTEGER NOT NULL DEFAULT 0;
