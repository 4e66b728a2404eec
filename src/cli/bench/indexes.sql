-- Made after the rows, as whoever loads much does: find an item by its code, what was at a place, what was in a case.
CREATE UNIQUE INDEX bench_units_epc ON bench_units (epc);
CREATE INDEX bench_steps_place ON bench_steps (place, t_lo);
CREATE INDEX bench_steps_parent ON bench_steps (parent);
