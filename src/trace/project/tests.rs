use super::*;
use crate::codes::{BlockKind, MemberSet};

const HOUR: i64 = 3_600_000_000;
/// 2026-09-21T14:13:20Z
const NOON: i64 = 1_790_000_000_000_000;

fn block(kind: BlockKind, number: u8) -> Block {
    let mut id = [number; 16];
    id[0] = kind as u8;
    Block(id)
}

fn items() -> Block {
    block(BlockKind::Computed, 1)
}

fn cases() -> Block {
    block(BlockKind::Numbered, 2)
}

fn flour() -> Block {
    block(BlockKind::Lot, 3)
}

fn place(number: u8) -> Block {
    block(BlockKind::Place, number)
}

fn party(number: u8) -> Block {
    block(BlockKind::Party, number)
}

fn entry(event_type: EventType, action: impl Into<Option<Action>>) -> Entry {
    Entry {
        shard: 2,
        seq: 40,
        id: "urn:uuid:0".to_owned(),
        event_type,
        action: action.into(),
        biz_step: None,
        disposition: None,
        t_lo: Timestamp::from_micros(NOON),
        t_hi: Timestamp::from_micros(NOON),
        record_time: Timestamp::from_micros(NOON + HOUR),
        read_point: Some(place(1)),
        biz_location: Some(place(2)),
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

fn members(role: Role, block: Block, members: impl IntoIterator<Item = u16>) -> Part {
    Part {
        role,
        block,
        what: What::Members(members.into_iter().collect::<MemberSet>()),
    }
}

fn kilos(role: Role, block: Block, kilos: i64) -> Part {
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

fn ops(entry: &Entry) -> Vec<(Block, Op, Option<Address>)> {
    let records = project(entry).records.into_iter();
    records
        .map(|(block, record)| (block, record.op, record.peer))
        .collect()
}

fn one_record(entry: &Entry) -> Record {
    let mut records = project(entry).records;
    assert_eq!(records.len(), 1);
    records.remove(0).1
}

fn one_move(entry: &Entry) -> LotMove {
    let mut moves = project(entry).lot_moves;
    assert_eq!(moves.len(), 1);
    moves.remove(0)
}

#[test]
fn an_object_is_commissioned_seen_and_ended() {
    for (action, op) in [
        (Action::Add, Op::Commission),
        (Action::Observe, Op::Observe),
        (Action::Delete, Op::Decommission),
    ] {
        let mut event = entry(EventType::Object, action);
        event.parts = vec![members(Role::Object, items(), 5..9)];

        let record = one_record(&event);

        assert_eq!(record.op, op);
        assert_eq!(record.members, Members::Run { first: 5, last: 8 });
        assert_eq!(
            (record.place, record.party, record.peer),
            (Some(place(2)), None, None)
        );
        assert_eq!((record.shard, record.seq), (2, 40));
        assert_eq!(record.record_time, event.record_time);
    }
}

#[test]
fn children_are_packed_into_the_parent_and_the_parent_holds_them() {
    let case = Some(Address {
        block: cases(),
        member: 7,
    });
    for (event_type, action, op) in [
        (EventType::Aggregation, Action::Add, Op::Pack),
        (EventType::Aggregation, Action::Observe, Op::SeenInside),
        (EventType::Aggregation, Action::Delete, Op::Unpack),
        (EventType::Association, Action::Add, Op::Attach),
        (EventType::Association, Action::Observe, Op::SeenAttached),
        (EventType::Association, Action::Delete, Op::Detach),
    ] {
        let mut event = entry(event_type, action);
        event.parts = vec![
            members(Role::Parent, cases(), [7]),
            members(Role::Child, items(), 0..24),
        ];

        assert_eq!(
            ops(&event),
            [(cases(), Op::Hold, None), (items(), op, case)]
        );
    }
}

#[test]
fn a_removal_without_children_is_one_record_on_the_parent() {
    for (event_type, op) in [
        (EventType::Aggregation, Op::UnpackAll),
        (EventType::Association, Op::DetachAll),
    ] {
        let mut event = entry(event_type, Action::Delete);
        event.parts = vec![members(Role::Parent, cases(), [7])];

        assert_eq!(ops(&event), [(cases(), op, None)]);
    }
}

#[test]
fn children_of_an_unknown_parent_have_only_been_seen() {
    let mut event = entry(EventType::Aggregation, Action::Observe);
    event.parts = vec![members(Role::Child, items(), 0..24)];

    assert_eq!(ops(&event), [(items(), Op::Observe, None)]);
}

#[test]
fn a_process_consumes_and_produces_and_has_a_record_of_its_own() {
    let process = block(BlockKind::Process, 9);
    let peer = Some(Address {
        block: process,
        member: 0,
    });
    let mut event = entry(EventType::Transformation, None);
    event.process = Some(process);
    event.disposition = Some("in_transit".to_owned());
    event.parts = vec![
        kilos(Role::Input, flour(), 100),
        members(Role::Output, items(), 0..50),
    ];

    assert_eq!(
        ops(&event),
        [
            (flour(), Op::Consume, peer),
            (items(), Op::Produce, peer),
            (process, Op::Process, None)
        ]
    );
    let flows: Vec<_> = project(&event)
        .records
        .into_iter()
        .map(|(_, record)| record.flow)
        .collect();
    assert_eq!(flows, [Flow::None, Flow::Ship, Flow::None]);
}

#[test]
fn a_transaction_is_a_sight_of_everything_in_it() {
    let mut event = entry(EventType::Transaction, Action::Delete);
    event.parts = vec![
        members(Role::Object, items(), [1]),
        members(Role::Parent, cases(), [7]),
    ];

    assert_eq!(
        ops(&event),
        [(items(), Op::Observe, None), (cases(), Op::Observe, None)]
    );
}

#[test]
fn custom_types_and_declarations_add_nothing() {
    let mut declaration = entry(EventType::Object, Action::Add);
    declaration.is_declaration = true;
    for mut event in [entry(EventType::Custom, None), declaration] {
        event.parts = vec![
            kilos(Role::Object, flour(), 5),
            members(Role::Object, items(), [1]),
        ];

        assert_eq!(project(&event), Projection::default());
    }
}

#[test]
fn custody_follows_step_and_disposition() {
    let check = |step: &str, disposition: &str, expect: Flow| {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut event = entry(EventType::Object, Action::Observe);
        event.biz_step = given(step);
        event.disposition = given(disposition);
        event.parts = vec![members(Role::Object, items(), [1])];
        assert_eq!(one_record(&event).flow, expect, "{step} {disposition}");
    };
    for step in ["shipping", "departing", "transporting", "consigning"] {
        check(step, "", Flow::Ship);
        check(step, "in_transit", Flow::Ship);
    }
    for step in ["receiving", "arriving", "accepting"] {
        check(step, "in_progress", Flow::Receive);
    }
    check("retail_selling", "", Flow::Sell);
    check("dispensing", "dispensed", Flow::Sell);
    check("shipping", "retail_sold", Flow::Sell);
    check("dispensing", "partially_dispensed", Flow::Sell);
    check("destroying", "", Flow::Destroy);
    check("receiving", "destroyed", Flow::Destroy);
    check("", "disposed", Flow::Destroy);
    check("stock_taking", "stolen", Flow::Stolen);
    check("void_shipping", "in_transit", Flow::VoidShip);
    check("receiving", "returned", Flow::Return);
    check("", "returned", Flow::Return);
    check("shipping", "returned", Flow::Ship);
    check("loading", "in_transit", Flow::Ship);
    check("arriving", "in_transit", Flow::Receive);
    check("packing", "active", Flow::None);
    check("https://example.org/shipping", "", Flow::None);
}

#[test]
fn what_is_shipped_is_on_its_way_to_the_destination_or_nowhere_known() {
    let mut event = entry(EventType::Object, Action::Observe);
    event.biz_step = Some("shipping".to_owned());
    event.parts = vec![members(Role::Object, items(), [1])];
    event.to_party = Some(party(6));

    let unknown = one_record(&event);
    event.to_place = Some(place(5));
    let known = one_record(&event);

    assert_eq!((unknown.place, unknown.party), (None, Some(party(6))));
    assert_eq!((known.place, known.party), (Some(place(5)), Some(party(6))));
}

#[test]
fn a_voided_shipment_is_back_with_whom_it_left() {
    let mut event = entry(EventType::Object, Action::Observe);
    event.biz_step = Some("void_shipping".to_owned());
    (event.read_point, event.biz_location) = (None, None);
    (event.from_place, event.to_place) = (Some(place(4)), Some(place(5)));
    (event.from_party, event.to_party) = (Some(party(6)), Some(party(7)));
    event.parts = vec![kilos(Role::Object, flour(), 30)];

    let record = one_record(&event);
    let moved = one_move(&event);

    assert_eq!(
        (record.place, record.party),
        (Some(place(4)), Some(party(6)))
    );
    assert_eq!(moved.role, LotRole::Returned);
    assert_eq!(
        (moved.from_place, moved.to_place),
        (Some(place(5)), Some(place(4)))
    );
    assert_eq!(
        (moved.from_party, moved.to_party),
        (Some(party(7)), Some(party(6)))
    );
}

#[test]
fn a_receipt_without_a_place_is_at_the_named_destination() {
    let mut event = entry(EventType::Object, Action::Observe);
    event.biz_step = Some("receiving".to_owned());
    (event.read_point, event.biz_location, event.to_place) = (None, None, Some(place(5)));
    event.parts = vec![members(Role::Object, items(), [1])];

    assert_eq!(one_record(&event).place, Some(place(5)));
}

#[test]
fn lots_move_by_what_was_done_to_them() {
    let check = |event_type,
                 action: Option<Action>,
                 role,
                 step: &str,
                 expect: (LotRole, Option<Block>, Option<Block>)| {
        let mut event = entry(event_type, action);
        event.biz_step = (!step.is_empty()).then(|| step.to_owned());
        (event.from_place, event.to_place) = (Some(place(4)), Some(place(5)));
        event.parts = vec![kilos(role, flour(), 100)];
        if role == Role::Child {
            event.parts.insert(0, members(Role::Parent, cases(), [7]));
        }
        let moved = one_move(&event);
        assert_eq!(
            (moved.role, moved.from_place, moved.to_place),
            expect,
            "{step}"
        );
        assert_eq!(
            (moved.lot, moved.shard, moved.seq, moved.line),
            (flour(), 2, 40, 0)
        );
    };
    let here = Some(place(2));
    let (add, see, delete) = (
        Some(Action::Add),
        Some(Action::Observe),
        Some(Action::Delete),
    );
    let (object, packing) = (EventType::Object, EventType::Aggregation);
    check(
        object,
        add,
        Role::Object,
        "commissioning",
        (LotRole::Made, None, here),
    );
    check(
        EventType::Transformation,
        None,
        Role::Output,
        "",
        (LotRole::Made, None, here),
    );
    check(
        EventType::Transformation,
        None,
        Role::Input,
        "",
        (LotRole::Used, here, None),
    );
    check(
        object,
        see,
        Role::Object,
        "shipping",
        (LotRole::Shipped, Some(place(4)), Some(place(5))),
    );
    check(
        object,
        see,
        Role::Object,
        "receiving",
        (LotRole::Received, Some(place(4)), here),
    );
    check(
        EventType::Transaction,
        add,
        Role::Object,
        "receiving",
        (LotRole::Received, Some(place(4)), here),
    );
    check(
        packing,
        add,
        Role::Child,
        "packing",
        (LotRole::Packed, here, None),
    );
    check(
        packing,
        delete,
        Role::Child,
        "unpacking",
        (LotRole::Unpacked, None, here),
    );
    check(
        packing,
        see,
        Role::Child,
        "shipping",
        (LotRole::Seen, None, here),
    );
    check(
        object,
        see,
        Role::Object,
        "retail_selling",
        (LotRole::Sold, here, None),
    );
    check(
        object,
        delete,
        Role::Object,
        "retail_selling",
        (LotRole::Sold, here, None),
    );
    check(
        object,
        see,
        Role::Object,
        "destroying",
        (LotRole::Destroyed, here, None),
    );
    check(
        object,
        delete,
        Role::Object,
        "decommissioning",
        (LotRole::Destroyed, here, None),
    );
    check(
        object,
        see,
        Role::Object,
        "inspecting",
        (LotRole::Seen, None, here),
    );
}

#[test]
fn stolen_stock_left_towards_nobody_knows_where() {
    let mut event = entry(EventType::Object, Action::Observe);
    event.disposition = Some("stolen".to_owned());
    event.parts = vec![kilos(Role::Object, flour(), 30)];

    let moved = one_move(&event);

    assert_eq!(
        (moved.role, moved.from_place, moved.to_place),
        (LotRole::Shipped, Some(place(2)), None)
    );
}

#[test]
fn quantities_of_one_lot_are_lines_of_their_own() {
    let mut event = entry(EventType::Object, Action::Add);
    event.parts = vec![
        members(Role::Object, items(), [1]),
        kilos(Role::Object, flour(), 30),
        kilos(Role::Object, flour(), 40),
    ];

    let projection = project(&event);

    let lines: Vec<_> = projection
        .lot_moves
        .iter()
        .map(|moved| (moved.line, moved.quantity.amount))
        .collect();
    assert_eq!(lines, [(0, Some((30, 0))), (1, Some((40, 0)))]);
    let amounts: Vec<_> = projection
        .records
        .iter()
        .map(|(_, record)| record.quantity.as_ref().and_then(|q| q.amount))
        .collect();
    assert_eq!(amounts, [None, Some((30, 0)), Some((40, 0))]);
}

#[test]
fn participants_may_have_been_where_it_happened_and_where_they_then_were() {
    let mut event = entry(EventType::Aggregation, Action::Add);
    event.parts = vec![
        members(Role::Parent, cases(), [7]),
        members(Role::Child, items(), 0..24),
    ];

    let rows: Vec<_> = project(&event).place_blocks.into_iter().collect();

    let day = utc_day(event.t_lo);
    assert_eq!(day, 20_717);
    let row = |number, block| PlaceBlock {
        place: place(number),
        day,
        block,
    };
    assert_eq!(
        rows,
        [
            row(1, items()),
            row(1, cases()),
            row(2, items()),
            row(2, cases())
        ]
    );
}

#[test]
fn an_uncertain_time_counts_on_each_of_its_days_and_a_very_uncertain_one_on_all() {
    let days = |span_hours: i64| {
        let mut event = entry(EventType::Object, Action::Observe);
        event.biz_location = None;
        event.t_hi = Timestamp::from_micros(NOON + span_hours * HOUR);
        event.parts = vec![members(Role::Object, items(), [1])];
        project(&event)
            .place_blocks
            .into_iter()
            .map(|row| row.day)
            .collect::<Vec<_>>()
    };

    assert_eq!(days(0), [20_717]);
    assert_eq!(days(24), [20_717, 20_718]);
    assert_eq!(days(24 * 30).len(), 31);
    assert_eq!(days(24 * 400), [EVERY_DAY]);
}

#[test]
fn days_before_1970_are_counted_downwards() {
    assert_eq!(utc_day(Timestamp::from_micros(0)), 0);
    assert_eq!(utc_day(Timestamp::from_micros(-1)), -1);
}
