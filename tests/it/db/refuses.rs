use diesel::prelude::*;
use suyuan::db::schema::blocks;
use suyuan::db::{Conn, Db, Error};

use crate::harness::database::BareDatabase;

fn insert(conn: &mut Conn, block: u8) -> Result<(), Error> {
    diesel::insert_into(blocks::table)
        .values((
            blocks::block.eq(vec![block; 16]),
            blocks::kind.eq(0),
            blocks::base.eq("base"),
        ))
        .execute(conn)?;
    Ok(())
}

fn count(db: &Db) -> i64 {
    db.read(|conn| Ok::<_, Error>(blocks::table.count().get_result(conn)?))
        .unwrap()
}

both! {
    fn a_second_row_with_the_same_key_is_a_unique_violation(db) {
        db.write(|conn| insert(conn, 1)).unwrap();

        let refused = db.write(|conn| insert(conn, 1)).unwrap_err();

        assert!(refused.is_unique_violation(), "{refused:?}");
        assert!(!refused.is_transient());
    }

    fn a_write_that_fails_leaves_nothing(db) {
        let failed = db.write(|conn| {
            insert(conn, 1)?;
            insert(conn, 2)?;
            insert(conn, 1)
        });

        assert!(failed.is_err());
        assert_eq!(count(db), 0);
    }

    fn a_write_goes_on_after_a_refused_savepoint(db) {
        db.write(|conn| {
            insert(conn, 1)?;
            let refused = conn.transaction(|conn| insert(conn, 1)).unwrap_err();
            assert!(refused.is_unique_violation(), "{refused:?}");
            insert(conn, 2)
        })
        .unwrap();

        assert_eq!(count(db), 2);
    }
}

#[test]
fn a_database_without_its_schema_is_not_opened() {
    for bare in [BareDatabase::sqlite(), BareDatabase::postgres("")] {
        drop(bare.conn());

        let refused = Db::open(bare.url(), 1).unwrap_err();

        assert!(matches!(refused, Error::Pending { .. }), "{refused:?}");
    }
}

#[test]
fn a_mistyped_path_is_not_a_new_database() {
    let bare = BareDatabase::sqlite();

    let refused = Db::open(bare.url(), 1).unwrap_err();

    assert!(matches!(refused, Error::Unreachable(_)), "{refused:?}");
    let path = bare.address().replace("sqlite:", "");
    assert!(!std::path::Path::new(&path).exists());
}
