-- Recalls: the cases, what each decided version of a scope was asked and answered, who has to answer, and
-- every move of a case. All of it is made again from the orders in control/0.
CREATE TABLE recalls (
    id TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    org TEXT,
    reason TEXT NOT NULL,
    hazard TEXT,
    opened_at BIGINT NOT NULL
);

CREATE TABLE recall_versions (
    recall TEXT NOT NULL,
    version INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    scope BLOB NOT NULL,
    definition TEXT NOT NULL,
    ledger_position TEXT NOT NULL,
    summary TEXT NOT NULL,
    holdings TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (recall, version)
);

CREATE TABLE recall_tasks (
    recall TEXT NOT NULL,
    holder TEXT NOT NULL,
    seq BIGINT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    unit_count BIGINT NOT NULL,
    quantity TEXT NOT NULL,
    found BIGINT,
    quarantined BIGINT,
    reason TEXT,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (recall, holder)
);
CREATE INDEX recall_tasks_holder ON recall_tasks (holder, recall);

CREATE TABLE recall_moves (
    recall TEXT NOT NULL,
    seq BIGINT NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL,
    given_by TEXT NOT NULL,
    org TEXT,
    given_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (recall, seq)
);

-- A frozen scope: for each block its affected members with certainty, witness path and holding, packed.
CREATE TABLE scope_blocks (
    scope BLOB NOT NULL,
    block BLOB NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (scope, block)
) WITHOUT ROWID;

-- A frozen scope: its lots, with what is where.
CREATE TABLE scope_lots (
    scope BLOB NOT NULL,
    lot BLOB NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (scope, lot)
);
