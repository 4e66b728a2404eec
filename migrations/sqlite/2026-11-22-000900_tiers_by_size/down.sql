-- Rows keep their tiers: each is one that the layout before allowed too.
UPDATE trace_log SET tier = tier WHERE n < 0;
