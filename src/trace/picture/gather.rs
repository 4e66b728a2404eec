//! From a question to a story: evaluates, and reads the events that tell of the result. Call inside a
//! snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use super::catalog::{Catalog, Name};
use super::collapse::Collapse;
use super::graph::Amounts;
use super::story::{Held, LeftOut, Stock, Story, Thing, Things, Touch};
use super::{Asked, DRAWN_MAX, EVENTS_MAX, Picture, names};
use crate::codes::{Address, Block, Dictionary, MemberSet};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::ledger::Position;
use crate::trace::answer::check_window;
use crate::trace::evaluate::{
    Account, Balances, Bounds, CauseId, Direction, Evaluation, Reach, Rules, Seed, Units, Why,
    Window,
};
use crate::trace::holding::{Fate, Names, named_blocks};
use crate::trace::position::NamedPosition;
use crate::trace::shares::{Share, account_blocks, shares};
use crate::trace::store::StoreSource;
use crate::trace::subject::{Wanted, subject};
use crate::trace::{Error, EventKey, LotMove, LotRole, LotUnits, Source};

/// After everything that was recorded.
const END: Timestamp = Timestamp::from_micros(i64::MAX);

/// Events read at once.
const CHUNK: usize = 2_000;

/// What a province is called, by the first two digits of its regions' codes.
pub type ProvinceName<'a> = &'a dyn Fn(&str) -> Option<Name>;

/// Which way a picture goes from its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Way {
    /// Where it comes from.
    Back,
    /// Where it went.
    Forward,
    /// Both.
    #[default]
    Both,
}

impl Way {
    const fn directions(self) -> &'static [Direction] {
        match self {
            Self::Back => &[Direction::Backward],
            Self::Forward => &[Direction::Forward],
            Self::Both => &[Direction::Backward, Direction::Forward],
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Back => "back",
            Self::Forward => "forward",
            Self::Both => "both",
        }
    }
}

impl FromStr for Way {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "back" => Ok(Self::Back),
            "forward" => Ok(Self::Forward),
            "both" => Ok(Self::Both),
            other => Err(format!("direction is back, forward or both, not {other:?}")),
        }
    }
}

/// The picture of a thing that is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The identifier, in any form.
    pub id: String,
    /// Which way.
    pub way: Way,
    /// What counts.
    pub window: Window,
    /// The recall whose scope is marked, with what is affected.
    pub recall: Option<(String, Things)>,
    /// Whether nodes may become one.
    pub collapse: Collapse,
}

/// The picture of a thing's chain.
pub fn picture_of(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    wish: &Wish,
    (position, named): (Position, NamedPosition),
    province: ProvinceName<'_>,
) -> Result<Picture, Error> {
    check_window(&wish.window)?;
    let mut source = StoreSource::new(conn, position.clone())?;
    let subject = subject(&mut source, dictionary, &wish.id, Wanted::Anything)?;
    let mut story = Story::default();
    if subject.address.block.is_quantified() {
        story.subject.lots.insert(subject.address.block);
    } else {
        let one = MemberSet::one(subject.address.member);
        story.subject.units.insert(subject.address.block, one);
    }
    let items = Things {
        units: subject.items.clone(),
        lots: subject.lots.iter().copied().collect(),
    };
    story.subject.add(&items);
    let seeds = subject.seeds(wish.window);
    let mut gathering = Gathering::new(source, story);
    for direction in wish.way.directions() {
        let rules = Rules {
            limit: match direction {
                Direction::Forward => wish.window.until,
                Direction::Backward => wish.window.from,
            },
            ..Rules::default()
        };
        gathering.reach(*direction, &seeds, &rules)?;
    }
    gathering.story.affected = match (&wish.recall, wish.way) {
        (Some((_, affected)), _) => affected.clone(),
        (None, Way::Back) => gathering.story.subject.clone(),
        (None, Way::Forward | Way::Both) => gathering.downstream.clone(),
    };
    let asked = Asked {
        direction: wish.way.as_str(),
        id: subject.id,
        from: wish.window.from.map(|time| time.to_string()),
        until: wish.window.until.map(|time| time.to_string()),
        recall: wish.recall.as_ref().map(|(recall, _)| recall.clone()),
    };
    gathering.draw(
        dictionary,
        asked,
        (&position, named),
        wish.collapse,
        province,
    )
}

