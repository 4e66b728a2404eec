//! Worlds in which every piece of every lot is known to the test and to no record: what truly is affected is found, and
//! lies within the bounds that are told, wherever it is.

use proptest::prelude::*;

use super::*;
use crate::trace::shares;

const PLACES: usize = 3;
const BOXES: usize = 2;
const PARTIES: usize = 2;

/// Pieces of each of the first lots.
pub(super) const LOT_SIZE: usize = 12;

/// Where a piece truly is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lies {
    /// At a place, in the hands of a party if one was named.
    At(usize, Option<usize>),
    In(usize),
    /// On its way from a place to another, to a party.
    Away(usize, usize, usize),
    Used,
    Sold(usize),
    Destroyed(usize),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) lot: usize,
    pub(super) lies: Lies,
    is_bad: bool,
}

/// What happens, as far as there is anything for it to happen to: numbers are taken modulo what there is.
#[derive(Debug, Clone)]
pub(super) struct Deed {
    pub(super) kind: u8,
    pub(super) lot: usize,
    pub(super) place: usize,
    pub(super) to: usize,
    pub(super) count: usize,
    /// Which of the pieces that are alike it happens to.
    pub(super) salt: usize,
}

pub(super) fn deed() -> impl Strategy<Value = Deed> {
    (
        0..15_u8,
        0..8_usize,
        0..PLACES,
        0..PLACES,
        1..9_usize,
        0..50_usize,
    )
        .prop_map(|(kind, lot, place, to, count, salt)| Deed {
            kind,
            lot,
            place,
            to,
            count,
            salt,
        })
}

impl Deed {
    /// Whether nobody records that something left.
    pub(super) const fn is_unrecorded(&self) -> bool {
        self.kind == 14
    }

    /// Whether it can make more of a lot there is.
    pub(super) const fn makes_into_known(&self) -> bool {
        self.kind == 5 && self.salt.is_multiple_of(3)
    }
}

/// A world under way: its records, and its pieces.
pub(super) struct Truth {
    pub(super) world: World,
    pub(super) pieces: Vec<Piece>,
    lots: usize,
    /// Where the boxes are; none once they ended.
    pub(super) boxes: [Option<usize>; BOXES],
    /// What became of what was in a box that ended: told of the box until its code is used again.
    ends: [Lies; BOXES],
    /// The box that was exposed: it is bad itself.
    bad_box: Option<usize>,
    /// Lots that something was made into: what can have been made of bad pieces counts, whether or not it was.
    made: BTreeSet<usize>,
    now: i64,
}

pub(super) fn lot_name(lot: usize) -> String {
    format!("lot {lot}")
}

pub(super) fn place_name(place: usize) -> String {
    format!("place {place}")
}

fn party_name(party: usize) -> String {
    format!("party {party}")
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap()
}

pub(super) fn crate_of(index: usize) -> Address {
    container(u16::try_from(index).unwrap())
}

impl Truth {
    /// Two lots of twelve, each at a place of its own.
    pub(super) fn new() -> Self {
        let mut truth = Self::unrecorded();
        for lot in 0..2 {
            truth.record_made(lot);
        }
        truth
    }

    /// The same, of which nobody recorded that they were made.
    pub(super) fn unrecorded() -> Self {
        let mut truth = Self {
            world: World::default(),
            pieces: Vec::new(),
            lots: 2,
            boxes: [Some(0), Some(1)],
            ends: [Lies::Used; BOXES],
            bad_box: None,
            made: BTreeSet::new(),
            now: 0,
        };
        for lot in 0..2 {
            truth.add(lot, lot, LOT_SIZE, false);
        }
        truth
    }

    /// Records that all of a lot was made.
    pub(super) fn record_made(&mut self, lot: usize) {
        let made = Event::object(Action::Add, self.tick()).at(&place_name(lot));
        let made = made.amount(Role::Object, &lot_name(lot), number(LOT_SIZE), None);
        self.world.record(made);
    }

