-- The tier of a row of a block log follows from how many records it has, and from nothing else.
UPDATE trace_log SET tier = CASE WHEN n < 128 THEN 0 WHEN n < 1024 THEN 1 ELSE 2 END
WHERE tier <> CASE WHEN n < 128 THEN 0 WHEN n < 1024 THEN 1 ELSE 2 END;
