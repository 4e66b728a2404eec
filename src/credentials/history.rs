//! Versions over time. A version speaks from the beginning of its own validity on, and of two that have begun the
//! one recorded later does: a renewal under the same number leaves the time before it, and the gap, as they were.
//! All intervals are half-open: the first instant belongs to them, the last does not.

use std::collections::BTreeSet;

use super::credential::{Credential, Person, Scope, Test};
use super::kind::State;
use crate::epcis::Timestamp;

/// Who gave an order, for whom, when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// `cli:<user>` or `key:<id>`.
    pub by: String,
    /// The organisation it was recorded for.
    pub org: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// One version, with its place in `control/0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version<T> {
    /// Its leaf.
    pub seq: i64,
    /// Who recorded it.
    pub recorded: Recorded,
    /// What it says.
    pub content: T,
}

/// What holds for a time.
pub trait Dated {
    /// From when on.
    fn valid_from(&self) -> Timestamp;
    /// The first instant at which it holds no more.
    fn valid_to(&self) -> Option<Timestamp>;

    /// Whether it holds at an instant.
    fn holds(&self, at: Timestamp) -> bool {
        self.valid_from() <= at && self.valid_to().is_none_or(|end| at < end)
    }
}

impl Dated for Credential {
    fn valid_from(&self) -> Timestamp {
        self.valid_from
    }
    fn valid_to(&self) -> Option<Timestamp> {
        self.valid_to
    }
}

impl Dated for Person {
    fn valid_from(&self) -> Timestamp {
        self.valid_from
    }
    fn valid_to(&self) -> Option<Timestamp> {
        self.valid_to
    }
}

/// The version that speaks at an instant (`versions` in ledger order): the last recorded of those that have
/// begun, else the first that will.
pub fn speaking<T: Dated>(versions: &[Version<T>], at: Timestamp) -> Option<&Version<T>> {
    let begun = versions
        .iter()
        .rev()
        .find(|version| version.content.valid_from() <= at);
    begun.or_else(|| {
        let later = versions.iter().rev();
        later.min_by_key(|version| version.content.valid_from())
    })
}

/// A suspension or withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Its leaf in `control/0`.
    pub seq: i64,
    /// From when on.
    pub from: Timestamp,
    /// The first instant after it; none for a withdrawal.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: String,
    /// Who recorded it.
    pub recorded: Recorded,
}

impl Revocation {
    pub(super) fn has(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|end| at < end)
    }
}

/// Everything recorded of one credential before a position.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// Its versions, in ledger order.
    pub versions: Vec<Version<Credential>>,
    /// Its revocations, in ledger order.
    pub revocations: Vec<Revocation>,
}

/// A time in which a credential was not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lapse {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it, or the time asked up to.
    pub until: Timestamp,
    /// Why it was not valid.
    pub state: State,
    /// What the credential was about then.
    pub scope: Scope,
    /// Whether it was not valid from when on it was given, or given again: what it says was never good.
    pub is_from_beginning: bool,
}

impl History {
    /// How it stands at an instant.
    pub fn state(&self, at: Timestamp) -> State {
        let Some(version) = speaking(&self.versions, at) else {
            return State::NotYetValid;
        };
        let credential = &version.content;
        let test = credential.test.as_ref();
        if at < credential.valid_from {
            State::NotYetValid
        } else if self.is_revoked(at, version) {
            State::Revoked
        } else if !credential.holds(at) {
            State::Expired
        } else if test.is_some_and(|test| !test.is_calibrated(at)) {
            State::OutOfCalibration
        } else {
            State::Valid
        }
    }

    /// Whether it is revoked at an instant at which this version speaks. A withdrawal is of the number, whatever is
    /// recorded of it later, except by who withdrew it: that version holds from its own beginning on.
    fn is_revoked(&self, at: Timestamp, speaking: &Version<Credential>) -> bool {
        self.revocations.iter().any(|revoked| {
            let is_granted_again = revoked.until.is_none()
                && revoked.seq < speaking.seq
                && revoked.from <= speaking.content.valid_from
                && revoked.recorded.org == speaking.recorded.org;
            revoked.has(at) && !is_granted_again
        })
    }

    /// The times from the first beginning of its validity until `now` in which it was not valid, in order; what
    /// has one reason and one scope is one time.
    pub fn lapses(&self, now: Timestamp) -> Vec<Lapse> {
        let cuts = self.cuts(now);
        let ends = cuts.iter().skip(1);
        let mut lapses: Vec<Lapse> = Vec::new();
        for (from, until) in cuts.iter().zip(ends) {
            let (state, version) = (self.state(*from), speaking(&self.versions, *from));
            let Some(version) = version.filter(|_| state != State::Valid) else {
                continue;
            };
            let scope = &version.content.scope;
            match lapses.last_mut() {
                Some(last)
                    if last.until == *from && last.state == state && last.scope == *scope =>
                {
                    last.until = *until;
                    last.is_from_beginning |= version.content.valid_from == *from;
                }
                _ => lapses.push(Lapse {
                    from: *from,
                    until: *until,
                    state,
                    scope: scope.clone(),
                    is_from_beginning: version.content.valid_from == *from,
                }),
            }
        }
        lapses
    }

    /// Every instant from the first beginning until `now` at which something may change.
    fn cuts(&self, now: Timestamp) -> BTreeSet<Timestamp> {
        let begins = self.versions.iter().map(|v| v.content.valid_from);
        let Some(first) = begins.clone().min().filter(|first| *first < now) else {
            return BTreeSet::new();
        };
        let mut cuts: BTreeSet<Timestamp> = begins.collect();
        for version in &self.versions {
            cuts.extend(version.content.valid_to);
            if let Some(test) = &version.content.test {
                cuts.extend(test.calibrated_from);
                cuts.extend(test.calibrated_to);
            }
        }
        for revoked in &self.revocations {
            cuts.insert(revoked.from);
            cuts.extend(revoked.until);
        }
        cuts.retain(|cut| first <= *cut && *cut < now);
        cuts.insert(now);
        cuts
    }
}

impl Test {
    /// Whether the instrument was within its calibration; one of which nothing is said was.
    fn is_calibrated(&self, at: Timestamp) -> bool {
        self.calibrated_from.is_none_or(|from| from <= at)
            && self.calibrated_to.is_none_or(|end| at < end)
    }
}
