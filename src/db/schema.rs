//! Every table, in plain types only: the same on both databases.
#![allow(missing_docs, reason = "the macro makes a module a table")]

diesel::table! {
    ledger_shards (shard) {
        shard -> Integer,
        name -> Text,
        origin -> Text,
        topic -> Text,
        kpartition -> Integer,
        incarnation -> Integer,
        ident -> Binary,
        seal -> Binary,
    }
}

diesel::table! {
    ledger_heads (shard) {
        shard -> Integer,
        next_offset -> BigInt,
        size -> BigInt,
        chain_hash -> Binary,
        frontier -> Binary,
        writer_epoch -> BigInt,
        owner -> Text,
        seal -> Binary,
    }
}

diesel::table! {
    ledger_entries (shard, seq) {
        shard -> Integer,
        seq -> BigInt,
        record_offset -> BigInt,
        part -> Integer,
        kind -> Integer,
        leaf -> Binary,
        leaf_hash -> Binary,
    }
}

diesel::table! {
    ledger_payloads (shard, seq) {
        shard -> Integer,
        seq -> BigInt,
        bytes -> Binary,
        salt -> Binary,
        packing -> Integer,
    }
}

diesel::table! {
    event_ids (hash, is_declaration) {
        hash -> Binary,
        is_declaration -> Bool,
        content -> Binary,
        shard -> Integer,
        seq -> BigInt,
    }
}

diesel::table! {
    event_echoes (hash, is_declaration, shard) {
        hash -> Binary,
        is_declaration -> Bool,
        shard -> Integer,
        content -> Binary,
        seq -> BigInt,
    }
}

diesel::table! {
    verdicts (shard, seq) {
        shard -> Integer,
        seq -> BigInt,
        verdict -> Integer,
        ref_shard -> Nullable<Integer>,
        ref_seq -> Nullable<BigInt>,
        submitter -> Text,
        seal -> Binary,
    }
}

diesel::table! {
    blocks (block) {
        block -> Binary,
        kind -> Integer,
        base -> Text,
    }
}

diesel::table! {
    units (hash) {
        hash -> Binary,
        block -> Binary,
        member -> Integer,
        identifier -> Text,
        seal -> Binary,
    }
}

diesel::table! {
    organisations (id, seq) {
        id -> Text,
        seq -> BigInt,
        until_seq -> Nullable<BigInt>,
        name -> Text,
        name_en -> Nullable<Text>,
        role -> Text,
        credit_code -> Nullable<Text>,
        region -> Nullable<Text>,
        gcp_length -> Nullable<Integer>,
        phone -> Nullable<Text>,
    }
}

diesel::table! {
    places (id, seq) {
        id -> Text,
        seq -> BigInt,
        until_seq -> Nullable<BigInt>,
        gln -> Text,
        name -> Text,
        name_en -> Nullable<Text>,
        org -> Text,
        region -> Nullable<Text>,
        lat -> Nullable<Text>,
        lon -> Nullable<Text>,
    }
}

diesel::table! {
    products (gtin, seq) {
        gtin -> Text,
        seq -> BigInt,
        until_seq -> Nullable<BigInt>,
        name -> Text,
        name_en -> Nullable<Text>,
        org -> Text,
        brand -> Nullable<Text>,
        mode -> Text,
        category -> Nullable<Text>,
        standard -> Nullable<Text>,
    }
}

diesel::table! {
    lot_aliases (lot, same_as, seq) {
        lot -> Text,
        same_as -> Text,
        seq -> BigInt,
        until_seq -> Nullable<BigInt>,
        org -> Text,
        valid -> Bool,
    }
}

