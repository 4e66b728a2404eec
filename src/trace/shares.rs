//! How much of a reached lot is where: every account of its balances that a reached spot can have fed,
//! with bounds.

use std::collections::BTreeSet;

use super::EventKey;
use super::evaluate::{
    Account, Amount, Balances, Bounds, Direction, Reach, ReachedStock, Spot, Units, Why, is_counted,
};
use crate::codes::{Address, Block, MemberSet};

/// What an account holds of what was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The account.
    pub account: Account,
    /// The unit of measure; none for pieces.
    pub uom: Option<String>,
    /// At least this much of it, when amounts are known.
    pub lo: Option<Amount>,
    /// At most this much of it, when amounts are known.
    pub hi: Option<Amount>,
}

/// How much of a lot was reached, in one unit of measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The unit of measure; none for pieces.
    pub uom: Option<String>,
    /// At least and at most; none when amounts are not known.
    pub bounds: Option<Bounds>,
}

/// The shares of one lot: nobody can tell which of it was reached, so each part has bounds. The sum of the
/// least is at most what was reached, that of the most at least.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shares {
    /// Part by part.
    pub parts: Vec<Share>,
    /// How much of the lot was reached, a row a unit of measure.
    pub reached: Vec<Reached>,
}

/// The shares of a lot: all of it when the lot was reached as a whole; what reached processes turned of it,
/// or as many items as it was reached by, when that is how; else what the events name by which it was reached, to
/// all of what lies at reached spots and of what left them for good.
pub fn shares(reach: &Reach, lot: Block, balances: &[Balances]) -> Shares {
    let spots: BTreeSet<Spot> = reach.lot(lot).map(|stock| stock.spot).collect();
    let lying = lying(reach, lot);
    let is_whole = reach.entries.is_whole(lot);
    let anywhere = is_whole || spots.contains(&Spot::Unknown);
    let is_forward = reach.direction == Direction::Forward;
    let since = reach.since.get(&lot).copied();
    let since = since.filter(|_| is_forward && !is_whole);
    let mut found = Shares::default();
    for balances in balances {
        if reach.entries.is_by_items(lot) && !is_counted(balances.uom.as_deref()) {
            continue;
        }
        let can_be = |account: &Account, spot: &Spot| {
            account.can_be_of(*spot) && !(lying.contains(spot) && is_towards(account, *spot))
        };
        let can = |account: &Account| anywhere || spots.iter().any(|spot| can_be(account, spot));
        let unknown = balances.unknown.iter();
        let unknown = unknown.filter(|account| account.is_part() && can(account));
        let mut parts: Vec<Share> = unknown
            .map(|account| share(balances, *account, None))
            .collect();
        let mut known: Vec<(Account, Bounds)> = balances
            .parts
            .iter()
            .filter(|(account, _)| can(account) && !balances.unknown.contains(account))
            .map(|(account, bounds)| match since {
                Some(since) => {
                    let of =
                        |from: &Account| anywhere || spots.iter().any(|spot| from.can_be_of(*spot));
                    let part = balances.ended_of((*account, *bounds), since, of);
                    (*account, part)
                }
                None => (*account, *bounds),
            })
            .filter(|(_, bounds)| bounds.hi.is_positive())
            .collect();
        if reach.entries.is_by_items(lot) {
            let is_reached = |at: Spot| spots.contains(&at) && !lying.contains(&at);
            add_under_serials(&mut known, balances, is_reached);
        }
        let here = known
            .iter()
            .fold(Bounds::default(), |sum, (_, part)| sum.plus(*part));
        let how_much = how_much(reach, lot, balances);
        for (account, part) in &known {
            let elsewhere = here.hi.minus(part.hi);
            let rest = elsewhere.min(balances.total.minus(part.lo));
            let nothing_known = Bounds {
                lo: Amount::ZERO,
                hi: part.hi,
            };
            let bounds = match how_much {
                HowMuch::All => *part,
                HowMuch::Made(amount) if is_counted(balances.uom.as_deref()) => {
                    part.tainted(amount, rest)
                }
                // What is weighed or measured mixes: a little of it can have reached all that was there.
                HowMuch::Made(amount) | HowMuch::AtLeast(amount) => Bounds {
                    lo: part.tainted(amount, rest).lo,
                    hi: part.hi,
                },
                HowMuch::Used(amount) if *account == Account::Used => Bounds {
                    lo: amount.min(part.lo),
                    hi: part.hi,
                },
                HowMuch::Used(_) | HowMuch::Unknown => nothing_known,
            };
            parts.push(share(balances, *account, Some(bounds)));
        }
        parts.sort_by_key(|share| share.account);
        let is_measured = parts.iter().all(|share| share.hi.is_some());
        if !parts.is_empty() {
            found.reached.push(Reached {
                uom: balances.uom.clone(),
                bounds: is_measured.then(|| how_much.reached(&parts, balances)),
            });
        }
        found.parts.extend(parts);
    }
    found
}

/// Where stock of a lot was reached because items of it lie there by their serials: what is on its way to there is
/// other stock.
pub(super) fn lying(reach: &Reach, lot: Block) -> BTreeSet<Spot> {
    let of_items = |stock: &&ReachedStock| {
        let cause = reach.causes.get(stock.cause);
        let why = cause.map(|cause| cause.why);
        reach.direction == Direction::Forward && matches!(why, Some(Why::OfLot(_)))
    };
    reach
        .lot(lot)
        .filter(of_items)
        .map(|stock| stock.spot)
        .collect()
}

