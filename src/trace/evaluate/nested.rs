//! Containers that are inside one another, as records that contradict each other have it.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::Address;

/// What each container may be in.
pub(super) type Outer = BTreeMap<Address, Vec<Address>>;

/// Those that are inside themselves, all that are inside one another together; those further out first.
pub(super) fn nested(outer: &Outer) -> Vec<BTreeSet<Address>> {
    let mut inner: Outer = BTreeMap::new();
    for (container, around) in outer {
        for around in around {
            inner.entry(*around).or_default().push(*container);
        }
    }
    // Whoever is left last cannot be inside any that was left before without being around it, too.
    let mut left = Vec::new();
    let mut entered = BTreeSet::new();
    for container in outer.keys() {
        walk(outer, *container, &mut entered, &mut left);
    }
    let mut found = Vec::new();
    let mut entered = BTreeSet::new();
    for container in left.into_iter().rev() {
        let mut together = Vec::new();
        walk(&inner, container, &mut entered, &mut together);
        let in_itself = |container: &Address| {
            let around = outer.get(container);
            around.is_some_and(|around| around.contains(container))
        };
        if 1 < together.len() || together.iter().any(in_itself) {
            found.push(together.into_iter().collect());
        }
    }
    found.reverse();
    found
}

/// Follows the edges from a container to those not entered yet, and notes each when all behind it are left.
fn walk(edges: &Outer, from: Address, entered: &mut BTreeSet<Address>, left: &mut Vec<Address>) {
    let mut path = vec![(from, false)];
    while let Some((container, is_done)) = path.pop() {
        if is_done {
            left.push(container);
        } else if entered.insert(container) {
            path.push((container, true));
            let next = edges.get(&container).into_iter().flatten();
            path.extend(next.map(|next| (*next, false)));
        }
    }
}
