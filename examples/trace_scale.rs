//! How long a recall of many units takes over records in memory: one bad input lot, all that was made of
//! it, and where all of that is. Run it with `cargo run --release --example trace_scale [UNITS]`.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Instant;

use suyuan::codes::{Address, BLOCK_SIZE, Block, BlockKind, MemberSet};
use suyuan::epcis::Timestamp;
use suyuan::events::{Action, Entry, EventType, Part, Quantity, Role, What};
use suyuan::trace::MemorySource;
use suyuan::trace::evaluate::{Direction, Evaluation, Rules, Seed, Window};
use suyuan::trace::project::project;

const ITEMS_A_CASE: u32 = 24;
const CASES_A_PALLET: u32 = 40;
const SHOPS: u32 = 300;

fn main() -> Result<(), Infallible> {
    let argument = std::env::args().nth(1);
    let units = argument
        .and_then(|units| units.parse().ok())
        .unwrap_or(1_000_000);
    for shuffled in [false, true] {
        recall(units, shuffled)?;
    }
    Ok(())
}

fn recall(units: u32, shuffled: bool) -> Result<(), Infallible> {
    let order = if shuffled { "shuffled" } else { "in order" };
    let mut source = world(units, shuffled);
    let seed = Seed::Lot {
        lot: block(BlockKind::Lot, 0),
        place: None,
        window: Window::default(),
    };
    let start = Instant::now();
    let mut evaluation = Evaluation::new(&mut source);
    let reach = evaluation.reach(Direction::Forward, &[seed], &Rules::default())?;
    let reached = start.elapsed();
    let again = Instant::now();
    let found = evaluation.whereabouts(&reach.unit_sets(), Timestamp::from_micros(i64::MAX))?;
    let placed = again.elapsed();
    println!("units packed {order}: {}", reach.unit_count());
    println!("  forward      {:>8.3} s", reached.as_secs_f64());
    println!("  whereabouts  {:>8.3} s", placed.as_secs_f64());
    let (groups, standings) = (found.groups.len(), found.standings.len());
    println!("  {groups} groups, {standings} answers");
    Ok(())
}

/// One lot becomes all units, which are packed in cases, on pallets, shipped and received.
fn world(units: u32, shuffled: bool) -> MemorySource {
    let mut ledger = Ledger {
        source: MemorySource::new(&BTreeMap::from([(0, "http/0".to_owned())])),
        seq: 0,
    };
    let place = |n| Some(block(BlockKind::Place, n));
    let all = (0..units).map(item);
    let mut made = entry(EventType::Transformation, None, 1);
    made.process = Some(block(BlockKind::Process, 0));
    made.biz_location = place(SHOPS);
    made.parts = vec![Part {
        role: Role::Input,
        block: block(BlockKind::Lot, 0),
        what: What::Quantity(Quantity {
            amount: Some((1, 0)),
            uom: None,
        }),
    }];
    made.parts.extend(parts(Role::Output, all));
    ledger.record(made);
    let cases = units.div_ceil(ITEMS_A_CASE);
    for case in 0..cases {
        let inner = (0..ITEMS_A_CASE)
            .map(|n| case * ITEMS_A_CASE + n)
            .filter(|n| *n < units);
        let inner = inner.map(|n| item(if shuffled { scatter(n, units) } else { n }));
        let mut packed = entry(EventType::Aggregation, Some(Action::Add), 2);
        packed.biz_location = place(SHOPS);
        packed.parts = parts(Role::Parent, [holder(1, case)]);
        packed.parts.extend(parts(Role::Child, inner));
        ledger.record(packed);
    }
    for pallet in 0..cases.div_ceil(CASES_A_PALLET) {
        let inner = (0..CASES_A_PALLET).map(|n| pallet * CASES_A_PALLET + n);
        let inner = inner.filter(|n| *n < cases).map(|n| holder(1, n));
        let mut packed = entry(EventType::Aggregation, Some(Action::Add), 3);
        packed.biz_location = place(SHOPS);
        packed.parts = parts(Role::Parent, [holder(2, pallet)]);
        packed.parts.extend(parts(Role::Child, inner));
        ledger.record(packed);
        let mut received = entry(EventType::Object, Some(Action::Observe), 4);
        received.biz_step = Some("receiving".to_owned());
        received.biz_location = place(pallet % SHOPS);
        received.parts = parts(Role::Object, [holder(2, pallet)]);
        ledger.record(received);
    }
    ledger.source
}

struct Ledger {
    source: MemorySource,
    seq: i64,
}

impl Ledger {
    fn record(&mut self, mut entry: Entry) {
        entry.seq = self.seq;
        self.seq += 1;
        let projection = project(&entry);
        self.source
            .add(entry, projection.records, projection.lot_moves);
    }
}

/// A place in a fixed shuffle of `0..units`: steps of a prime larger than any count land on each once.
fn scatter(n: u32, units: u32) -> u32 {
    let step = 2_147_483_647_u64;
    u32::try_from(u64::from(n) * step % u64::from(units)).unwrap_or(n)
}

fn block(kind: BlockKind, number: u32) -> Block {
    let mut id = [0; 16];
    id[0] = kind as u8;
    id[1..5].copy_from_slice(&number.to_be_bytes());
    Block(id)
}

fn address(kind: BlockKind, group: u32, number: u32) -> Address {
    Address {
        block: block(kind, group + number / BLOCK_SIZE),
        member: u16::try_from(number % BLOCK_SIZE).unwrap_or_default(),
    }
}

fn item(number: u32) -> Address {
    address(BlockKind::Computed, 0, number)
}

fn holder(level: u32, number: u32) -> Address {
    address(BlockKind::Numbered, level << 24, number)
}

fn parts(role: Role, members: impl IntoIterator<Item = Address>) -> Vec<Part> {
    let mut sets: BTreeMap<Block, MemberSet> = BTreeMap::new();
    for unit in members {
        sets.entry(unit.block).or_default().insert(unit.member);
    }
    let part = |(block, members)| Part {
        role,
        block,
        what: What::Members(members),
    };
    sets.into_iter().map(part).collect()
}

fn entry(event_type: EventType, action: Option<Action>, hour: i64) -> Entry {
    let time = Timestamp::from_micros(hour * 3_600_000_000);
    Entry {
        shard: 0,
        seq: 0,
        id: String::new(),
        event_type,
        action,
        biz_step: None,
        disposition: None,
        t_lo: time,
        t_hi: time,
        record_time: time,
        read_point: None,
        biz_location: None,
        from_place: None,
        to_place: None,
        from_party: None,
        to_party: None,
        from_owner: None,
        to_owner: None,
        submitter: None,
        process: None,
        is_declaration: false,
        parts: Vec::new(),
    }
}
