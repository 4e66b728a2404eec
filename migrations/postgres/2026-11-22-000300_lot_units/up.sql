-- Which single items events say are of a lot: by lotNumber beside them, or by a link that names both. What
-- was recorded before is added by `suyuan rebuild`.
CREATE TABLE lot_units (
    lot BYTEA NOT NULL,
    block BYTEA NOT NULL,
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    members BYTEA NOT NULL,
    PRIMARY KEY (lot, block, shard, seq)
);
CREATE INDEX lot_units_block ON lot_units (block);