/// The picture of what seeds have affected under rules, with who has it now: the scope of a recall.
pub fn picture_of_seeds(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    recall: &str,
    (seeds, rules): (&[Seed], &Rules),
    (position, named): (Position, NamedPosition),
    collapse: Collapse,
    province: ProvinceName<'_>,
) -> Result<Picture, Error> {
    let source = StoreSource::new(conn, position.clone())?;
    let mut story = Story::default();
    for seed in seeds {
        match seed {
            Seed::Units { units, .. } => story.subject.add(&Things {
                units: units.clone(),
                lots: BTreeSet::new(),
            }),
            Seed::Lot { lot, .. } => {
                story.subject.lots.insert(*lot);
            }
            Seed::Place { .. } => {}
        }
    }
    let mut gathering = Gathering::new(source, story);
    gathering.with_holders = true;
    gathering.reach(Direction::Forward, seeds, rules)?;
    gathering.story.affected = gathering.downstream.clone();
    let asked = Asked {
        direction: "recall",
        id: recall.to_owned(),
        from: None,
        until: None,
        recall: None,
    };
    gathering.draw(dictionary, asked, (&position, named), collapse, province)
}

/// What is gathered for a picture.
struct Gathering<'c> {
    source: StoreSource<'c>,
    story: Story,
    downstream: Things,
    reaches: Vec<Reach>,
    events: BTreeSet<EventKey>,
    with_holders: bool,
}

impl<'c> Gathering<'c> {
    const fn new(source: StoreSource<'c>, story: Story) -> Self {
        Self {
            source,
            story,
            downstream: Things {
                units: Units::new(),
                lots: BTreeSet::new(),
            },
            reaches: Vec::new(),
            events: BTreeSet::new(),
            with_holders: false,
        }
    }

    fn reach(&mut self, direction: Direction, seeds: &[Seed], rules: &Rules) -> Result<(), Error> {
        let mut evaluation = Evaluation::new(&mut self.source);
        let reach = evaluation.reach(direction, seeds, rules)?;
        let history = evaluation.history(&reach)?;
        self.events.extend(history.events);
        for container in history.containers {
            let members = self.story.containers.entry(container.block).or_default();
            members.insert(container.member);
        }
        let things = Things {
            units: reach.unit_sets(),
            lots: reach.lots(),
        };
        self.story.tracked.add(&things);
        if direction == Direction::Forward {
            self.downstream.add(&things);
        }
        self.story.touches.extend(touches(&reach));
        self.reaches.push(reach);
        Ok(())
    }

    fn draw(
        mut self,
        dictionary: Dictionary<'_>,
        asked: Asked,
        (position, named): (&Position, NamedPosition),
        collapse: Collapse,
        province: ProvinceName<'_>,
    ) -> Result<Picture, Error> {
        if EVENTS_MAX < self.events.len() {
            return Err(Error::PictureTooLarge {
                what: "events",
                count: self.events.len(),
                most: EVENTS_MAX,
            });
        }
        self.entries()?;
        self.movements()?;
        let holders = self.stock(dictionary, position)?;
        let mut catalog = self.catalog(dictionary, &holders, province)?;
        catalog.events = self
            .story
            .entries
            .iter()
            .map(|entry| ((entry.shard, entry.seq), entry.id.clone()))
            .collect();
        let mut picture = Picture::new(asked, named, &self.story, catalog, collapse);
        for (what, count) in [
            ("nodes", picture.graph.nodes.len()),
            ("edges", picture.graph.edges.len()),
        ] {
            if DRAWN_MAX < count {
                return Err(Error::PictureTooLarge {
                    what,
                    count,
                    most: DRAWN_MAX,
                });
            }
        }
        let graph = picture.graph.clone();
        names::read(
            self.source.conn(),
            dictionary,
            &graph,
            picture.catalog_mut(),
        )?;
        Ok(picture)
    }

    fn entries(&mut self) -> Result<(), Error> {
        let keys: Vec<EventKey> = self.events.iter().copied().collect();
        for chunk in keys.chunks(CHUNK) {
            self.story.entries.extend(self.source.entries(chunk)?);
        }
        let source = &self.source;
        self.story.entries.sort_by_key(|entry| {
            (
                entry.t_lo,
                entry.record_time,
                source.rank(entry.shard),
                entry.seq,
            )
        });
        Ok(())
    }

    fn movements(&mut self) -> Result<(), Error> {
        let lots: Vec<Block> = self.story.tracked.lots.iter().copied().collect();
        let mut moves: BTreeMap<EventKey, Vec<LotMove>> = BTreeMap::new();
        let mut last: BTreeMap<Block, Timestamp> = BTreeMap::new();
        let mut others = Vec::new();
        for lot_move in self.source.lot_moves(&lots)? {
            let key = (lot_move.shard, lot_move.seq);
            if self.events.contains(&key) {
                let last = last.entry(lot_move.lot).or_insert(lot_move.t_lo);
                *last = lot_move.t_lo.max(*last);
                moves.entry(key).or_default().push(lot_move);
            } else if came(lot_move.role) {
                others.push(lot_move);
            }
        }
        for other in others {
            if last.get(&other.lot).is_some_and(|last| other.t_lo <= *last) {
                let at = (other.lot, other.to_place);
                let amounts = self.story.undrawn.entry(at).or_default();
                amounts.add(&Amounts::of(&other.quantity));
            }
        }
        for of_event in moves.values_mut() {
            of_event.sort_by_key(|moved| moved.line);
        }
        self.story.moves = moves;
        Ok(())
    }

