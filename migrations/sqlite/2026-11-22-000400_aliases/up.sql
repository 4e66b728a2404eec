-- Lots that are one under two names: a supplier's and the receiver's own. Versions, as of orders in control/0.
CREATE TABLE lot_aliases (
    lot TEXT NOT NULL,
    same_as TEXT NOT NULL,
    seq BIGINT NOT NULL,
    until_seq BIGINT,
    org TEXT NOT NULL,
    valid BOOLEAN NOT NULL,
    PRIMARY KEY (lot, same_as, seq)
) WITHOUT ROWID;
CREATE INDEX lot_aliases_same_as ON lot_aliases (same_as);
