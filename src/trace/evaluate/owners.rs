//! Who owns things, as far as events name owners: their own, and those of the containers they were in
//! meanwhile. What was sold to a consumer, destroyed or used up has no owner that is known, unless an event names one
//! then or later. Custody is another answer, and so is the place: goods can be in one's hands and another's property.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{Flow, Op, Record, Source};

use super::epochs::rebirths;
use super::kinds::Kinds;
use super::lots::Account;
use super::reader::{Order, Reader, Units, has_unit};
use super::stays::{Stay, stays};

/// Units of one block with the same owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedUnits {
    /// The block.
    pub block: Block,
    /// Which.
    pub members: MemberSet,
    /// The party that owns them.
    pub owner: Block,
}

/// Who owns the stock of a lot, account by account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LotOwners {
    /// What lies at a place.
    stock: BTreeMap<Option<Block>, Block>,
    /// What is on its way to a place: all who are named.
    way: BTreeMap<Option<Block>, BTreeSet<Block>>,
    /// What is in a container.
    inside: BTreeMap<Address, Block>,
    sold: Option<Block>,
}

impl LotOwners {
    /// Who owns what is booked in an account.
    pub fn of(&self, account: &Account) -> Option<Block> {
        match account {
            Account::Stock { place, .. } | Account::Stolen(place) => self.stock.get(place).copied(),
            Account::InTransit { parties, .. } => parties.owner,
            Account::Inside(container) => self.inside.get(&(*container)?).copied(),
            Account::Sold(_) => self.sold,
            Account::Made
            | Account::Used
            | Account::Destroyed(_)
            | Account::Unrecorded(_)
            | Account::Singly(_)
            | Account::SinglyEnded => None,
        }
    }

    /// Every owner there is.
    pub fn all(&self) -> impl Iterator<Item = Block> {
        let places = self.stock.values();
        places
            .chain(self.way.values().flatten())
            .chain(self.inside.values())
            .chain(&self.sold)
            .copied()
    }

    /// What arrived is of whom it was on its way to; what is of several, nobody can say whose it is.
    fn arrive(&mut self, place: Option<Block>, named: Option<Block>) {
        let on_way = self.way.remove(&place);
        if named.is_some() {
            self.stock.extend(named.map(|owner| (place, owner)));
            return;
        }
        let on_way = on_way.or_else(|| {
            let towards_nowhere = self.way.get(&None)?;
            (towards_nowhere.len() == 1).then(|| towards_nowhere.clone())
        });
        let on_way = on_way.unwrap_or_default();
        if on_way.len() > 1 {
            self.stock.remove(&place);
        } else {
            self.stock
                .extend(on_way.into_iter().map(|owner| (place, owner)));
        }
    }

    fn apply(&mut self, record: &Record, of_container: impl Fn(Address) -> Option<Owner>) {
        let named = record.owner.as_deref().copied();
        match (record.flow, record.op, record.peer) {
            (_, Op::Pack | Op::Attach, Some(container)) => {
                let before = self.stock.get(&record.place).copied();
                self.inside
                    .extend(named.or(before).map(|owner| (container, owner)));
            }
            (_, Op::Unpack | Op::Detach, Some(container)) => {
                let before = self.inside.get(&container).copied();
                let owner = named.or_else(|| of_container(container).map_or(before, Owner::named));
                self.stock.extend(owner.map(|owner| (record.place, owner)));
            }
            (Flow::Ship, ..) => {
                if let Some(owner) = named {
                    self.way.entry(record.place).or_default().insert(owner);
                }
            }
            (Flow::Receive, ..) => self.arrive(record.place, named),
            (Flow::Sell, ..) => self.sold = named.or(self.sold),
            _ => self.stock.extend(named.map(|owner| (record.place, owner))),
        }
    }
}

/// From when on an event of its own, or of what it was in, names an owner of a container, or ends that it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    order: Order,
    owner: Owner,
}

