//! The verbs that change recalls. Each decides, records an order in `control/0` and applies it; call them
//! inside a write.

use std::collections::BTreeMap;

use super::assess::Assessment;
use super::assumed::{AssumedView, Ruling};
use super::extend::due;
use super::notice::Given;
use super::orders::{Acted, Heading, OPENED, Opened, put_acted, put_opened};
use super::request::sentence;
use super::state::Action;
use super::store;
use super::store_outbox::tell;
use super::store_versions;
use super::versions::open_removals;
use super::view::Moved;
use super::{Definition, Error};
use crate::db::Conn;
use crate::gs1::Key;
use crate::ledger::{Giver, Ledger};
use crate::parties::{self, Caller, Role};
use crate::trace;

/// What a holder answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Answer {
    /// How many units it found.
    pub found: Option<i64>,
    /// How many of them it set aside.
    pub quarantined: Option<i64>,
}

/// A move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act<'a> {
    /// The recall.
    pub recall: &'a str,
    /// Which.
    pub action: Action,
    /// Why.
    pub reason: &'a str,
    /// What a holder answers, for `ack`.
    pub answer: Answer,
    /// What becomes of what is affected only across a gap in the records, for `decide`: needed when the scope in
    /// effect has any.
    pub assumed: Option<Ruling>,
}

/// Records an assessment as a recall with this id, for the organisation the caller acts for.
pub fn open(
    conn: &mut Conn,
    ledger: &Ledger,
    caller: &Caller,
    giver: &Giver,
    id: &str,
    reason: &str,
    assessment: &Assessment,
) -> Result<(), Error> {
    parties::may(caller, parties::Action::ConductRecall)?;
    let org = caller.org().ok_or(Error::NoOneNamed)?;
    ledger.hold_control(conn)?;
    if parties::organisation(conn, org)?.is_none() {
        return Err(Error::NoOrganisation(org.to_owned()));
    }
    check_own(conn, caller, &assessment.definition)?;
    let reason = sentence("reason", reason)?;
    assessment.check_not_empty()?;
    let opened = Opened::of(id.to_owned(), reason, assessment);
    let seq = record(conn, ledger, giver, OPENED, &opened)?;
    put_opened(conn, seq, &Heading::of(giver), &opened, &assessment.scope)?;
    let given = Given {
        order: OPENED,
        seq,
        giver,
        reason: &opened.reason,
    };
    tell(conn, id, given, &[])
}

/// Moves a recall: `ack` as the holder of a task, everything else as its conductor or a regulator. A holder
/// may answer again, and may have found more than the scope says it has: the newest answer counts, and
/// all of them stay in the ledger.
pub fn act(
    conn: &mut Conn,
    ledger: &Ledger,
    caller: &Caller,
    giver: &Giver,
    act: &Act<'_>,
) -> Result<Moved, Error> {
    let is_answer = act.action == Action::Ack;
    let right = if is_answer {
        parties::Action::AnswerRecall
    } else {
        parties::Action::ConductRecall
    };
    parties::may(caller, right)?;
    let org = caller.org().ok_or(Error::NoOneNamed)?.to_owned();
    let reason = sentence("reason", act.reason)?;
    if act.assumed.is_some() && act.action != Action::Decide {
        let detail = format!(
            "is said by decide, and later by extend; {} has nothing to say of it",
            act.action.as_str()
        );
        return Err(Error::field("assumed", detail));
    }
    ledger.hold_control(conn)?;
    let case = store::case(conn, act.recall)?;
    let tasks = store::tasks(conn, &case.id)?;
    let open_tasks = tasks.iter().filter(|task| task.state.is_open()).count();
    let mut acted = Acted {
        recall: case.id.clone(),
        reason,
        ..Acted::default()
    };
    if is_answer {
        case.state.after(act.action, open_tasks)?;
        if !tasks.iter().any(|task| task.holder == org) {
            return Err(Error::NoTask {
                recall: case.id,
                org,
            });
        }
        check_answer(act.answer)?;
        acted.holder = Some(org);
        acted.found = act.answer.found;
        acted.quarantined = act.answer.quarantined;
    } else {
        check_conductor(conn, caller, &org, case.org.as_deref())?;
        case.state.after(act.action, open_tasks)?;
    }
    if matches!(act.action, Action::Decide | Action::Notify) {
        let summary = store_versions::version(conn, &case.id, case.version)?.summary;
        let removals = open_removals(conn, &case.id, case.version)?;
        if act.action == Action::Decide {
            AssumedView::of(&summary, &removals).check_said(&case.id, act.assumed)?;
            acted.assumed = act.assumed;
        } else {
            let due = due(&summary, &removals, case.assumed);
            let holders: Vec<String> = due.into_keys().collect();
            let known = parties::organisations(conn, &holders)?;
            (acted.sent, acted.created) = holders
                .into_iter()
                .partition(|holder| known.contains_key(holder));
        }
    }
    let seq = record(conn, ledger, giver, act.action.order(), &acted)?;
    let state = put_acted(conn, seq, &Heading::of(giver), act.action, &acted)?;
    let given = Given {
        order: act.action.order(),
        seq,
        giver,
        reason: &acted.reason,
    };
    tell(conn, &acted.recall, given, &tasks)?;
    let tasks = store::tasks(conn, &acted.recall)?;
    Ok(Moved {
        recall: acted.recall,
        state: state.as_str(),
        open_tasks: tasks.iter().filter(|task| task.state.is_open()).count(),
    })
}

