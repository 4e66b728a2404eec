//! Where loose items can have gone along with the stock of their lot: a lot that moves by quantity takes items that
//! lie among it with it, and nobody records which.

use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::{
    Account, Amount, Balances, Certainty, Direction, Evaluation, LotOwners, Mingled, Reach, Rules,
    Seed, Standing, Status, Together, Units, Whereabouts, Window,
};
use super::holding::{Fate, Holding, Names};
use super::shares::shares;
use super::source::Source;
use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;

/// Items of a block that lie loose at a place, by what is recorded of themselves, and whose lot moves by quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Along {
    /// The block.
    pub block: Block,
    /// Which.
    pub members: MemberSet,
    /// Whether any of the stock they lay among can lie there still.
    pub stays: bool,
    /// Where else they can be: accounts of their lot, each with the lot.
    pub accounts: BTreeMap<Account, Block>,
}

/// Where an item is that may have gone along with its lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goes {
    /// Where it was seen last, as far as anybody can tell.
    Stays,
    /// All that was there went: it is where that stock is.
    To(Account, Block),
    /// All that was there went, to several places.
    Somewhere,
}

impl Along {
    /// Where these items are.
    pub fn goes(&self) -> Goes {
        let mut accounts = self.accounts.iter();
        match (self.stays, accounts.next(), accounts.next()) {
            (false, Some((account, lot)), None) => Goes::To(*account, *lot),
            (false, Some(_), Some(_)) => Goes::Somewhere,
            (true, ..) | (false, None, _) => Goes::Stays,
        }
    }
}

/// What it takes to tell where such items are.
#[derive(Debug, Clone, Copy)]
pub struct Whither<'a> {
    /// The names of places and parties.
    pub names: &'a Names,
    /// Where the containers are that accounts name.
    pub containers: &'a Whereabouts,
    /// Who owns the stock of the lots.
    pub lot_owners: &'a BTreeMap<Block, LotOwners>,
}

impl Whither<'_> {
    /// Where an account is.
    pub fn account(&self, account: &Account) -> Holding {
        self.names.account(account, |unit| {
            self.containers.of(unit).map(|standing| standing.answer)
        })
    }

    /// The same, with whose it is.
    pub fn owned_account(&self, account: &Account, lot: Block) -> Holding {
        let owners = self.lot_owners.get(&lot);
        let owner = owners.and_then(|owners| owners.of(account));
        self.names.owned_by(owner, self.account(account))
    }

    /// Where items are that were seen last in a holding, and where else they can be.
    pub fn gone(&self, along: &Along, seen: Holding) -> (Holding, Vec<Holding>) {
        let holding = match along.goes() {
            Goes::Stays => seen,
            Goes::To(account, lot) => return (self.owned_account(&account, lot), Vec::new()),
            Goes::Somewhere => Holding {
                owner: seen.owner,
                ..Fate::nowhere()
            },
        };
        let mut can_be: Vec<Holding> = along
            .accounts
            .keys()
            .map(|account| self.account(account))
            .collect();
        can_be.sort();
        can_be.dedup();
        let is_same = |other: &Holding| {
            let owner = other.owner.clone();
            *other
                == Holding {
                    owner,
                    ..holding.clone()
                }
        };
        can_be.retain(|other| !is_same(other));
        (holding, can_be)
    }
}

/// Where items lie, by records of their own or of what they were in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lies {
    Loose(Option<Block>),
    /// In a container that some of their lot was taken out of by number.
    In(Address),
}

/// Items that lay in one place while the same of their lot moved.
#[derive(Debug)]
struct Bucket {
    lot: Block,
    lies: Lies,
    items: Units,
    /// One of them, and since when it lies there.
    one: Address,
    since: Timestamp,
}

