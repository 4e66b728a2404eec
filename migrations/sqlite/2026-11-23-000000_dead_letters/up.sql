-- For whom what was refused had been captured ('' where that was not noted yet), and when it was submitted
-- again with success.
ALTER TABLE dead_letters ADD COLUMN submitter TEXT NOT NULL DEFAULT '';
ALTER TABLE dead_letters ADD COLUMN replayed_at BIGINT;
