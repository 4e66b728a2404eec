//! The recall's answer held against the hidden truth, by identifier.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenario::{Affected, Fate, Truth};

/// What the recall lists, by canonical identifier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// Affected units.
    pub(super) units: BTreeMap<String, Found>,
    /// Affected lots.
    pub(super) lots: BTreeSet<String>,
}

/// What the recall says of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// What has become of it: `held`, `in_transit`, `sold`, `destroyed`, `consumed`, …
    pub(super) status: String,
    /// Where it is, was sold or destroyed, or goes to.
    pub(super) place: Option<String>,
    /// Who has it or is to get it.
    pub(super) holder: String,
    /// Why it is in the answer; none when the answer does not say.
    pub(super) reason: Option<Reason>,
}

impl Found {
    /// Whether a holder has it or is to get it.
    pub(super) fn is_with_somebody(&self) -> bool {
        matches!(self.status.as_str(), "held" | "in_transit")
    }
}

/// Why a unit is in the answer, coarsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// It was there within the window.
    AtPlace,
    /// It was there within the guard around the window.
    Guard,
    /// It was in a container with what was there.
    Inside,
    /// It came out of a process, or of a lot, that something affected went into.
    Blended,
    /// Records are missing, and it cannot be ruled out.
    Gap,
}

/// A unit that the recall puts elsewhere than it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misplaced {
    pub(super) id: String,
    pub(super) truth: String,
    pub(super) answer: String,
}

/// How the answer compares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Judgement {
    /// Units that truly are affected.
    pub(super) expected: usize,
    /// Units in the answer.
    pub(super) found: usize,
    /// Affected and not in the answer.
    pub(super) missing: Vec<String>,
    /// Bulk lots that truly are affected and not in the answer.
    pub(super) missing_lots: Vec<String>,
    /// In the answer and elsewhere.
    pub(super) misplaced: Vec<Misplaced>,
    /// In the answer and not affected, by the reason the answer gives.
    pub(super) extra: BTreeMap<Reason, usize>,
    /// In the answer, not affected, and without a reason.
    pub(super) unexplained: Vec<String>,
}

impl Judgement {
    /// Compares.
    pub(super) fn of(truth: &Truth, answer: &Answer) -> Self {
        let affected: BTreeMap<&str, &Affected> = truth
            .affected
            .iter()
            .map(|unit| (unit.id.as_str(), unit))
            .collect();
        let mut judgement = Self {
            expected: affected.len(),
            found: answer.units.len(),
            ..Self::default()
        };
        for (id, unit) in &affected {
            match answer.units.get(*id) {
                None => judgement.missing.push((*id).to_owned()),
                Some(found) if is_there(&unit.fate, found) => {}
                Some(found) => judgement.misplaced.push(Misplaced {
                    id: (*id).to_owned(),
                    truth: told(&unit.fate),
                    answer: said(found),
                }),
            }
        }
        let lots = truth.bulk.iter().map(|lot| lot.id.to_string());
        judgement.missing_lots = lots.filter(|id| !answer.lots.contains(id)).collect();
        for (id, found) in &answer.units {
            if affected.contains_key(id.as_str()) {
                continue;
            }
            match found.reason {
                // Whoever was there in the window is affected: this world's window is exact.
                None | Some(Reason::AtPlace) => judgement.unexplained.push(id.clone()),
                Some(reason) => *judgement.extra.entry(reason).or_default() += 1,
            }
        }
        judgement
    }

    /// Units in the answer that are not affected.
    pub(super) fn extra_count(&self) -> usize {
        self.extra.values().sum::<usize>() + self.unexplained.len()
    }

    /// Nothing is missing, nothing is elsewhere, and whatever is too much has its reason.
    pub(super) const fn is_right(&self) -> bool {
        self.missing.is_empty()
            && self.missing_lots.is_empty()
            && self.misplaced.is_empty()
            && self.unexplained.is_empty()
    }
}

fn is_there(fate: &Fate, found: &Found) -> bool {
    let at = |place: &str| found.place.as_deref() == Some(place);
    match fate {
        Fate::Held { place, holder, .. } => {
            found.status == "held" && at(place) && found.holder == **holder
        }
        Fate::InTransit { to, .. } => found.status == "in_transit" && at(to),
        Fate::Sold { shop } => found.status == "sold" && at(shop),
        Fate::Destroyed { place } => found.status == "destroyed" && at(place),
        Fate::Reworked { .. } => found.status == "consumed",
    }
}