    /// What is where now; gives the holders' names.
    fn stock(
        &mut self,
        dictionary: Dictionary<'_>,
        position: &Position,
    ) -> Result<BTreeSet<String>, Error> {
        let lots = self.story.tracked.lots.clone();
        let units = self.story.tracked.units.clone();
        let mut evaluation = Evaluation::new(&mut self.source);
        let balances = evaluation.balances(&lots, END)?;
        let mut parts = Vec::new();
        for reach in &self.reaches {
            for lot in reach.lots() {
                let of_lot = balances.get(&lot).map_or(&[][..], Vec::as_slice);
                for share in shares(reach, lot, of_lot).parts {
                    let amount = stock_of(reach.direction, &share, of_lot);
                    parts.push((lot, share, amount));
                }
            }
        }
        let (mut blocks, inside) = account_blocks(parts.iter().map(|(_, share, _)| &share.account));
        let containers = evaluation.whereabouts(&inside, END)?;
        blocks.extend(named_blocks(containers.standings.iter()));
        let standings = if self.with_holders {
            evaluation.whereabouts(&units, END)?
        } else {
            evaluation.whereabouts(&Units::new(), END)?
        };
        blocks.extend(named_blocks(standings.standings.iter()));
        let names = Names::read(self.source.conn(), dictionary, &blocks, position)?;
        let mut seen = BTreeSet::new();
        for (lot, share, amount) in parts {
            let is_stock = matches!(share.account, Account::Stock { .. } | Account::Inside(_));
            let Some((amount, is_share)) = amount.filter(|_| is_stock) else {
                continue;
            };
            if !seen.insert((lot, share.account, share.uom.clone())) {
                continue;
            }
            let holding = names.account(&share.account, |unit| {
                containers.of(unit).map(|standing| standing.answer)
            });
            let is_held = self.with_holders && holding.status == Fate::Held;
            self.story.stock.push(Stock {
                lot,
                place: match share.account {
                    Account::Stock { place, .. } => place,
                    _ => None,
                },
                uom: share.uom,
                amount,
                is_share,
                holder: is_held.then_some(holding.holder),
            });
        }
        for (block, group) in standings.groups() {
            let number = usize::try_from(group.standing).unwrap_or(usize::MAX);
            let holding = standings.standings.get(number);
            let holding = holding.map(|standing| names.holding(&standing.answer));
            if let Some(holding) = holding.filter(|held| held.status == Fate::Held) {
                self.story.held.push(Held {
                    block,
                    members: group.members.to_set(),
                    holder: holding.holder,
                });
            }
        }
        let held = self.story.held.iter().map(|held| held.holder.clone());
        let stock = self
            .story
            .stock
            .iter()
            .filter_map(|stock| stock.holder.clone());
        Ok(held.chain(stock).collect())
    }