/// Of the units that are somewhere, those whose lot moves by quantity, with where they can have gone along. What is
/// said of one block stands together, and of no member twice.
pub fn along<S: Source>(
    evaluation: &mut Evaluation<'_, S>,
    found: &Whereabouts,
    at: Timestamp,
) -> Result<Vec<Along>, S::Error> {
    let mut here = Units::new();
    for (block, group) in found.groups() {
        let standing = found.standings.get(group.standing as usize);
        let is_here = |standing: &Standing| matches!(standing.answer.status, Status::Here(_));
        if group.inside.is_some() || standing.is_some_and(is_here) {
            group.members.add_to(here.entry(block).or_default());
        }
    }
    let lots = evaluation.mingled(&here, at)?;
    if lots.is_empty() {
        return Ok(Vec::new());
    }
    let mut buckets: BTreeMap<Block, Vec<Bucket>> = BTreeMap::new();
    for (lot, mingled) in &lots {
        let of_lot = buckets_of(*lot, mingled, found);
        buckets.insert(*lot, of_lot);
    }
    let balances = evaluation.balances(&lots.into_keys().collect(), at)?;
    let mut parts = Vec::new();
    for bucket in rounds(buckets) {
        let reach = reach_of(evaluation, &bucket, at)?;
        for bucket in &bucket {
            let lone = if is_of_one(&reach, bucket) {
                None
            } else {
                Some(reach_of(evaluation, std::slice::from_ref(bucket), at)?)
            };
            let of_lot = balances.get(&bucket.lot).map_or(&[][..], Vec::as_slice);
            parts.extend(told(lone.as_ref().unwrap_or(&reach), bucket, of_lot));
        }
    }
    Ok(apart(parts))
}

/// The same of what an evaluation reached. Where no lot that was reached moves by a number of pieces, in the end no item
/// lies among such stock; at an instant before, its lot need not be reached.
pub fn along_of<S: Source>(
    evaluation: &mut Evaluation<'_, S>,
    found: &Whereabouts,
    lots: &BTreeSet<Block>,
    at: Timestamp,
) -> Result<Vec<Along>, S::Error> {
    let is_end = at == Timestamp::from_micros(i64::MAX);
    if is_end && !evaluation.any_moves_by_pieces(lots)? {
        return Ok(Vec::new());
    }
    along(evaluation, found, at)
}

/// Where what has this standing lies loose, by a record of its own, and since when.
fn loose_since(standing: &Standing) -> Option<(Option<Block>, Timestamp)> {
    match standing.answer.status {
        Status::Here(place) if standing.answer.certainty == Certainty::Asserted => {
            Some((place, standing.answer.time?))
        }
        _ => None,
    }
}

/// Parts items of a lot by where they lie and by what of the lot moved since.
fn buckets_of(lot: Block, mingled: &Mingled, found: &Whereabouts) -> Vec<Bucket> {
    let mut buckets: BTreeMap<(Lies, usize), Bucket> = BTreeMap::new();
    let mut add = |(lies, since): (Lies, Timestamp), block: Block, members: &MemberSet| {
        let Some(member) = members.iter().next() else {
            return;
        };
        let rank = mingled.moves.partition_point(|time| *time < since);
        let bucket = buckets.entry((lies, rank)).or_insert_with(|| Bucket {
            lot,
            lies,
            items: Units::new(),
            one: Address { block, member },
            since,
        });
        bucket.items.entry(block).or_default().union_with(members);
    };
    let of_group = |group: &Together, asked: &MemberSet| {
        let mut members = group.members.to_set();
        members.intersect_with(asked);
        members
    };
    for (block, asked) in &mingled.items {
        for group in found.of_block(*block) {
            let standing = found.standings.get(group.standing as usize);
            let loose = standing.and_then(loose_since);
            if let Some((place, since)) = loose {
                let mut members = of_group(group, asked);
                let packed = mingled.packed.iter();
                for packed in packed.filter(|packed| packed.block == *block) {
                    members.subtract(&packed.members);
                }
                add((Lies::Loose(place), since), *block, &members);
            }
        }
    }
    for packed in &mingled.packed {
        for group in found.of_block(packed.block) {
            let standing = found.standings.get(group.standing as usize);
            let status = standing.map(|standing| standing.answer.status);
            let lies = match (group.inside, status) {
                (Some(container), _) if container == packed.container => {
                    packed.is_drawn.then_some(Lies::In(container))
                }
                (None, Some(Status::Here(place))) => Some(Lies::Loose(place)),
                _ => None,
            };
            if let Some(lies) = lies {
                let members = of_group(group, &packed.members);
                add((lies, packed.since), packed.block, &members);
            }
        }
    }
    buckets.into_values().collect()
}

