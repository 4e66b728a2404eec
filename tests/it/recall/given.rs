//! A small chain: a line fills tins from two lots of milk, a case of four goes to a shop and arrives, a
//! tin goes to another shop and does not.

use suyuan::app::{self, NewRecall, NewVersion, Problem};
use suyuan::codes::{self, Derived, Dictionary, ItemNumber};
use suyuan::parties::{Caller, Role};
use suyuan::recall::{
    self, Act, Action, Affected, Answer, DiffLine, DiffQuery, ExtensionView, Moved, RecallView,
    Request, RequestedPlace, Ruling, UnitLine, UnitQuery,
};
use suyuan::trace;

use crate::harness::app::TestApp;
use crate::harness::database::TestDatabase;

pub(super) const PLANT: &str = "https://id.gs1.org/414/9521234000013";
pub(super) const LINE: &str = "https://id.gs1.org/414/9521234000013/254/L1";
pub(super) const SHOP: &str = "https://id.gs1.org/414/9521234000020";
pub(super) const OTHER_SHOP: &str = "https://id.gs1.org/414/9521234000037";
pub(super) const CASE: &str = "https://id.gs1.org/00/195212340000000010";
pub(super) const MILK: &str = "https://id.gs1.org/01/09521234543213/10/MILK1";

const CONTEXT: &str =
    r#""@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"]"#;

/// The tin with this serial.
pub(super) fn tin(number: u32) -> String {
    format!("https://id.gs1.org/01/09521234543213/21/{number}")
}

/// The chain, captured.
pub(super) fn chain(db: &TestDatabase) -> TestApp {
    let world = TestApp::on(db);
    world.organisations(
        "maker,乳业,producer\nshop,商店,retailer\nkiosk,小店,retailer\noffice,市场监管局,regulator",
    );
    world.places("9521234000013,厂,maker\n9521234000020,店,shop\n9521234000037,小店,kiosk");
    world.products("09521234543213,奶粉,maker,stored");
    record(
        &world,
        &[
            filled("1", "08:00", MILK, &[1, 2, 3, 4]),
            filled(
                "2",
                "09:05",
                "https://id.gs1.org/01/09521234543213/10/MILK2",
                &[5, 6],
            ),
            packed("3", "10:00", &[1, 2, 3, 4]),
            object(
                "4",
                "11:00",
                PLANT,
                "shipping",
                &[CASE.to_owned()],
                Some(SHOP),
            ),
            object("5", "13:00", SHOP, "receiving", &[CASE.to_owned()], None),
            object("6", "14:00", SHOP, "retail_selling", &[tin(1)], None),
            object("7", "15:00", PLANT, "shipping", &[tin(5)], Some(OTHER_SHOP)),
        ],
    );
    world
}

/// Issues codes for cans of a lot; the can with each number.
pub(super) fn cans<'w>(world: &'w TestApp, lot: &str, count: u64) -> impl Fn(u32) -> String + 'w {
    world.products("09521234543237,听装,maker,computed");
    let app = &world.app;
    let dictionary = Dictionary {
        master: &app.master,
        seal: &app.ledger.seal,
    };
    let request = codes::Request {
        gtin: "09521234543237".parse().unwrap(),
        lot: lot.into(),
        count,
        request_id: None,
    };
    let issue =
        |conn: &mut _| codes::issue(conn, &app.ledger, dictionary, &world.giver(), &request);
    let batch = app.db.write(issue).unwrap();
    move |index| {
        let number = ItemNumber::new(batch.number, index).unwrap();
        let serial = batch.book(&app.master).issue(number);
        format!("https://id.gs1.org/01/09521234543237/21/{serial}")
    }
}

/// Captures events for the maker.
pub(super) fn record(world: &TestApp, events: &[String]) {
    let body = format!(
        r#"{{{CONTEXT},"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-09-21T00:00:00Z","epcisBody":{{"eventList":[{}]}}}}"#,
        events.join(",")
    );
    let receipt = world.capture("maker", &body);
    assert_eq!((receipt.recorded, receipt.errors), (events.len(), vec![]));
}

fn common(id: &str, at: &str, event_type: &str, place: &str) -> String {
    format!(
        r#""type":"{event_type}","eventID":"urn:uuid:00000000-0000-4000-8000-0000000000{id:0>2}","eventTime":"2026-09-20T{at}:00Z","eventTimeZoneOffset":"+00:00","readPoint":{{"id":"{place}"}},"bizLocation":{{"id":"{place}"}}"#
    )
}

fn list(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
    quoted.join(",")
}

fn tins(numbers: &[u32]) -> Vec<String> {
    numbers.iter().map(|number| tin(*number)).collect()
}

