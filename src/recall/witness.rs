//! Which reached stock of a lot stands for a part of it: every part has the class and the path of where it lies.

use crate::trace::evaluate::{Account, ReachedStock, Spot};

/// The reached stock that a part of a lot can be of: that at its own spot when it is as certain as any other,
/// else the most certain and earliest.
pub(super) fn witness<'r>(
    stock: &[&'r ReachedStock],
    account: &Account,
) -> Option<&'r ReachedStock> {
    let fits = stock
        .iter()
        .filter_map(|stock| nearness(stock.spot, account).map(|near| (*stock, near)));
    let best = fits.min_by_key(|(stock, near)| (stock.certainty, *near, stock.time));
    let any = stock
        .iter()
        .min_by_key(|stock| (stock.certainty, stock.time));
    best.map(|(stock, _)| stock).or(any.copied())
}

/// Whether stock at a spot can be in an account, and how directly: less is nearer.
fn nearness(spot: Spot, account: &Account) -> Option<u8> {
    let ended_at = match account {
        Account::Sold(place) | Account::Destroyed(place) | Account::Stolen(place) => *place,
        _ => None,
    };
    let is_elsewhere = ended_at.is_some_and(|place| spot != Spot::At(place));
    match (account.can_be_of(spot), spot) {
        (true, _) => Some(u8::from(is_elsewhere)),
        (false, Spot::Unknown) => Some(1),
        (false, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::Block;
    use crate::epcis::Timestamp;
    use crate::trace::evaluate::Certainty;

    fn stock(spot: Spot, certainty: Certainty, time: i64, cause: u32) -> ReachedStock {
        ReachedStock {
            lot: Block([9; 16]),
            spot,
            time: Timestamp::from_micros(time),
            certainty,
            cause,
        }
    }

    fn at(place: u8) -> Account {
        Account::Stock {
            place: Some(Block([place; 16])),
            party: None,
        }
    }

    #[test]
    fn each_part_of_a_lot_has_the_witness_of_its_own_spot() {
        let packing = stock(Spot::At(Block([1; 16])), Certainty::Asserted, 5, 1);
        let plant = stock(Spot::At(Block([2; 16])), Certainty::Policy, 3, 2);
        let all = [&packing, &plant];
        assert_eq!(witness(&all, &at(1)).unwrap().cause, 1);
        assert_eq!(witness(&all, &at(2)).unwrap().cause, 2);
        assert_eq!(
            witness(&all, &Account::Sold(None)).unwrap().cause,
            1,
            "it can be of either"
        );
        let sold = Account::Sold(Some(Block([2; 16])));
        let here = stock(Spot::At(Block([2; 16])), Certainty::Asserted, 9, 3);
        let all = [&packing, &here];
        assert_eq!(witness(&all, &sold).unwrap().cause, 3, "it lay there");
    }

    #[test]
    fn what_is_reached_wherever_it_is_stands_for_a_spot_only_when_that_is_less_certain() {
        let whole = stock(Spot::Unknown, Certainty::Asserted, 0, 1);
        let here = stock(Spot::At(Block([2; 16])), Certainty::Asserted, 9, 2);
        let doubtful = stock(Spot::At(Block([3; 16])), Certainty::Assumed, 9, 3);
        let all = [&whole, &here, &doubtful];
        assert_eq!(witness(&all, &at(2)).unwrap().cause, 2);
        assert_eq!(witness(&all, &at(3)).unwrap().cause, 1);
        assert_eq!(witness(&all, &at(4)).unwrap().cause, 1);
    }
}