    fn add(&mut self, lot: usize, place: usize, count: usize, is_bad: bool) {
        let piece = Piece {
            lot,
            lies: Lies::At(place, None),
            is_bad,
        };
        self.pieces.extend(std::iter::repeat_n(piece, count));
    }

    pub(super) fn tick(&mut self) -> Timestamp {
        self.now += 1;
        clock(0, self.now)
    }

    /// Moves as many pieces of a lot as there are, at most so many; tells which. Of stock at a place, what is in
    /// nobody's hands goes first.
    fn take(&mut self, lot: usize, from: Lies, deed: &Deed, to: Lies) -> Vec<usize> {
        let here = |piece: &Piece| {
            let is_there = match (piece.lies, from) {
                (Lies::At(at, _), Lies::At(place, None)) => at == place,
                (lies, from) => lies == from,
            };
            piece.lot == lot && is_there
        };
        let mut alike: Vec<usize> = (0..self.pieces.len())
            .filter(|index| here(&self.pieces[*index]))
            .collect();
        if !alike.is_empty() {
            let turn = deed.salt % alike.len();
            alike.rotate_left(turn);
        }
        alike.sort_by_key(|index| self.pieces[*index].lies != from);
        alike.truncate(deed.count);
        for index in &alike {
            self.pieces[*index].lies = to;
        }
        alike
    }

    fn is_under_way(&self, lot: usize) -> bool {
        let mut of_lot = self.pieces.iter().filter(|piece| piece.lot == lot);
        of_lot.any(|piece| matches!(piece.lies, Lies::Away(..)))
    }

    /// The code of a box is used again: what was in it before is where it ended, and it is another box.
    fn begin_again(&mut self, index: usize, end: Lies) {
        for piece in &mut self.pieces {
            if piece.lies == Lies::In(index) {
                piece.lies = end;
            }
        }
        self.bad_box = self.bad_box.filter(|bad| *bad != index);
    }

    fn any_bad(&self, pieces: &[usize]) -> bool {
        pieces.iter().any(|index| self.pieces[*index].is_bad)
    }

