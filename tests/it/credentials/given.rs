//! A dairy, a shop, a laboratory and their bureau.

use suyuan::app::{self, CredentialQuery, Moment};
use suyuan::credentials::{self, CredentialView, HistoryView, Lapses, State, parse_moment};
use suyuan::epcis::Timestamp;
use suyuan::ledger;
use suyuan::parties::{self, Caller, Imported, Role};

use crate::harness::app::{NOW, TestApp};
use crate::harness::database::TestDatabase;

/// The dairy's plant.
pub(super) const PLANT: &str = "https://id.gs1.org/414/9521234000020";
/// Its milk.
pub(super) const MILK: &str = "09521234000037";
/// A lot of it.
pub(super) const LOT: &str = "https://id.gs1.org/01/09521234000037/10/M0901";

/// A dairy with a plant, a shop, a laboratory, a bureau, and the dairy's milk.
pub(super) fn dairy(db: &TestDatabase) -> TestApp {
    let world = TestApp::on(db);
    world.organisations(
        "dairy,Dairy,producer\nshop,Shop,retailer\nlab,Lab,lab\nbureau,Bureau,regulator",
    );
    world.places("9521234000020,Plant,dairy\n9521234000044,Shop,shop");
    let csv = format!("gtin,name,org,mode,category\n{MILK},Milk,dairy,stored,dairy\n");
    let app = &world.app;
    let done = app.db.write(|conn| {
        parties::import_products(conn, &app.ledger, &world.giver(), csv.as_bytes(), false)
    });
    assert_eq!(done.unwrap().refused, vec![]);
    world
}

/// The local operator.
pub(super) fn operator() -> Caller {
    Caller::Operator {
        user: "test".into(),
        org: None,
    }
}

/// The bearer of a key.
pub(super) fn bearer(org: &str, role: Role) -> Caller {
    Caller::Key {
        id: format!("key_{org}"),
        org: org.into(),
        role,
        region: None,
    }
}

pub(super) fn at(text: &str) -> Timestamp {
    parse_moment(text).unwrap()
}

/// Imports a table of credentials as somebody.
pub(super) fn import_as(world: &TestApp, caller: &Caller, csv: &str) -> Imported {
    app::import_credentials(&world.app, caller, csv.as_bytes(), false)
        .unwrap_or_else(|problem| panic!("{}", problem.chain()))
}

/// Imports credentials as the operator: lines under `id,kind,name,issuer,org,products,valid_from,valid_to`.
pub(super) fn credentials(world: &TestApp, lines: &str) -> Imported {
    let csv = format!("id,kind,name,issuer,org,products,valid_from,valid_to\n{lines}\n");
    let done = import_as(world, &operator(), &csv);
    assert_eq!(done.refused, vec![]);
    done
}

/// Imports people as the operator: lines under `id,name,org,place,role,phone,valid_from,valid_to`.
pub(super) fn people(world: &TestApp, lines: &str) -> Imported {
    let csv = format!("id,name,org,place,role,phone,valid_from,valid_to\n{lines}\n");
    let done = app::import_people(&world.app, &operator(), csv.as_bytes(), false).unwrap();
    assert_eq!(done.refused, vec![]);
    done
}

/// A credential as it stood, told to the operator.
pub(super) fn show(world: &TestApp, id: &str, when: &str) -> HistoryView {
    let moment = Moment {
        at: Some(at(when)),
        position: None,
    };
    app::show_credential(&world.app, &operator(), id, moment).unwrap()
}

pub(super) fn state(world: &TestApp, id: &str, when: &str) -> State {
    show(world, id, when).credential.state
}

/// The numbers of the credentials somebody is told of.
pub(super) fn listed(world: &TestApp, caller: &Caller, query: &CredentialQuery<'_>) -> Vec<String> {
    let query = CredentialQuery {
        limit: 1_000,
        ..*query
    };
    let found = app::list_credentials(&world.app, caller, &query).unwrap();
    ids(&found)
}

pub(super) fn ids(found: &[CredentialView]) -> Vec<String> {
    found
        .iter()
        .map(|credential| credential.id.clone())
        .collect()
}

/// Where the ledger is now, as JSON.
pub(super) fn position(world: &TestApp) -> String {
    let position = app::position(&world.app, &operator()).unwrap();
    serde_json::to_string(&position).unwrap()
}

/// When a credential was not valid, as the whole ledger tells it.
pub(super) fn lapses(world: &TestApp, id: &str) -> Option<Lapses> {
    let found = world.app.db.read(|conn| {
        let position = ledger::position(conn)?;
        credentials::lapses(conn, id, &position, NOW)
    });
    found.unwrap()
}