/// What an event says of an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    /// None is known any more.
    Nobody,
    Named(Block),
}

impl Owner {
    /// The owner after a record, where it says anything of that.
    fn after(record: &Record) -> Option<Self> {
        let named = record.owner.as_deref().copied().map(Self::Named);
        match (record.op, record.flow) {
            // An event that uses something up names who owns what comes out of it.
            (Op::Consume, _) => Some(Self::Nobody),
            (_, Flow::Sell | Flow::Destroy) => named.or(Some(Self::Nobody)),
            _ => named,
        }
    }

    const fn named(self) -> Option<Block> {
        match self {
            Self::Nobody => None,
            Self::Named(owner) => Some(owner),
        }
    }
}

/// The changes of containers of which, or of what was around which, events name owners.
#[derive(Debug, Default)]
struct Changes(FxHashMap<Address, Vec<Change>>);

impl Changes {
    /// Of these containers, whose logs are loaded.
    fn of<S: Source>(reader: &Reader<'_, S>, containers: &Units, at: Timestamp) -> Self {
        let named = named(reader, containers);
        let mut changes = Self::default();
        for (block, members) in &named {
            for member in members.iter() {
                let container = Address {
                    block: *block,
                    member,
                };
                changes.add(reader, &named, container, at, &mut BTreeSet::new());
            }
        }
        changes
    }

    fn add<S: Source>(
        &mut self,
        reader: &Reader<'_, S>,
        named: &Units,
        container: Address,
        at: Timestamp,
        entered: &mut BTreeSet<Address>,
    ) {
        if self.0.contains_key(&container) || !entered.insert(container) {
            return;
        }
        let alone = MemberSet::one(container.member);
        let own = own(reader, &container.block, &alone, at);
        let mut all: Vec<Change> = own.into_iter().map(|(change, _)| change).collect();
        for stay in stays(reader, &container.block, &alone, |outer| {
            has_unit(named, *outer)
        }) {
            self.add(reader, named, stay.container, at, entered);
            all.extend(self.during(&stay));
        }
        all.sort_unstable();
        self.0.insert(container, all);
    }

    /// Those of the container of a stay while it lasted.
    fn during(&self, stay: &Stay) -> impl Iterator<Item = Change> {
        let all = self.0.get(&stay.container).map_or(&[][..], Vec::as_slice);
        let meets = |change: &&Change| stay.meets(change.order.time, change.order.time);
        all.iter().filter(meets).copied()
    }

    /// What was said last between two events of the owner of a container.
    fn between(&self, container: Address, from: Order, until: Option<Order>) -> Option<Owner> {
        let mut all = self.0.get(&container)?.iter();
        let counts = |change: &&Change| {
            from <= change.order && until.is_none_or(|until| change.order <= until)
        };
        all.rfind(counts).map(|change| change.owner)
    }
}

/// Those of the containers of which an event says who owns them or that nobody does, or that were in such a one.
fn named<S: Source>(reader: &Reader<'_, S>, containers: &Units) -> Units {
    let mut named = Units::new();
    let mut is_growing = true;
    while is_growing {
        is_growing = false;
        for (block, members) in containers {
            let mut found = MemberSet::new();
            for record in reader.log(block) {
                let inside = record.peer.filter(|_| Kinds::OPENS.has(record));
                if Owner::after(record).is_some()
                    || inside.is_some_and(|outer| has_unit(&named, outer))
                {
                    found.union_with(&record.members.to_set());
                }
            }
            found.intersect_with(members);
            if !found.is_empty() {
                let known = named.entry(*block).or_default();
                is_growing |= !found.is_subset(known);
                known.union_with(&found);
            }
        }
    }
    named
}

