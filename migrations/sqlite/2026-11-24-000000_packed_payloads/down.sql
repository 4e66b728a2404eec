ALTER TABLE ledger_payloads DROP COLUMN packing;
