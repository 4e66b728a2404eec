-- What was looked at while a scope was evaluated and left out, with the reason and the event that was looked
-- at. What was frozen before is added by `suyuan rebuild`.
CREATE TABLE scope_exclusions (
    scope BLOB NOT NULL,
    block BLOB NOT NULL,
    reason INTEGER NOT NULL,
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    members BLOB NOT NULL,
    PRIMARY KEY (scope, block, reason, shard, seq)
) WITHOUT ROWID;
