-- What a person said of what a recall reaches only across a gap in the records, and which move said so:
-- 'include' or 'leave'; nothing while nobody has. Both are made again from the orders in control/0.
ALTER TABLE recalls ADD COLUMN assumed TEXT;
ALTER TABLE recall_moves ADD COLUMN assumed TEXT;
