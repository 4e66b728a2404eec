//! Lots on their way to parties that events name: who is asked, and who is tasked.

use serde_json::json;
use suyuan::app::{self, NewRecall};
use suyuan::parties::{Caller, Role};
use suyuan::recall::{Act, Action, Answer, RecallView, Request};

use super::given::*;
use crate::harness::app::TestApp;
use crate::harness::database::TestDatabase;

/// The party that the far shop is.
const FAR_PARTY: &str = "https://id.gs1.org/417/9521234000037";

/// Nobody that is registered.
const STRANGER: &str = "https://id.gs1.org/417/9521234999997";

/// Of 100 kilos of sugar forty go to the far shop, and ten to a stranger; no event says to which place.
fn shipped(db: &TestDatabase) -> TestApp {
    let world = nothing(db);
    let to = |party: &str| json!([{"type": "possessing_party", "destination": party}]);
    record(
        &world,
        vec![
            object("01T06:00", "ADD", "commissioning", PLANT).kilos("SUGAR", 100),
            object("02T09:00", "OBSERVE", "shipping", PLANT)
                .kilos("SUGAR", 40)
                .list("destinationList", to(FAR_PARTY)),
            object("03T09:00", "OBSERVE", "shipping", PLANT)
                .kilos("SUGAR", 10)
                .list("destinationList", to(STRANGER)),
        ],
    );
    world
}

fn maker() -> Caller {
    Caller::Operator {
        user: "test".into(),
        org: Some("maker".into()),
    }
}

fn notified(world: &TestApp) -> RecallView {
    let request = Request {
        lots: vec![lot("SUGAR")],
        ..Request::default()
    };
    let new = NewRecall {
        request: &request,
        reason: "a drill",
        position: None,
        dry_run: false,
    };
    let recall = app::open_recall(&world.app, &maker(), &new)
        .unwrap()
        .recall
        .unwrap();
    for action in [Action::Decide, Action::Notify] {
        let act = Act {
            recall: &recall,
            action,
            reason: "a drill",
            answer: Answer::default(),
            assumed: None,
        };
        app::act_on_recall(&world.app, &maker(), &act).unwrap();
    }
    app::show_recall(&world.app, &maker(), &recall, None).unwrap()
}

both! {
    fn whom_an_event_names_to_have_a_lot_is_asked_and_tasked(db) {
        let world = shipped(db);

        let view = notified(&world);

        let rows: Vec<_> = view.holders.iter().map(|row| {
            (row.holder.as_str(), row.status.as_str(), row.role.as_str(), row.quantity[0].to_string())
        }).collect();
        let kilos = |amount: i64| format!("{amount} KGM");
        assert_eq!(rows, [
            ("far", "in_transit", "holder", kilos(40)),
            (STRANGER, "in_transit", "holder", kilos(10)),
            ("maker", "held", "holder", kilos(50)),
            ("maker", "in_transit", "sender", kilos(50)),
        ]);
        let edges: Vec<_> = view.dark_edges.iter().map(|edge| {
            (edge.kind.as_str(), edge.quantity.as_ref().unwrap().to_string(), edge.ask.join(" "))
        }).collect();
        assert_eq!(edges, [
            ("not_received", kilos(10), format!("{STRANGER} maker")),
            ("not_received", kilos(40), "far maker".to_owned()),
        ]);
        let tasks: Vec<_> = view.tasks.iter().map(|task| (task.holder.as_str(), task.quantity[0].to_string())).collect();
        assert_eq!(tasks, [("far", kilos(40)), (STRANGER, kilos(10)), ("maker", kilos(100))]);
        let far = bearer("far", Role::Retailer);
        let own = app::show_recall(&world.app, &far, view.recall.as_deref().unwrap(), None).unwrap();
        assert_eq!(own.tasks.len(), 1, "whose place has the GLN of the party has its task");
    }
}