fn told(fate: &Fate) -> String {
    match fate {
        Fate::Held { place, holder, .. } => format!("held at {place} by {holder}"),
        Fate::InTransit { to, .. } => format!("in_transit to {to}"),
        Fate::Sold { shop } => format!("sold at {shop}"),
        Fate::Destroyed { place } => format!("destroyed at {place}"),
        Fate::Reworked { bulk } => format!("consumed into {bulk}"),
    }
}

fn said(found: &Found) -> String {
    let place = found.place.as_deref().unwrap_or("an unknown place");
    format!("{} at {place} by {}", found.status, found.holder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{PlainSerials, Scenario};

    fn truth() -> Truth {
        let start = "2026-03-02T00:00:00+08:00".parse().unwrap();
        let world = Scenario::named("formula", 2_400, 7, start).unwrap();
        world.stream(PlainSerials::default()).finish()
    }

    /// The answer that says just the truth.
    fn perfect(truth: &Truth) -> Answer {
        let found = |status: &str, place: Option<&str>, holder: &str| Found {
            status: status.to_owned(),
            place: place.map(str::to_owned),
            holder: holder.to_owned(),
            reason: Some(Reason::AtPlace),
        };
        let answers = truth.affected.iter().map(|unit| {
            let answer = match &unit.fate {
                Fate::Held { place, holder, .. } => found("held", Some(place), holder),
                Fate::InTransit { to, .. } => found("in_transit", Some(to), "x"),
                Fate::Sold { shop } => found("sold", Some(shop), "consumer"),
                Fate::Destroyed { place } => found("destroyed", Some(place), "destroyed"),
                Fate::Reworked { .. } => found("consumed", None, "consumed"),
            };
            (unit.id.clone(), answer)
        });
        Answer {
            units: answers.collect(),
            lots: truth.bulk.iter().map(|lot| lot.id.to_string()).collect(),
        }
    }

    #[test]
    fn the_truth_itself_is_right() {
        let truth = truth();
        let judgement = Judgement::of(&truth, &perfect(&truth));
        assert!(judgement.is_right());
        assert_eq!(judgement.expected, judgement.found);
        assert_eq!(judgement.extra_count(), 0);
    }

    #[test]
    fn a_unit_that_is_missing_or_elsewhere_is_named() {
        let truth = truth();
        let mut answer = perfect(&truth);
        let ids: Vec<String> = answer.units.keys().take(2).cloned().collect();
        answer.units.remove(&ids[0]);
        answer.units.get_mut(&ids[1]).unwrap().status = "unknown".to_owned();

        let judgement = Judgement::of(&truth, &answer);

        assert!(!judgement.is_right());
        assert_eq!(judgement.missing, ids[..1]);
        assert_eq!(judgement.misplaced.len(), 1);
        assert_eq!(judgement.misplaced[0].id, ids[1]);
    }

    #[test]
    fn a_lot_that_is_missing_is_named() {
        let truth = truth();
        let mut answer = perfect(&truth);
        let gone = answer.lots.pop_first().unwrap();

        let judgement = Judgement::of(&truth, &answer);

        assert!(!judgement.is_right());
        assert_eq!(judgement.missing_lots, [gone]);
    }

    #[test]
    fn a_unit_with_another_holder_is_misplaced() {
        let truth = truth();
        let mut answer = perfect(&truth);
        let held = answer
            .units
            .values_mut()
            .find(|found| found.status == "held")
            .unwrap();
        held.holder = "somebody else".to_owned();

        assert_eq!(Judgement::of(&truth, &answer).misplaced.len(), 1);
    }

    #[test]
    fn what_is_too_much_needs_a_reason() {
        let truth = truth();
        let mut answer = perfect(&truth);
        let other = answer.units.values().next().unwrap().clone();
        answer.units.insert(
            "z1".into(),
            Found {
                reason: Some(Reason::Guard),
                ..other.clone()
            },
        );
        assert!(Judgement::of(&truth, &answer).is_right());

        answer.units.insert(
            "z2".into(),
            Found {
                reason: None,
                ..other.clone()
            },
        );
        answer.units.insert("z3".into(), other);
        let judgement = Judgement::of(&truth, &answer);

        assert!(!judgement.is_right());
        assert_eq!(judgement.unexplained, ["z2", "z3"]);
        assert_eq!(
            (judgement.extra_count(), judgement.extra[&Reason::Guard]),
            (3, 1)
        );
    }
}