/// What the own records of these members say of owners, up to a time.
fn own<S: Source>(
    reader: &Reader<'_, S>,
    block: &Block,
    mask: &MemberSet,
    at: Timestamp,
) -> Vec<(Change, MemberSet)> {
    let log = reader.log(block).iter();
    let log = log.take_while(|record| record.t_lo <= at);
    let named = log.filter_map(|record| {
        let owner = Owner::after(record)?;
        let order = reader.order(record);
        let mut members = record.members.to_set();
        members.intersect_with(mask);
        (!members.is_empty()).then_some((Change { order, owner }, members))
    });
    named.collect()
}

/// Who owns these units at a time; those of which nobody says so are left out. Somebody who owned what had a code
/// before it was used again owns nothing of what has it now.
pub(super) fn owners<S: Source>(
    reader: &mut Reader<'_, S>,
    units: &Units,
    at: Timestamp,
) -> Result<Vec<OwnedUnits>, S::Error> {
    reader.load(units)?;
    let containers = reader.load_containers(units)?;
    let changes = Changes::of(reader, &containers, at);
    let counts = |container: &Address| changes.0.contains_key(container);
    let mut found = Vec::new();
    for (block, mask) in units {
        let mut all = own(reader, block, mask, at);
        if !changes.0.is_empty() {
            for stay in stays(reader, block, mask, counts) {
                let members = &stay.members;
                all.extend(
                    changes
                        .during(&stay)
                        .map(|change| (change, members.clone())),
                );
            }
        }
        if all.iter().all(|(change, _)| change.owner == Owner::Nobody) {
            continue;
        }
        all.sort_by_key(|(change, _)| *change);
        let mut again = rebirths(block, reader.log_with(block, Kinds::ENDS), mask)
            .into_iter()
            .peekable();
        let mut owned: BTreeMap<Block, MemberSet> = BTreeMap::new();
        let mut take = |members: &MemberSet, owner: Option<Block>| {
            for of_owner in owned.values_mut() {
                of_owner.subtract(members);
            }
            if let Some(owner) = owner {
                owned.entry(owner).or_default().union_with(members);
            }
        };
        for (change, members) in &all {
            while let Some(rebirth) = again.next_if(|rebirth| rebirth.time <= change.order.time) {
                take(&rebirth.members, None);
            }
            take(members, change.owner.named());
        }
        for rebirth in again.filter(|rebirth| rebirth.time <= at) {
            take(&rebirth.members, None);
        }
        let owned = owned.into_iter().filter(|(_, members)| !members.is_empty());
        found.extend(owned.map(|(owner, members)| OwnedUnits {
            block: *block,
            members,
            owner,
        }));
    }
    Ok(found)
}

/// Who owns the stock of these lots at a time.
pub(super) fn lot_owners<S: Source>(
    reader: &mut Reader<'_, S>,
    lots: &BTreeSet<Block>,
    at: Timestamp,
) -> Result<BTreeMap<Block, LotOwners>, S::Error> {
    let wanted: Units = lots.iter().map(|lot| (*lot, MemberSet::one(0))).collect();
    reader.load(&wanted)?;
    let containers = reader.load_containers(&wanted)?;
    let changes = Changes::of(reader, &containers, at);
    let mut found = BTreeMap::new();
    for lot in lots {
        let mut owners = LotOwners::default();
        let log = reader.log(lot).iter();
        let mut packed: BTreeMap<Address, Order> = BTreeMap::new();
        for record in log.take_while(|record| record.t_lo <= at) {
            let order = reader.order(record);
            owners.apply(record, |container| {
                let since = packed.get(&container)?;
                changes.between(container, *since, Some(order))
            });
            if let Some(container) = record.peer.filter(|_| Kinds::OPENS.has(record)) {
                packed.entry(container).or_insert(order);
            }
        }
        for (container, since) in packed {
            match changes.between(container, since, None) {
                Some(Owner::Named(owner)) => _ = owners.inside.insert(container, owner),
                Some(Owner::Nobody) => _ = owners.inside.remove(&container),
                None => {}
            }
        }
        found.insert(*lot, owners);
    }
    Ok(found)
}
