use diesel::prelude::*;
use suyuan::db::Error;
use suyuan::db::schema::blocks;

use crate::harness::database::TestDatabase;

/// In the order of their bytes, which no dictionary shares.
const BYTEWISE: [&str; 8] = ["", "-", "10", "9", "B", "a", "é", "牛奶"];

fn sorted_by_the_database(db: &TestDatabase) -> Vec<String> {
    db.write(|conn| {
        for (n, base) in (0_u8..).zip(BYTEWISE.iter().rev()) {
            diesel::insert_into(blocks::table)
                .values((
                    blocks::block.eq(vec![n; 16]),
                    blocks::kind.eq(0),
                    blocks::base.eq(base),
                ))
                .execute(conn)?;
        }
        Ok::<_, Error>(())
    })
    .unwrap();
    db.read(|conn| {
        let query = blocks::table.select(blocks::base).order(blocks::base);
        Ok::<_, Error>(query.load(conn)?)
    })
    .unwrap()
}

both! {
    fn text_is_sorted_by_its_bytes(db) {
        assert_eq!(sorted_by_the_database(db), BYTEWISE);
    }
}

#[test]
fn text_is_sorted_by_its_bytes_whatever_the_locale_of_the_server() {
    let db = TestDatabase::postgres_of_another_locale();

    assert_eq!(sorted_by_the_database(&db), BYTEWISE);
}

#[test]
fn the_other_locale_would_sort_otherwise() {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        before: bool,
    }
    let db = TestDatabase::postgres_of_another_locale();

    let row: Row = diesel::sql_query("SELECT 'a'::text < 'B'::text AS before")
        .get_result(&mut db.conn())
        .unwrap();

    assert!(row.before);
}