pub(super) fn record<T: serde::Serialize>(
    conn: &mut Conn,
    ledger: &Ledger,
    giver: &Giver,
    order: &str,
    content: &T,
) -> Result<i64, Error> {
    let seqs = ledger.record(conn, giver, order, std::slice::from_ref(content))?;
    Ok(seqs.into_iter().next().unwrap_or_default())
}

/// The organisation that opened a recall conducts it; a regulator may conduct any.
pub(super) fn check_conductor(
    conn: &mut Conn,
    caller: &Caller,
    org: &str,
    conductor: Option<&str>,
) -> Result<(), Error> {
    let role = match caller {
        Caller::Key { role, .. } => Some(*role),
        Caller::Operator { .. } | Caller::Anyone => {
            let known = parties::organisation(conn, org)?;
            let known = known.ok_or_else(|| Error::NoOrganisation(org.to_owned()))?;
            known.role.parse().ok()
        }
    };
    if conductor == Some(org) || role == Some(Role::Regulator) {
        return Ok(());
    }
    Err(Error::NotConductor {
        conductor: conductor.unwrap_or_default().to_owned(),
        org: org.to_owned(),
    })
}

/// A producer or importer recalls what is its own: its products' lots and items, and its places. Anything
/// else (a container, a private URI) is for a regulator, who may recall all, and for the local operator.
pub fn check_own(conn: &mut Conn, caller: &Caller, asked: &Definition) -> Result<(), Error> {
    let Caller::Key { org, role, .. } = caller else {
        return Ok(());
    };
    if *role == Role::Regulator {
        return Ok(());
    }
    let not_own = |what: &str| Error::NotOwn {
        what: what.to_owned(),
        org: org.clone(),
    };
    // Whether a credential held is for who supervises its holder to say.
    if let Some(credential) = asked.credentials.first() {
        return Err(not_own(credential));
    }
    let mut gtins = BTreeMap::new();
    for text in asked.things() {
        let identifier = trace::identifier(text)?;
        let gtin = identifier.key().and_then(Key::gtin);
        let gtin = gtin.ok_or_else(|| not_own(text))?;
        gtins.insert(gtin.to_string(), text);
    }
    let listed: Vec<String> = gtins.keys().cloned().collect();
    let products = parties::products(conn, &listed)?;
    for (gtin, text) in gtins {
        if products
            .get(&gtin)
            .is_none_or(|product| product.org != *org)
        {
            return Err(not_own(text));
        }
    }
    let ids: Vec<String> = asked.places.iter().map(|at| at.place.clone()).collect();
    let places = parties::places(conn, &ids)?;
    for id in ids {
        if places.get(&id).is_none_or(|place| place.org != *org) {
            return Err(not_own(&id));
        }
    }
    Ok(())
}

fn check_answer(answer: Answer) -> Result<(), Error> {
    for (field, number) in [("found", answer.found), ("quarantined", answer.quarantined)] {
        if number.is_some_and(|number| number < 0) {
            return Err(Error::field(field, "cannot be less than 0"));
        }
    }
    match (answer.found, answer.quarantined) {
        (Some(found), Some(quarantined)) if found < quarantined => Err(Error::field(
            "quarantined",
            format!("{quarantined} is more than the {found} that were found"),
        )),
        _ => Ok(()),
    }
}
