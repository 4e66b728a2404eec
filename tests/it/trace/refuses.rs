use diesel::prelude::*;
use suyuan::codes::MemberSet;
use suyuan::db::schema::{lot_moves, trace_log};
use suyuan::trace::{self, Source, store::StoreSource};

use super::given::*;

both! {
    fn a_damaged_row_is_named_with_its_column(db) {
        let error = db.write(|conn| {
            trace::record(conn, &[seen(3, 1, items(1), [5])])?;
            diesel::update(trace_log::table).set(trace_log::data.eq(vec![9_u8])).execute(conn)?;
            load_block(conn, items(1), &MemberSet::one(5), &position(10))
        }).unwrap_err();

        assert_eq!(
            error.to_string(),
            format!("table trace_log: block {:?} shard 3 tier 0 first_seq 1: data: block log version 9 is not known", items(1))
        );
    }

    fn a_damaged_row_is_named_when_its_tier_is_merged(db) {
        let error = db.write(|conn| {
            for seq in 0..31 {
                trace::record(conn, &[seen(0, seq, items(1), [5])])?;
            }
            diesel::update(trace_log::table.filter(trace_log::first_seq.eq(17)))
                .set(trace_log::data.eq(vec![1_u8]))
                .execute(conn)?;
            trace::record(conn, &[seen(0, 31, items(1), [5])])
        }).unwrap_err();

        let text = error.to_string();
        assert!(text.contains("first_seq 17: data: the bytes end inside time units"), "{text}");
    }

    fn an_unknown_role_of_a_lot_is_named(db) {
        let error = db.write(|conn| {
            trace::record(conn, &[received(0, 4, lot(1), 40)])?;
            diesel::update(lot_moves::table).set(lot_moves::role.eq(99)).execute(conn)?;
            StoreSource::new(conn, position(10)).unwrap().lot_moves(&[lot(1)])
        }).unwrap_err();

        assert!(error.to_string().ends_with("seq 4 line 0: unknown role"), "{error}");
    }
}
