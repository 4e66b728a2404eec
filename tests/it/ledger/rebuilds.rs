//! Projections are thrown away and made anew with equal content.

use suyuan::app::{self, Problem, VerifyOptions};

use super::world::filled;

both! {
    fn a_rebuild_makes_what_was_there(db) {
        let world = filled(db);
        let mut conn = db.conn();

        let report = conn.write(|conn| app::rebuild(&world.app, conn, &mut |_| {})).map_err(|problem: Problem| problem.chain()).unwrap();

        assert!(report.equal, "{report:?}");
        assert!(report.tables.iter().all(|table| table.rows != 0), "{report:?}");
        let verified = app::verify(&world.app, &mut conn, &VerifyOptions::default(), &mut |_| {}).unwrap();
        assert_eq!(verified.bad, vec![]);
    }
}
