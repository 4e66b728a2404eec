//! What was in a container though nobody recorded that it went in: something was taken out of it by name, or it was
//! emptied with nothing on record in it.

use std::collections::BTreeMap;

use crate::codes::{Address, Block, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{Flow, Op, Record, Source};

use super::blanks::{Blank, BlankKind};
use super::filled::{Filled, Key, stayed};
use super::kinds::Kinds;
use super::reader::Reader;
use super::stays::{Emptied, Stay, attaches, emptied_at, emptied_before, empty_before};

const BEGIN: Timestamp = Timestamp::from_micros(i64::MIN);

/// What is known to be in containers, in the order of a log.
#[derive(Default)]
struct Known {
    /// Instances, with when they went in.
    items: BTreeMap<Key, Vec<(Timestamp, MemberSet)>>,
    /// Of a lot.
    filled: Filled,
}

impl Known {
    /// Puts members in, or some of a lot, into what the container still has since it was emptied last.
    fn put_in(&mut self, key: Key, block: &Block, record: &Record, emptied: Option<Timestamp>) {
        if block.is_quantified() {
            self.filled.put_in(key, record, emptied);
        } else {
            let inside = self.items.entry(key).or_default();
            inside.push((record.t_lo, record.members.to_set()));
        }
    }

    /// Takes members out, or some of a lot; those that nobody knew to be inside, after the container was emptied
    /// last.
    fn take_out(
        &mut self,
        key: Key,
        block: &Block,
        record: &Record,
        emptied: Option<Timestamp>,
    ) -> MemberSet {
        let mut strange = record.members.to_set();
        if block.is_quantified() {
            if self.filled.take_out(key, record, emptied) {
                strange = MemberSet::new();
            }
            return strange;
        }
        for (since, inside) in self.items.entry(key).or_default() {
            if stayed(*since, emptied) {
                strange.subtract(inside);
            }
            inside.subtract(&record.members.to_set());
        }
        strange
    }
}

/// The stays that only a removal tells of: members were taken out of a container, and nothing says that they went
/// in. Each lasts since the members were seen before, or since the container was emptied before if that is
/// later. The containers' own logs must be loaded.
pub(super) fn unrecorded<S: Source>(
    reader: &Reader<'_, S>,
    block: &Block,
    mask: &MemberSet,
    counts: impl Fn(&Address) -> bool,
) -> Vec<Stay> {
    let log = reader.log(block);
    let mut known = Known::default();
    let mut found = Vec::new();
    for (index, record) in log.iter().enumerate() {
        let Some(container) = record.peer.filter(&counts) else {
            continue;
        };
        let key = (container, attaches(record.op));
        if Kinds::OPENS.has(record) {
            let emptied = empty_before(reader, container, record);
            known.put_in(key, block, record, emptied);
            continue;
        }
        let emptied = emptied_before(reader, container, record);
        if !matches!(record.op, Op::Unpack | Op::Detach) {
            continue;
        }
        let mut strange = known.take_out(key, block, record, emptied);
        strange.intersect_with(mask);
        let mut add = |members: MemberSet, seen: Option<Timestamp>| {
            let t_in = seen.max(emptied).unwrap_or(BEGIN);
            let what = (container, members);
            found.push(Stay::told_at_its_end(reader, record, what, t_in));
        };
        if block.is_quantified() {
            // Stock that was seen elsewhere before may be other stock.
            if !strange.is_empty() {
                add(strange, None);
            }
            continue;
        }
        // What was recorded at the very same time says nothing of the time before.
        let earlier = log[..index].iter().rev();
        for earlier in earlier.filter(|earlier| earlier.t_lo < record.t_lo) {
            if strange.is_empty() {
                break;
            }
            let mut seen = earlier.members.to_set();
            seen.intersect_with(&strange);
            if !seen.is_empty() {
                strange.subtract(&seen);
                add(seen, Some(earlier.t_lo));
            }
        }
        if !strange.is_empty() {
            add(strange, None);
        }
    }
    found
}

/// Where a container was emptied with nothing on record in it, after something could have gone into it during a time
/// that meets the window. `stays` are the times of what was on record in it.
pub(super) fn hollow<S: Source>(
    reader: &Reader<'_, S>,
    container: Address,
    stays: &[(Timestamp, Option<Timestamp>)],
    (from, until): (Timestamp, Timestamp),
) -> Vec<Blank> {
    let log = reader.log(&container.block);
    let emptied = emptied_at(reader, container);
    let emptyings = log
        .iter()
        .filter(|record| record.op == Op::UnpackAll && record.members.contains(container.member));
    let mut found = Vec::new();
    for emptying in emptyings {
        let is_inside = |(t_in, t_out): &(Timestamp, Option<Timestamp>)| {
            *t_in <= emptying.t_hi && t_out.is_none_or(|t_out| emptying.t_lo <= t_out)
        };
        if stays.iter().any(is_inside) {
            continue;
        }
        let outs = stays.iter().filter_map(|(_, t_out)| *t_out);
        let ends = outs.chain(emptied.iter().map(|Emptied { t_lo, .. }| *t_lo));
        let since = ends.filter(|end| *end < emptying.t_lo).max();
        let between = log.iter().filter(|record| {
            record.members.contains(container.member)
                && since.is_none_or(|since| since <= record.t_lo)
                && record.t_lo <= emptying.t_lo
        });
        let between: Vec<&Record> = between.collect();
        // Emptied once more where it was emptied, it only was told of twice.
        let has_moved = between.iter().any(|record| {
            let is_elsewhere = record.place.is_some() && record.place != emptying.place;
            record.flow != Flow::None || Kinds::OPENS.has(record) || is_elsewhere
        });
        let meets = since.is_none_or(|since| since <= until) && from < emptying.t_hi;
        if meets && (has_moved || since.is_none()) {
            let stood = between
                .iter()
                .rev()
                .filter(|record| record.flow != Flow::Ship);
            let mut before = stood.filter(|record| record.place != emptying.place);
            found.push(Blank {
                kind: BlankKind::NoContents,
                block: container.block,
                members: MemberSet::one(container.member),
                from: before.find_map(|record| record.place),
                to: emptying.place,
                time: emptying.t_lo,
                event: (emptying.shard, emptying.seq),
            });
        }
    }
    found
}