fn filled(id: &str, at: &str, lot: &str, numbers: &[u32]) -> String {
    format!(
        r#"{{{},"inputQuantityList":[{{"epcClass":"{lot}","quantity":100,"uom":"KGM"}}],"outputEPCList":[{}]}}"#,
        common(id, at, "TransformationEvent", LINE),
        list(&tins(numbers))
    )
}

/// Things made from a lot on the line.
pub(super) fn filled_many(id: &str, at: &str, lot: &str, things: &[String]) -> String {
    format!(
        r#"{{{},"inputQuantityList":[{{"epcClass":"{lot}","quantity":1,"uom":"KGM"}}],"outputEPCList":[{}]}}"#,
        common(id, at, "TransformationEvent", LINE),
        list(things)
    )
}

/// Something of a lot made of a thing at a place.
pub(super) fn reworked(id: &str, at: &str, place: &str, thing: &str, lot: &str) -> String {
    format!(
        r#"{{{},"inputEPCList":["{thing}"],"outputQuantityList":[{{"epcClass":"{lot}","quantity":5,"uom":"KGM"}}]}}"#,
        common(id, at, "TransformationEvent", place)
    )
}

/// The declaration that an event did not occur.
pub(super) fn declared(event: &str) -> String {
    format!(
        r#"{},"errorDeclaration":{{"declarationTime":"2026-09-20T20:00:00Z","reason":"did_not_occur"}}}}"#,
        &event[..event.len() - 1]
    )
}

/// The same event under another id.
pub(super) fn numbered(number: u32, event: &str) -> String {
    event.replace("0000000000XX", &format!("00000001{number:04}"))
}

fn packed(id: &str, at: &str, numbers: &[u32]) -> String {
    format!(
        r#"{{{},"action":"ADD","bizStep":"packing","parentID":"{CASE}","childEPCs":[{}]}}"#,
        common(id, at, "AggregationEvent", PLANT),
        list(&tins(numbers))
    )
}

/// Something seen at a place; with a destination, on its way there.
pub(super) fn object(
    id: &str,
    at: &str,
    place: &str,
    step: &str,
    epcs: &[String],
    to: Option<&str>,
) -> String {
    let to = to.map_or_else(String::new, |to| {
        format!(
            r#","sourceList":[{{"type":"location","source":"{place}"}}],"destinationList":[{{"type":"location","destination":"{to}"}}]"#
        )
    });
    format!(
        r#"{{{},"action":"OBSERVE","bizStep":"{step}","epcList":[{}]{to}}}"#,
        common(id, at, "ObjectEvent", place),
        list(epcs)
    )
}

pub(super) fn by_lot(lot: &str) -> Request {
    Request {
        lots: vec![lot.to_owned()],
        ..Request::default()
    }
}

pub(super) fn by_serial(unit: &str) -> Request {
    Request {
        units: vec![unit.to_owned()],
        ..Request::default()
    }
}

/// The plant on the day of the story, between two hours.
pub(super) fn by_place(from: &str, until: &str, guard: Option<&str>) -> Request {
    Request {
        places: vec![RequestedPlace {
            place: "9521234000013".into(),
            from: format!("2026-09-20T{from}:00Z"),
            until: format!("2026-09-20T{until}:00Z"),
            guard: guard.map(str::to_owned),
        }],
        ..Request::default()
    }
}

pub(super) fn operator(org: &str) -> Caller {
    Caller::Operator {
        user: "test".into(),
        org: Some(org.to_owned()),
    }
}

pub(super) fn bearer(org: &str, role: Role) -> Caller {
    Caller::Key {
        id: "key_1".into(),
        org: org.to_owned(),
        role,
        region: None,
    }
}

/// Tries a scope out.
pub(super) fn tried(
    world: &TestApp,
    request: &Request,
    position: Option<&str>,
) -> Result<RecallView, Problem> {
    let new = NewRecall {
        request,
        reason: "a drill",
        position,
        dry_run: true,
    };
    app::open_recall(&world.app, &operator("maker"), &new)
}

/// Opens a recall of the maker.
pub(super) fn opened(world: &TestApp, request: &Request) -> RecallView {
    let new = NewRecall {
        request,
        reason: "metal in the milk",
        position: None,
        dry_run: false,
    };
    app::open_recall(&world.app, &operator("maker"), &new).unwrap()
}

/// A recall taken back.
pub(super) fn cancelling(recall: &str) -> Act<'_> {
    Act {
        recall,
        action: Action::Cancel,
        reason: "a mistake",
        answer: Answer::default(),
        assumed: None,
    }
}