    pub(super) fn act(&mut self, deed: &Deed) {
        let lot = deed.lot % self.lots;
        let name = lot_name(lot);
        let (at, to) = (place_name(deed.place), place_name(deed.to));
        let crate_index = deed.lot % BOXES;
        let home = self.boxes[crate_index];
        let boxed = Lies::In(crate_index);
        let here = Lies::At(deed.place, None);
        let before = self.pieces.clone();
        let some = |taken: &[usize], event: Event, role| {
            event.amount(role, &name, number(taken.len()), None)
        };
        let mut events = Vec::new();
        match (deed.kind, home) {
            (0, _) if deed.place != deed.to => {
                let taken = self.take(lot, here, deed, Lies::At(deed.to, None));
                let left = Event::seen(self.tick()).ship(&at, &to);
                let came = Event::seen(self.tick()).receive(&to);
                events.push((taken.clone(), some(&taken, left, Role::Object)));
                events.push((taken.clone(), some(&taken, came, Role::Object)));
            }
            (1, Some(home)) => {
                let taken = self.take(lot, Lies::At(home, None), deed, boxed);
                let event = Event::aggregation(Action::Add, crate_of(crate_index), self.tick());
                let event = some(&taken, event.at(&place_name(home)), Role::Child);
                events.push((taken, event));
            }
            (2, Some(home)) => {
                let taken = self.take(lot, boxed, deed, Lies::At(home, None));
                let event = Event::aggregation(Action::Delete, crate_of(crate_index), self.tick());
                let event = some(&taken, event.at(&place_name(home)), Role::Child);
                events.push((taken, event));
            }
            (3, Some(home)) => {
                for piece in self.pieces.iter_mut().filter(|piece| piece.lies == boxed) {
                    piece.lies = Lies::At(home, None);
                }
                let event = Event::aggregation(Action::Delete, crate_of(crate_index), self.tick());
                self.world.record(event.at(&place_name(home)));
            }
            (4, Some(home)) if home != deed.to => {
                let things = [crate_of(crate_index)];
                let left = Event::seen(self.tick()).ship(&place_name(home), &to);
                let came = Event::seen(self.tick()).receive(&to);
                self.world.record(left.objects(&things));
                self.world.record(came.objects(&things));
                self.boxes[crate_index] = Some(deed.to);
            }
            (5, _) => {
                let taken = self.take(lot, here, deed, Lies::Used);
                // Into a new lot, or into one there is.
                let into = if deed.makes_into_known() {
                    deed.salt % self.lots
                } else {
                    self.lots
                };
                let event = Event::transform(&format!("turn {}", self.now), self.tick()).at(&at);
                let event = some(&taken, event, Role::Input);
                let event = event.amount(Role::Output, &lot_name(into), 3, None);
                if !taken.is_empty() && into != lot {
                    let is_bad = self.any_bad(&taken);
                    self.lots = self.lots.max(into + 1);
                    self.made.insert(into);
                    self.add(into, deed.place, 3, is_bad);
                    self.world.record(event);
                } else {
                    self.pieces = before;
                }
            }
            (6, Some(home)) if deed.salt.is_multiple_of(3) => {
                let inside: Vec<usize> = (0..self.pieces.len())
                    .filter(|index| self.pieces[*index].lies == boxed)
                    .collect();
                // They are told to be in the box, and the box to be used up.
                let is_bad = self.any_bad(&inside) || self.bad_box == Some(crate_index);
                let event = Event::transform(&format!("turn {}", self.now), self.tick());
                let event = event
                    .at(&place_name(home))
                    .units(Role::Input, &[crate_of(crate_index)]);
                let event = event.amount(Role::Output, &lot_name(self.lots), 3, None);
                self.world.record(event);
                self.made.insert(self.lots);
                self.add(self.lots, home, 3, is_bad);
                self.lots += 1;
                self.boxes[crate_index] = None;
                self.ends[crate_index] = Lies::Used;
            }
            (11, Some(home)) if deed.salt.is_multiple_of(2) => {
                let things = [crate_of(crate_index)];
                let (event, end) = if deed.salt.is_multiple_of(3) {
                    let sold = Event::seen(self.tick()).step("retail_selling");
                    (sold, Lies::Sold(home))
                } else {
                    let gone = Event::object(Action::Delete, self.tick()).step("destroying");
                    (gone, Lies::Destroyed(home))
                };
                self.world
                    .record(event.at(&place_name(home)).objects(&things));
                self.boxes[crate_index] = None;
                self.ends[crate_index] = end;
            }
            (12, None) => {
                let end = self.ends[crate_index];
                if deed.salt.is_multiple_of(2) || !matches!(end, Lies::Destroyed(_)) {
                    self.begin_again(crate_index, end);
                    let begun = Event::object(Action::Add, self.tick()).at(&to);
                    self.world.record(begun.objects(&[crate_of(crate_index)]));
                    self.boxes[crate_index] = Some(deed.to);
                } else {
                    let before = self.pieces.clone();
                    self.begin_again(crate_index, end);
                    let taken = self.take(lot, Lies::At(deed.to, None), deed, boxed);
                    if taken.is_empty() {
                        self.pieces = before;
                    } else {
                        self.boxes[crate_index] = Some(deed.to);
                    }
                    let event = Event::aggregation(Action::Add, crate_of(crate_index), self.tick());
                    let event = some(&taken, event.at(&to), Role::Child);
                    events.push((taken, event));
                }
            }
            (13, Some(home)) if home != deed.to => {
                let things = [crate_of(crate_index)];
                let inside = |piece: &Piece| piece.lot == lot && piece.lies == boxed;
                let count = self.pieces.iter().filter(|piece| inside(piece)).count();
                let left = Event::seen(self.tick()).ship(&place_name(home), &to);
                let came = Event::seen(self.tick()).receive(&to);
                for event in [left, came] {
                    let mut event = event.objects(&things);
                    if count > 0 {
                        event = event.amount(Role::Object, &name, number(count), None);
                    }
                    self.world.record(event);
                }
                self.boxes[crate_index] = Some(deed.to);
            }
            // Nobody recorded that it left. None is on its way, and what is shipped days later is other stock.
            (14, _) if deed.place != deed.to && !self.is_under_way(lot) => {
                self.now += 24 * 60;
                let taken = self.take(lot, here, deed, Lies::At(deed.to, None));
                let mut came = Event::seen(self.tick()).receive(&to);
                if deed.salt.is_multiple_of(2) {
                    came.0.from_place = Some(place(&at));
                }
                events.push((taken.clone(), some(&taken, came, Role::Object)));
                self.now += 24 * 60;
            }
            (7, _) => {
                let taken = self.take(lot, here, deed, Lies::Sold(deed.place));
                let event = Event::seen(self.tick()).step("retail_selling").at(&at);
                let event = some(&taken, event, Role::Object);
                events.push((taken, event));
            }
            (8, _) => {
                let taken = self.take(lot, here, deed, Lies::Destroyed(deed.place));
                let event = Event::object(Action::Delete, self.tick()).step("destroying");
                let event = some(&taken, event.at(&at), Role::Object);
                events.push((taken, event));
            }
            (9, _) if deed.place != deed.to => {
                let receiver = deed.salt % PARTIES;
                let away = Lies::Away(deed.place, deed.to, receiver);
                let taken = self.take(lot, here, deed, away);
                let mut left = Event::seen(self.tick()).ship(&at, &to);
                left.0.to_party = Some(party(&party_name(receiver)));
                events.push((taken.clone(), some(&taken, left, Role::Object)));
            }
            (10, _) => {
                let receiver = deed.salt % PARTIES;
                let away = Lies::Away(deed.place, deed.to, receiver);
                // Who and from where is not always told.
                let named = Some(receiver).filter(|_| !deed.salt.is_multiple_of(3));
                let taken = self.take(lot, away, deed, Lies::At(deed.to, named));
                let mut came = Event::seen(self.tick()).receive(&to);
                if named.is_some() {
                    came.0.to_party = Some(party(&party_name(receiver)));
                }
                if !deed.salt.is_multiple_of(5) {
                    came.0.from_place = Some(place(&at));
                }
                events.push((taken.clone(), some(&taken, came, Role::Object)));
            }
            _ => {}
        }
        for (taken, event) in events {
            if !taken.is_empty() {
                self.world.record(event);
            }
        }
    }