diesel::table! {
    credentials (id, seq) {
        id -> Text,
        seq -> BigInt,
        until_seq -> Nullable<BigInt>,
        kind -> Text,
        name -> Text,
        issuer -> Text,
        org -> Text,
        is_general -> Bool,
        valid_from -> BigInt,
        valid_to -> Nullable<BigInt>,
        standard -> Nullable<Text>,
        outcome -> Nullable<Text>,
        laboratory -> Nullable<Text>,
        instrument -> Nullable<Text>,
        calibrated_from -> Nullable<BigInt>,
        calibrated_to -> Nullable<BigInt>,
        uri -> Nullable<Text>,
        digest -> Nullable<Text>,
        recorded_by -> Text,
        recorded_for -> Nullable<Text>,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    credential_scopes (id, seq, kind, value) {
        id -> Text,
        seq -> BigInt,
        kind -> Text,
        value -> Text,
    }
}

diesel::table! {
    credential_revocations (id, seq) {
        id -> Text,
        seq -> BigInt,
        begins_at -> BigInt,
        ends_at -> Nullable<BigInt>,
        reason -> Text,
        recorded_by -> Text,
        recorded_for -> Nullable<Text>,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    people (id, seq) {
        id -> Text,
        seq -> BigInt,
        until_seq -> Nullable<BigInt>,
        name -> Text,
        org -> Text,
        place -> Nullable<Text>,
        role -> Text,
        phone -> Nullable<Text>,
        valid_from -> BigInt,
        valid_to -> Nullable<BigInt>,
        recorded_by -> Text,
        recorded_for -> Nullable<Text>,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    code_batches (gtin, batch) {
        gtin -> Text,
        batch -> Integer,
        seq -> BigInt,
        id -> Text,
        tenant -> Text,
        key_epoch -> Integer,
        lot -> Text,
        count -> BigInt,
        request_id -> Nullable<Text>,
        request_key -> Nullable<Binary>,
        issued_for -> Text,
        issued_at -> BigInt,
    }
}

diesel::table! {
    events (shard, seq) {
        shard -> Integer,
        seq -> BigInt,
        id -> Text,
        event_type -> Integer,
        action -> Nullable<Integer>,
        biz_step -> Nullable<Text>,
        disposition -> Nullable<Text>,
        t_lo -> BigInt,
        t_hi -> BigInt,
        record_time -> BigInt,
        place -> Nullable<Binary>,
        read_point -> Nullable<Binary>,
        biz_location -> Nullable<Binary>,
        from_place -> Nullable<Binary>,
        to_place -> Nullable<Binary>,
        from_party -> Nullable<Binary>,
        to_party -> Nullable<Binary>,
        from_owner -> Nullable<Binary>,
        to_owner -> Nullable<Binary>,
        submitter -> Nullable<Binary>,
        process -> Nullable<Binary>,
        is_declaration -> Bool,
        parts -> Binary,
    }
}

diesel::table! {
    trace_log (block, shard, tier, first_seq) {
        block -> Binary,
        shard -> Integer,
        tier -> Integer,
        first_seq -> BigInt,
        last_seq -> BigInt,
        n -> Integer,
        t_min -> BigInt,
        t_max -> BigInt,
        data -> Binary,
    }
}

diesel::table! {
    lot_moves (lot, shard, seq, line) {
        lot -> Binary,
        shard -> Integer,
        seq -> BigInt,
        line -> Integer,
        role -> Integer,
        from_place -> Nullable<Binary>,
        to_place -> Nullable<Binary>,
        from_party -> Nullable<Binary>,
        to_party -> Nullable<Binary>,
        quantity -> Nullable<BigInt>,
        scale -> Integer,
        uom -> Nullable<Text>,
        t_lo -> BigInt,
        t_hi -> BigInt,
    }
}

diesel::table! {
    lot_units (lot, block, shard, seq) {
        lot -> Binary,
        block -> Binary,
        shard -> Integer,
        seq -> BigInt,
        members -> Binary,
    }
}

diesel::table! {
    voids (shard, seq, by_shard, by_seq) {
        shard -> Integer,
        seq -> BigInt,
        by_shard -> Integer,
        by_seq -> BigInt,
    }
}

diesel::table! {
    place_blocks (place, day, block) {
        place -> Binary,
        day -> Integer,
        block -> Binary,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Text,
        org -> Text,
        role -> Text,
        hash -> Binary,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    submitter_keys (id) {
        id -> Text,
        org -> Text,
        public_key -> Binary,
        seq -> BigInt,
        created_at -> BigInt,
        until_seq -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    dead_letters (shard, record_offset, part) {
        shard -> Integer,
        record_offset -> BigInt,
        part -> Integer,
        seq -> BigInt,
        recorded_at -> BigInt,
        faults -> Text,
        submitter -> Text,
        replayed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    capture_jobs (id) {
        id -> Text,
        org -> Text,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        error_behaviour -> Text,
        success -> Bool,
        running -> Bool,
        report -> Text,
    }
}

diesel::table! {
    recalls (id) {
        id -> Text,
        seq -> BigInt,
        version -> Integer,
        state -> Text,
        org -> Nullable<Text>,
        reason -> Text,
        hazard -> Nullable<Text>,
        opened_at -> BigInt,
        assumed -> Nullable<Text>,
    }
}

diesel::table! {
    recall_versions (recall, version) {
        recall -> Text,
        version -> Integer,
        seq -> BigInt,
        scope -> Binary,
        definition -> Text,
        ledger_position -> Text,
        summary -> Text,
        holdings -> Text,
        digest -> Text,
    }
}

diesel::table! {
    recall_differences (recall, version) {
        recall -> Text,
        version -> Integer,
        kept -> Binary,
        holdings -> Text,
        removals -> Text,
        summary -> Text,
        digest -> Text,
    }
}

diesel::table! {
    recall_releases (recall, version) {
        recall -> Text,
        version -> Integer,
        seq -> BigInt,
    }
}

diesel::table! {
    recall_names (name, recall, version) {
        name -> Text,
        recall -> Text,
        version -> Integer,
    }
}

diesel::table! {
    recall_tasks (recall, holder) {
        recall -> Text,
        holder -> Text,
        seq -> BigInt,
        version -> Integer,
        state -> Text,
        unit_count -> BigInt,
        quantity -> Text,
        found -> Nullable<BigInt>,
        quarantined -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        changed_at -> BigInt,
    }
}

diesel::table! {
    recall_moves (recall, seq) {
        recall -> Text,
        seq -> BigInt,
        action -> Text,
        state -> Text,
        given_by -> Text,
        org -> Nullable<Text>,
        given_at -> BigInt,
        reason -> Text,
        assumed -> Nullable<Text>,
    }
}

diesel::table! {
    scope_blocks (scope, block) {
        scope -> Binary,
        block -> Binary,
        data -> Binary,
    }
}

diesel::table! {
    scope_exclusions (scope, block, reason, shard, seq) {
        scope -> Binary,
        block -> Binary,
        reason -> Integer,
        shard -> Integer,
        seq -> BigInt,
        members -> Binary,
    }
}

diesel::table! {
    scope_lots (scope, lot) {
        scope -> Binary,
        lot -> Binary,
        data -> Text,
    }
}

diesel::table! {
    outbox (seq, part) {
        seq -> BigInt,
        part -> Integer,
        id -> Text,
        key -> Text,
        kind -> Text,
        payload -> Text,
        created_at -> BigInt,
        published_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    webhooks (id) {
        id -> Text,
        org -> Text,
        role -> Text,
        url -> Text,
        kinds -> Text,
        secret -> Binary,
        old_secret -> Nullable<Binary>,
        old_until -> Nullable<BigInt>,
        created_at -> BigInt,
        created_by -> Text,
        disabled_at -> Nullable<BigInt>,
        disabled_reason -> Nullable<Text>,
        claim -> BigInt,
        leased_until -> BigInt,
    }
}

diesel::table! {
    webhook_deliveries (webhook, seq, part) {
        webhook -> Text,
        seq -> BigInt,
        part -> Integer,
        notice -> Text,
        recall -> Text,
        kind -> Text,
        state -> Text,
        attempts -> Integer,
        created_at -> BigInt,
        next_at -> BigInt,
        last_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        error -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(lot_moves, voids);
diesel::allow_tables_to_appear_in_same_query!(scope_blocks, recall_versions);
diesel::allow_tables_to_appear_in_same_query!(scope_lots, recall_versions);
diesel::allow_tables_to_appear_in_same_query!(scope_blocks, recall_differences);
diesel::allow_tables_to_appear_in_same_query!(scope_lots, recall_differences);
