-- The complete scope, set by set: from who is affected to the cases they were ever in and their pallets; the last that was
-- seen of each and the last packing, unless what it went into was emptied since; then places from the top down.
-- Deeds: 0 make, 1 pack, 2 empty, 3 ship, 4 receive, 5 sell. Fates: 0 here, 1 on the way, 2 sold.
ANALYZE scope_units;
INSERT INTO scope_units
SELECT DISTINCT s.parent, 1
FROM scope_units u
JOIN bench_steps s ON s.unit = u.unit
WHERE u.level = 0 AND s.deed = 1;
INSERT INTO scope_units
SELECT DISTINCT s.parent, 2
FROM scope_units u
JOIN bench_steps s ON s.unit = u.unit
WHERE u.level = 1 AND s.deed = 1;
ANALYZE scope_units;

-- Of each unit the last step of its own (is_pack = 0) and its last packing (is_pack = 1).
CREATE TEMPORARY TABLE scope_last (
    unit BIGINT NOT NULL,
    is_pack INTEGER NOT NULL,
    level INTEGER NOT NULL,
    t_lo BIGINT NOT NULL,
    deed INTEGER NOT NULL,
    parent BIGINT,
    place BIGINT,
    from_place BIGINT,
    PRIMARY KEY (is_pack, unit)
);
INSERT INTO scope_last (unit, is_pack, level, t_lo, deed, parent, place, from_place)
SELECT unit, is_pack, level, t_lo, deed, parent, place, from_place
FROM (
    SELECT u.unit, u.level, s.t_lo, s.deed, s.parent, s.place, s.from_place,
           CASE WHEN s.deed = 1 THEN 1 ELSE 0 END AS is_pack,
           row_number() OVER (
               PARTITION BY u.unit, CASE WHEN s.deed = 1 THEN 1 ELSE 0 END
               ORDER BY s.t_lo DESC, s.event DESC
           ) AS nth
    FROM scope_units u
    JOIN bench_steps s ON s.unit = u.unit
) AS ranked
WHERE nth = 1;
ANALYZE scope_last;

-- Pallets by their own last step; what is packed stands where its container stands, unless that was emptied since:
-- then where that happened, or where it was seen itself after it.
CREATE TEMPORARY TABLE scope_answers (
    unit BIGINT PRIMARY KEY,
    level INTEGER NOT NULL,
    fate INTEGER NOT NULL,
    place BIGINT,
    from_place BIGINT
);
INSERT INTO scope_answers
SELECT o.unit, o.level,
       CASE o.deed WHEN 3 THEN 1 WHEN 5 THEN 2 ELSE 0 END,
       o.place,
       CASE o.deed WHEN 3 THEN o.from_place END
FROM scope_last o
WHERE o.is_pack = 0 AND o.level = 2;
ANALYZE scope_answers;

INSERT INTO scope_answers
SELECT u.unit, u.level,
       CASE WHEN p.unit IS NOT NULL AND e.event IS NULL THEN outer_answer.fate
            WHEN e.event IS NOT NULL AND (o.unit IS NULL OR o.t_lo <= e.t_lo) THEN 0
            WHEN o.deed = 3 THEN 1 WHEN o.deed = 5 THEN 2 ELSE 0 END,
       CASE WHEN p.unit IS NOT NULL AND e.event IS NULL THEN outer_answer.place
            WHEN e.event IS NOT NULL AND (o.unit IS NULL OR o.t_lo <= e.t_lo) THEN e.place
            ELSE o.place END,
       CASE WHEN p.unit IS NOT NULL AND e.event IS NULL THEN outer_answer.from_place
            WHEN e.event IS NOT NULL AND (o.unit IS NULL OR o.t_lo <= e.t_lo) THEN NULL
            WHEN o.deed = 3 THEN o.from_place END
FROM scope_units u
LEFT JOIN scope_last o ON o.unit = u.unit AND o.is_pack = 0
LEFT JOIN scope_last p ON p.unit = u.unit AND p.is_pack = 1
LEFT JOIN bench_steps e ON e.unit = p.parent AND e.deed = 2 AND p.t_lo < e.t_lo
LEFT JOIN scope_answers outer_answer ON outer_answer.unit = p.parent
WHERE u.level = 1;

INSERT INTO scope_answers
SELECT u.unit, u.level,
       CASE WHEN p.unit IS NOT NULL AND e.event IS NULL THEN outer_answer.fate
            WHEN e.event IS NOT NULL AND (o.unit IS NULL OR o.t_lo <= e.t_lo) THEN 0
            WHEN o.deed = 3 THEN 1 WHEN o.deed = 5 THEN 2 ELSE 0 END,
       CASE WHEN p.unit IS NOT NULL AND e.event IS NULL THEN outer_answer.place
            WHEN e.event IS NOT NULL AND (o.unit IS NULL OR o.t_lo <= e.t_lo) THEN e.place
            ELSE o.place END,
       CASE WHEN p.unit IS NOT NULL AND e.event IS NULL THEN outer_answer.from_place
            WHEN e.event IS NOT NULL AND (o.unit IS NULL OR o.t_lo <= e.t_lo) THEN NULL
            WHEN o.deed = 3 THEN o.from_place END
FROM scope_units u
LEFT JOIN scope_last o ON o.unit = u.unit AND o.is_pack = 0
LEFT JOIN scope_last p ON p.unit = u.unit AND p.is_pack = 1
LEFT JOIN bench_steps e ON e.unit = p.parent AND e.deed = 2 AND p.t_lo < e.t_lo
LEFT JOIN scope_answers outer_answer ON outer_answer.unit = p.parent
WHERE u.level = 0;
