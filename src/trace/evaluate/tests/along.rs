//! Items whose lot moves by quantity: wherever the pieces truly are that have serials, they are told to be, or said to
//! may be.

use proptest::prelude::*;

use super::pieces::{Deed, LOT_SIZE, Lies, Truth, account, crate_of, deed, lot_name, place_name};
use super::*;
use crate::trace::{Along, Goes, along};

/// A world in which pieces of the first lot have serials.
struct Marked {
    truth: Truth,
    serials: Vec<Address>,
    /// Those that went into a box by their serials, and did not come out of it so.
    packed: BTreeSet<usize>,
    is_whole: bool,
    /// Something moved that nobody recorded.
    is_unrecorded: bool,
}

/// Something that happens.
#[derive(Debug, Clone)]
enum Act {
    /// To pieces, by their number.
    Deed(Deed),
    /// The piece with this serial goes to a place by its serial, if it lies loose somewhere else.
    Goes(usize, usize),
    /// The piece with this serial is sold by its serial, where it lies loose.
    Sold(usize),
    /// It goes by its serial into a box that stands where it lies loose.
    Packed(usize, usize),
    /// It is taken by its serial out of the box that it is in.
    Unpacked(usize),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => deed().prop_map(Act::Deed),
        2 => (0..LOT_SIZE, 0..3_usize).prop_map(|(piece, to)| Act::Goes(piece, to)),
        1 => (0..LOT_SIZE).prop_map(Act::Sold),
        1 => (0..LOT_SIZE, 0..2_usize).prop_map(|(piece, index)| Act::Packed(piece, index)),
        1 => (0..LOT_SIZE).prop_map(Act::Unpacked),
    ]
}

impl Marked {
    /// The first four pieces of the first lot get serials where they are made, or all of them, and then nobody records
    /// how many were made.
    fn new(is_whole: bool) -> Self {
        let (mut truth, count) = if is_whole {
            (Truth::unrecorded(), 12)
        } else {
            (Truth::new(), 4)
        };
        if is_whole {
            truth.record_made(1);
        }
        let serials: Vec<Address> = (0..count).map(unit).collect();
        let made = Event::object(Action::Add, truth.tick()).at(&place_name(0));
        truth.world.record_items(&lot_name(0), &serials, made);
        Self {
            truth,
            serials,
            packed: BTreeSet::new(),
            is_whole,
            is_unrecorded: false,
        }
    }

    fn play(&mut self, acts: &[Act]) {
        for act in acts {
            self.is_unrecorded |= matches!(act, Act::Deed(deed) if deed.is_unrecorded());
            match act {
                // What is made by number later is taken for those with serials.
                Act::Deed(deed) if self.is_whole && deed.makes_into_known() => {}
                Act::Deed(deed) => self.truth.act(deed),
                Act::Goes(piece, to) => self.go(*piece, *to),
                Act::Sold(piece) => self.sell(*piece),
                Act::Packed(piece, index) => self.pack(*piece, *index),
                Act::Unpacked(piece) => self.unpack(*piece),
            }
        }
    }

    /// The serial of a piece, if it has one and does not lie loose against what its own records say.
    fn serial(&self, piece: usize) -> Option<Address> {
        let serial = self.serials.get(piece).copied();
        let is_in_box = matches!(self.truth.pieces[piece].lies, Lies::In(_));
        serial.filter(|_| is_in_box || !self.packed.contains(&piece))
    }

    fn go(&mut self, piece: usize, to: usize) {
        let Some(serial) = self.serial(piece) else {
            return;
        };
        let Lies::At(from, None) = self.truth.pieces[piece].lies else {
            return;
        };
        if from == to {
            return;
        }
        let (from, there) = (place_name(from), place_name(to));
        let left = Event::seen(self.truth.tick()).ship(&from, &there);
        let came = Event::seen(self.truth.tick()).receive(&there);
        for event in [left, came] {
            self.truth.world.record(event.objects(&[serial]));
        }
        self.truth.pieces[piece].lies = Lies::At(to, None);
    }

