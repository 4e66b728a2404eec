//! What each rule of a scope costs: how much more (or less) is affected because of it. Under-recall is a safety
//! fault and over-recall a cost, so the cautious choice is the default and its price is told.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::Error;
use super::amounts::Amounts;
use super::assess::{END, scope};
use super::definition::Definition;
use super::digest::members;
use super::scope::Scope;
use crate::codes::Dictionary;
use crate::db::Conn;
use crate::ledger::Position;

/// What one rule adds to a scope, or spares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleCost {
    /// `guard`, `starts`, `all_to_all`, `time_order`, `vessel`, `contact`, `kill_step`.
    pub rule: &'static str,
    /// What the rule is about: a place; none when it is about everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Units that are affected because of it; fewer than none: that are not.
    pub units: i64,
    /// Lots, likewise.
    pub lots: i64,
    /// Quantities of lots, likewise, for each unit of measure of which it is more or less.
    pub quantity: Vec<QuantityCost>,
    /// Holders, likewise.
    pub holders: i64,
}

/// By how much a rule changes the quantity of lots that is affected, in one unit of measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuantityCost {
    /// By how much what is affected at least changes (a decimal, with `-` when it is less); none where amounts are
    /// not known.
    pub lo: Option<String>,
    /// By how much what is affected at most changes.
    pub hi: Option<String>,
    /// The unit of measure; none for pieces.
    pub uom: Option<String>,
}

/// The costs of the rules of a definition at a position, in a fixed order. Call inside a snapshot.
pub fn costs(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    definition: &Definition,
    position: &Position,
) -> Result<Vec<RuleCost>, Error> {
    let with = Sum::of(&scope(conn, dictionary, definition, position, END)?);
    let mut found = Vec::new();
    for (rule, about, without) in variants(definition) {
        let without = Sum::of(&scope(conn, dictionary, &without, position, END)?);
        found.push(with.beyond(&without, rule, about));
    }
    Ok(found)
}

/// The definition without each of its rules.
fn variants(definition: &Definition) -> Vec<(&'static str, Option<String>, Definition)> {
    let mut found = Vec::new();
    let mut without = |rule, about, change: &dyn Fn(&mut Definition)| {
        let mut changed = definition.clone();
        change(&mut changed);
        found.push((rule, about, changed));
    };
    if definition
        .places
        .iter()
        .any(|place| 0 < place.guard_seconds)
    {
        without("guard", None, &|changed| {
            let places = std::mem::take(&mut changed.places).into_iter();
            changed.places = places
                .map(|mut place| {
                    place.guard_seconds = 0;
                    place
                })
                .collect();
        });
    }
    if definition.policies.previous_starts && !definition.places.is_empty() {
        without("starts", None, &|changed| {
            changed.policies.previous_starts = false;
        });
    }
    match definition.policies.time_order_seconds {
        None => without("all_to_all", None, &|changed| {
            changed.policies.time_order_seconds = Some(0);
        }),
        Some(_) => without("time_order", None, &|changed| {
            changed.policies.time_order_seconds = None;
        }),
    }
    for vessel in definition.policies.vessels.keys() {
        without("vessel", Some(vessel.clone()), &|changed| {
            changed.policies.vessels.remove(vessel);
        });
    }
    for place in definition.policies.kill_steps.keys() {
        without("kill_step", Some(place.clone()), &|changed| {
            changed.policies.kill_steps.remove(place);
        });
    }
    if definition.policies.contact.is_some() {
        without("contact", None, &|changed| changed.policies.contact = None);
    }
    found
}

/// What a scope comes to, to be compared.
struct Sum {
    units: BTreeMap<crate::codes::Block, crate::codes::MemberSet>,
    lots: BTreeSet<String>,
    quantity: Amounts,
    holders: BTreeSet<String>,
}

impl Sum {
    fn of(scope: &Scope) -> Self {
        Self {
            units: members(&scope.blocks),
            lots: scope.lots.iter().map(|lot| lot.id.clone()).collect(),
            quantity: Amounts::of(&scope.summary.quantity),
            holders: scope
                .summary
                .due
                .iter()
                .map(|due| due.holder.clone())
                .collect(),
        }
    }

    fn beyond(&self, other: &Self, rule: &'static str, about: Option<String>) -> RuleCost {
        let difference = |ours: &BTreeSet<String>, theirs: &BTreeSet<String>| {
            count(ours.difference(theirs).count()) - count(theirs.difference(ours).count())
        };
        RuleCost {
            rule,
            about,
            units: units_beyond(self, other) - units_beyond(other, self),
            lots: difference(&self.lots, &other.lots),
            quantity: self.quantity.beyond(&other.quantity),
            holders: difference(&self.holders, &other.holders),
        }
    }
}

/// How many units of one are not in the other.
fn units_beyond(one: &Sum, other: &Sum) -> i64 {
    let of_blocks = one.units.iter().map(|(block, members)| {
        let mut members = members.clone();
        if let Some(known) = other.units.get(block) {
            members.subtract(known);
        }
        i64::from(members.len())
    });
    of_blocks.sum()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
