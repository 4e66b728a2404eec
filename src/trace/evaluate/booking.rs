//! Movements of a lot made into bookings: which account each takes from and which it gives to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::codes::{Address, Block};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, LotMove, LotRole, Op, Record};

use super::amount::{Amount, is_counted};
use super::book::{self, Book};
use super::carriers::Carriers;
use super::endings::{Ending, Then};
use super::items::{Did, Singly, made_by_quantity};
use super::lots::{Account, Balances, LotFault};
use super::stages::{Sites, Stages, Told};
use super::stays::Emptied;

/// What is booked: a movement, what single items did (with the movement that the same event tells of), a
/// container being emptied, or ending with what is in it.
#[derive(Clone, Copy)]
enum Booking<'a> {
    Move(&'a LotMove),
    Singly(&'a Singly, Option<&'a LotMove>),
    Emptied(Address, &'a Emptied),
    Ended(Address, &'a Ending),
}

impl Booking<'_> {
    fn t_lo(&self) -> Timestamp {
        match self {
            Self::Move(lot_move) => lot_move.t_lo,
            Self::Singly(singly, _) => singly.t_lo,
            Self::Emptied(_, emptied) => emptied.t_lo,
            Self::Ended(_, ended) => ended.t_lo,
        }
    }

    /// At equal times, what comes in is booked before what goes out, unless amounts tell the order.
    const fn turn(&self) -> u8 {
        match self {
            Self::Move(lot_move) => match lot_move.role {
                LotRole::Made => 0,
                LotRole::Shipped => 1,
                LotRole::Received | LotRole::Returned | LotRole::Unpacked => 2,
                LotRole::Packed | LotRole::Used | LotRole::Sold | LotRole::Destroyed => 4,
                LotRole::Seen => 5,
            },
            Self::Singly(singly, _) => match singly.did {
                Did::Began { .. } => 0,
                Did::Came { .. } | Did::TakenOut { .. } => 2,
                Did::Left { .. } | Did::Ended { .. } => 4,
            },
            Self::Emptied(..) => 3,
            // What begins again is empty before anything else; what ends does so after all else.
            Self::Ended(_, ended) => match ended.then {
                Then::Back | Then::Again(_) => 0,
                Then::Closed => 6,
            },
        }
    }

    /// What tells bookings of one turn apart, whatever was recorded first. Movements go before what single items did.
    fn told(&self) -> impl Ord + use<> {
        let lot_move = match self {
            Self::Move(lot_move) => Some(lot_move),
            Self::Singly(..) | Self::Emptied(..) | Self::Ended(..) => None,
        };
        let told = lot_move.map(|lot_move| {
            (
                (lot_move.from_place, lot_move.to_place),
                (lot_move.from_party, lot_move.to_party),
                lot_move.quantity.amount,
            )
        });
        (told.is_none(), told)
    }
}

/// Books the movements of one lot (in order) up to a time; one result a unit of measure. `records` are
/// the lot's own, which tell what containers it went into; `carriers` what became of those; `items`
/// is what its single items did; `stages`, which stages of a movement events tell of; `sites`,
/// which places are parts of one. With it come the places where
/// more was seen than the books have there.
pub(super) fn balances(
    moves: &[LotMove],
    items: &[Singly],
    records: &[Record],
    carriers: Carriers,
    (stages, sites): (&Stages, &Arc<Sites>),
    until: Timestamp,
) -> (Vec<Balances>, BTreeSet<Block>) {
    let told = Told::of(moves, records, stages, sites);
    let told = Arc::new(told.with_containers(carriers.named));
    let mut containers: BTreeMap<EventKey, Address> = BTreeMap::new();
    for record in records {
        let packs = matches!(
            record.op,
            Op::Pack | Op::Attach | Op::Unpack | Op::Detach | Op::SeenInside | Op::SeenAttached
        );
        if let Some(container) = record.peer.filter(|_| packs) {
            containers.insert((record.shard, record.seq), container);
        }
    }
    let told_otherwise = |seen: &LotMove| {
        let here = moves
            .iter()
            .filter(|m| m.role != LotRole::Seen && m.to_place == seen.to_place);
        let mut here = here.map(|m| m.quantity.uom == seen.quantity.uom).peekable();
        here.peek().is_some() && here.all(|is_alike| !is_alike)
    };
    // What came to a place by weight is not missing there because it is counted in pieces.
    let counts = |m: &&LotMove| m.role != LotRole::Seen || !told_otherwise(m);
    let mut bookings: Vec<Booking<'_>> = moves.iter().filter(counts).map(Booking::Move).collect();
    for (container, list) in &carriers.emptied {
        let emptied = list.iter();
        bookings.extend(emptied.map(|emptied| Booking::Emptied(*container, emptied)));
    }
    for (container, list) in &carriers.ended {
        bookings.extend(list.iter().map(|ended| Booking::Ended(*container, ended)));
    }
    let counted = moves.iter().find(|m| is_counted(m.quantity.uom.as_deref()));
    let uom = counted.map(|m| m.quantity.uom.clone());
    if let Some(uom) = &uom {
        let by_number = |event: EventKey| {
            moves
                .iter()
                .find(|m| m.quantity.uom == *uom && (m.shard, m.seq) == event)
        };
        bookings.extend(
            items
                .iter()
                .map(|singly| Booking::Singly(singly, by_number(singly.event))),
        );
    }
    let covered = uom
        .as_ref()
        .and_then(|uom| made_by_quantity(moves, uom.as_deref(), until));
    bookings.retain(|booking| booking.t_lo() <= until);
    bookings.sort_by_cached_key(|booking| (booking.t_lo(), booking.turn(), booking.told()));
    let mut shelf = Shelf {
        told: &told,
        containers,
        counted_in: uom.unwrap_or_default(),
        covered,
        by_uom: BTreeMap::new(),
    };
    for moment in bookings.chunk_by(|a, b| a.t_lo() == b.t_lo()) {
        shelf.book_moment(moment.to_vec());
    }
    let mut puzzling = BTreeSet::new();
    let found = shelf.by_uom.into_iter();
    let found = found.map(|(uom, books)| books.close(uom, &mut puzzling));
    (found.collect(), puzzling)
}

/// The books of a lot.
struct Shelf<'a> {
    told: &'a Arc<Told>,
    /// The containers that events put it into or took it out of.
    containers: BTreeMap<EventKey, Address>,
    /// The unit of measure that single items are counted in.
    counted_in: Option<String>,
    /// How many items were made by quantity.
    covered: Option<Amount>,
    by_uom: BTreeMap<Option<String>, Books>,
}

