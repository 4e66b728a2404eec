//! A case from its opening to its end.

use suyuan::app;
use suyuan::parties::Role;
use suyuan::recall::{Action, Answer};

use super::given::*;

both! {
    fn a_recall_is_decided_notified_answered_and_closed(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();

        assert_eq!(acted(&world, &recall, Action::Decide, "maker").unwrap().state, "recall_decided");
        let told = acted(&world, &recall, Action::Notify, "maker").unwrap();
        assert_eq!((told.state, told.open_tasks), ("executing", 1));
        let answer = Answer { found: Some(3), quarantined: Some(2) };
        let answered = answered(&world, &recall, Action::Ack, "shop", answer).unwrap();
        assert_eq!((answered.state, answered.open_tasks), ("executing", 0));
        assert_eq!(acted(&world, &recall, Action::Close, "maker").unwrap().state, "closed");

        let view = app::show_recall(&world.app, &operator("maker"), &recall, None).unwrap();
        let task = &view.tasks[0];
        assert_eq!((task.holder.as_str(), task.state, task.unit_count), ("shop", "acknowledged", 3));
        assert_eq!((task.found, task.quarantined), (Some(3), Some(2)));
        let actions: Vec<&str> = view.history.iter().map(|row| row.action.as_str()).collect();
        assert_eq!(actions, ["open", "decide", "notify", "ack", "close"]);
    }

    fn open_tasks_are_written_off_by_the_second_close(db) {
        let world = chain(db);
        let recall = opened(&world, &by_serial(&tin(5))).recall.unwrap();
        acted(&world, &recall, Action::Decide, "maker").unwrap();
        acted(&world, &recall, Action::Notify, "maker").unwrap();

        let announced = acted(&world, &recall, Action::Close, "maker").unwrap();
        assert_eq!((announced.state, announced.open_tasks), ("closing", 2));
        acted(&world, &recall, Action::Ack, "kiosk").unwrap();
        let closed = acted(&world, &recall, Action::Close, "maker").unwrap();

        assert_eq!((closed.state, closed.open_tasks), ("closed", 0));
        let view = app::show_recall(&world.app, &operator("maker"), &recall, None).unwrap();
        let states: Vec<(&str, &str)> = view.tasks.iter().map(|task| (task.holder.as_str(), task.state)).collect();
        assert_eq!(states, [("kiosk", "acknowledged"), ("maker", "written_off")]);
    }

    fn a_regulator_may_conduct_what_a_producer_opened(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();

        assert_eq!(acted(&world, &recall, Action::Cancel, "office").unwrap().state, "cancelled");
    }

    fn a_holder_sees_its_own_part_only(db) {
        let world = chain(db);
        let recall = opened(&world, &by_lot(MILK)).recall.unwrap();
        let shop = bearer("shop", Role::Retailer);
        assert!(app::show_recall(&world.app, &shop, &recall, None).is_err(), "no task yet");
        acted(&world, &recall, Action::Decide, "maker").unwrap();
        acted(&world, &recall, Action::Notify, "maker").unwrap();

        let view = app::show_recall(&world.app, &shop, &recall, None).unwrap();
        assert_eq!(holders(&view), [("shop", Some(SHOP), 3, "held", "holder")]);
        assert_eq!(listed(&world, &shop, &recall, Some("shop")).len(), 3);
        assert_eq!(listed(&world, &shop, &recall, None).len(), 3);
        assert_eq!(app::list_recalls(&world.app, &shop).unwrap().len(), 1);
        let kiosk = bearer("kiosk", Role::Retailer);
        assert_eq!(app::list_recalls(&world.app, &kiosk).unwrap(), vec![]);
    }
}