pub(super) fn acted(
    world: &TestApp,
    recall: &str,
    action: Action,
    org: &str,
) -> Result<Moved, Problem> {
    answered(world, recall, action, org, Answer::default())
}

pub(super) fn answered(
    world: &TestApp,
    recall: &str,
    action: Action,
    org: &str,
    answer: Answer,
) -> Result<Moved, Problem> {
    let act = Act {
        recall,
        action,
        reason: "as the law says",
        answer,
        assumed: None,
    };
    app::act_on_recall(&world.app, &operator(org), &act)
}

/// Says what becomes of what is assumed, with a move.
pub(super) fn ruled(
    world: &TestApp,
    recall: &str,
    action: Action,
    ruling: Ruling,
) -> Result<Moved, Problem> {
    let act = Act {
        recall,
        action,
        reason: "as the law says",
        answer: Answer::default(),
        assumed: Some(ruling),
    };
    app::act_on_recall(&world.app, &operator("maker"), &act)
}

/// Extends a recall of the maker to now.
pub(super) fn extended(world: &TestApp, recall: &str) -> Result<ExtensionView, Problem> {
    extended_under(world, recall, None)
}

/// Extends a recall of the maker to now, with what becomes of what is assumed.
pub(super) fn extended_under(
    world: &TestApp,
    recall: &str,
    assumed: Option<Ruling>,
) -> Result<ExtensionView, Problem> {
    let new = NewVersion {
        recall,
        reason: "new evidence",
        position: None,
        assumed,
        dry_run: false,
    };
    app::extend_recall(&world.app, &operator("maker"), &new)
}

/// A recall as its conductor sees it.
pub(super) fn shown(world: &TestApp, recall: &str, version: Option<i32>) -> RecallView {
    app::show_recall(&world.app, &operator("maker"), recall, version).unwrap()
}

/// A recall as somebody sees it.
pub(super) fn shown_to(
    world: &TestApp,
    caller: &Caller,
    recall: &str,
) -> Result<RecallView, Problem> {
    app::show_recall(&world.app, caller, recall, None)
}

/// Every line in which the newest version differs from the one before it.
pub(super) fn differing(world: &TestApp, recall: &str) -> Vec<DiffLine> {
    differing_to(world, &operator("maker"), recall).unwrap()
}

/// The same, as somebody sees it.
pub(super) fn differing_to(
    world: &TestApp,
    caller: &Caller,
    recall: &str,
) -> Result<Vec<DiffLine>, Problem> {
    let mut lines = Vec::new();
    let query = DiffQuery::default();
    app::each_recall_diff(&world.app, caller, recall, query, &mut |line| {
        lines.push(line.clone());
        Ok(())
    })?;
    Ok(lines)
}

/// The listing of a version as it was frozen.
pub(super) fn listed_at(world: &TestApp, recall: &str, version: Option<i32>) -> Vec<UnitLine> {
    let mut lines = Vec::new();
    let query = UnitQuery {
        version,
        ..UnitQuery::default()
    };
    app::each_recall_unit(&world.app, &operator("maker"), recall, query, &mut |line| {
        lines.push(line.clone());
        Ok(())
    })
    .unwrap();
    lines
}

/// The recalls that a scan of this tin tells of.
pub(super) fn warned(world: &TestApp, id: &str) -> Vec<String> {
    let dictionary = Dictionary {
        master: &world.app.master,
        seal: &world.app.ledger.seal,
    };
    let read = world.app.db.read(|conn| {
        let derived = Derived::of_thing(&trace::identifier(id)?);
        let affected = Affected {
            thing: dictionary.find(conn, &[derived])?.pop().flatten(),
            ..Affected::default()
        };
        recall::covering(conn, &affected)
    });
    let covering = read.unwrap().into_iter();
    covering.map(|found| found.recall).collect()
}

/// The whole listing.
pub(super) fn listed(
    world: &TestApp,
    caller: &Caller,
    recall: &str,
    holder: Option<&str>,
) -> Vec<UnitLine> {
    let mut lines = Vec::new();
    let mut after = None;
    loop {
        let query = UnitQuery {
            at: None,
            version: None,
            holder,
            after,
        };
        let page = app::recall_units(&world.app, caller, recall, query).unwrap();
        lines.extend(page.lines);
        after = page.next;
        if after.is_none() {
            return lines;
        }
    }
}

/// The rows of holders as `(holder, place, count, status, role)`.
pub(super) fn holders(view: &RecallView) -> Vec<(&str, Option<&str>, u64, &str, &str)> {
    view.holders
        .iter()
        .map(|row| {
            let place = row.place.as_deref();
            (
                row.holder.as_str(),
                place,
                row.count,
                row.status.as_str(),
                row.role.as_str(),
            )
        })
        .collect()
}
