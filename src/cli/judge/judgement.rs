//! The recall's answer held against the hidden truth, by identifier.

use std::collections::{BTreeMap, BTreeSet};

use super::lots::{LotFault, judge_lots};
use crate::scenario::{Affected, Fate, Truth};

/// What the recall lists, by canonical identifier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli) struct Answer {
    /// Affected units.
    pub(in crate::cli) units: BTreeMap<String, Found>,
    /// Affected lots, with where their parts are.
    pub(in crate::cli) lots: BTreeMap<String, Vec<Share>>,
    /// Containers; they are listed beside what is inside and are no units of a product.
    pub(in crate::cli) containers: BTreeSet<String>,
}

/// Where something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Standing {
    /// What has become of it: `held`, `in_transit`, `sold`, `destroyed`, `consumed`, …
    pub(in crate::cli) status: String,
    /// Where it is, was sold or destroyed, or goes to.
    pub(in crate::cli) place: Option<String>,
    /// Who has it or is to get it.
    pub(in crate::cli) holder: String,
}

impl Standing {
    /// Whether a holder has it or is to get it.
    pub(in crate::cli) fn is_with_somebody(&self) -> bool {
        matches!(self.status.as_str(), "held" | "in_transit")
    }

    /// Whether this is what truly happened.
    pub(super) fn is(&self, fate: &Fate) -> bool {
        let at = |place: &str| self.place.as_deref() == Some(place);
        match fate {
            Fate::Held { place, holder, .. } => {
                self.status == "held" && at(place) && self.holder == **holder
            }
            Fate::InTransit { to, .. } => self.status == "in_transit" && at(to),
            Fate::Sold { shop, .. } => self.status == "sold" && at(shop),
            Fate::Destroyed { place } => self.status == "destroyed" && at(place),
            Fate::Consumed { .. } => self.status == "consumed",
            Fate::Renamed { .. } => true,
        }
    }

    fn said(&self) -> String {
        let place = self.place.as_deref().unwrap_or("an unknown place");
        format!("{} at {place} by {}", self.status, self.holder)
    }
}

/// What the recall says of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Found {
    /// Where it is.
    pub(in crate::cli) standing: Standing,
    /// Where it may be instead: records contradict each other.
    pub(in crate::cli) others: Vec<Standing>,
    /// Why it is in the answer; none when the answer does not say.
    pub(in crate::cli) reason: Option<Reason>,
}

impl Found {
    /// Whether it was sent and nobody said that it arrived.
    pub(in crate::cli) fn is_under_way(&self) -> bool {
        self.standing.status == "in_transit"
    }
}

/// What the recall says of a part of a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Share {
    /// Where it is.
    pub(in crate::cli) standing: Standing,
    /// At most how much, in thousandths; none when amounts are not known.
    pub(in crate::cli) hi: Option<u64>,
}

/// Why a unit is in the answer, coarsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cli) enum Reason {
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
pub(in crate::cli) struct Misplaced {
    pub(in crate::cli) id: String,
    pub(in crate::cli) truth: String,
    pub(in crate::cli) answer: String,
}

/// How the answer compares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::cli) struct Judgement {
    /// Units that truly are affected.
    pub(in crate::cli) expected: usize,
    /// Units in the answer.
    pub(in crate::cli) found: usize,
    /// Affected and not in the answer.
    pub(in crate::cli) missing: Vec<String>,
    /// Bulk lots that truly are affected and not in the answer.
    pub(in crate::cli) missing_lots: Vec<String>,
    /// What is wrong with the parts of lots that are in the answer.
    pub(in crate::cli) lot_faults: Vec<LotFault>,
    /// In the answer, which says two things of it, and the second is true.
    pub(in crate::cli) contested: Vec<Misplaced>,
    /// In the answer and elsewhere.
    pub(in crate::cli) misplaced: Vec<Misplaced>,
    /// In the answer and not affected, by the reason the answer gives.
    pub(in crate::cli) extra: BTreeMap<Reason, usize>,
    /// In the answer, not affected, and without a reason.
    pub(in crate::cli) unexplained: Vec<String>,
}

impl Judgement {
    /// Compares.
    pub(in crate::cli) fn of(truth: &Truth, answer: &Answer) -> Self {
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
            let Some(found) = answer.units.get(*id) else {
                judgement.missing.push((*id).to_owned());
                continue;
            };
            if found.standing.is(&unit.fate) {
                continue;
            }
            let misplaced = Misplaced {
                id: (*id).to_owned(),
                truth: told(&unit.fate),
                answer: found.standing.said(),
            };
            if found.others.iter().any(|other| other.is(&unit.fate)) {
                judgement.contested.push(misplaced);
            } else {
                judgement.misplaced.push(misplaced);
            }
        }
        let lots = truth.lots.iter().map(|lot| lot.id.to_string());
        judgement.missing_lots = lots.filter(|id| !answer.lots.contains_key(id)).collect();
        judgement.lot_faults = judge_lots(truth, answer);
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
    pub(in crate::cli) fn extra_count(&self) -> usize {
        self.extra.values().sum::<usize>() + self.unexplained.len()
    }

    /// Nothing is missing, nothing is elsewhere, and whatever is too much has its reason.
    pub(in crate::cli) const fn is_right(&self) -> bool {
        self.missing.is_empty()
            && self.missing_lots.is_empty()
            && self.contested.is_empty()
            && self.misplaced.is_empty()
            && self.unexplained.is_empty()
    }
}

fn told(fate: &Fate) -> String {
    match fate {
        Fate::Held { place, holder, .. } => format!("held at {place} by {holder}"),
        Fate::InTransit { to, .. } => format!("in_transit to {to}"),
        Fate::Sold { shop, .. } => format!("sold at {shop}"),
        Fate::Destroyed { place } => format!("destroyed at {place}"),
        Fate::Consumed { into } => format!("consumed into {into}"),
        Fate::Renamed { lot } => format!("renamed {lot}"),
    }
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
            standing: Standing {
                status: status.to_owned(),
                place: place.map(str::to_owned),
                holder: holder.to_owned(),
            },
            others: Vec::new(),
            reason: Some(Reason::AtPlace),
        };
        let answers = truth.affected.iter().map(|unit| {
            let answer = match &unit.fate {
                Fate::Held { place, holder, .. } => found("held", Some(place), holder),
                Fate::InTransit { to, .. } => found("in_transit", Some(to), "x"),
                Fate::Sold { shop, .. } => found("sold", Some(shop), "consumer"),
                Fate::Destroyed { place } => found("destroyed", Some(place), "destroyed"),
                Fate::Consumed { .. } | Fate::Renamed { .. } => found("consumed", None, "consumed"),
            };
            (unit.id.clone(), answer)
        });
        Answer {
            units: answers.collect(),
            lots: truth
                .lots
                .iter()
                .map(|lot| (lot.id.to_string(), Vec::new()))
                .collect(),
            containers: BTreeSet::new(),
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
        answer.units.get_mut(&ids[1]).unwrap().standing.status = "unknown".to_owned();

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
        let (gone, _) = answer.lots.pop_first().unwrap();

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
            .find(|found| found.standing.status == "held")
            .unwrap();
        held.standing.holder = "somebody else".to_owned();

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
