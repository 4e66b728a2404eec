-- A row an item, and a row for every event an item, case or pallet is named in.
CREATE TABLE bench_places (place BIGINT PRIMARY KEY, link TEXT NOT NULL, holder TEXT NOT NULL);
CREATE TABLE bench_units (unit BIGINT PRIMARY KEY, epc TEXT NOT NULL);
CREATE TABLE bench_steps (
    unit BIGINT NOT NULL,
    t_lo BIGINT NOT NULL,
    event BIGINT NOT NULL,
    t_hi BIGINT NOT NULL,
    deed INTEGER NOT NULL,
    parent BIGINT,
    place BIGINT,
    from_place BIGINT,
    PRIMARY KEY (unit, t_lo, event)
) WITHOUT ROWID;
