-- The columns of a table: name, declared type, whether NULL is allowed, place in the primary key.
SELECT name, type AS type_name, CASE WHEN "notnull" = 0 THEN 1 ELSE 0 END AS is_nullable, pk AS key_position
FROM pragma_table_info($1)
ORDER BY cid