/// One bucket of each lot at a time, so that lots are followed together.
fn rounds(buckets: BTreeMap<Block, Vec<Bucket>>) -> Vec<Vec<Bucket>> {
    let mut rounds: Vec<Vec<Bucket>> = Vec::new();
    for of_lot in buckets.into_values() {
        for (round, bucket) in of_lot.into_iter().enumerate() {
            if rounds.len() <= round {
                rounds.push(Vec::new());
            }
            rounds[round].push(bucket);
        }
    }
    rounds
}

/// Follows one item of each bucket from when on it lay where it was seen last.
fn reach_of<S: Source>(
    evaluation: &mut Evaluation<'_, S>,
    buckets: &[Bucket],
    at: Timestamp,
) -> Result<Reach, S::Error> {
    let seeds = buckets.iter().map(|bucket| Seed::Units {
        units: [(bucket.one.block, MemberSet::one(bucket.one.member))].into(),
        window: Window {
            from: Some(bucket.since),
            until: Some(at),
        },
    });
    let seeds: Vec<Seed> = seeds.collect();
    let rules = Rules {
        limit: Some(at),
        ..Rules::default()
    };
    evaluation.reach(Direction::Forward, &seeds, &rules)
}

/// Whether nothing but the one item of a bucket reached its lot.
fn is_of_one(reach: &Reach, bucket: &Bucket) -> bool {
    let one = [(bucket.one.block, MemberSet::one(bucket.one.member))].into();
    reach.entries.is_by_items(bucket.lot)
        && reach.entries.item_count(bucket.lot) == 1
        && reach.entries.is_of_items(bucket.lot, &one)
}

fn told(reach: &Reach, bucket: &Bucket, balances: &[Balances]) -> Vec<Along> {
    let parts = shares(reach, bucket.lot, balances).parts.into_iter();
    let accounts: BTreeSet<Account> = parts
        .filter(|share| share.hi != Some(Amount::ZERO))
        .map(|share| share.account)
        .collect();
    let is_there = |account: &Account| match (account, bucket.lies) {
        (Account::Stock { place, .. }, Lies::Loose(at)) => *place == at,
        (Account::Inside(inside), Lies::In(container)) => *inside == Some(container),
        _ => false,
    };
    // Items that are told of there by their serials, and that no movement by number took along.
    let lies_singly = |balances: &Balances| {
        let held = match bucket.lies {
            Lies::Loose(place) => balances.accounts.get(&Account::Singly(place)),
            Lies::In(container) => balances.packed.get(&container),
        };
        held.is_some_and(|held| held.is_positive())
    };
    let stays =
        accounts.is_empty() || accounts.iter().any(is_there) || balances.iter().any(lies_singly);
    let elsewhere = accounts.into_iter().filter(|account| !is_there(account));
    let elsewhere: BTreeMap<Account, Block> =
        elsewhere.map(|account| (account, bucket.lot)).collect();
    let items = bucket.items.iter();
    items
        .map(|(block, members)| Along {
            block: *block,
            members: members.clone(),
            stays,
            accounts: elsewhere.clone(),
        })
        .collect()
}

/// The same by block, so that no member stands twice: what is of several lots can be wherever each of them is.
fn apart(parts: Vec<Along>) -> Vec<Along> {
    let mut by_block: BTreeMap<Block, Vec<Along>> = BTreeMap::new();
    for mut part in parts {
        let known = by_block.entry(part.block).or_default();
        let mut more = Vec::new();
        for before in known.iter_mut() {
            let mut both = before.members.clone();
            both.intersect_with(&part.members);
            if both.is_empty() {
                continue;
            }
            before.members.subtract(&both);
            part.members.subtract(&both);
            let accounts = before.accounts.iter().chain(&part.accounts);
            more.push(Along {
                block: part.block,
                members: both,
                stays: before.stays || part.stays,
                accounts: accounts.map(|(account, lot)| (*account, *lot)).collect(),
            });
        }
        more.push(part);
        known.extend(more);
        known.retain(|along| !along.members.is_empty());
    }
    by_block.into_values().flatten().collect()
}
