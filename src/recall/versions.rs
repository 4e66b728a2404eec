//! The verbs over versions: extend a recall by one, release what a version proposes to remove. Each decides,
//! records an order in `control/0` and applies it; call them inside a write.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Error;
use super::assumed::Ruling;
use super::extend::{EXTENDED, Extended, Extension};
use super::notice::Given;
use super::orders::Heading;
use super::request::{sentence, time};
use super::state::State;
use super::store::{self, Case, MoveRow};
use super::store_outbox::tell;
use super::store_versions::{self, Removal};
use super::tasks;
use super::verbs::{check_conductor, record};
use super::view_versions::{ExtensionView, ReleaseView};
use crate::db::Conn;
use crate::ledger::{Giver, Ledger};
use crate::parties::{self, Caller};

/// The order that approves proposals.
pub(super) const RELEASED: &str = "recall-released";

/// Proposals of removal were approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Released {
    pub(super) recall: String,
    /// The versions whose proposals they are.
    pub(super) versions: Vec<i32>,
    pub(super) reason: String,
    pub(super) unit_count: u64,
    pub(super) lot_count: u64,
}

/// Records a version as its recall's newest, freezes it, and gives tasks to whom it concerns, when the recall
/// was notified. Refused when it says nothing new, when somebody else changed the scope since it was prepared, or
/// when a decided recall reaches something only across a gap in the records and nobody has said, now or before, what
/// becomes of it.
pub fn extend(
    conn: &mut Conn,
    ledger: &Ledger,
    caller: &Caller,
    giver: &Giver,
    (reason, assumed): (&str, Option<Ruling>),
    extension: &Extension,
) -> Result<ExtensionView, Error> {
    parties::may(caller, parties::Action::ConductRecall)?;
    let org = caller.org().ok_or(Error::NoOneNamed)?.to_owned();
    let reason = sentence("reason", reason)?;
    ledger.hold_control(conn)?;
    let case = store::case(conn, &extension.recall)?;
    check_conductor(conn, caller, &org, case.org.as_deref())?;
    case.state.extended(0)?;
    let released = store_versions::releases(conn, &case.id)?;
    if case.version != extension.base || released != extension.released {
        return Err(Error::Overtaken {
            recall: case.id,
            base: extension.base,
            newest: case.version,
        });
    }
    is_news(extension, case.assumed, assumed)?;
    let ruling = ruled(&case, extension, assumed)?;
    let (mut sent, mut created) = (Vec::new(), Vec::new());
    let before = store::tasks(conn, &case.id)?;
    if case.state.is_notified() {
        let holders = tasks::to_tell(&before, extension, (case.assumed, ruling));
        let known = parties::organisations(conn, &holders)?;
        (sent, created) = holders
            .into_iter()
            .partition(|holder| known.contains_key(holder));
    }
    let assessment = &extension.assessment;
    let summary = &assessment.scope.summary;
    let extended = Extended {
        recall: case.id,
        version: extension.number(),
        reason,
        definition: assessment.definition.clone(),
        position: assessment.position.clone(),
        unit_count: summary.unit_count,
        quantity: summary.quantity.clone(),
        digest: assessment.scope.digest.clone(),
        units: extension.difference.units,
        lots: extension.difference.lots,
        gaps: extension.difference.gaps,
        difference: extension.digest.clone(),
        sent,
        created,
        assumed,
    };
    let seq = record(conn, ledger, giver, EXTENDED, &extended)?;
    put_extended(conn, seq, &Heading::of(giver), &extended, extension)?;
    let given = Given {
        order: EXTENDED,
        seq,
        giver,
        reason: &extended.reason,
    };
    tell(conn, &extended.recall, given, &before)?;
    let case = store::case(conn, &extended.recall)?;
    let tasks = store::tasks(conn, &case.id)?;
    let open = tasks.iter().filter(|task| task.state.is_open()).count();
    Ok(ExtensionView::of(extension, ruling).recorded(case.state, open))
}

