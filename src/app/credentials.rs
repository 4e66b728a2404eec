//! Credentials and people in charge as every entrance asks for them: policy, one transaction or snapshot, one verb.

use super::recall::{giver, position_at};
use super::{App, Problem};
use crate::credentials::{
    self, AsOf, CredentialView, Filter, HistoryView, Kind, PersonView, Revoke, Sight,
};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::gs1::Gtin;
use crate::ledger;
use crate::parties::{self, Action, Caller, Imported};

/// When, and as of which place in the ledger; both are now unless given.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moment<'a> {
    /// The instant.
    pub at: Option<Timestamp>,
    /// The position, as JSON.
    pub position: Option<&'a str>,
}

/// A list of credentials or people to read. With an instant, only what holds then.
#[derive(Debug, Clone, Copy, Default)]
pub struct CredentialQuery<'a> {
    /// Of this organisation.
    pub org: Option<&'a str>,
    /// Of this kind; of people it asks nothing.
    pub kind: Option<Kind>,
    /// Whose scope names this product or a lot of it; of people it asks nothing.
    pub gtin: Option<Gtin>,
    /// When.
    pub moment: Moment<'a>,
    /// After this number or id.
    pub after: Option<&'a str>,
    /// Rows at most.
    pub limit: usize,
}

/// A credential to suspend or withdraw.
#[derive(Debug, Clone, Copy)]
pub struct NewRevocation<'a> {
    /// Its number.
    pub id: &'a str,
    /// Why.
    pub reason: &'a str,
    /// From when on; from now unless given.
    pub from: Option<Timestamp>,
    /// The first instant after a suspension; a withdrawal has none.
    pub until: Option<Timestamp>,
}

/// Imports credentials from CSV, all or nothing.
pub fn import_credentials(
    app: &App,
    caller: &Caller,
    csv: &[u8],
    dry_run: bool,
) -> Result<Imported, Problem> {
    parties::may(caller, Action::RecordCredentials)?;
    let giver = giver(app, caller);
    app.db.write(|conn| {
        let ledger = &app.ledger;
        Ok(credentials::import_credentials(
            conn, ledger, caller, &giver, csv, dry_run,
        )?)
    })
}

/// Imports people in charge from CSV, all or nothing.
pub fn import_people(
    app: &App,
    caller: &Caller,
    csv: &[u8],
    dry_run: bool,
) -> Result<Imported, Problem> {
    parties::may(caller, Action::RecordCredentials)?;
    let giver = giver(app, caller);
    app.db.write(|conn| {
        let ledger = &app.ledger;
        Ok(credentials::import_people(
            conn, ledger, caller, &giver, csv, dry_run,
        )?)
    })
}

/// Suspends or withdraws a credential, and tells how it stands then.
pub fn revoke_credential(
    app: &App,
    caller: &Caller,
    order: &NewRevocation<'_>,
) -> Result<HistoryView, Problem> {
    parties::may(caller, Action::RecordCredentials)?;
    let giver = giver(app, caller);
    let revoke = Revoke {
        id: order.id,
        reason: order.reason,
        from: order.from.unwrap_or(giver.at),
        until: order.until,
    };
    app.db.write(|conn| {
        credentials::revoke(conn, &app.ledger, caller, &giver, &revoke)?;
        let as_of = as_of(app, conn, Moment::default())?;
        Ok(credentials::show(conn, Sight::of(caller), order.id, as_of)?)
    })
}

/// A credential with its versions and revocations, as it stood at a moment.
pub fn show_credential(
    app: &App,
    caller: &Caller,
    id: &str,
    moment: Moment<'_>,
) -> Result<HistoryView, Problem> {
    parties::may(caller, Action::ReadCredentials)?;
    app.db.read(|conn| {
        let as_of = as_of(app, conn, moment)?;
        Ok(credentials::show(conn, Sight::of(caller), id, as_of)?)
    })
}

/// Credentials the caller may see, by number.
pub fn list_credentials(
    app: &App,
    caller: &Caller,
    query: &CredentialQuery<'_>,
) -> Result<Vec<CredentialView>, Problem> {
    parties::may(caller, Action::ReadCredentials)?;
    let gtin = query.gtin.map(|gtin| gtin.as_str().to_owned());
    let filter = Filter {
        gtin: gtin.as_deref(),
        ..filter(query)
    };
    app.db.read(|conn| {
        let as_of = as_of(app, conn, query.moment)?;
        let sight = Sight::of(caller);
        Ok(credentials::list(
            conn,
            sight,
            &filter,
            as_of,
            query.after,
            query.limit,
        )?)
    })
}

/// A person in charge, as he stood at a moment.
pub fn show_person(
    app: &App,
    caller: &Caller,
    id: &str,
    moment: Moment<'_>,
) -> Result<PersonView, Problem> {
    parties::may(caller, Action::ReadCredentials)?;
    app.db.read(|conn| {
        let as_of = as_of(app, conn, moment)?;
        let person = credentials::show_person(conn, Sight::of(caller), id, as_of)?;
        Ok(with_phone_if_told(caller, person))
    })
}

/// People in charge the caller may see, by id.
pub fn list_people(
    app: &App,
    caller: &Caller,
    query: &CredentialQuery<'_>,
) -> Result<Vec<PersonView>, Problem> {
    parties::may(caller, Action::ReadCredentials)?;
    app.db.read(|conn| {
        let as_of = as_of(app, conn, query.moment)?;
        let (sight, filter) = (Sight::of(caller), filter(query));
        let found =
            credentials::list_people(conn, sight, &filter, as_of, query.after, query.limit)?;
        let told = found.into_iter();
        Ok(told
            .map(|person| with_phone_if_told(caller, person))
            .collect())
    })
}

fn filter<'a>(query: &CredentialQuery<'a>) -> Filter<'a> {
    Filter {
        org: query.org,
        kind: query.kind,
        gtin: None,
        valid_only: query.moment.at.is_some(),
    }
}

fn with_phone_if_told(caller: &Caller, mut person: PersonView) -> PersonView {
    if !credentials::sees_phones(caller, &person.org) {
        person.phone = None;
    }
    person
}

fn as_of(app: &App, conn: &mut Conn, moment: Moment<'_>) -> Result<AsOf, Problem> {
    let (position, _) = position_at(conn, moment.position)?;
    Ok(AsOf {
        at: moment.at.unwrap_or_else(|| app.clock.now()),
        before: ledger::control_size(conn, &position)?,
    })
}
