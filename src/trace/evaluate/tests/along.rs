//! Items whose lot moves by quantity: wherever the pieces truly are that have serials, they are told to be, or said to
//! may be.

use proptest::prelude::*;

use super::pieces::{Deed, Lies, Truth, account, deed, lot_name, place_name};
use super::*;
use crate::trace::{Along, along};

/// How many pieces of the first lot have serials.
const SERIALS: u16 = 4;

fn serials() -> Vec<Address> {
    (0..SERIALS).map(unit).collect()
}

/// A world in which the first pieces of the first lot get serials where they are made.
fn marked() -> Truth {
    let mut truth = Truth::new();
    let made = Event::object(Action::Add, truth.tick()).at(&place_name(0));
    truth.world.record_items(&lot_name(0), &serials(), made);
    truth
}

/// Looks at those that are still where they were made.
fn inspect(truth: &mut Truth) {
    let here =
        |(_, piece): &(&Address, &super::pieces::Piece)| matches!(piece.lies, Lies::At(0, _));
    let all = serials();
    let seen = all.iter().zip(&truth.pieces).filter(here);
    let seen: Vec<Address> = seen.map(|(serial, _)| *serial).collect();
    if !seen.is_empty() {
        let event = Event::seen(truth.tick()).step("inspecting");
        truth.world.record(event.at(&place_name(0)).objects(&seen));
    }
}

fn told(truth: &Truth) -> Vec<Along> {
    let mut source = truth.world.source();
    let mut evaluation = Evaluation::new(&mut source);
    let (items, end) = (units(&serials()), clock(100_000, 0));
    let found = evaluation.whereabouts(&items, end).unwrap();
    along(&mut evaluation, &found, end).unwrap()
}

fn judge(truth: &Truth) -> Result<(), TestCaseError> {
    let told = told(truth);
    for (serial, piece) in serials().into_iter().zip(&truth.pieces) {
        let of =
            |along: &&Along| along.block == serial.block && along.members.contains(serial.member);
        let mut all = told.iter().filter(of);
        let (found, is_alone) = (all.next(), all.next().is_none());
        prop_assert!(is_alone, "{:?} is told of twice", serial);
        let is_home = matches!(piece.lies, Lies::At(0, _));
        let truly = account(piece.lies);
        let is_told = found.map_or(is_home, |along| {
            along.accounts.contains_key(&truly) || (is_home && along.stays)
        });
        prop_assert!(is_told, "{:?} is in {:?}, told {:?}", serial, truly, found);
    }
    Ok(())
}

fn play(truth: &mut Truth, deeds: &[Deed]) {
    for deed in deeds {
        truth.act(deed);
    }
}

proptest! {
    #[test]
    fn items_are_where_they_are_told_to_be_or_may_be(
        before in proptest::collection::vec(deed(), 0..10),
        after in proptest::collection::vec(deed(), 0..14),
        is_seen in any::<bool>(),
    ) {
        let mut truth = marked();
        play(&mut truth, &before);
        if is_seen {
            inspect(&mut truth);
        }
        play(&mut truth, &after);
        judge(&truth)?;
    }
}

#[test]
fn what_items_among_stock_became_counts_though_the_lot_came_to_be_affected_later_too() {
    let mut truth = marked();
    let made = |lot, salt| Deed {
        kind: 5,
        lot,
        place: 0,
        to: 0,
        count: 1,
        salt,
    };
    // A piece of the first lot goes into another, and one of that comes back.
    play(&mut truth, &[made(0, 13), made(2, 0)]);
    judge(&truth).unwrap();
}
