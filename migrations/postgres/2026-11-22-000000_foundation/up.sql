-- The ledger: what happened, in the order of recording. Rows are added, never changed; only heads move.
CREATE TABLE ledger_shards (
    shard INTEGER PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    origin TEXT COLLATE "C" NOT NULL,
    topic TEXT COLLATE "C" NOT NULL,
    kpartition INTEGER NOT NULL,
    incarnation INTEGER NOT NULL,
    ident BYTEA NOT NULL,
    seal BYTEA NOT NULL
);
CREATE UNIQUE INDEX ledger_shards_name ON ledger_shards (name, incarnation);

CREATE TABLE ledger_heads (
    shard INTEGER PRIMARY KEY,
    next_offset BIGINT NOT NULL,
    size BIGINT NOT NULL,
    chain_hash BYTEA NOT NULL,
    frontier BYTEA NOT NULL,
    writer_epoch BIGINT NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    seal BYTEA NOT NULL
);

CREATE TABLE ledger_entries (
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    record_offset BIGINT NOT NULL,
    part INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    leaf BYTEA NOT NULL,
    leaf_hash BYTEA NOT NULL,
    PRIMARY KEY (shard, seq)
);
CREATE UNIQUE INDEX ledger_entries_offset ON ledger_entries (shard, record_offset, part);

CREATE TABLE ledger_payloads (
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    salt BYTEA NOT NULL,
    PRIMARY KEY (shard, seq)
);

-- Who came first with an event id (or with the declaration of its error), over all shards.
CREATE TABLE event_ids (
    hash BYTEA NOT NULL,
    is_declaration BOOLEAN NOT NULL,
    content BYTEA NOT NULL,
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (hash, is_declaration)
);
CREATE INDEX event_ids_position ON event_ids (shard, seq);

-- The first sight of an id in a shard when another shard had it before: what this shard's own past says.
CREATE TABLE event_echoes (
    hash BYTEA NOT NULL,
    is_declaration BOOLEAN NOT NULL,
    shard INTEGER NOT NULL,
    content BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (hash, is_declaration, shard)
);

CREATE TABLE verdicts (
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    verdict INTEGER NOT NULL,
    ref_shard INTEGER,
    ref_seq BIGINT,
    submitter TEXT COLLATE "C" NOT NULL,
    seal BYTEA NOT NULL,
    PRIMARY KEY (shard, seq)
);

-- The dictionary: identifiers as (block, member). Rows are added, never changed.
CREATE TABLE blocks (
    block BYTEA PRIMARY KEY,
    kind INTEGER NOT NULL,
    base TEXT COLLATE "C" NOT NULL
);

CREATE INDEX blocks_base ON blocks (base);

CREATE TABLE units (
    hash BYTEA PRIMARY KEY,
    block BYTEA NOT NULL,
    member INTEGER NOT NULL,
    identifier TEXT COLLATE "C" NOT NULL,
    seal BYTEA NOT NULL
);
CREATE UNIQUE INDEX units_address ON units (block, member);

-- Projections of control orders: every version, with the ledger position (control/0) that made it.
CREATE TABLE organisations (
    id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    until_seq BIGINT,
    name TEXT COLLATE "C" NOT NULL,
    name_en TEXT COLLATE "C",
    role TEXT COLLATE "C" NOT NULL,
    credit_code TEXT COLLATE "C",
    region TEXT COLLATE "C",
    gcp_length INTEGER,
    phone TEXT COLLATE "C",
    PRIMARY KEY (id, seq)
);

CREATE TABLE places (
    id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    until_seq BIGINT,
    gln TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    name_en TEXT COLLATE "C",
    org TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C",
    lat TEXT COLLATE "C",
    lon TEXT COLLATE "C",
    PRIMARY KEY (id, seq)
);
CREATE INDEX places_gln ON places (gln);
CREATE INDEX places_org ON places (org);

CREATE TABLE products (
    gtin TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    until_seq BIGINT,
    name TEXT COLLATE "C" NOT NULL,
    name_en TEXT COLLATE "C",
    org TEXT COLLATE "C" NOT NULL,
    brand TEXT COLLATE "C",
    mode TEXT COLLATE "C" NOT NULL,
    category TEXT COLLATE "C",
    standard TEXT COLLATE "C",
    PRIMARY KEY (gtin, seq)
);
CREATE INDEX products_org ON products (org);

CREATE TABLE code_batches (
    gtin TEXT COLLATE "C" NOT NULL,
    batch INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    tenant TEXT COLLATE "C" NOT NULL,
    key_epoch INTEGER NOT NULL,
    lot TEXT COLLATE "C" NOT NULL,
    count BIGINT NOT NULL,
    request_id TEXT COLLATE "C",
    request_key BYTEA,
    issued_for TEXT COLLATE "C" NOT NULL,
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
    id TEXT COLLATE "C" NOT NULL,
    event_type INTEGER NOT NULL,
    action INTEGER,
    biz_step TEXT COLLATE "C",
    disposition TEXT COLLATE "C",
    t_lo BIGINT NOT NULL,
    t_hi BIGINT NOT NULL,
    record_time BIGINT NOT NULL,
    place BYTEA,
    read_point BYTEA,
    biz_location BYTEA,
    from_place BYTEA,
    to_place BYTEA,
    from_party BYTEA,
    to_party BYTEA,
    from_owner BYTEA,
    to_owner BYTEA,
    submitter BYTEA,
    process BYTEA,
    is_declaration BOOLEAN NOT NULL,
    parts BYTEA NOT NULL,
    PRIMARY KEY (shard, seq)
);
CREATE INDEX events_place ON events (place, t_lo);

CREATE TABLE trace_log (
    block BYTEA NOT NULL,
    shard INTEGER NOT NULL,
    tier INTEGER NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    n INTEGER NOT NULL,
    t_min BIGINT NOT NULL,
    t_max BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (block, shard, tier, first_seq)
);

CREATE TABLE lot_moves (
    lot BYTEA NOT NULL,
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    line INTEGER NOT NULL,
    role INTEGER NOT NULL,
    from_place BYTEA,
    to_place BYTEA,
    from_party BYTEA,
    to_party BYTEA,
    quantity BIGINT,
    scale INTEGER NOT NULL,
    uom TEXT COLLATE "C",
    t_lo BIGINT NOT NULL,
    t_hi BIGINT NOT NULL,
    PRIMARY KEY (lot, shard, seq, line)
);

CREATE TABLE voids (
    shard INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    by_shard INTEGER NOT NULL,
    by_seq BIGINT NOT NULL,
    PRIMARY KEY (shard, seq, by_shard, by_seq)
);

CREATE TABLE place_blocks (
    place BYTEA NOT NULL,
    day INTEGER NOT NULL,
    block BYTEA NOT NULL,
    PRIMARY KEY (place, day, block)
);

-- Daily business: not in the ledger, not rebuilt.
CREATE TABLE api_keys (
    id TEXT COLLATE "C" PRIMARY KEY,
    org TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
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
    faults TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (shard, record_offset, part)
);

CREATE TABLE capture_jobs (
    id TEXT COLLATE "C" PRIMARY KEY,
    org TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    error_behaviour TEXT COLLATE "C" NOT NULL,
    success BOOLEAN NOT NULL,
    running BOOLEAN NOT NULL,
    report TEXT COLLATE "C" NOT NULL
);
