-- How a later version of a scope differs from the one before it, and what stays in the scope in effect though
-- that version does not find it any more, until somebody releases it. All of it is made again from the
-- orders in control/0.
CREATE TABLE recall_differences (
    recall TEXT NOT NULL,
    version INTEGER NOT NULL,
    kept BLOB NOT NULL,
    holdings TEXT NOT NULL,
    removals TEXT NOT NULL,
    summary TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (recall, version)
);
CREATE INDEX recall_differences_kept ON recall_differences (kept);

-- The versions whose proposals of removal were approved, each by an order.
CREATE TABLE recall_releases (
    recall TEXT NOT NULL,
    version INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (recall, version)
);