/// Items that went along to a place and others that are told of there by their serials lie together: what left by
/// number can be these, and what is left those.
fn add_under_serials(
    known: &mut Vec<(Account, Bounds)>,
    balances: &Balances,
    is_reached: impl Fn(Spot) -> bool,
) {
    for (account, held) in &balances.accounts {
        let Account::Singly(Some(place)) = *account else {
            continue;
        };
        let left = balances.left.get(&Some(place)).copied();
        let most = left.unwrap_or_default().min(*held);
        if !most.is_positive() || !is_reached(Spot::At(place)) {
            continue;
        }
        let is_there = |account: &Account| matches!(account, Account::Stock { place: at, .. } if *at == Some(place));
        if let Some((_, part)) = known.iter_mut().find(|(account, _)| is_there(account)) {
            part.hi = part.hi.plus(most);
        } else {
            let place = Some(place);
            let bounds = Bounds {
                lo: Amount::ZERO,
                hi: most,
            };
            known.push((Account::Stock { place, party: None }, bounds));
        }
    }
}

fn is_towards(account: &Account, spot: Spot) -> bool {
    match account {
        Account::InTransit { from, .. } => from.is_some_and(|from| spot != Spot::At(from)),
        _ => false,
    }
}

fn share(balances: &Balances, account: Account, bounds: Option<Bounds>) -> Share {
    Share {
        account,
        uom: balances.uom.clone(),
        lo: bounds.map(|bounds| bounds.lo),
        hi: bounds.map(|bounds| bounds.hi),
    }
}

/// How much of a lot was reached.
#[derive(Debug, Clone, Copy)]
enum HowMuch {
    All,
    /// Forward: what reached processes made of it.
    Made(Amount),
    /// Forward: as much as took part in events that reached it, and perhaps more.
    AtLeast(Amount),
    /// Backward: what reached processes used up of it.
    Used(Amount),
    Unknown,
}

impl HowMuch {
    fn reached(self, parts: &[Share], balances: &Balances) -> Bounds {
        let total = balances.total;
        let sum = |bound: fn(&Share) -> Option<Amount>| {
            let bounds = parts.iter().filter_map(bound);
            bounds.fold(Amount::ZERO, Amount::plus)
        };
        let sums = Bounds {
            lo: sum(|share| share.lo),
            hi: sum(|share| share.hi).min(total),
        };
        match self {
            Self::All => balances.whole(),
            Self::Made(amount) if is_counted(balances.uom.as_deref()) => {
                Bounds::exact(amount.min(sums.hi).max(sums.lo))
            }
            Self::Made(amount) | Self::AtLeast(amount) => Bounds {
                lo: amount.min(sums.hi).max(sums.lo),
                hi: sums.hi,
            },
            Self::Used(_) | Self::Unknown => sums,
        }
    }
}

fn how_much(reach: &Reach, lot: Block, balances: &Balances) -> HowMuch {
    if reach.entries.is_whole(lot) {
        return HowMuch::All;
    }
    let items = Amount::pieces(reach.entries.item_count(lot));
    if reach.entries.is_by_items(lot) {
        return HowMuch::Made(items);
    }
    let turned = match reach.direction {
        Direction::Forward => &balances.made,
        Direction::Backward => &balances.used,
    };
    let events = reach.entries.turned(lot);
    let amounts = events.map(|events| {
        let amounts = events.iter().map(|event| turned.get(event).copied());
        amounts.collect::<Option<Vec<Amount>>>()
    });
    let amount = amounts.flatten().map(|amounts| {
        let amounts = amounts.into_iter();
        amounts.fold(Amount::ZERO, Amount::plus)
    });
    match (amount, reach.direction) {
        (Some(amount), Direction::Forward) if !items.is_positive() => HowMuch::Made(amount),
        (_, Direction::Forward) => {
            let events: Vec<EventKey> = reach.entries.at_least(lot).collect();
            let made = events.iter().filter_map(|event| balances.made.get(event));
            let made = made.fold(Amount::ZERO, |sum, made| sum.plus(*made));
            let named = events.iter().filter_map(|event| balances.told.get(event));
            let most = named.fold(made.max(items), |most, named| most.max(*named));
            let uom = balances.uom.as_deref();
            HowMuch::AtLeast(most.max(reach.entries.at_least_inside(lot, uom)))
        }
        (Some(amount), Direction::Backward) => HowMuch::Used(amount),
        (None, Direction::Backward) => HowMuch::Unknown,
    }
}

/// The places and parties that accounts name, and the containers that are accounts.
pub fn account_blocks<'a>(accounts: impl Iterator<Item = &'a Account>) -> (BTreeSet<Block>, Units) {
    let mut blocks = BTreeSet::new();
    let mut containers = Units::new();
    for account in accounts {
        match account {
            Account::Stock { place, party } => {
                blocks.extend([*place, *party].into_iter().flatten());
            }
            Account::InTransit { from, to, parties } => {
                blocks.extend([*from, *to].into_iter().flatten().chain(parties.all()));
            }
            Account::Sold(place) | Account::Destroyed(place) | Account::Stolen(place) => {
                blocks.extend(place);
            }
            Account::Inside(Some(Address { block, member })) => {
                let of_block: &mut MemberSet = containers.entry(*block).or_default();
                of_block.insert(*member);
            }
            Account::Inside(None)
            | Account::Made
            | Account::Used
            | Account::Unrecorded(_)
            | Account::Singly(_)
            | Account::SinglyEnded => {}
        }
    }
    (blocks, containers)
}
