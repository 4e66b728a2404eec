use diesel::prelude::*;
use suyuan::db::schema::blocks;
use suyuan::db::{self, Conn, DatabaseUrl, Db, Error};

use crate::harness::server::{Kind, OwnServer};

fn blocks_in(db: &Db) -> Result<i64, Error> {
    db.read(|conn| Ok(blocks::table.count().get_result(conn)?))
}

#[test]
fn a_server_that_was_killed_is_used_again_when_it_is_back() {
    let server = OwnServer::new(Kind::Postgres);
    let url = DatabaseUrl::Postgres(server.address().to_owned());
    db::migrate::run(&mut Conn::open(&url).unwrap()).unwrap();
    let db = Db::open(&url, 1).unwrap();
    assert_eq!(blocks_in(&db).unwrap(), 0);

    server.kill();
    let lost = blocks_in(&db).unwrap_err();
    server.start();

    assert!(lost.is_transient(), "{lost:?}");
    assert_eq!(blocks_in(&db).unwrap(), 0);
}
