-- What was looked at while a scope was evaluated and left out, with the reason and the event that was looked
-- at. What was frozen before is added by `suyuan rebuild`.
CREATE TABLE scope_exclusions (
    scope BYTEA NOT NULL,
    block BYTEA NOT NULL,
    reason INTEGER NOT NULL,
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    members BYTEA NOT NULL,
    PRIMARY KEY (scope, block, reason, shard, seq)
);
