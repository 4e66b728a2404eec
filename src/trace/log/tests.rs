use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::codes::{Address, Block, Members};
use crate::events::Quantity;

fn block(number: u8) -> Block {
    let mut id = [0_u8; 16];
    id[0] = 1;
    id[15] = number;
    Block(id)
}

fn record(seq: i64, members: MemberSet) -> Record {
    let members = Members::from(members);
    Record {
        shard: 3,
        seq,
        t_lo: Timestamp::from_micros(1_790_000_000_000_000),
        t_hi: Timestamp::from_micros(1_790_000_000_000_000),
        record_time: Timestamp::from_micros(1_790_000_000_500_000),
        op: Op::Observe,
        flow: Flow::None,
        place: Some(block(1)),
        party: None,
        owner: None,
        peer: None,
        quantity: None,
        members,
    }
}

fn any_members() -> impl Strategy<Value = MemberSet> {
    prop_oneof![
        (0_u16..4096).prop_map(MemberSet::one),
        (0_u16..4096, 0_u16..600)
            .prop_map(|(first, more)| (first..=(first + more).min(4095)).collect()),
        btree_set(0_u16..4096, 0..40).prop_map(MemberSet::from_iter),
        vec(any::<u64>(), 64).prop_map(|words| MemberSet::from_words(words.try_into().unwrap())),
        Just(MemberSet::all()),
    ]
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        any::<i64>(),
        1_700_000_000_000_000_i64..1_800_000_000_000_000,
        (1_700_000_000_i64..1_800_000_000).prop_map(|seconds| seconds * 1_000_000),
    ]
    .prop_map(Timestamp::from_micros)
}

fn any_quantity() -> impl Strategy<Value = Quantity> {
    (
        option::of((any::<i64>(), any::<u8>())),
        option::of("[A-Z0-9µ]{0,4}"),
    )
        .prop_map(|(amount, uom)| Quantity { amount, uom })
}

prop_compose! {
    fn any_record()(
        seq in 0_i64..,
        (t_lo, t_hi, record_time) in (any_time(), any_time(), any_time()),
        (op, flow) in (1_u8..=15, 0_u8..=7),
        place in option::of((0_u8..6).prop_map(block)),
        party in option::of((0_u8..6).prop_map(block)),
        owner in option::of((0_u8..6).prop_map(block)),
        peer in option::of((0_u8..200, 0_u16..4096)),
        quantity in option::of(any_quantity()),
        members in any_members(),
    ) -> Record {
        Record {
            shard: 3, seq, t_lo, t_hi, record_time,
            op: Op::from_number(op).unwrap(),
            flow: Flow::from_number(flow).unwrap(),
            place, party,
            owner: owner.map(Box::new),
            peer: peer.map(|(number, member)| Address { block: block(number), member }),
            quantity: quantity.map(Box::new), members: Members::from(members),
        }
    }
}

