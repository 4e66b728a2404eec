//! Events as they come out of capture, made by hand.

use std::collections::BTreeMap;

use suyuan::codes::{Block, BlockKind, MemberSet};
use suyuan::db::{Conn, Error};
use suyuan::epcis::Timestamp;
use suyuan::events::{Action, Entry, EventType, Part, Quantity, Role, What};
use suyuan::ledger::Position;
use suyuan::trace::{Record, store};

/// 2026-09-21T14:13:20Z
pub(super) const NOON: i64 = 1_790_000_000_000_000;

const MINUTE: i64 = 60_000_000;

pub(super) fn block(kind: BlockKind, number: u16) -> Block {
    let mut id = [0; 16];
    id[0] = kind as u8;
    id[14..].copy_from_slice(&number.to_be_bytes());
    Block(id)
}

pub(super) fn items(number: u16) -> Block {
    block(BlockKind::Computed, number)
}

pub(super) fn cases(number: u16) -> Block {
    block(BlockKind::Numbered, number)
}

pub(super) fn lot(number: u16) -> Block {
    block(BlockKind::Lot, number)
}

pub(super) fn place(number: u16) -> Block {
    block(BlockKind::Place, number)
}

/// An event of a kind, one minute later for each seq, at place 1.
pub(super) fn event(
    shard: i32,
    seq: i64,
    event_type: EventType,
    action: impl Into<Option<Action>>,
) -> Entry {
    let time = Timestamp::from_micros(NOON + seq * MINUTE);
    Entry {
        shard,
        seq,
        id: format!("urn:uuid:{shard}-{seq}"),
        event_type,
        action: action.into(),
        biz_step: None,
        disposition: None,
        t_lo: time,
        t_hi: time,
        record_time: Timestamp::from_micros(NOON + seq * MINUTE + 2_500_000),
        read_point: Some(place(1)),
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

pub(super) fn members(role: Role, block: Block, members: impl IntoIterator<Item = u16>) -> Part {
    Part {
        role,
        block,
        what: What::Members(members.into_iter().collect::<MemberSet>()),
    }
}

pub(super) fn kilos(role: Role, block: Block, kilos: i64) -> Part {
    let quantity = Quantity {
        amount: Some((kilos, 0)),
        uom: Some("KGM".to_owned()),
    };
    Part {
        role,
        block,
        what: What::Quantity(quantity),
    }
}

/// Items seen.
pub(super) fn seen(
    shard: i32,
    seq: i64,
    block: Block,
    which: impl IntoIterator<Item = u16>,
) -> Entry {
    let mut entry = event(shard, seq, EventType::Object, Action::Observe);
    entry.parts = vec![members(Role::Object, block, which)];
    entry
}

/// Items packed into a case.
pub(super) fn packed(
    shard: i32,
    seq: i64,
    case: u16,
    block: Block,
    which: impl IntoIterator<Item = u16>,
) -> Entry {
    let mut entry = event(shard, seq, EventType::Aggregation, Action::Add);
    entry.parts = vec![
        members(Role::Parent, cases(0), [case]),
        members(Role::Child, block, which),
    ];
    entry
}

/// A lot received, in kilograms.
pub(super) fn received(shard: i32, seq: i64, lot: Block, amount: i64) -> Entry {
    let mut entry = event(shard, seq, EventType::Object, Action::Observe);
    entry.biz_step = Some("receiving".to_owned());
    entry.parts = vec![kilos(Role::Object, lot, amount)];
    entry
}

/// Everything of every shard up to `size`.
pub(super) fn position(size: i64) -> Position {
    Position((0..8).map(|shard| (shard, size)).collect())
}

/// What is loaded of one block, in ledger order.
pub(super) fn load_block(
    conn: &mut Conn,
    block: Block,
    mask: &MemberSet,
    position: &Position,
) -> Result<Vec<Record>, Error> {
    let wanted = BTreeMap::from([(block, mask.clone())]);
    let logs = store::load(conn, &wanted, position, &mut None)?;
    let mut records: Vec<Record> = logs.into_values().flatten().collect();
    records.sort_by_key(|record| (record.shard, record.seq));
    Ok(records)
}

/// `n % count`, as small as block numbers are.
pub(super) fn cycle(n: i64, count: i64) -> u16 {
    u16::try_from(n % count).unwrap()
}

/// The leaves of records.
pub(super) fn seqs(records: &[Record]) -> Vec<i64> {
    records.iter().map(|record| record.seq).collect()
}
