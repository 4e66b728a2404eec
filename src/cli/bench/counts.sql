-- Who holds what where: sold is with consumers, what is on its way is for whoever keeps the place it goes to.
SELECT CAST(a.fate AS BIGINT) AS fate, p.link AS place,
       CASE a.fate WHEN 2 THEN 'consumer' ELSE p.holder END AS holder,
       f.holder AS sender, f.link AS from_place, count(*) AS items
FROM scope_answers a
LEFT JOIN bench_places p ON p.place = a.place
LEFT JOIN bench_places f ON f.place = a.from_place
WHERE a.level = 0
GROUP BY a.fate, p.link, p.holder, f.holder, f.link