    /// Everything in a box goes bad, now.
    fn spoil_box(&mut self, index: usize) -> Seed {
        let time = self.tick();
        self.bad_box = Some(index);
        for piece in &mut self.pieces {
            piece.is_bad |= piece.lies == Lies::In(index);
        }
        Seed::Units {
            units: units(&[crate_of(index)]),
            window: window(time, time),
        }
    }

    /// Fails unless all that is bad is found where it is, within bounds.
    fn judge(&self, seed: Seed) -> Result<(), TestCaseError> {
        let reach = self.world.reach(Direction::Forward, &[seed]);
        let reached = reach.lots();
        let lots: BTreeSet<Block> = (0..self.lots).map(|n| lot(&lot_name(n))).collect();
        let mut source = self.world.source();
        let found = Evaluation::new(&mut source);
        let found = { found }.balances(&lots, clock(100_000, 0)).unwrap();
        for number in 0..self.lots {
            let block = lot(&lot_name(number));
            let bad = self.pieces.iter().filter(|p| p.lot == number && p.is_bad);
            let mut truly: BTreeMap<Account, u32> = BTreeMap::new();
            for piece in bad.clone() {
                *truly.entry(account(piece.lies)).or_default() += 1;
            }
            if truly.is_empty() && !reached.contains(&block) {
                continue;
            }
            prop_assert!(reached.contains(&block), "lot {} is not found", number);
            let told = shares(
                &reach,
                block,
                found.get(&block).map_or(&[][..], Vec::as_slice),
            );
            let mut parts: BTreeMap<Account, (Amount, Amount)> = BTreeMap::new();
            for part in &told.parts {
                let sum = parts.entry(part.account).or_default();
                sum.0 = sum.0.plus(part.lo.unwrap_or_default());
                sum.1 = sum.1.plus(part.hi.unwrap_or_default());
            }
            for (account, count) in &truly {
                let most = parts.get(account).map(|(_, most)| *most);
                prop_assert!(
                    most.is_some_and(|most| Amount::pieces(*count) <= most),
                    "lot {}: {} are in {:?}, told {:?}",
                    number,
                    count,
                    account,
                    told.parts
                );
            }
            let total = Amount::pieces(u32::try_from(bad.count()).unwrap());
            for bounds in told.reached.iter().filter_map(|reached| reached.bounds) {
                prop_assert!(
                    total <= bounds.hi,
                    "lot {}: {} in all, told {:?}",
                    number,
                    total,
                    bounds
                );
                prop_assert!(
                    self.made.contains(&number) || bounds.lo <= total,
                    "lot {}: {} in all, told {:?}",
                    number,
                    total,
                    bounds
                );
            }
            if self.made.contains(&number) {
                continue;
            }
            for (account, (least, _)) in parts {
                let count = truly.get(&account).copied().unwrap_or_default();
                prop_assert!(
                    least <= Amount::pieces(count),
                    "lot {}: {} are in {:?}, told {:?}",
                    number,
                    count,
                    account,
                    told.parts
                );
            }
        }
        Ok(())
    }
}

