-- Projections of control orders: licences, certificates, declared standards, test reports, insurance, and people in
-- charge. Every version stays, with the ledger position (control/0) that made it. `is_general`: nothing but places
-- narrows the version's scope.
CREATE TABLE credentials (
    id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    until_seq BIGINT,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    issuer TEXT NOT NULL,
    org TEXT NOT NULL,
    is_general BOOLEAN NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT,
    standard TEXT,
    outcome TEXT,
    laboratory TEXT,
    instrument TEXT,
    calibrated_from BIGINT,
    calibrated_to BIGINT,
    uri TEXT,
    digest TEXT,
    recorded_by TEXT NOT NULL,
    recorded_for TEXT,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (id, seq)
);
CREATE INDEX credentials_org ON credentials (org, is_general);

CREATE TABLE credential_scopes (
    id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (id, seq, kind, value)
) WITHOUT ROWID;
CREATE INDEX credential_scopes_value ON credential_scopes (value);

CREATE TABLE credential_revocations (
    id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    begins_at BIGINT NOT NULL,
    ends_at BIGINT,
    reason TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_for TEXT,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (id, seq)
);

CREATE TABLE people (
    id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    until_seq BIGINT,
    name TEXT NOT NULL,
    org TEXT NOT NULL,
    place TEXT,
    role TEXT NOT NULL,
    phone TEXT,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT,
    recorded_by TEXT NOT NULL,
    recorded_for TEXT,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (id, seq)
);
CREATE INDEX people_org ON people (org);