    fn sell(&mut self, piece: usize) {
        let Some(serial) = self.serial(piece) else {
            return;
        };
        let Lies::At(at, None) = self.truth.pieces[piece].lies else {
            return;
        };
        let sale = Event::seen(self.truth.tick()).step("retail_selling");
        let sale = sale.at(&place_name(at)).objects(&[serial]);
        self.truth.world.record(sale);
        self.truth.pieces[piece].lies = Lies::Sold(at);
    }

    fn pack(&mut self, piece: usize, index: usize) {
        let (Some(serial), Some(home)) = (self.serial(piece), self.truth.boxes[index]) else {
            return;
        };
        if self.truth.pieces[piece].lies != Lies::At(home, None) {
            return;
        }
        let event = Event::pack(crate_of(index), &[serial], self.truth.tick());
        self.truth.world.record(event.at(&place_name(home)));
        self.truth.pieces[piece].lies = Lies::In(index);
        self.packed.insert(piece);
    }

    fn unpack(&mut self, piece: usize) {
        let Some(serial) = self.serial(piece) else {
            return;
        };
        let Lies::In(index) = self.truth.pieces[piece].lies else {
            return;
        };
        let Some(home) = self.truth.boxes[index] else {
            return;
        };
        let event = Event::unpack(crate_of(index), &[serial], self.truth.tick());
        self.truth.world.record(event.at(&place_name(home)));
        self.truth.pieces[piece].lies = Lies::At(home, None);
        self.packed.remove(&piece);
    }

    /// Looks at those that are still where they were made.
    fn inspect(&mut self) {
        let pieces = self.serials.iter().zip(&self.truth.pieces);
        let here = pieces.enumerate().filter(|(index, (_, piece))| {
            matches!(piece.lies, Lies::At(0, _)) && !self.packed.contains(index)
        });
        let seen: Vec<Address> = here.map(|(_, (serial, _))| *serial).collect();
        if !seen.is_empty() {
            let event = Event::seen(self.truth.tick()).step("inspecting");
            let event = event.at(&place_name(0)).objects(&seen);
            self.truth.world.record(event);
        }
    }

    fn judge(&self) -> Result<(), TestCaseError> {
        let mut source = self.truth.world.source();
        let mut evaluation = Evaluation::new(&mut source);
        let (items, end) = (units(&self.serials), clock(100_000, 0));
        let found = evaluation.whereabouts(&items, end).unwrap();
        let told = along(&mut evaluation, &found, end).unwrap();
        for (serial, piece) in self.serials.iter().zip(&self.truth.pieces) {
            let of = |along: &&Along| {
                along.block == serial.block && along.members.contains(serial.member)
            };
            let mut all = told.iter().filter(of);
            let (gone, is_alone) = (all.next(), all.next().is_none());
            prop_assert!(is_alone, "{:?} is told of twice", serial);
            if matches!(piece.lies, Lies::In(_)) {
                continue;
            }
            let truly = account(piece.lies);
            let seen = found.of(*serial).map(|standing| standing.answer.status);
            let is_at =
                |told: Option<Block>, truly: usize| told == Some(super::place(&place_name(truly)));
            let is_seen = match (seen, piece.lies) {
                (Some(Status::Here(at)), Lies::At(truly, _))
                | (Some(Status::Sold(at)), Lies::Sold(truly))
                | (Some(Status::Destroyed(at)), Lies::Destroyed(truly)) => is_at(at, truly),
                (Some(Status::Consumed(_)), Lies::Used) => true,
                _ => false,
            };
            let is_told = gone.map_or(is_seen, |along| {
                along.accounts.contains_key(&truly) || (is_seen && along.stays)
            });
            prop_assert!(
                is_told,
                "{:?} is in {:?}, told {:?} and {:?}",
                serial,
                truly,
                seen,
                gone
            );
        }
        if self.is_unrecorded {
            return Ok(());
        }
        let lots = BTreeSet::from([lot(&lot_name(0))]);
        let balances = evaluation.balances(&lots, end).unwrap();
        for at in 0..3 {
            let there = super::place(&place_name(at));
            self.judge_lot(at, balances.values().flatten(), &|serial| {
                let seen = found.of(serial).map(|standing| standing.answer.status);
                let gone = told.iter().find(|along| {
                    along.block == serial.block && along.members.contains(serial.member)
                });
                let is_here = seen == Some(Status::Here(Some(there)));
                gone.map_or(is_here, |along| {
                    let can_be = along.accounts.keys().any(|account| {
                        matches!(account, Account::Stock { place, .. } if *place == Some(there))
                    });
                    can_be || (is_here && along.stays)
                })
            })?;
        }
        Ok(())
    }

