-- Units that are listed.
INSERT INTO scope_units
SELECT unit, 0
FROM bench_listed;