/// Whoever extends a recall conducts it, or is a regulator; and says something of what is assumed only once it is
/// decided. Ask before anything is evaluated.
pub fn check_extend(
    conn: &mut Conn,
    caller: &Caller,
    recall: &str,
    assumed: Option<Ruling>,
) -> Result<(), Error> {
    parties::may(caller, parties::Action::ConductRecall)?;
    let org = caller.org().ok_or(Error::NoOneNamed)?.to_owned();
    let case = store::case(conn, recall)?;
    check_conductor(conn, caller, &org, case.org.as_deref())?;
    case.state.extended(0)?;
    check_decided(&case, assumed)
}

/// A version that says nothing new is none; that another becomes of what is assumed is new.
pub fn check_news(extension: &Extension, assumed: Option<Ruling>) -> Result<(), Error> {
    is_news(extension, extension.ruling, assumed)
}

fn is_news(
    extension: &Extension,
    known: Option<Ruling>,
    assumed: Option<Ruling>,
) -> Result<(), Error> {
    let is_ruled_anew = assumed.is_some() && assumed != known && !extension.assumed().is_empty();
    if extension.is_empty() && !is_ruled_anew {
        return Err(Error::NothingDiffers {
            recall: extension.recall.clone(),
            version: extension.base,
        });
    }
    Ok(())
}

/// What becomes of what is assumed from an extension on: what is said now, else what was said before; unless that
/// would leave out what was sure until now. Before the decision nobody has to say it, and nobody can.
fn ruled(
    case: &Case,
    extension: &Extension,
    assumed: Option<Ruling>,
) -> Result<Option<Ruling>, Error> {
    let ruling = assumed.or(case.assumed);
    check_decided(case, assumed)?;
    if case.state != State::Assessing {
        extension.assumed().check_said(&case.id, ruling)?;
        if assumed.is_none() && ruling == Some(Ruling::Leave) {
            extension.check_doubted()?;
        }
    }
    Ok(ruling)
}

/// What becomes of what is assumed is said when a recall is decided, or after.
fn check_decided(case: &Case, assumed: Option<Ruling>) -> Result<(), Error> {
    if assumed.is_some() && case.state == State::Assessing {
        let detail = "is said when the recall is decided, and it is assessing";
        return Err(Error::field("assumed", detail));
    }
    Ok(())
}

/// Writes the rows of an extension.
pub(super) fn put_extended(
    conn: &mut Conn,
    seq: i64,
    heading: &Heading,
    extended: &Extended,
    extension: &Extension,
) -> Result<(), Error> {
    let at = time("at", &heading.at)?.micros();
    let case = store::case(conn, &extended.recall)?;
    let assessment = &extension.assessment;
    let number = extended.version;
    store_versions::insert_version(
        conn,
        &case.id,
        (number, seq),
        &assessment.definition,
        &assessment.position,
        &assessment.scope,
    )?;
    let difference = (&extension.difference, extension.digest.as_str());
    store_versions::insert_compared(conn, &case.id, number, &extension.kept, difference)?;
    store::put_newest(conn, &case.id, number)?;
    if let Some(ruling) = extended.assumed {
        store::put_ruling(conn, &case.id, ruling)?;
    }
    let mut opened = 0;
    if case.state.is_notified() {
        let change = tasks::Change {
            recall: &case.id,
            seq,
            at,
            reason: &extended.reason,
        };
        let ruling = extended.assumed.or(case.assumed);
        opened = tasks::extended(conn, change, (extended, ruling), extension)?;
    }
    let state = case.state.extended(opened)?;
    let row = MoveRow {
        recall: case.id,
        seq,
        action: "extend".to_owned(),
        state: state.as_str().to_owned(),
        given_by: heading.by.clone(),
        org: heading.org.clone(),
        given_at: at,
        reason: extended.reason.clone(),
        assumed: extended.assumed.map(|ruling| ruling.as_str().to_owned()),
    };
    store::put_move(conn, state, row)
}

