-- From a thing to the recalls that concern it: what a scan asks. Recalls of before get their names by
-- `suyuan rebuild`.
CREATE TABLE recall_names (
    name TEXT NOT NULL,
    recall TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (name, recall, version)
);
CREATE INDEX recall_versions_scope ON recall_versions (scope);
CREATE INDEX scope_blocks_block ON scope_blocks (block);
CREATE INDEX scope_lots_lot ON scope_lots (lot);
