//! A frozen scope is the same for ever: evaluated again at its position, and rebuilt from the ledger.

use suyuan::app::{self, Problem, VerifyOptions};
use suyuan::recall::Action;

use super::given::*;

both! {
    fn what_happens_later_changes_nothing_at_the_position(db) {
        let world = chain(db);
        let first = opened(&world, &by_lot(MILK));
        let position = serde_json::to_string(&first.position).unwrap();
        record(&world, &[object("8", "16:00", SHOP, "retail_selling", &[tin(2)], None)]);
        world.places("9521234000020,店,kiosk");

        let again = tried(&world, &by_lot(MILK), Some(&position)).unwrap();
        let now = tried(&world, &by_lot(MILK), None).unwrap();

        assert_eq!(again.digest, first.digest);
        assert_eq!(again.holders, first.holders);
        assert_ne!(now.digest, first.digest);
        let frozen = app::show_recall(&world.app, &operator("maker"), first.recall.as_deref().unwrap(), None).unwrap();
        assert_eq!(frozen.holders, first.holders);
    }

    fn a_rebuild_makes_the_same_recall_from_the_orders(db) {
        let world = chain(db);
        let recall = opened(&world, &by_place("07:30", "09:30", Some("5m"))).recall.unwrap();
        acted(&world, &recall, Action::Decide, "maker").unwrap();
        acted(&world, &recall, Action::Notify, "maker").unwrap();
        acted(&world, &recall, Action::Ack, "shop").unwrap();
        record(&world, &[object("8", "16:00", SHOP, "retail_selling", &[tin(2)], None)]);
        let before = app::show_recall(&world.app, &operator("maker"), &recall, None).unwrap();
        let lines = listed(&world, &operator("maker"), &recall, None);

        let report = db
            .conn()
            .write(|conn| app::rebuild(&world.app, conn, &mut |_| {}))
            .map_err(|problem: Problem| problem.chain())
            .unwrap();

        assert!(report.equal, "{report:?}");
        assert_eq!(app::show_recall(&world.app, &operator("maker"), &recall, None).unwrap(), before);
        assert_eq!(listed(&world, &operator("maker"), &recall, None), lines);
        let verified = app::verify(&world.app, &mut db.conn(), &VerifyOptions::default(), &mut |_| {}).unwrap();
        assert_eq!(verified.bad, vec![]);
    }

    fn the_digest_is_that_of_the_sorted_listing(db) {
        use sha2::{Digest, Sha256};
        let world = chain(db);
        let view = opened(&world, &by_serial(CASE));

        let lines = listed(&world, &operator("maker"), view.recall.as_deref().unwrap(), None);

        let mut lines: Vec<String> = lines
            .iter()
            .map(|line| {
                let place = line.place.as_deref().unwrap_or_default();
                format!("{}\t{}\t{}\t{place}\t{}\n", line.id, line.certainty, line.status.as_str(), line.holder)
            })
            .collect();
        lines.sort();
        let digest = Sha256::digest(lines.concat());
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(view.digest, digest);
    }
}
