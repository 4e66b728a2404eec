//! `suyuan credential import|list|show|revoke` and `suyuan person import|list|show`.

use clap::Subcommand;

use super::master::{Table, import};
use super::words::terms;
use super::{Context, Exit, Lang, Outcome};
use crate::app::{self, CredentialQuery, Moment, NewRevocation};
use crate::credentials::{CredentialView, HistoryView, Kind, PersonView, TestView, parse_moment};
use crate::epcis::Timestamp;
use crate::gs1::Gtin;

/// Rows read at a time.
const PAGE: usize = 1_000;

/// Credentials.
#[derive(Debug, clap::Args)]
pub(super) struct CredentialArgs {
    #[command(subcommand)]
    command: CredentialCommand,
}

#[derive(Debug, Subcommand)]
enum CredentialCommand {
    /// Import a CSV table (UTF-8): id, kind, name, issuer, org, places, products, lots, categories, `valid_from`,
    /// `valid_to`, standard, outcome, laboratory, instrument, `calibrated_from`, `calibrated_to`, uri, digest.
    Import(Table),
    /// List credentials, by number.
    List {
        /// Held by this organisation.
        #[arg(long)]
        org: Option<String>,
        /// Of this kind: licence, certificate, `declared_standard`, `test_report`, insurance.
        #[arg(long)]
        kind: Option<Kind>,
        /// About this product or a lot of it.
        #[arg(long)]
        gtin: Option<Gtin>,
        #[command(flatten)]
        when: When,
    },
    /// A credential with its versions and revocations.
    Show {
        /// The issuer's number.
        id: String,
        #[command(flatten)]
        when: When,
    },
    /// Suspend or withdraw a credential.
    Revoke {
        /// The issuer's number.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// The organisation that says so.
        #[arg(long = "as", value_name = "ORG")]
        org: String,
        /// From when on (RFC 3339, or a date in China); from now unless given.
        #[arg(long, value_parser = parse_moment)]
        from: Option<Timestamp>,
        /// Only until then, without that instant.
        #[arg(long, value_parser = parse_moment)]
        until: Option<Timestamp>,
    },
}

/// People in charge.
#[derive(Debug, clap::Args)]
pub(super) struct PersonArgs {
    #[command(subcommand)]
    command: PersonCommand,
}

#[derive(Debug, Subcommand)]
enum PersonCommand {
    /// Import a CSV table (UTF-8): id, name, org, place, role, phone, `valid_from`, `valid_to`.
    Import(Table),
    /// List people, by id.
    List {
        /// Of this organisation.
        #[arg(long)]
        org: Option<String>,
        #[command(flatten)]
        when: When,
    },
    /// A person.
    Show {
        /// The person's id.
        id: String,
        #[command(flatten)]
        when: When,
    },
}

#[derive(Debug, clap::Args)]
struct When {
    /// As it stood then (RFC 3339, or a date in China); a list holds what was valid then.
    #[arg(long, value_parser = parse_moment)]
    at: Option<Timestamp>,
    /// As recorded before this position: the object `position` that `trace back`, `quality` and `recall show` print
    /// with --json.
    #[arg(long, value_name = "JSON")]
    position: Option<String>,
}

impl When {
    fn moment(&self) -> Moment<'_> {
        Moment {
            at: self.at,
            position: self.position.as_deref(),
        }
    }
}

pub(super) fn credential(context: &Context, args: CredentialArgs) -> Outcome {
    let caller = Context::operator(None);
    match args.command {
        CredentialCommand::Import(table) => import(context, &table, |app, csv, dry_run| {
            app::import_credentials(app, &caller, csv, dry_run)
        }),
        CredentialCommand::List {
            org,
            kind,
            gtin,
            when,
        } => {
            let app = context.app()?;
            let mut after: Option<String> = None;
            loop {
                let query = CredentialQuery {
                    org: org.as_deref(),
                    kind,
                    gtin,
                    moment: when.moment(),
                    after: after.as_deref(),
                    limit: PAGE,
                };
                let found = app::list_credentials(&app, &caller, &query)?;
                for credential in &found {
                    context.print(credential, || line(credential))?;
                }
                if found.len() < PAGE {
                    return Ok(Exit::Done);
                }
                after = found.last().map(|last| last.id.clone());
            }
        }
        CredentialCommand::Show { id, when } => {
            let app = context.app()?;
            let found = app::show_credential(&app, &caller, &id, when.moment())?;
            context.print(&found, || sentences(&found))?;
            Ok(Exit::Done)
        }
        CredentialCommand::Revoke {
            id,
            reason,
            org,
            from,
            until,
        } => {
            let app = context.app()?;
            let order = NewRevocation {
                id: &id,
                reason: &reason,
                from,
                until,
            };
            let caller = Context::acting_for(&app, &org)?;
            let found = app::revoke_credential(&app, &caller, &order)?;
            context.print(&found, || sentences(&found))?;
            Ok(Exit::Done)
        }
    }
}

