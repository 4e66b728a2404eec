//! The flows of a lot, read from its movements: each arrival is matched with the departures it can have
//! come from, and what cannot be matched may have come from anywhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Address, Block};
use crate::epcis::Timestamp;
use crate::trace::{EventKey, LotMove, LotRole, Op, Record};

use super::cause::Certainty;
use super::stages::Stages;
use super::stays::Emptied;
use super::stock::{Flows, Spot, Turn, Way, filling};
use super::under_way::UnderWay;

/// Where items of a lot came to be, and when.
pub(super) type Begun = (Timestamp, Spot);

/// What can happen to stock, movements and unpack-alls alike.
enum Happening<'a> {
    Begun(Begun),
    Move(&'a LotMove, Option<(Op, Option<Address>)>),
    Emptied(Address, Emptied),
}

impl Happening<'_> {
    fn t_lo(&self) -> Timestamp {
        match self {
            Self::Begun((time, _)) => *time,
            Self::Move(lot_move, _) => lot_move.t_lo,
            Self::Emptied(_, emptied) => emptied.t_lo,
        }
    }

    /// At equal times, what comes in goes before what goes out.
    fn turn(&self) -> u8 {
        match self {
            Self::Begun(_) => 0,
            Self::Move(lot_move, _) => match lot_move.role {
                LotRole::Made | LotRole::Received | LotRole::Returned | LotRole::Unpacked => 0,
                LotRole::Seen => 2,
                LotRole::Used
                | LotRole::Shipped
                | LotRole::Packed
                | LotRole::Sold
                | LotRole::Destroyed => 3,
            },
            Self::Emptied(..) => 1,
        }
    }
}

/// Reads the flows of one lot from its movements and records (both in order) and the emptyings of its
/// containers. `begun`: where items came to be of a lot that nobody made by quantity; `stages`: which stage of a
/// movement events tell of.
pub(super) fn flows(
    moves: &[LotMove],
    records: &[Record],
    begun: &BTreeSet<Begun>,
    emptied: &BTreeMap<Address, Vec<Emptied>>,
    stages: &Stages,
) -> Flows {
    let mut by_event: BTreeMap<EventKey, Vec<&Record>> = BTreeMap::new();
    for record in records {
        let of_event = by_event.entry((record.shard, record.seq)).or_default();
        of_event.push(record);
    }
    let mut happenings: Vec<Happening<'_>> = moves
        .iter()
        .map(|m| Happening::Move(m, structure(&by_event, m)))
        .collect();
    for (container, list) in emptied {
        let list = list.iter();
        happenings.extend(list.map(|emptied| Happening::Emptied(*container, *emptied)));
    }
    happenings.extend(begun.iter().map(|begun| Happening::Begun(*begun)));
    happenings.sort_by_key(|happening| (happening.t_lo(), happening.turn()));
    let makers: BTreeSet<_> = moves
        .iter()
        .filter(|m| m.role == LotRole::Made)
        .map(|m| Spot::of(m.to_place))
        .chain(begun.iter().map(|(_, spot)| *spot))
        .collect();
    // One place of making leaves one origin open; several leave a choice.
    let unknown = if makers.len() <= 1 {
        Certainty::Inferred
    } else {
        Certainty::Assumed
    };
    let mut reading = Reading::new(emptied, stages, unknown);
    for happening in &happenings {
        match happening {
            Happening::Begun((_, spot)) => {
                reading.reached.insert(*spot);
            }
            Happening::Move(lot_move, structure) => reading.take(lot_move, *structure),
            Happening::Emptied(container, emptied) => reading.empty(*container, emptied),
        }
    }
    let mut flows = reading.flows;
    flows.ways.sort();
    flows.ways.dedup();
    flows
}

/// The structural side of a movement: the record of the same event on the same side.
fn structure(
    by_event: &BTreeMap<EventKey, Vec<&Record>>,
    lot_move: &LotMove,
) -> Option<(Op, Option<Address>)> {
    let records = by_event.get(&(lot_move.shard, lot_move.seq))?;
    let fits = |op: Op| match lot_move.role {
        LotRole::Made => matches!(op, Op::Produce | Op::Commission),
        LotRole::Used => op == Op::Consume,
        LotRole::Packed => matches!(op, Op::Pack | Op::Attach),
        LotRole::Unpacked => matches!(op, Op::Unpack | Op::Detach),
        LotRole::Seen
        | LotRole::Shipped
        | LotRole::Received
        | LotRole::Sold
        | LotRole::Returned
        | LotRole::Destroyed => !matches!(op, Op::Produce | Op::Consume),
    };
    let record = records.iter().find(|record| fits(record.op))?;
    Some((record.op, record.peer))
}

