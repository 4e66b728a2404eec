//! What both sides answer, in a form that can be compared: of every affected item what has become of it,
//! where it is and who holds it; and how many there are of each.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::ledger::hex;
use crate::trace::Holding;

/// How many affected items are held how.
pub(super) type Counts = BTreeMap<Holding, u64>;

/// The holding of every affected item.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    holdings: Vec<Holding>,
    items: Vec<(u32, usize)>,
}

impl Answer {
    /// Adds items that are held alike.
    pub(super) fn add(&mut self, holding: Holding, items: impl IntoIterator<Item = u32>) {
        let number = self.holdings.len();
        self.holdings.push(holding);
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
        for (item, holding) in self.lines() {
            hash.update(format!(
                "{item}	{}
",
                text(holding)
            ));
        }
        hex(&hash.finalize())
    }

    /// The first item that the two tell differently, with what each says of it.
    pub(super) fn first_difference(&self, other: &Self) -> Option<String> {
        let said = |line: Option<(u32, &Holding)>| {
            line.map_or_else(
                || "nothing".to_owned(),
                |(item, holding)| format!("item {item}: {}", text(holding)),
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

    fn lines(&self) -> impl Iterator<Item = (u32, &Holding)> {
        self.items
            .iter()
            .map(|(item, number)| (*item, &self.holdings[*number]))
    }
}

/// Everything that is said, in one line.
fn text(holding: &Holding) -> String {
    let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let Holding {
        status,
        place,
        holder,
        sender,
        from,
        owner,
    } = holding;
    let status = status.as_str();
    let (place, sender, from) = (word(place), word(sender), word(from));
    let owner = word(owner);
    format!("{status} at {place} by {holder}, from {from} by {sender}, of {owner}")
}

#[cfg(test)]
mod tests {
    use crate::trace::Fate;

    use super::*;

    fn holding(place: &str) -> Holding {
        Holding {
            status: Fate::Held,
            place: Some(place.to_owned()),
            holder: "shop".to_owned(),
            sender: None,
            from: None,
            owner: None,
        }
    }

    fn answer(groups: &[(&str, &[u32])]) -> Answer {
        let mut answer = Answer::default();
        for (place, items) in groups {
            answer.add(holding(place), items.iter().copied());
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
                "ours says item 2: held at a by shop, from - by -, of -, SQL says item 2: held at b by shop, from - by -, of -",
            ),
            (
                answer(&[("a", &[1])]),
                "ours says item 2: held at a by shop, from - by -, of -, SQL says nothing",
            ),
        ] {
            assert_ne!(one.digest(), other.digest());
            assert_eq!(one.first_difference(&other).as_deref(), Some(expected));
        }
    }
}