    /// Goods and places, what was left out, and what they are called.
    fn catalog(
        &mut self,
        dictionary: Dictionary<'_>,
        holders: &BTreeSet<String>,
        province: ProvinceName<'_>,
    ) -> Result<Catalog, Error> {
        let mut all = self.story.tracked.clone();
        let mut excluded_events = BTreeSet::new();
        for excluded in self.reaches.iter().flat_map(|reach| &reach.excluded) {
            excluded_events.insert(excluded.event);
            if excluded.block.is_quantified() {
                all.lots.insert(excluded.block);
            } else if !is_process(excluded.block) {
                excluded
                    .members
                    .add_to(all.units.entry(excluded.block).or_default());
            }
        }
        let told = self.source.lots_of(&all.units)?;
        let mut by_event: BTreeMap<EventKey, Vec<LotUnits>> = BTreeMap::new();
        for told in &told {
            let key = (told.shard, told.seq);
            by_event.entry(key).or_default().push(told.clone());
        }
        self.story.told = by_event;
        let mut catalog = Catalog {
            goods: names::goods(
                self.source.conn(),
                dictionary,
                &all.units,
                &all.lots,
                &told,
                &mut self.story,
            )?,
            ..Catalog::default()
        };
        let keys: Vec<EventKey> = excluded_events.into_iter().collect();
        let entries = self.source.entries(&keys)?;
        let place_of: BTreeMap<EventKey, Option<Block>> = entries
            .iter()
            .map(|entry| ((entry.shard, entry.seq), entry.happened_at()))
            .collect();
        for excluded in self.reaches.iter().flat_map(|reach| &reach.excluded) {
            let set = excluded.members.to_set();
            let of_block = self.story.goods.get(&excluded.block);
            let place = place_of.get(&excluded.event).copied().flatten();
            let mut parts: Vec<(u32, u64)> = Vec::new();
            for (members, goods) in of_block.into_iter().flatten() {
                let mut both = members.clone();
                both.intersect_with(&set);
                let count = if excluded.block.is_quantified() {
                    0
                } else {
                    u64::from(both.len())
                };
                if !both.is_empty() {
                    parts.push((*goods, count));
                }
            }
            if of_block.is_none() {
                parts.push((0, 0));
            }
            let of_excluded = parts.into_iter().map(|(goods, units)| LeftOut {
                goods,
                units,
                reason: excluded.reason,
                event: excluded.event,
                place,
            });
            self.story.left_out.extend(of_excluded);
        }
        let mut places: BTreeSet<Block> = place_of.values().copied().flatten().collect();
        for entry in &self.story.entries {
            let named = [
                entry.read_point,
                entry.biz_location,
                entry.from_place,
                entry.to_place,
            ];
            places.extend(named.into_iter().flatten());
        }
        let conn = self.source.conn();
        names::places(conn, dictionary, &places, holders, &mut catalog)?;
        let codes: BTreeSet<String> = places
            .iter()
            .map(|place| catalog.province(place).to_owned())
            .collect();
        for code in codes {
            if let Some(name) = province(&code) {
                catalog.provinces.insert(code, name);
            }
        }
        Ok(catalog)
    }
}

/// Whether a movement brings stock to a place.
const fn came(role: LotRole) -> bool {
    match role {
        LotRole::Made | LotRole::Received | LotRole::Returned | LotRole::Unpacked => true,
        LotRole::Used
        | LotRole::Shipped
        | LotRole::Packed
        | LotRole::Sold
        | LotRole::Destroyed
        | LotRole::Seen => false,
    }
}

/// How much there is in an account, and whether that is only a part of what lies there: downstream what is
/// affected; upstream, where what went on is followed and not what stayed, all of it.
fn stock_of(direction: Direction, share: &Share, of_lot: &[Balances]) -> Option<(Bounds, bool)> {
    let (lo, hi) = share.lo.zip(share.hi)?;
    let affected = Bounds { lo, hi };
    let of_uom = of_lot.iter().find(|balances| balances.uom == share.uom);
    let all = of_uom.and_then(|balances| balances.parts.get(&share.account));
    match (direction, all) {
        (Direction::Backward, Some(all)) => Some((*all, false)),
        (_, all) => Some((affected, all.is_some_and(|all| *all != affected))),
    }
}

const fn is_process(block: Block) -> bool {
    matches!(block.kind(), Some(crate::codes::BlockKind::Process))
}

/// What reached something by being the same or being together with it.
fn touches(reach: &Reach) -> Vec<Touch> {
    let mut by_cause: BTreeMap<CauseId, Thing> = BTreeMap::new();
    let mut all: Vec<(CauseId, Thing)> = Vec::new();
    for units in &reach.units {
        if let Some(member) = units.members.first() {
            let block = units.block;
            all.push((units.cause, Thing::Unit(Address { block, member })));
        }
    }
    all.extend(
        reach
            .stock
            .iter()
            .map(|stock| (stock.cause, Thing::Lot(stock.lot))),
    );
    let processes = reach.processes.iter();
    all.extend(processes.map(|process| (process.cause, Thing::Process(process.process))));
    for (cause, thing) in &all {
        by_cause.entry(*cause).or_insert(*thing);
    }
    let mut found = Vec::new();
    for (cause, to) in all {
        let Some(cause) = reach.causes.get(cause) else {
            continue;
        };
        let is_same = match cause.why {
            Why::SameAs(_) => true,
            Why::Mixed(_) | Why::Near(_) | Why::Beside(_) => false,
            _ => continue,
        };
        let before = cause
            .before
            .and_then(|before| by_cause.get(&before).copied());
        let Some(from) = before else { continue };
        let (from, to) = match reach.direction {
            Direction::Forward => (from, to),
            Direction::Backward => (to, from),
        };
        found.push(Touch {
            from,
            to,
            is_same,
            event: cause.event,
        });
    }
    found.sort_unstable();
    found.dedup();
    found
}