/// A departure whose end nobody says.
#[derive(Clone, Copy)]
pub(super) struct Departure {
    pub(super) from: Spot,
    t_lo: Timestamp,
    t_hi: Timestamp,
    event: EventKey,
}

struct Reading<'a> {
    emptied: &'a BTreeMap<Address, Vec<Emptied>>,
    stages: &'a Stages,
    unknown: Certainty,
    flows: Flows,
    /// Spots that something is known to have come to.
    reached: BTreeSet<Spot>,
    /// Shipments to nobody says where.
    shipped: Vec<Departure>,
    /// Shipments to a named place.
    under_way: UnderWay,
    packed: Vec<Departure>,
    sold: Vec<Departure>,
}

impl<'a> Reading<'a> {
    fn new(
        emptied: &'a BTreeMap<Address, Vec<Emptied>>,
        stages: &'a Stages,
        unknown: Certainty,
    ) -> Self {
        Self {
            emptied,
            stages,
            unknown,
            flows: Flows::default(),
            reached: BTreeSet::new(),
            shipped: Vec::new(),
            under_way: UnderWay::default(),
            packed: Vec::new(),
            sold: Vec::new(),
        }
    }

    fn take(&mut self, lot_move: &LotMove, structure: Option<(Op, Option<Address>)>) {
        let (from, to) = (Spot::of(lot_move.from_place), Spot::of(lot_move.to_place));
        let (op, peer) = structure.map_or((None, None), |(op, peer)| (Some(op), peer));
        let departure = Departure {
            from,
            t_lo: lot_move.t_lo,
            t_hi: lot_move.t_hi,
            event: (lot_move.shard, lot_move.seq),
        };
        match lot_move.role {
            LotRole::Made => {
                self.reached.insert(to);
                if let Some(process) = peer {
                    self.flows.made.push(departure.turn(to, process.block));
                }
            }
            LotRole::Used => {
                self.touch(departure);
                if let Some(process) = peer {
                    self.flows.used.push(departure.turn(from, process.block));
                }
            }
            LotRole::Shipped if to == Spot::Unknown => {
                if self.touch(departure) {
                    self.pass(departure);
                }
                self.shipped.push(departure);
            }
            LotRole::Shipped => {
                self.touch(departure);
                self.way(departure, to, Certainty::Asserted);
                self.under_way.ship(departure, to, lot_move, self.stages);
            }
            LotRole::Received => self.receive(departure, to, lot_move),
            LotRole::Packed => {
                self.touch(departure);
                match peer {
                    Some(container) => {
                        let inside = self.filling(container, departure.t_lo);
                        self.way(departure, inside, Certainty::Asserted);
                        self.packed.push(Departure {
                            from: inside,
                            ..departure
                        });
                    }
                    None => self.shipped.push(departure),
                }
            }
            LotRole::Unpacked => {
                let inside = peer.map(|container| self.filling_at(container, departure.t_hi));
                let is_told = inside.is_some_and(|inside| self.reached.contains(&inside));
                if !is_told {
                    self.appear(departure, to);
                }
                if let Some(inside) = inside {
                    // Items can have gone into it under their serials.
                    let certainty = if is_told {
                        Certainty::Asserted
                    } else {
                        Certainty::Inferred
                    };
                    let leaving = Departure {
                        from: inside,
                        ..departure
                    };
                    self.way(leaving, to, certainty);
                }
            }
            LotRole::Sold => {
                self.touch(departure);
                self.sold.push(departure);
            }
            LotRole::Returned => self.come_back(departure, to),
            LotRole::Destroyed => {
                self.touch(departure);
            }
            LotRole::Seen => {
                let seen = match (op, peer) {
                    (Some(Op::SeenInside | Op::SeenAttached), Some(container)) => {
                        self.filling(container, departure.t_lo)
                    }
                    _ => to,
                };
                let seen = Departure {
                    from: seen,
                    ..departure
                };
                if self.touch(seen) && !self.pass(seen) {
                    // Nothing tells how it came here, nor where it went.
                    self.way(seen, Spot::Unknown, self.unknown);
                }
            }
        }
    }

