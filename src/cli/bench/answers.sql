SELECT CAST(a.fate AS BIGINT) AS fate, p.link AS place,
       CASE a.fate WHEN 2 THEN 'consumer' ELSE p.holder END AS holder,
       f.holder AS sender, f.link AS from_place, a.unit AS item
FROM scope_answers a
LEFT JOIN bench_places p ON p.place = a.place
LEFT JOIN bench_places f ON f.place = a.from_place
WHERE a.level = 0
ORDER BY a.fate, p.link, f.link, a.unit