pub(super) fn person(context: &Context, args: PersonArgs) -> Outcome {
    let caller = Context::operator(None);
    match args.command {
        PersonCommand::Import(table) => import(context, &table, |app, csv, dry_run| {
            app::import_people(app, &caller, csv, dry_run)
        }),
        PersonCommand::List { org, when } => {
            let app = context.app()?;
            let mut after: Option<String> = None;
            loop {
                let query = CredentialQuery {
                    org: org.as_deref(),
                    moment: when.moment(),
                    after: after.as_deref(),
                    limit: PAGE,
                    ..CredentialQuery::default()
                };
                let found = app::list_people(&app, &caller, &query)?;
                for person in &found {
                    context.print(person, || person_line(person, context.lang()))?;
                }
                if found.len() < PAGE {
                    return Ok(Exit::Done);
                }
                after = found.last().map(|last| last.id.clone());
            }
        }
        PersonCommand::Show { id, when } => {
            let app = context.app()?;
            let found = app::show_person(&app, &caller, &id, when.moment())?;
            context.print(&found, || person_line(&found, context.lang()))?;
            Ok(Exit::Done)
        }
    }
}

/// A credential on one line: its state, what it is, who issued it to whom, and when it holds.
pub(super) fn line(credential: &CredentialView) -> String {
    let CredentialView {
        id,
        kind,
        name,
        issuer,
        org,
        state,
        valid_from,
        valid_to,
        test,
        ..
    } = credential;
    let outcome = test.as_ref();
    let outcome = outcome.map_or_else(String::new, |test| format!(" ({})", test.outcome));
    let time = time(valid_from, valid_to.as_deref());
    format!("{state}  {kind}{outcome}  {id}  {name}  {issuer} to {org}  {time}")
}

/// The same in short, beside whoever held it.
pub(super) fn brief(credential: &CredentialView, lang: Lang) -> String {
    let CredentialView {
        id,
        kind,
        name,
        state,
        test,
        ..
    } = credential;
    let outcome = test.as_ref().map(|test| test.outcome.as_str());
    let outcome = outcome.map(|word| format!(" ({})", terms::credential(word, lang)));
    let (state, kind) = (
        terms::credential(state.as_str(), lang),
        terms::credential(kind.as_str(), lang),
    );
    format!(
        "{state}  {kind}{}  {id}  {name}",
        outcome.unwrap_or_default()
    )
}

/// A half-open time.
fn time(from: &str, to: Option<&str>) -> String {
    match to {
        Some(to) => format!("from {from} until {to}"),
        None => format!("from {from}"),
    }
}

/// A person on one line.
pub(super) fn person_line(person: &PersonView, lang: Lang) -> String {
    let role = terms::person(person.role.as_str(), lang);
    let mut text = format!("{role}  {}  {}", person.name, person.org);
    for more in [&person.place, &person.phone].into_iter().flatten() {
        text.push_str("  ");
        text.push_str(more);
    }
    text
}

/// Who tested with what, and from when until when that was calibrated.
fn tested(test: &TestView) -> String {
    let mut text = String::new();
    if let Some(laboratory) = &test.laboratory {
        text.push_str(&format!("\ntested by {laboratory}"));
    }
    let ends = (&test.calibrated_from, &test.calibrated_to);
    if let Some(instrument) = &test.instrument {
        text.push_str(&format!("\ninstrument {instrument}"));
    } else if ends != (&None, &None) {
        text.push_str("\ninstrument –");
    }
    let calibrated = match ends {
        (Some(from), to) => Some(time(from, to.as_deref())),
        (None, Some(to)) => Some(format!("until {to}")),
        (None, None) => None,
    };
    let calibrated = calibrated.map(|calibrated| format!("  calibrated {calibrated}"));
    text.push_str(&calibrated.unwrap_or_default());
    text
}

fn sentences(found: &HistoryView) -> String {
    let mut text = line(&found.credential);
    let scope = &found.credential.scope;
    let parts = [
        &scope.places,
        &scope.products,
        &scope.lots,
        &scope.categories,
    ];
    for part in parts.into_iter().flatten() {
        text.push_str(&format!("\nfor {part}"));
    }
    if let Some(test) = &found.credential.test {
        text.push_str(&tested(test));
    }
    for version in &found.versions {
        let time = time(&version.valid_from, version.valid_to.as_deref());
        text.push_str(&format!(
            "\nversion control/0 {}  {time}  recorded {}  {}",
            version.seq, version.recorded_at, version.recorded_by
        ));
    }
    for revoked in &found.revocations {
        let time = time(&revoked.from, revoked.until.as_deref());
        text.push_str(&format!(
            "\nrevoked control/0 {}  {time}  recorded {}  {}: {}",
            revoked.seq, revoked.recorded_at, revoked.recorded_by, revoked.reason
        ));
    }
    text
}
