-- The ledger: what happened, in the order of recording. Rows are added, never changed; only heads move.
CREATE TABLE ledger_shards (
    shard INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    origin TEXT NOT NULL,
    topic TEXT NOT NULL,
    kpartition INTEGER NOT NULL,
    incarnation INTEGER NOT NULL,
    ident BLOB NOT NULL,
    seal BLOB NOT NULL
);
CREATE UNIQUE INDEX ledger_shards_name ON ledger_shards (name, incarnation);

CREATE TABLE ledger_heads (
    shard INTEGER NOT NULL PRIMARY KEY,
    next_offset BIGINT NOT NULL,
    size BIGINT NOT NULL,
    chain_hash BLOB NOT NULL,
    frontier BLOB NOT NULL,
    writer_epoch BIGINT NOT NULL,
    owner TEXT NOT NULL,
    seal BLOB NOT NULL
);

CREATE TABLE ledger_entries (
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    record_offset BIGINT NOT NULL,
    part INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    leaf BLOB NOT NULL,
    leaf_hash BLOB NOT NULL,
    PRIMARY KEY (shard, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX ledger_entries_offset ON ledger_entries (shard, record_offset, part);

CREATE TABLE ledger_payloads (
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    salt BLOB NOT NULL,
    PRIMARY KEY (shard, seq)
);

-- Who came first with an event id (or with the declaration of its error), over all shards.
CREATE TABLE event_ids (
    hash BLOB NOT NULL,
    is_declaration BOOLEAN NOT NULL,
    content BLOB NOT NULL,
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (hash, is_declaration)
) WITHOUT ROWID;
CREATE INDEX event_ids_position ON event_ids (shard, seq);

-- The first sight of an id in a shard when another shard had it before: what this shard's own past says.
CREATE TABLE event_echoes (
    hash BLOB NOT NULL,
    is_declaration BOOLEAN NOT NULL,
    shard INTEGER NOT NULL,
    content BLOB NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (hash, is_declaration, shard)
) WITHOUT ROWID;

CREATE TABLE verdicts (
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    verdict INTEGER NOT NULL,
    ref_shard INTEGER,
    ref_seq BIGINT,
    submitter TEXT NOT NULL,
    seal BLOB NOT NULL,
    PRIMARY KEY (shard, seq)
) WITHOUT ROWID;

-- The dictionary: identifiers as (block, member). Rows are added, never changed.
CREATE TABLE blocks (
    block BLOB NOT NULL PRIMARY KEY,
    kind INTEGER NOT NULL,
    base TEXT NOT NULL
);

CREATE INDEX blocks_base ON blocks (base);

CREATE TABLE units (
    hash BLOB NOT NULL PRIMARY KEY,
    block BLOB NOT NULL,
    member INTEGER NOT NULL,
    identifier TEXT NOT NULL,
    seal BLOB NOT NULL
);
CREATE UNIQUE INDEX units_address ON units (block, member);

-- Projections of control orders: every version, with the ledger position (control/0) that made it.
CREATE TABLE organisations (
    id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    until_seq BIGINT,
    name TEXT NOT NULL,
    name_en TEXT,
    role TEXT NOT NULL,
    credit_code TEXT,
    region TEXT,
    gcp_length INTEGER,
    phone TEXT,
    PRIMARY KEY (id, seq)
);

CREATE TABLE places (
    id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    until_seq BIGINT,
    gln TEXT NOT NULL,
    name TEXT NOT NULL,
    name_en TEXT,
    org TEXT NOT NULL,
    region TEXT,
    lat TEXT,
    lon TEXT,
    PRIMARY KEY (id, seq)
);
CREATE INDEX places_gln ON places (gln);
CREATE INDEX places_org ON places (org);

CREATE TABLE products (
    gtin TEXT NOT NULL,
    seq BIGINT NOT NULL,
    until_seq BIGINT,
    name TEXT NOT NULL,
    name_en TEXT,
    org TEXT NOT NULL,
    brand TEXT,
    mode TEXT NOT NULL,
    category TEXT,
    standard TEXT,
    PRIMARY KEY (gtin, seq)
);
CREATE INDEX products_org ON products (org);

CREATE TABLE code_batches (
    gtin TEXT NOT NULL,
    batch INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    tenant TEXT NOT NULL,
    key_epoch INTEGER NOT NULL,
    lot TEXT NOT NULL,
    count BIGINT NOT NULL,
    request_id TEXT,
    request_key BLOB,
    issued_for TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    PRIMARY KEY (gtin, batch)
);
CREATE UNIQUE INDEX code_batches_id ON code_batches (id);
CREATE UNIQUE INDEX code_batches_request ON code_batches (request_key);
CREATE INDEX code_batches_lot ON code_batches (gtin, lot);

-- Projections of events.
CREATE TABLE events (
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    event_type INTEGER NOT NULL,
    action INTEGER,
    biz_step TEXT,
    disposition TEXT,
    t_lo BIGINT NOT NULL,
    t_hi BIGINT NOT NULL,
    record_time BIGINT NOT NULL,
    place BLOB,
    read_point BLOB,
    biz_location BLOB,
    from_place BLOB,
    to_place BLOB,
    from_party BLOB,
    to_party BLOB,
    from_owner BLOB,
    to_owner BLOB,
    submitter BLOB,
    process BLOB,
    is_declaration BOOLEAN NOT NULL,
    parts BLOB NOT NULL,
    PRIMARY KEY (shard, seq)
);
CREATE INDEX events_place ON events (place, t_lo);

CREATE TABLE trace_log (
    block BLOB NOT NULL,
    shard INTEGER NOT NULL,
    tier INTEGER NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    n INTEGER NOT NULL,
    t_min BIGINT NOT NULL,
    t_max BIGINT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (block, shard, tier, first_seq)
) WITHOUT ROWID;

CREATE TABLE lot_moves (
    lot BLOB NOT NULL,
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    line INTEGER NOT NULL,
    role INTEGER NOT NULL,
    from_place BLOB,
    to_place BLOB,
    from_party BLOB,
    to_party BLOB,
    quantity BIGINT,
    scale INTEGER NOT NULL,
    uom TEXT,
    t_lo BIGINT NOT NULL,
    t_hi BIGINT NOT NULL,
    PRIMARY KEY (lot, shard, seq, line)
) WITHOUT ROWID;

CREATE TABLE voids (
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    by_shard INTEGER NOT NULL,
    by_seq BIGINT NOT NULL,
    PRIMARY KEY (shard, seq, by_shard, by_seq)
) WITHOUT ROWID;

CREATE TABLE place_blocks (
    place BLOB NOT NULL,
    day INTEGER NOT NULL,
    block BLOB NOT NULL,
    PRIMARY KEY (place, day, block)
) WITHOUT ROWID;

-- Daily business: not in the ledger, not rebuilt.
CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    role TEXT NOT NULL,
    hash BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (hash);

CREATE TABLE dead_letters (
    shard INTEGER NOT NULL,
    record_offset BIGINT NOT NULL,
    part INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    faults TEXT NOT NULL,
    PRIMARY KEY (shard, record_offset, part)
);

CREATE TABLE capture_jobs (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    error_behaviour TEXT NOT NULL,
    success BOOLEAN NOT NULL,
    running BOOLEAN NOT NULL,
    report TEXT NOT NULL
);