    /// No more of the lot lies at a place than its stock there and the items that can be there, and no less than it has
    /// there at least.
    fn judge_lot<'b>(
        &self,
        at: usize,
        balances: impl Iterator<Item = &'b Balances>,
        can_be: &dyn Fn(Address) -> bool,
    ) -> Result<(), TestCaseError> {
        let there = Some(super::place(&place_name(at)));
        let of_lot = self.truth.pieces.iter().filter(|piece| piece.lot == 0);
        let truly = of_lot.filter(|piece| matches!(piece.lies, Lies::At(place, _) if place == at));
        let truly = Amount::pieces(u32::try_from(truly.count()).unwrap());
        let mut bounds = Bounds::default();
        for (account, part) in balances.flat_map(|balances| &balances.parts) {
            if matches!(account, Account::Stock { place, .. } if *place == there) {
                bounds = bounds.plus(*part);
            }
        }
        let items = self.serials.iter().filter(|serial| can_be(**serial));
        let items = Amount::pieces(u32::try_from(items.count()).unwrap());
        let most = bounds.hi.plus(items);
        prop_assert!(
            bounds.lo <= truly && truly <= most,
            "at place {}: truly {}, told {:?} and {} items",
            at,
            truly,
            bounds,
            items
        );
        Ok(())
    }
}

proptest! {
    #[test]
    fn items_are_where_they_are_told_to_be_or_may_be(
        is_whole in any::<bool>(),
        before in proptest::collection::vec(act(), 0..10),
        after in proptest::collection::vec(act(), 0..14),
        is_seen in any::<bool>(),
    ) {
        let mut marked = Marked::new(is_whole);
        marked.play(&before);
        if is_seen {
            marked.inspect();
        }
        marked.play(&after);
        marked.judge()?;
    }
}

/// An item that went to the second place by its serial.
fn gone_alone() -> Marked {
    let mut marked = Marked::new(true);
    marked.play(&[Act::Goes(0, 1)]);
    marked
}

#[test]
fn what_was_received_by_its_serial_is_not_of_stock_that_leaves_where_it_was_made() {
    let mut marked = gone_alone();
    let ship = Deed {
        kind: 0,
        lot: 0,
        place: 0,
        to: 2,
        count: 8,
        salt: 1,
    };
    marked.play(&[Act::Deed(ship)]);
    marked.judge().unwrap();
    let mut source = marked.truth.world.source();
    let mut evaluation = Evaluation::new(&mut source);
    let end = clock(100_000, 0);
    let found = evaluation.whereabouts(&units(&[unit(0)]), end).unwrap();
    let told = along(&mut evaluation, &found, end).unwrap();
    let goes: Vec<Goes> = told.iter().map(Along::goes).collect();
    assert!(goes.iter().all(|goes| *goes == Goes::Stays), "{goes:?}");
}

#[test]
fn what_items_among_stock_became_counts_though_the_lot_came_to_be_affected_later_too() {
    let mut marked = Marked::new(false);
    let made = |lot, salt| Deed {
        kind: 5,
        lot,
        place: 0,
        to: 0,
        count: 1,
        salt,
    };
    // A piece of the first lot goes into another, and one of that comes back.
    marked.play(&[made(0, 13), made(2, 0)].map(Act::Deed));
    marked.judge().unwrap();
}
