SELECT a.unit AS unit, p.link AS place, k.holder AS holder, CAST(a.fate AS BIGINT) AS fate
FROM scope_answers a
LEFT JOIN bench_places p ON p.place = a.place
LEFT JOIN bench_places k ON k.place = a.keeper
WHERE a.level = 0
ORDER BY p.link, k.holder, a.fate, a.unit