impl<'a> Shelf<'a> {
    /// Books what happened at one time: first what there is enough for, and then what that brought; the rest in
    /// its turn.
    fn book_moment(&mut self, mut waiting: Vec<Booking<'a>>) {
        while 1 < waiting.len() {
            let before = waiting.len();
            waiting.retain(|booking| {
                let is_due = self.covers(booking);
                if is_due {
                    self.book(*booking);
                }
                !is_due
            });
            if waiting.len() == before {
                break;
            }
        }
        for booking in waiting {
            self.book(booking);
        }
    }

    /// Whether there is as much as it takes. What was seen says what all the rest came to.
    fn covers(&self, booking: &Booking<'_>) -> bool {
        match booking {
            Booking::Singly(..) | Booking::Ended(..) => true,
            Booking::Emptied(container, _) => {
                let inside = Account::Inside(Some(*container));
                let mut books = self.by_uom.values();
                books.any(|books| {
                    let Book { unknown, .. } = &books.settling;
                    books.settling.held(inside).is_positive() || unknown.contains(&inside)
                })
            }
            Booking::Move(lot_move) => match lot_move.role {
                LotRole::Made => true,
                LotRole::Seen => false,
                _ => {
                    let books = self.by_uom.get(&lot_move.quantity.uom);
                    let container = self.containers.get(&book::key(lot_move)).copied();
                    books.is_some_and(|books| books.settling.covers(lot_move, container))
                }
            },
        }
    }

    fn book(&mut self, booking: Booking<'a>) {
        match booking {
            Booking::Move(lot_move) => {
                let container = self.containers.get(&book::key(lot_move)).copied();
                self.books(lot_move.quantity.uom.clone())
                    .take(lot_move, container);
            }
            Booking::Singly(singly, with) => {
                let covered = self.covered;
                let uom = self.counted_in.clone();
                self.books(uom).take_singly(singly, with, covered);
            }
            Booking::Emptied(container, emptied) => {
                for books in self.by_uom.values_mut() {
                    books.recorded.empty(container, emptied);
                    books.settling.empty(container, emptied);
                }
            }
            Booking::Ended(container, ended) => {
                for books in self.by_uom.values_mut() {
                    books.recorded.end(container, ended);
                    books.settling.end(container, ended);
                }
            }
        }
    }

