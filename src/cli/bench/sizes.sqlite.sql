SELECT m.tbl_name AS name,
       sum(s.pgsize) AS bytes,
       sum(CASE WHEN m.type = 'index' THEN s.pgsize ELSE 0 END) AS index_bytes
FROM dbstat s
JOIN sqlite_master m ON m.name = s.name
WHERE s.aggregate = TRUE
GROUP BY m.tbl_name
ORDER BY 1
