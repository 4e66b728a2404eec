//! What both sides answer, in a form that can be compared: of every affected item where it is, who holds
//! it and what has become of it; and how many there are of each.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use sha2::{Digest, Sha256};

/// What has become of an item. The numbers stand in the SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// At a place.
    Here,
    /// On its way to a place.
    InTransit,
    /// Sold at a place.
    Sold,
    /// Anything else: does not happen in this world.
    Other,
}

impl Fate {
    pub(super) const fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Here,
            1 => Self::InTransit,
            2 => Self::Sold,
            _ => Self::Other,
        }
    }
}

/// Where, who and what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    pub(super) holder: String,
    pub(super) place: String,
    pub(super) fate: Fate,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\t{}\t{:?}", self.place, self.holder, self.fate)
    }
}

/// How many affected items stand how.
pub(super) type Counts = BTreeMap<Standing, u64>;

/// The standing of every affected item.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    standings: Vec<Standing>,
    items: Vec<(u32, usize)>,
}

impl Answer {
    /// Adds items that stand alike.
    pub(super) fn add(&mut self, standing: Standing, items: impl IntoIterator<Item = u32>) {
        let number = self.standings.len();
        self.standings.push(standing);
        self.items
            .extend(items.into_iter().map(|item| (item, number)));
    }

    /// Puts the items in order.
    pub(super) fn sort(&mut self) {
        self.items.sort_unstable_by_key(|(item, _)| *item);
    }

    /// How many items.
    pub(super) fn len(&self) -> u64 {
        self.items.len() as u64
    }

    /// SHA-256 over the items in order, each with its place, holder and fate.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (item, standing) in self.lines() {
            hash.update(format!("{item}\t{standing}\n"));
        }
        hash.finalize()
            .iter()
            .fold(String::new(), |mut text, byte| {
                // Writing to a String cannot fail.
                let _ = write!(text, "{byte:02x}");
                text
            })
    }

    /// The first item that the two tell differently, with what each says of it.
    pub(super) fn first_difference(&self, other: &Self) -> Option<String> {
        let said = |line: Option<(u32, &Standing)>| {
            line.map_or_else(
                || "nothing".to_owned(),
                |(item, standing)| format!("item {item}: {standing}"),
            )
        };
        let (mut ours, mut theirs) = (self.lines(), other.lines());
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return None,
                (a, b) if a == b => {}
                (a, b) => return Some(format!("ours says {}, SQL says {}", said(a), said(b))),
            }
        }
    }

    fn lines(&self) -> impl Iterator<Item = (u32, &Standing)> {
        self.items
            .iter()
            .map(|(item, number)| (*item, &self.standings[*number]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(place: &str) -> Standing {
        Standing {
            holder: "shop".into(),
            place: place.into(),
            fate: Fate::Here,
        }
    }

    fn answer(groups: &[(&str, &[u32])]) -> Answer {
        let mut answer = Answer::default();
        for (place, items) in groups {
            answer.add(standing(place), items.iter().copied());
        }
        answer.sort();
        answer
    }

    #[test]
    fn the_order_of_groups_does_not_change_the_digest() {
        let one = answer(&[("a", &[3, 1]), ("b", &[2])]);
        let other = answer(&[("b", &[2]), ("a", &[1]), ("a", &[3])]);
        assert_eq!(one.digest(), other.digest());
        assert_eq!(one.first_difference(&other), None);
    }

    #[test]
    fn a_moved_or_missing_item_changes_the_digest_and_is_named() {
        let one = answer(&[("a", &[1, 2])]);
        for (other, expected) in [
            (
                answer(&[("a", &[1]), ("b", &[2])]),
                "ours says item 2: a\tshop\tHere, SQL says item 2: b\tshop\tHere",
            ),
            (
                answer(&[("a", &[1])]),
                "ours says item 2: a\tshop\tHere, SQL says nothing",
            ),
        ] {
            assert_ne!(one.digest(), other.digest());
            assert_eq!(one.first_difference(&other).as_deref(), Some(expected));
        }
    }
}
