//! Traces within a window.

use suyuan::app::{self, Code};
use suyuan::epcis::Timestamp;
use suyuan::trace::evaluate::{Direction, Window};

use super::given::*;
use crate::harness::app::TestApp;

fn clock(at: &str) -> Option<Timestamp> {
    (!at.is_empty()).then(|| format!("2026-09-20T{at}:00Z").parse().unwrap())
}

/// What a trace within a window finds, its own subject and processes left out; an end that is empty is open.
fn found(world: &TestApp, direction: Direction, id: &str, from: &str, until: &str) -> Vec<String> {
    let window = Window {
        from: clock(from),
        until: clock(until),
    };
    let traced = app::trace(&world.app, &operator("maker"), direction, id, window, None).unwrap();
    let ids = traced.nodes.into_iter().map(|node| node.id);
    ids.filter(|found| found != id && !found.starts_with("urn:uuid:"))
        .collect()
}

both! {
    fn forward_a_window_begins_where_a_thing_went_bad_and_ends_where_no_more_is_asked(db) {
        let world = chain(db);
        let forward = |from: &str, until: &str| found(&world, Direction::Forward, MILK, from, until);
        let tins: Vec<String> = (1..=4).map(tin).collect();

        assert_eq!(forward("", ""), tins);
        assert_eq!(forward("", "08:00"), tins, "the ends are in");
        assert_eq!(forward("", "07:59"), Vec::<String>::new(), "filled later");
        assert_eq!(forward("08:00", ""), tins);
        assert_eq!(forward("08:01", ""), Vec::<String>::new(), "used up before it went bad");
    }

    fn back_a_window_leaves_out_what_was_done_before_it_and_after_it(db) {
        let world = chain(db);
        let back = |from: &str, until: &str| found(&world, Direction::Backward, &tin(1), from, until);

        assert_eq!(back("", ""), [MILK]);
        assert_eq!(back("08:00", "08:00"), [MILK]);
        assert_eq!(back("08:01", ""), Vec::<String>::new(), "filled before");
        assert_eq!(back("", "07:59"), Vec::<String>::new(), "filled later");
    }

    fn a_window_that_ends_before_it_starts_is_refused(db) {
        let world = chain(db);
        let window = Window { from: clock("09:00"), until: clock("08:00") };

        let traced = app::trace(&world.app, &operator("maker"), Direction::Forward, MILK, window, None);

        assert_eq!(traced.unwrap_err().code, Code::InvalidParameter);
    }
}
