//! A small chain in which everything fits, and events to spoil it with.

use serde_json::{Value, json};
use suyuan::app::{self, Problem};
use suyuan::parties::{self, Caller, Role};
use suyuan::trace::quality::{Finding, Kind, Look, Settings};

use crate::harness::app::TestApp;
use crate::harness::database::TestDatabase;

/// In Fuzhou.
pub(super) const PLANT: &str = "https://id.gs1.org/414/9521234000013";
/// In Xiamen, 200 kilometres away.
pub(super) const SHOP: &str = "https://id.gs1.org/414/9521234000020";
/// In Beijing, 1,600 kilometres away.
pub(super) const FAR: &str = "https://id.gs1.org/414/9521234000037";
pub(super) const GTIN: &str = "09521234543213";

/// The tin with this serial.
pub(super) fn tin(number: u32) -> String {
    format!("https://id.gs1.org/01/{GTIN}/21/{number}")
}

/// The case with this number, from 1 to 3.
pub(super) fn case(number: usize) -> &'static str {
    [
        "https://id.gs1.org/00/195212340000000010",
        "https://id.gs1.org/00/195212340000000027",
        "https://id.gs1.org/00/195212340000000034",
    ][number - 1]
}

pub(super) fn lot(name: &str) -> String {
    format!("https://id.gs1.org/01/{GTIN}/10/{name}")
}

/// Organisations, places, products, and nothing that happened.
pub(super) fn nothing(db: &TestDatabase) -> TestApp {
    let world = TestApp::on(db);
    world.organisations(
        "maker,乳业,producer\nshop,商店,retailer\nfar,远店,retailer\noffice,市场监管局,regulator",
    );
    let places = "gln,name,org,lat,lon\n9521234000013,厂,maker,26.08,119.30\n\
        9521234000020,店,shop,24.48,118.09\n9521234000037,远,far,39.90,116.40\n";
    let done = world.app.db.write(|conn| {
        let giver = world.giver();
        parties::import_places(conn, &world.app.ledger, &giver, places.as_bytes(), false)
    });
    assert_eq!(done.unwrap().refused, vec![]);
    world.products("09521234543213,奶粉,maker,stored\n09521234543237,听装,maker,computed");
    world
}

/// The chain in which everything fits: flour becomes tins 1 to 4, which go to the shop in a case; one is sold.
pub(super) fn sound(db: &TestDatabase) -> TestApp {
    let world = nothing(db);
    let tins: Vec<String> = (1..=4).map(tin).collect();
    record(
        &world,
        vec![
            object("01T06:00", "ADD", "commissioning", PLANT).kilos("FLOUR", 100),
            event("02T08:00", "TransformationEvent", PLANT)
                .list("inputQuantityList", kilos("FLOUR", 100))
                .list("outputEPCList", json!(tins)),
            packing("03T10:00", "ADD", PLANT, 1, &[1, 2, 3, 4]),
            object("04T11:00", "OBSERVE", "shipping", PLANT)
                .epcs(&[case(1).to_owned()])
                .to(SHOP),
            object("05T13:00", "OBSERVE", "receiving", SHOP).epcs(&[case(1).to_owned()]),
            packing("06T13:30", "DELETE", SHOP, 1, &[1, 2, 3, 4]),
            object("07T14:00", "OBSERVE", "retail_selling", SHOP).epcs(&[tin(1)]),
        ],
    );
    world
}

/// An event in the making.
#[derive(Debug, Clone)]
pub(super) struct Event(Value);

/// An event; `when` is its number and its hour on the day of the story, or its whole time.
pub(super) fn event(when: &str, event_type: &str, place: &str) -> Event {
    let (number, time) = when.split_once('T').unwrap();
    let time = match time.len() {
        5 => format!("2026-09-20T{time}:00Z"),
        _ => time.replace('_', "T"),
    };
    Event(json!({
        "type": event_type,
        "eventID": format!("urn:uuid:00000000-0000-4000-8000-0000000000{number}"),
        "eventTime": time,
        "eventTimeZoneOffset": "+00:00",
        "readPoint": {"id": place},
        "bizLocation": {"id": place},
    }))
}

pub(super) fn object(when: &str, action: &str, step: &str, place: &str) -> Event {
    event(when, "ObjectEvent", place)
        .list("action", json!(action))
        .list("bizStep", json!(step))
}

pub(super) fn packing(when: &str, action: &str, place: &str, number: usize, tins: &[u32]) -> Event {
    let tins: Vec<String> = tins.iter().map(|number| tin(*number)).collect();
    event(when, "AggregationEvent", place)
        .list("action", json!(action))
        .list("parentID", json!(case(number)))
        .list("childEPCs", json!(tins))
}

pub(super) fn kilos(name: &str, kilos: i64) -> Value {
    json!([{"epcClass": lot(name), "quantity": kilos, "uom": "KGM"}])
}

impl Event {
    pub(super) fn list(mut self, name: &str, value: Value) -> Self {
        self.0[name] = value;
        self
    }

    pub(super) fn epcs(self, epcs: &[String]) -> Self {
        self.list("epcList", json!(epcs))
    }

    pub(super) fn kilos(self, name: &str, amount: i64) -> Self {
        self.list("quantityList", kilos(name, amount))
    }

    /// On its way to a place.
    pub(super) fn to(self, place: &str) -> Self {
        let from = self.0["readPoint"]["id"].clone();
        self.list("sourceList", json!([{"type": "location", "source": from}]))
            .list(
                "destinationList",
                json!([{"type": "location", "destination": place}]),
            )
    }

    /// The same event, declared wrong.
    pub(super) fn taken_back(self) -> Self {
        self.list(
            "errorDeclaration",
            json!({"declarationTime": "2026-09-20T20:00:00Z"}),
        )
    }
}

/// Captures events for the maker.
pub(super) fn record(world: &TestApp, events: Vec<Event>) {
    let count = events.len();
    let events: Vec<Value> = events.into_iter().map(|event| event.0).collect();
    let body = json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-09-21T00:00:00Z",
        "epcisBody": {"eventList": events},
    });
    let receipt = world.capture("maker", &body.to_string());
    assert_eq!((receipt.recorded, receipt.errors), (count, vec![]));
}

pub(super) fn operator() -> Caller {
    Caller::Operator {
        user: "test".into(),
        org: None,
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

/// What a caller is told.
pub(super) fn told(world: &TestApp, caller: &Caller, look: &Look) -> Result<Vec<Finding>, Problem> {
    let mut found = Vec::new();
    let at = (None, None);
    app::each_finding(
        &world.app,
        caller,
        look,
        Settings::default(),
        at,
        &mut |finding, _| {
            found.push(finding);
            Ok(true)
        },
    )?;
    Ok(found)
}

/// Everything there is to find.
pub(super) fn findings(world: &TestApp) -> Vec<Finding> {
    told(world, &operator(), &Look::default()).unwrap()
}

/// Every kind that is found, with the first thing it is about and whom to ask.
pub(super) fn kinds(world: &TestApp) -> Vec<(Kind, String, Vec<String>)> {
    let found = findings(world);
    let mut kinds: Vec<_> = found
        .into_iter()
        .map(|finding| {
            let thing = finding.things.into_iter().next().unwrap_or_default();
            (finding.kind, thing, finding.ask)
        })
        .collect();
    kinds.sort();
    kinds
}