fn in_seq_order(mut records: Vec<Record>) -> Vec<Record> {
    records.sort_by_key(|record| record.seq);
    records
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_in_seq_order(records in vec(any_record(), 1..40)) {
        let row = encode(&records).unwrap();

        let sorted = in_seq_order(records);
        prop_assert_eq!(decode(3, &row.data).unwrap(), sorted.clone());
        prop_assert_eq!(usize::try_from(row.n).unwrap(), sorted.len());
        prop_assert_eq!(row.first_seq, sorted[0].seq);
        prop_assert_eq!(row.last_seq, sorted[sorted.len() - 1].seq);
        prop_assert_eq!(row.t_min, sorted.iter().map(|record| record.t_lo.micros()).min().unwrap());
        prop_assert_eq!(row.t_max, sorted.iter().map(|record| record.t_hi.micros()).max().unwrap());
    }

    #[test]
    fn a_merge_holds_the_records_of_all_its_rows_and_equals_encoding_them_at_once(
        first in vec(any_record(), 1..20),
        second in vec(any_record(), 1..20),
    ) {
        let rows = [encode(&first).unwrap().data, encode(&second).unwrap().data];
        let both = in_seq_order([in_seq_order(first), in_seq_order(second)].concat());

        let merged = merge(&rows).unwrap().unwrap();

        prop_assert_eq!(decode(3, &merged.data).unwrap(), both.clone());
        prop_assert_eq!(merged, encode(&both).unwrap());
    }

    #[test]
    fn a_mask_passes_exactly_the_records_that_share_a_member(
        records in vec(any_record(), 1..40),
        mask in any_members(),
    ) {
        let row = encode(&records).unwrap();

        let expected: Vec<Record> = in_seq_order(records)
            .into_iter()
            .filter(|record| record.members.intersects(&mask))
            .collect();
        prop_assert_eq!(decode_in(3, &row.data, &mask).unwrap(), expected);
    }

    #[test]
    fn members_are_walked_in_order(records in vec(any_record(), 1..10)) {
        let row = encode(&records).unwrap();
        let mut decoder = Decoder::new(&row.data).unwrap();

        while let Some(view) = decoder.next_view().unwrap() {
            let mut walked = Vec::new();
            view.members.for_each(|member| walked.push(member));
            prop_assert_eq!(walked, view.members.to_members().iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn random_bytes_are_refused_or_read_but_never_panic(bytes in vec(any::<u8>(), 0..400), mask in any_members()) {
        let _ = decode(3, &bytes);
        let _ = decode_in(3, &bytes, &mask);
        let _ = merge(&[&bytes]);
    }

    #[test]
    fn a_damaged_row_is_refused_or_read_but_never_panics(
        records in vec(any_record(), 1..10),
        at in any::<prop::sample::Index>(),
        byte: u8,
        cut in any::<prop::sample::Index>(),
    ) {
        let mut data = encode(&records).unwrap().data;
        let index = at.index(data.len());
        data[index] = byte;
        let _ = decode(3, &data);
        data.truncate(cut.index(data.len()));
        let _ = decode(3, &data);
    }
}

#[test]
fn no_records_make_no_row() {
    assert_eq!(encode::<Record>(&[]), None);
    assert_eq!(merge::<Vec<u8>>(&[]), Ok(None));
}

#[test]
fn records_of_one_seq_keep_their_order() {
    let mut input = record(7, MemberSet::one(1));
    input.op = Op::Consume;
    let mut output = record(7, MemberSet::one(2));
    output.op = Op::Produce;

    let row = encode(&[input.clone(), output.clone()]).unwrap();

    assert_eq!(decode(3, &row.data), Ok(vec![input, output]));
}

#[test]
fn a_record_time_as_long_after_its_event_as_the_one_before_costs_nothing() {
    let later = |seq: i64, lag: i64| {
        let time = 1_790_000_000_000_000 + seq * 1_234_567;
        Record {
            t_lo: Timestamp::from_micros(time),
            t_hi: Timestamp::from_micros(time),
            record_time: Timestamp::from_micros(time + lag),
            ..record(seq, MemberSet::one(0))
        }
    };
    let alike = [later(1, 500), later(2, 500), later(3, 500)];
    let unlike = [later(1, 500), later(2, 501), later(3, 500)];

    let (short, long) = (encode(&alike).unwrap(), encode(&unlike).unwrap());

    assert_eq!(decode(3, &short.data), Ok(alike.to_vec()));
    assert_eq!(decode(3, &long.data), Ok(unlike.to_vec()));
    assert!(short.data.len() + 2 * 3 <= long.data.len());
}

#[test]
fn rows_of_earlier_versions_are_read() {
    // It names no owner, and its record time is written, as it always was in the first version.
    let mut row = encode(&[record(7, MemberSet::one(1))]).unwrap();
    for version in [1, 2] {
        row.data[0] = version;
        assert_eq!(decode(3, &row.data), Ok(vec![record(7, MemberSet::one(1))]));
    }
}

#[test]
fn refusals_name_what_is_wrong() {
    let good = encode(&[record(7, MemberSet::one(1))]).unwrap().data;
    let check = |change: &dyn Fn(&mut Vec<u8>), expect: &str| {
        let mut data = good.clone();
        change(&mut data);
        assert_eq!(decode(3, &data).unwrap_err().to_string(), expect);
    };
    // version, units, dictionary of one id, then the record from byte 19 on.
    check(
        &|data| data.clear(),
        "the bytes end inside version (at byte 0)",
    );
    check(&|data| data[0] = 9, "block log version 9 is not known");
    check(&|data| data[1] = 3, "time units at byte 2 is out of range");
    check(
        &|data| data[2] = 100,
        "dictionary size at byte 3 is out of range",
    );
    check(
        &|data| data[19] = 0x70,
        "operation at byte 20 is out of range",
    );
    check(&|data| data[20] |= 0x80, "form at byte 21 is out of range");
    check(
        &|data| data.truncate(data.len() - 1),
        "the bytes end inside member (at byte 34)",
    );
    check(
        &|data| data.truncate(data.len() - 2),
        "the bytes end inside place (at byte 33)",
    );
}

#[test]
fn the_smallest_form_of_members_is_chosen() {
    let bytes = |members: MemberSet| {
        let with = encode(&[record(1, members)]).unwrap().data.len();
        let one = encode(&[record(1, MemberSet::one(0))]).unwrap().data.len();
        with + 1 - one
    };

    assert_eq!(bytes(MemberSet::one(0)), 1);
    assert_eq!(bytes((0..24).collect()), 2);
    assert_eq!(bytes([0, 5, 9].into_iter().collect()), 4);
    assert_eq!(bytes((0..4096).step_by(2).collect()), 512);
    assert_eq!(bytes(MemberSet::all()), 3);
}

/// 4,096 items of one block packed by 24 in consecutive order, the cases packed on and shipped and
/// received by their own records elsewhere, the items sold one by one in 40 shops over three weeks:
/// with times to the millisecond and a record time some seconds later.
fn a_block_packed_shipped_and_sold(mut pick: impl FnMut(u64) -> u64) -> Vec<Record> {
    let mut records = Vec::new();
    let mut seq = 1_000_000;
    let mut millis = 1_790_000_000_000;
    let mut put = |step_ms: u64, lag_ms: u64, change: &dyn Fn(&mut Record)| {
        millis += step_ms.cast_signed();
        seq += 3 + (step_ms % 90).cast_signed();
        let mut made = record(seq, MemberSet::new());
        made.t_lo = Timestamp::from_micros(millis * 1_000);
        made.t_hi = made.t_lo;
        made.record_time = Timestamp::from_micros((millis + lag_ms.cast_signed()) * 1_000);
        change(&mut made);
        records.push(made);
    };
    put(0, 900, &|made| {
        made.op = Op::Commission;
        made.members = Members::run(0, 4095);
    });
    for case in 0..171_u16 {
        let (step, lag) = (2_000 + pick(3_000), 500 + pick(4_000));
        put(step, lag, &|made| {
            made.op = Op::Pack;
            made.peer = Some(Address {
                block: block(9),
                member: 700 + case,
            });
            made.members = Members::run(24 * case, (24 * case + 23).min(4095));
        });
    }
    for _ in 0..86 {
        let (step, lag, case) = (600_000 + pick(6_000_000), 500 + pick(60_000), pick(171));
        let (shop, party) = (
            10 + u8::try_from(pick(40)).unwrap(),
            60 + u8::try_from(pick(8)).unwrap(),
        );
        put(step, lag, &|made| {
            made.flow = Flow::Ship;
            made.place = Some(block(shop));
            made.party = Some(block(party));
            let first = u16::try_from(case).unwrap() * 23;
            made.members = Members::run(first, first + 23);
        });
    }
    for _ in 0..4096 {
        let (step, lag) = (50_000 + pick(800_000), 500 + pick(30_000));
        let (shop, item) = (
            10 + u8::try_from(pick(40)).unwrap(),
            u16::try_from(pick(4096)).unwrap(),
        );
        put(step, lag, &|made| {
            made.flow = Flow::Sell;
            made.place = Some(block(shop));
            made.members = Members::One(item);
        });
    }
    records
}

/// A small generator with a fixed start, so that sizes are the same in every run.
fn fixed_picks() -> impl FnMut(u64) -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    }
}

#[test]
fn a_record_of_a_realistic_mix_takes_at_most_fourteen_bytes() {
    let records = a_block_packed_shipped_and_sold(fixed_picks());

    let bytes: usize = records
        .chunks(1_024)
        .map(|rows| encode(rows).unwrap().data.len())
        .sum();

    println!("{bytes} bytes, {} records", records.len());
    assert!(
        bytes <= 14 * records.len(),
        "{bytes} bytes for {} records",
        records.len()
    );
}

#[test]
fn times_in_whole_seconds_take_less() {
    let mut records = a_block_packed_shipped_and_sold(fixed_picks());
    let in_millis = encode(&records).unwrap().data.len();
    for made in &mut records {
        for time in [&mut made.t_lo, &mut made.t_hi, &mut made.record_time] {
            *time = Timestamp::from_micros(time.micros() / 1_000_000 * 1_000_000);
        }
    }

    let in_seconds = encode(&records).unwrap().data.len();

    assert!(in_seconds + records.len() * 2 < in_millis);
}
