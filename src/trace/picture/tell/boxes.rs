//! Which container is in which, and whose things are in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block};

#[derive(Debug, Default)]
pub(super) struct Boxes {
    parent: BTreeMap<Address, Address>,
    children: BTreeMap<Address, BTreeSet<Address>>,
    /// Blocks that have units in a container; their states say which.
    units: BTreeMap<Address, BTreeSet<Block>>,
}

impl Boxes {
    /// A container goes into another one, out of whichever it was in.
    pub(super) fn put_box(&mut self, child: Address, parent: Address) {
        self.take_box(child);
        if child != parent && !self.inside(child).contains(&parent) {
            self.parent.insert(child, parent);
            self.children.entry(parent).or_default().insert(child);
        }
    }

    /// A container comes out.
    pub(super) fn take_box(&mut self, child: Address) {
        if let Some(parent) = self.parent.remove(&child)
            && let Some(children) = self.children.get_mut(&parent)
        {
            children.remove(&child);
        }
    }

    /// All containers come out of one.
    pub(super) fn empty(&mut self, parent: Address) {
        for child in self.children.remove(&parent).unwrap_or_default() {
            self.parent.remove(&child);
        }
    }

    /// Units of a block go into a container.
    pub(super) fn put_units(&mut self, block: Block, container: Address) {
        self.units.entry(container).or_default().insert(block);
    }

    /// The blocks that may have units in a container.
    pub(super) fn blocks(&self, container: Address) -> impl Iterator<Item = Block> + '_ {
        self.units.get(&container).into_iter().flatten().copied()
    }

    /// A container with all that are in it, at any depth.
    pub(super) fn inside(&self, container: Address) -> BTreeSet<Address> {
        let mut all = BTreeSet::from([container]);
        let mut open = vec![container];
        while let Some(next) = open.pop() {
            let children = self.children.get(&next).into_iter().flatten();
            open.extend(children.copied().filter(|child| all.insert(*child)));
        }
        all
    }

    /// The container around all others around this one.
    pub(super) fn outermost(&self, container: Address) -> Address {
        let around =
            std::iter::successors(Some(container), |inner| self.parent.get(inner).copied());
        around.last().unwrap_or(container)
    }
}
