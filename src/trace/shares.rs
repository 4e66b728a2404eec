//! How much of a reached lot is where: every account of its balances that a reached spot can have fed,
//! with bounds.

use std::collections::BTreeSet;

use super::evaluate::{Account, Amount, Balances, ReachedStock, Spot, Units};
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

/// The shares of one lot.
pub type Shares = Vec<Share>;

/// The shares of a lot: all of it when the lot was reached wherever it was, else nothing to all of what
/// lies at reached spots and of what left them for good.
pub fn shares(stock: &[&ReachedStock], balances: &[Balances]) -> Shares {
    let spots: BTreeSet<Spot> = stock.iter().map(|stock| stock.spot).collect();
    let is_whole = spots.contains(&Spot::Unknown);
    let mut found = Shares::new();
    for balances in balances {
        let known = balances.accounts.iter().filter(|(account, amount)| {
            account.is_part() && amount.is_positive() && !balances.unknown.contains(account)
        });
        let known = known.map(|(account, amount)| (*account, Some(*amount)));
        let unknown = balances.unknown.iter().filter(|account| account.is_part());
        let unknown = unknown.map(|account| (*account, None));
        for (account, amount) in known.chain(unknown) {
            if !is_whole && !can_hold(&account, &spots) {
                continue;
            }
            let lo = if is_whole {
                amount
            } else {
                amount.map(|_| Amount::ZERO)
            };
            found.push(Share {
                account,
                uom: balances.uom.clone(),
                lo,
                hi: amount,
            });
        }
    }
    found
}

fn can_hold(account: &Account, spots: &BTreeSet<Spot>) -> bool {
    let at = |place: Option<Block>| place.is_none_or(|place| spots.contains(&Spot::At(place)));
    match account {
        Account::Stock { place, .. } => at(*place),
        Account::InTransit { from, to } => at(*from) || to.is_some_and(|to| at(Some(to))),
        Account::Inside(None) | Account::Used | Account::Sold | Account::Destroyed => true,
        Account::Inside(Some(container)) => spots
            .iter()
            .any(|spot| matches!(spot, Spot::In(known, _) if known == container)),
        Account::Made | Account::Unrecorded => false,
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
            Account::InTransit { from, to } => blocks.extend([*from, *to].into_iter().flatten()),
            Account::Inside(Some(Address { block, member })) => {
                let of_block: &mut MemberSet = containers.entry(*block).or_default();
                of_block.insert(*member);
            }
            Account::Inside(None)
            | Account::Made
            | Account::Used
            | Account::Sold
            | Account::Destroyed
            | Account::Unrecorded => {}
        }
    }
    (blocks, containers)
}