    fn way(&mut self, departure: Departure, to: Spot, certainty: Certainty) {
        self.reached.insert(to);
        if departure.from != to {
            self.flows.ways.push(Way {
                from: departure.from,
                to,
                t_lo: departure.t_lo,
                t_hi: departure.t_hi,
                event: departure.event,
                certainty,
            });
        }
    }

    /// Stock is at the spot; if nothing says how it came there, it appears, and that is told.
    fn touch(&mut self, departure: Departure) -> bool {
        let appears = departure.from != Spot::Unknown && !self.reached.contains(&departure.from);
        if appears {
            self.appear(departure, departure.from);
        }
        appears
    }

    /// What was seen where nothing tells how it came is on its way, if anything of the lot is: it goes on to where
    /// that goes. Whether anything is.
    fn pass(&mut self, seen: Departure) -> bool {
        let mut passes = false;
        for (left, to) in self.under_way.to_elsewhere(seen.from) {
            self.way(left, seen.from, Certainty::Inferred);
            self.way(seen, to, Certainty::Inferred);
            passes = true;
        }
        passes
    }

    /// Stock of unknown origin: what left before for nobody says where, or a movement nobody recorded.
    fn appear(&mut self, at: Departure, to: Spot) {
        let left = self.shipped.iter().chain(&self.packed);
        let left: Vec<_> = left.filter(|left| left.t_lo <= at.t_hi).copied().collect();
        for left in left {
            // Out of a container it leaves when it appears; a shipment left when it was shipped.
            let leaving = match left.from {
                Spot::In(..) => Departure {
                    from: left.from,
                    ..at
                },
                Spot::At(_) | Spot::Unknown => left,
            };
            self.way(leaving, to, Certainty::Inferred);
        }
        let anywhere = Departure {
            from: Spot::Unknown,
            ..at
        };
        self.way(anywhere, to, self.unknown);
    }

    fn receive(&mut self, at: Departure, to: Spot, lot_move: &LotMove) {
        let named = self.under_way.receive(at.from, to, lot_move, self.stages);
        let fits = |left: &&Departure| {
            left.t_lo <= at.t_hi
                && left.from != to
                && (at.from == Spot::Unknown || at.from == left.from)
        };
        let open: Vec<_> = self.shipped.iter().filter(fits).copied().collect();
        let sources: BTreeSet<_> = open.iter().map(|left| left.from).collect();
        let certainty = if sources.len() <= 1 && !named {
            Certainty::Asserted
        } else {
            Certainty::Inferred
        };
        for left in &open {
            self.way(*left, to, certainty);
        }
        if open.is_empty() && !named {
            if at.from == Spot::Unknown {
                self.appear(at, to);
            } else {
                self.touch(at);
                self.way(at, to, Certainty::Asserted);
            }
        }
        self.reached.insert(to);
    }

    fn come_back(&mut self, at: Departure, to: Spot) {
        if at.from != Spot::Unknown {
            self.touch(at);
            self.way(at, to, Certainty::Asserted);
        }
        let sold = self.sold.iter().chain(&self.shipped);
        let sold: Vec<_> = sold.filter(|sold| sold.t_lo <= at.t_hi).copied().collect();
        if sold.is_empty() && at.from == Spot::Unknown {
            self.appear(at, to);
        }
        for sold in sold {
            self.way(sold, to, Certainty::Asserted);
        }
        self.reached.insert(to);
    }

    fn empty(&mut self, container: Address, emptied: &Emptied) {
        let to = Spot::of(emptied.place);
        let inside = self.filling_at(container, emptied.t_lo);
        if self.reached.contains(&inside) {
            let leaving = Departure {
                from: inside,
                t_lo: emptied.t_lo,
                t_hi: emptied.t_hi,
                event: emptied.event,
            };
            self.way(leaving, to, Certainty::Inferred);
        }
    }

    /// The filling that something put in at this time belongs to.
    fn filling(&self, container: Address, time: Timestamp) -> Spot {
        let emptied = self.emptied.get(&container).map_or(&[][..], Vec::as_slice);
        filling(container, emptied, time)
    }

    /// The filling that something taken out at this time belongs to.
    fn filling_at(&self, container: Address, time: Timestamp) -> Spot {
        let just_before = Timestamp::from_micros(time.micros().saturating_sub(1));
        self.filling(container, just_before)
    }
}

impl Departure {
    const fn turn(self, spot: Spot, process: Block) -> Turn {
        Turn {
            spot,
            process,
            t_lo: self.t_lo,
            t_hi: self.t_hi,
            event: self.event,
            certainty: Certainty::Asserted,
        }
    }
}
