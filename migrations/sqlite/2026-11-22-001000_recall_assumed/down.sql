ALTER TABLE recall_moves DROP COLUMN assumed;
ALTER TABLE recalls DROP COLUMN assumed;
