-- What took part in events at a place within a window.
INSERT INTO scope_units
SELECT DISTINCT s.unit, 0
FROM bench_window w
JOIN bench_steps s ON s.place = w.place AND s.t_lo < w.t_until AND w.t_from <= s.t_hi;
