-- Recalls: the cases, what each decided version of a scope was asked and answered, who has to answer, and
-- every move of a case. All of it is made again from the orders in control/0.
CREATE TABLE recalls (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    org TEXT COLLATE "C",
    reason TEXT COLLATE "C" NOT NULL,
    hazard TEXT COLLATE "C",
    opened_at BIGINT NOT NULL
);

CREATE TABLE recall_versions (
    recall TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    scope BYTEA NOT NULL,
    definition TEXT COLLATE "C" NOT NULL,
    ledger_position TEXT COLLATE "C" NOT NULL,
    summary TEXT COLLATE "C" NOT NULL,
    holdings TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (recall, version)
);

CREATE TABLE recall_tasks (
    recall TEXT COLLATE "C" NOT NULL,
    holder TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    unit_count BIGINT NOT NULL,
    quantity TEXT COLLATE "C" NOT NULL,
    found BIGINT,
    quarantined BIGINT,
    reason TEXT COLLATE "C",
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (recall, holder)
);
CREATE INDEX recall_tasks_holder ON recall_tasks (holder, recall);

CREATE TABLE recall_moves (
    recall TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    given_by TEXT COLLATE "C" NOT NULL,
    org TEXT COLLATE "C",
    given_at BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (recall, seq)
);

-- A frozen scope: for each block its affected members with certainty, witness path and holding, packed.
CREATE TABLE scope_blocks (
    scope BYTEA NOT NULL,
    block BYTEA NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (scope, block)
);

-- A frozen scope: its lots, with what is where.
CREATE TABLE scope_lots (
    scope BYTEA NOT NULL,
    lot BYTEA NOT NULL,
    data TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (scope, lot)
);