/// Approves the proposals of one version, or all that are open. What they name is out of the scope in effect
/// from then on.
pub fn release(
    conn: &mut Conn,
    ledger: &Ledger,
    caller: &Caller,
    giver: &Giver,
    (recall, version, reason): (&str, Option<i32>, &str),
) -> Result<ReleaseView, Error> {
    parties::may(caller, parties::Action::ConductRecall)?;
    let org = caller.org().ok_or(Error::NoOneNamed)?.to_owned();
    let reason = sentence("reason", reason)?;
    ledger.hold_control(conn)?;
    let case = store::case(conn, recall)?;
    check_conductor(conn, caller, &org, case.org.as_deref())?;
    case.state.extended(0)?;
    if let Some(version) = version {
        store_versions::version(conn, recall, version)?;
    }
    let mut open = open_removals(conn, recall, case.version)?;
    open.retain(|removal| version.is_none_or(|wanted| wanted == removal.version));
    if open.is_empty() {
        return Err(Error::NothingProposed {
            recall: case.id,
            version,
        });
    }
    let released = Released {
        recall: case.id,
        versions: open.iter().map(|removal| removal.version).collect(),
        reason,
        unit_count: open.iter().map(|removal| removal.summary.unit_count).sum(),
        lot_count: open.iter().map(|removal| removal.summary.lot_count).sum(),
    };
    let before = store::tasks(conn, &released.recall)?;
    let seq = record(conn, ledger, giver, RELEASED, &released)?;
    put_released(conn, seq, &Heading::of(giver), &released)?;
    let given = Given {
        order: RELEASED,
        seq,
        giver,
        reason: &released.reason,
    };
    tell(conn, &released.recall, given, &before)?;
    let tasks = store::tasks(conn, &released.recall)?;
    Ok(ReleaseView {
        state: case.state.as_str(),
        open_tasks: tasks.iter().filter(|task| task.state.is_open()).count(),
        recall: released.recall,
        versions: released.versions,
        unit_count: released.unit_count,
        lot_count: released.lot_count,
    })
}

/// Writes the rows of a release.
pub(super) fn put_released(
    conn: &mut Conn,
    seq: i64,
    heading: &Heading,
    released: &Released,
) -> Result<(), Error> {
    let at = time("at", &heading.at)?.micros();
    let case = store::case(conn, &released.recall)?;
    let open = open_removals(conn, &case.id, case.version)?;
    let approved: Vec<&Removal> = open
        .iter()
        .filter(|removal| released.versions.contains(&removal.version))
        .collect();
    for removal in &approved {
        store_versions::insert_release(conn, &case.id, removal.version, seq)?;
    }
    let change = tasks::Change {
        recall: &case.id,
        seq,
        at,
        reason: &released.reason,
    };
    tasks::released(conn, change, &approved, case.assumed)?;
    let row = MoveRow {
        recall: case.id,
        seq,
        action: "release".to_owned(),
        state: case.state.as_str().to_owned(),
        given_by: heading.by.clone(),
        org: heading.org.clone(),
        given_at: at,
        reason: released.reason.clone(),
        assumed: None,
    };
    store::put_move(conn, case.state, row)
}

/// What is proposed and not released, as the newest version keeps it.
pub(super) fn open_removals(
    conn: &mut Conn,
    recall: &str,
    newest: i32,
) -> Result<Vec<Removal>, Error> {
    let compared = store_versions::compared(conn, recall, newest)?;
    let released: BTreeSet<i32> = store_versions::releases(conn, recall)?
        .into_keys()
        .collect();
    let mut removals = compared.map_or_else(Vec::new, |compared| compared.removals);
    removals.retain(|removal| !released.contains(&removal.version));
    Ok(removals)
}
