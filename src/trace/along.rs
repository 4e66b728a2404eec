//! Where loose items can have gone along with the stock of their lot: a lot that moves by quantity takes items that
//! lie among it with it, and nobody records which.

use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::{
    Account, Amount, Balances, Certainty, Direction, Evaluation, LotOwners, Reach, Rules, Seed,
    Standing, Status, Together, Units, Whereabouts, Window,
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

/// Items that lay at one place while the same of their lot moved.
#[derive(Debug)]
struct Bucket {
    lot: Block,
    place: Option<Block>,
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
    let mut loose = Units::new();
    for (block, group, _) in lying(found) {
        group.members.add_to(loose.entry(block).or_default());
    }
    let lots = evaluation.mingled(&loose)?;
    if lots.is_empty() {
        return Ok(Vec::new());
    }
    let mut buckets: BTreeMap<Block, Vec<Bucket>> = BTreeMap::new();
    for (lot, mingled) in &lots {
        let of_lot = buckets_of(*lot, &mingled.items, &mingled.moves, found);
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

/// What lies loose at a place, by a record of its own, and since when.
fn lying(
    found: &Whereabouts,
) -> impl Iterator<Item = (Block, &Together, (Option<Block>, Timestamp))> {
    found.groups().filter_map(|(block, group)| {
        let standing = found.standings.get(group.standing as usize)?;
        Some((block, group, loose_since(standing)?))
    })
}

fn loose_since(standing: &Standing) -> Option<(Option<Block>, Timestamp)> {
    match standing.answer.status {
        Status::Here(place) if standing.answer.certainty == Certainty::Asserted => {
            Some((place, standing.answer.time?))
        }
        _ => None,
    }
}

/// Parts items of a lot by where they lie and by what of the lot moved since: `moves` are the times of its
/// movements, sorted.
fn buckets_of(lot: Block, items: &Units, moves: &[Timestamp], found: &Whereabouts) -> Vec<Bucket> {
    let mut buckets: BTreeMap<(Option<Block>, usize), Bucket> = BTreeMap::new();
    for (block, asked) in items {
        for group in found.of_block(*block) {
            let standing = found.standings.get(group.standing as usize);
            let Some((place, since)) = standing.and_then(loose_since) else {
                continue;
            };
            let mut members = group.members.to_set();
            members.intersect_with(asked);
            let Some(member) = members.iter().next() else {
                continue;
            };
            let rank = moves.partition_point(|time| *time < since);
            let bucket = buckets.entry((place, rank)).or_insert_with(|| Bucket {
                lot,
                place,
                items: Units::new(),
                one: Address {
                    block: *block,
                    member,
                },
                since,
            });
            bucket.items.entry(*block).or_default().union_with(&members);
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
    let is_there = |account: &Account| matches!(account, Account::Stock { place, .. } if *place == bucket.place);
    // Items that are told of at the place by their serials, and that no movement by number took along.
    let under_serials = Account::Singly(bucket.place);
    let lies_singly = |balances: &Balances| {
        let held = balances.accounts.get(&under_serials);
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
