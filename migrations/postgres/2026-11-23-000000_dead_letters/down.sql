ALTER TABLE dead_letters DROP COLUMN replayed_at;
ALTER TABLE dead_letters DROP COLUMN submitter;