    fn books(&mut self, uom: Option<String>) -> &mut Books {
        self.by_uom
            .entry(uom)
            .or_insert_with(|| Books::new(self.told))
    }
}

/// The two books of a unit of measure: as recorded, and with what is missing made good.
struct Books {
    recorded: Book,
    settling: Book,
    made: BTreeMap<EventKey, Amount>,
    used: BTreeMap<EventKey, Amount>,
    named: BTreeMap<EventKey, Amount>,
    carried: BTreeMap<EventKey, Amount>,
    unmeasured: BTreeSet<EventKey>,
    /// How many items came to be so far.
    begun: Amount,
}

impl Books {
    fn new(told: &Arc<Told>) -> Self {
        Self {
            recorded: Book::recorded(Arc::clone(told)),
            settling: Book::settling(Arc::clone(told)),
            made: BTreeMap::new(),
            used: BTreeMap::new(),
            named: BTreeMap::new(),
            carried: BTreeMap::new(),
            unmeasured: BTreeSet::new(),
            begun: Amount::ZERO,
        }
    }

    /// What single items did. As many as were made by number are those; what is beyond was made too.
    fn take_singly(&mut self, singly: &Singly, with: Option<&LotMove>, covered: Option<Amount>) {
        let count = Amount::pieces(singly.count);
        let Did::Began { place } = singly.did else {
            self.recorded.take_singly(singly.did, count, with);
            let carried = self.settling.take_singly(singly.did, count, with);
            let sum = self.carried.entry(singly.event).or_default();
            *sum = sum.plus(carried);
            return;
        };
        self.begun = self.begun.plus(count);
        let beyond = covered.map_or(Amount::ZERO, |covered| self.begun.minus(covered));
        let made = beyond.min(count);
        if made.is_positive() {
            self.recorded.begin(place, made);
            self.settling.begin(place, made);
            let sum = self.made.entry(singly.event).or_default();
            *sum = sum.plus(made);
        }
    }

    fn take(&mut self, lot_move: &LotMove, container: Option<Address>) {
        let event = (lot_move.shard, lot_move.seq);
        let Some((value, scale)) = lot_move.quantity.amount else {
            self.recorded.take_unknown(lot_move, container);
            self.settling.take_unknown(lot_move, container);
            self.unmeasured.insert(event);
            return;
        };
        let Some(amount) = Amount::new(value, scale) else {
            self.recorded.faults.push(LotFault::TooFine { event });
            self.unmeasured.insert(event);
            return;
        };
        if !self.recorded.tells_of_contents(lot_move, amount) {
            self.recorded.take(lot_move, container, amount);
            self.settling.take(lot_move, container, amount);
        }
        let named = self.named.entry(event).or_default();
        *named = amount.max(*named);
        let by_event = match lot_move.role {
            LotRole::Made => &mut self.made,
            LotRole::Used => &mut self.used,
            _ => return,
        };
        let sum = by_event.entry(event).or_default();
        *sum = sum.plus(amount);
    }

    fn close(mut self, uom: Option<String>, puzzling: &mut BTreeSet<Block>) -> Balances {
        let mut accounts = self.recorded.accounts;
        accounts.retain(|_, amount| *amount != Amount::ZERO);
        let ended = std::mem::take(&mut self.settling.ended);
        let left = std::mem::take(&mut self.settling.left).into_iter();
        let left = left.map(|(place, parts)| {
            let parts = parts.iter();
            (
                place,
                parts.fold(Amount::ZERO, |sum, (_, part)| sum.plus(*part)),
            )
        });
        let left = left.collect();
        let packed = std::mem::take(&mut self.settling.packed).into_inside();
        let settled = self.settling.settle();
        puzzling.extend(settled.puzzling);
        for event in &self.unmeasured {
            self.made.remove(event);
            self.used.remove(event);
            self.named.remove(event);
        }
        Balances {
            uom,
            accounts,
            unknown: self.recorded.unknown,
            unmet: self.recorded.unmet,
            faults: self.recorded.faults,
            parts: settled.parts,
            gaps: settled.gaps,
            made: self.made,
            used: self.used,
            told: self.named,
            ended,
            left,
            packed,
            carried: self.carried,
            total: settled.total,
            doubtful: settled.doubtful,
        }
    }
}
