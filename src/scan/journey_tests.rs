use super::*;
use crate::codes::{BlockKind, Members};
use crate::events::Action;
use crate::trace::Flow;
use crate::trace::MemorySource;

/// A time, a step, and what it did to things: which, how, with which other one.
type Happening<'a> = (i64, &'a str, &'a [(u8, Op, Option<u8>)]);

const ITEM: u8 = 1;
const BOX: u8 = 2;
const PALLET: u8 = 3;

fn block(number: u8) -> Block {
    let mut id = [0; 16];
    id[0] = BlockKind::Numbered as u8;
    id[15] = number;
    Block(id)
}

fn thing(number: u8) -> Address {
    Address {
        block: block(number),
        member: 0,
    }
}

/// A world of events, written as (time, step, records of things).
fn world(events: &[Happening<'_>]) -> MemorySource {
    let mut source = MemorySource::new(&BTreeMap::from([(0, "http/0".to_owned())]));
    for (seq, (time, step, records)) in (0..).zip(events) {
        let at = Timestamp::from_micros(*time);
        let entry = Entry {
            shard: 0,
            seq,
            id: format!("urn:uuid:{seq}"),
            event_type: EventType::Object,
            action: Some(Action::Observe),
            biz_step: Some((*step).to_owned()),
            disposition: None,
            t_lo: at,
            t_hi: at,
            record_time: at,
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
        };
        let records = records.iter().map(|(number, op, peer)| {
            let record = Record {
                shard: 0,
                seq,
                t_lo: at,
                t_hi: at,
                record_time: at,
                op: *op,
                flow: Flow::None,
                place: None,
                party: None,
                owner: None,
                peer: peer.map(thing),
                quantity: None,
                members: Members::One(0),
            };
            (block(*number), record)
        });
        source.add(entry, records, []);
    }
    source
}

fn steps(events: &[Happening<'_>]) -> Vec<String> {
    let journey = Journey::of(&mut world(events), thing(ITEM)).unwrap();
    journey
        .steps
        .into_iter()
        .filter_map(|step| step.biz_step)
        .collect()
}

#[test]
fn what_happens_to_a_container_happens_to_what_is_in_it() {
    assert_eq!(
        steps(&[
            (1, "commissioning", &[(ITEM, Op::Commission, None)]),
            (
                2,
                "packing",
                &[(ITEM, Op::Pack, Some(BOX)), (BOX, Op::Hold, None)]
            ),
            (
                3,
                "loading",
                &[(BOX, Op::Pack, Some(PALLET)), (PALLET, Op::Hold, None)]
            ),
            (4, "shipping", &[(PALLET, Op::Observe, None)]),
            (5, "receiving", &[(PALLET, Op::Observe, None)]),
            (6, "unpacking", &[(PALLET, Op::UnpackAll, None)]),
            (7, "stocking", &[(BOX, Op::Observe, None)]),
            (8, "unpacking", &[(ITEM, Op::Unpack, Some(BOX))]),
            (9, "retail_selling", &[(ITEM, Op::Observe, None)]),
        ]),
        [
            "commissioning",
            "packing",
            "loading",
            "shipping",
            "receiving",
            "unpacking",
            "stocking",
            "unpacking",
            "retail_selling"
        ]
    );
}

#[test]
fn a_container_says_nothing_before_and_after() {
    assert_eq!(
        steps(&[
            (1, "before", &[(BOX, Op::Observe, None)]),
            (2, "packing", &[(ITEM, Op::Pack, Some(BOX))]),
            (3, "during", &[(BOX, Op::Observe, None)]),
            (4, "unpacking", &[(ITEM, Op::Unpack, Some(BOX))]),
            (5, "after", &[(BOX, Op::Observe, None)]),
        ]),
        ["packing", "during", "unpacking"]
    );
}

#[test]
fn a_container_that_was_emptied_is_left() {
    assert_eq!(
        steps(&[
            (1, "packing", &[(ITEM, Op::Pack, Some(BOX))]),
            (2, "emptying", &[(BOX, Op::UnpackAll, None)]),
            (3, "after", &[(BOX, Op::Observe, None)]),
        ]),
        ["packing", "emptying"]
    );
}

#[test]
fn things_inside_each_other_come_to_an_end() {
    assert_eq!(
        steps(&[
            (1, "packing", &[(ITEM, Op::Pack, Some(BOX))]),
            (1, "packing again", &[(BOX, Op::Pack, Some(ITEM))]),
        ]),
        ["packing", "packing again"]
    );
}

#[test]
fn steps_beyond_the_limit_are_counted() {
    let shared: &[(u8, Op, Option<u8>)] = &[(ITEM, Op::Observe, None)];
    let events: Vec<_> = (0..)
        .map(|time| (time, "storing", shared))
        .take(STEPS_MAX + 7)
        .collect();

    let journey = Journey::of(&mut world(&events), thing(ITEM)).unwrap();

    assert_eq!((journey.steps.len(), journey.left_out), (STEPS_MAX, 7));
}