pub(super) fn account(lies: Lies) -> Account {
    let at = |n: usize| Some(place(&place_name(n)));
    match lies {
        Lies::At(n, named) => Account::Stock {
            place: at(n),
            party: named.map(|named| party(&party_name(named))),
        },
        Lies::In(n) => Account::Inside(Some(crate_of(n))),
        Lies::Away(from, to, receiver) => Account::InTransit {
            from: at(from),
            to: at(to),
            parties: Parties {
                receiver: Some(party(&party_name(receiver))),
                ..Parties::default()
            },
        },
        Lies::Used => Account::Used,
        Lies::Sold(n) => Account::Sold(at(n)),
        Lies::Destroyed(n) => Account::Destroyed(at(n)),
    }
}

proptest! {
    #[test]
    fn pieces_that_were_in_a_box_when_it_was_exposed_are_found_within_bounds(
        before in proptest::collection::vec(deed(), 1..14),
        after in proptest::collection::vec(deed(), 0..14),
        index in 0..BOXES,
    ) {
        let mut truth = Truth::new();
        for deed in &before {
            truth.act(deed);
        }
        let seed = truth.spoil_box(index);
        for deed in &after {
            truth.act(deed);
        }
        truth.judge(seed)?;
    }

    #[test]
    fn pieces_of_a_bad_lot_and_of_what_was_made_of_them_are_found_within_bounds(
        deeds in proptest::collection::vec(deed(), 1..20),
    ) {
        let mut truth = Truth::new();
        for piece in truth.pieces.iter_mut().filter(|piece| piece.lot == 0) {
            piece.is_bad = true;
        }
        for deed in &deeds {
            truth.act(deed);
            // All of lot 0 is named, whatever was made into it later.
            for piece in truth.pieces.iter_mut().filter(|piece| piece.lot == 0) {
                piece.is_bad = true;
            }
        }
        truth.judge(whole(&lot_name(0)))?;
    }
}
