-- The columns of a table: name, type, whether NULL is allowed, place in the primary key.
SELECT
    c.column_name::text AS name,
    c.data_type::text AS type_name,
    CASE WHEN c.is_nullable = 'YES' THEN 1 ELSE 0 END::bigint AS is_nullable,
    COALESCE(k.ordinal_position, 0)::bigint AS key_position
FROM information_schema.columns c
LEFT JOIN information_schema.table_constraints t
    ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.constraint_type = 'PRIMARY KEY'
LEFT JOIN information_schema.key_column_usage k
    ON k.constraint_schema = t.constraint_schema AND k.constraint_name = t.constraint_name
    AND k.table_name = c.table_name AND k.column_name = c.column_name
WHERE c.table_schema = 'public' AND c.table_name = $1
ORDER BY c.ordinal_position
