SELECT CAST(c.relname AS TEXT) AS name,
       CAST(pg_total_relation_size(c.oid) AS BIGINT) AS bytes,
       CAST(pg_indexes_size(c.oid) AS BIGINT) AS index_bytes
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = 'public'
ORDER BY 1
