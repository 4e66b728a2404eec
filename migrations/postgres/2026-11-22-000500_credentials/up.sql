-- Projections of control orders: licences, certificates, declared standards, test reports, insurance, and people in
-- charge. Every version stays, with the ledger position (control/0) that made it. `is_general`: nothing but places
-- narrows the version's scope.
CREATE TABLE credentials (
    id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    until_seq BIGINT,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    org TEXT COLLATE "C" NOT NULL,
    is_general BOOLEAN NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT,
    standard TEXT COLLATE "C",
    outcome TEXT COLLATE "C",
    laboratory TEXT COLLATE "C",
    instrument TEXT COLLATE "C",
    calibrated_from BIGINT,
    calibrated_to BIGINT,
    uri TEXT COLLATE "C",
    digest TEXT COLLATE "C",
    recorded_by TEXT COLLATE "C" NOT NULL,
    recorded_for TEXT COLLATE "C",
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (id, seq)
);
CREATE INDEX credentials_org ON credentials (org, is_general);

CREATE TABLE credential_scopes (
    id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, seq, kind, value)
);
CREATE INDEX credential_scopes_value ON credential_scopes (value);

CREATE TABLE credential_revocations (
    id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    begins_at BIGINT NOT NULL,
    ends_at BIGINT,
    reason TEXT COLLATE "C" NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL,
    recorded_for TEXT COLLATE "C",
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (id, seq)
);

CREATE TABLE people (
    id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    until_seq BIGINT,
    name TEXT COLLATE "C" NOT NULL,
    org TEXT COLLATE "C" NOT NULL,
    place TEXT COLLATE "C",
    role TEXT COLLATE "C" NOT NULL,
    phone TEXT COLLATE "C",
    valid_from BIGINT NOT NULL,
    valid_to BIGINT,
    recorded_by TEXT COLLATE "C" NOT NULL,
    recorded_for TEXT COLLATE "C",
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (id, seq)
);
CREATE INDEX people_org ON people (org);
