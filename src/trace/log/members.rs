//! The members of a record as they lie in the bytes: one, a run, a list or a bitmap, whichever is smallest.

use super::wire::{Malformed, Reader, number_len, put_number, put_signed};
use crate::codes::{BLOCK_SIZE, MemberSet, Members};

/// Bytes of a bitmap: one bit a member.
const BITMAP_BYTES: usize = BLOCK_SIZE as usize / 8;

/// How members are written. The number stands in the store (two bits): never change one.
const ONE: u8 = 0;
const RUN: u8 = 1;
const LIST: u8 = 2;
const BITMAP: u8 = 3;

/// A set of members of one block, borrowed from where it lies.
#[derive(Debug, Clone, Copy)]
pub enum MembersRef<'a> {
    /// One member.
    One(u16),
    /// `first..=last`.
    Run {
        /// The lowest member.
        first: u16,
        /// The highest member.
        last: u16,
    },
    /// Some members, in ascending order.
    List(List<'a>),
    /// One bit a member, lowest first.
    Bitmap(&'a [u8]),
    /// A few in memory, in ascending order.
    Few(&'a [u16]),
    /// A set in memory.
    Set(&'a MemberSet),
}

/// An ascending list of members as it lies in the bytes.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    first: u16,
    count: u16,
    last: u16,
    gaps: &'a [u8],
}

impl<'a> MembersRef<'a> {
    /// The members of a record, borrowed.
    pub fn of(members: &'a Members) -> Self {
        match members {
            Members::One(member) => Self::One(*member),
            Members::Run { first, last } => Self::Run {
                first: *first,
                last: *last,
            },
            Members::Few(few) => Self::Few(few.as_slice()),
            Members::Set(set) => Self::Set(set),
        }
    }

    /// Whether a member is in `mask`.
    pub fn meets(&self, mask: &MemberSet) -> bool {
        match *self {
            Self::One(member) => mask.contains(member),
            Self::Run { first, last } => run_meets(first, last, mask),
            Self::List(list) => list.iter().any(|member| mask.contains(member)),
            Self::Bitmap(bytes) => bitmap_words(bytes)
                .zip(mask.words())
                .any(|(mine, theirs)| mine & theirs != 0),
            Self::Few(few) => few.iter().any(|member| mask.contains(*member)),
            Self::Set(set) => set.intersects(mask),
        }
    }

    /// Calls `each` with every member, in ascending order.
    pub fn for_each(&self, mut each: impl FnMut(u16)) {
        match *self {
            Self::One(member) => each(member),
            Self::Run { first, last } => (first..=last).for_each(each),
            Self::List(list) => list.iter().for_each(each),
            Self::Bitmap(bytes) => {
                for (mut word, base) in bitmap_words(bytes).zip((0_u16..).step_by(64)) {
                    while word != 0 {
                        each(base + bit_number(word));
                        word &= word - 1;
                    }
                }
            }
            Self::Few(few) => few.iter().copied().for_each(each),
            Self::Set(set) => set.iter().for_each(each),
        }
    }

    /// The same members, owned, in their smallest form.
    pub fn to_members(&self) -> Members {
        match *self {
            Self::One(member) => Members::One(member),
            Self::Run { first, last } => Members::run(first, last),
            Self::List(list) => list.to_members(),
            Self::Few(few) => Members::ascending(few.iter().copied()),
            Self::Bitmap(bytes) => {
                let mut words = [0_u64; 64];
                for (word, read) in words.iter_mut().zip(bitmap_words(bytes)) {
                    *word = read;
                }
                Members::from(MemberSet::from_words(words))
            }
            Self::Set(set) => Members::from(set.clone()),
        }
    }
}

impl List<'_> {
    fn to_members(self) -> Members {
        Members::ascending(self.iter())
    }

    fn iter(self) -> impl Iterator<Item = u16> {
        let mut reader = Reader::new(self.gaps);
        let mut next = (0 < self.count).then_some(self.first);
        std::iter::from_fn(move || {
            let member = next?;
            next = reader
                .number("gap")
                .ok()
                .and_then(|gap| u16::try_from(gap).ok())
                .and_then(|gap| member.checked_add(gap)?.checked_add(1));
            Some(member)
        })
    }
}

/// Reads members written with `mode`; `next` is the member after the highest of the record before.
/// Gives them, whether they meet the mask, and the next `next`.
#[inline]
pub(super) fn read<'a>(
    reader: &mut Reader<'a>,
    mode: u8,
    next: u16,
    mask: Option<&MemberSet>,
) -> Result<(MembersRef<'a>, bool, u16), Malformed> {
    const FIELD: &str = "members";
    match mode {
        ONE => {
            let member = first_member(reader, next)?;
            let hit = mask.is_none_or(|mask| mask.contains(member));
            Ok((MembersRef::One(member), hit, member + 1))
        }
        RUN => {
            let first = first_member(reader, next)?;
            let more = reader.number(FIELD)?;
            let last = u64::from(first).saturating_add(more);
            if u64::from(BLOCK_SIZE) <= last {
                return Err(reader.out_of_range(FIELD));
            }
            let last = u16::try_from(last).unwrap_or(first);
            let hit = mask.is_none_or(|mask| run_meets(first, last, mask));
            Ok((MembersRef::Run { first, last }, hit, last + 1))
        }
        LIST => {
            let list = read_list(reader, next)?;
            let members = MembersRef::List(list);
            let hit = mask.is_none_or(|mask| members.meets(mask));
            let next = if list.count == 0 { next } else { list.last + 1 };
            Ok((members, hit, next))
        }
        _ => {
            let bytes = reader.take(BITMAP_BYTES, FIELD)?;
            let members = MembersRef::Bitmap(bytes);
            let hit = mask.is_none_or(|mask| members.meets(mask));
            Ok((
                members,
                hit,
                highest_of(bytes).map_or(next, |last| last + 1),
            ))
        }
    }
}

fn read_list<'a>(reader: &mut Reader<'a>, next: u16) -> Result<List<'a>, Malformed> {
    const FIELD: &str = "list of members";
    let count = reader.number(FIELD)?;
    if u64::from(BLOCK_SIZE) < count {
        return Err(reader.out_of_range(FIELD));
    }
    let count = u16::try_from(count).unwrap_or_default();
    if count == 0 {
        return Ok(List {
            first: 0,
            count,
            last: 0,
            gaps: &[],
        });
    }
    let first = first_member(reader, next)?;
    let start = reader.at();
    let mut last = u64::from(first);
    for _ in 1..count {
        last = last.saturating_add(reader.number(FIELD)?).saturating_add(1);
        if u64::from(BLOCK_SIZE) <= last {
            return Err(reader.out_of_range(FIELD));
        }
    }
    let last = u16::try_from(last).unwrap_or(first);
    Ok(List {
        first,
        count,
        last,
        gaps: reader.since(start),
    })
}

#[inline]
fn first_member(reader: &mut Reader<'_>, next: u16) -> Result<u16, Malformed> {
    let member = i64::from(next).wrapping_add(reader.signed("member")?);
    u16::try_from(member)
        .ok()
        .filter(|member| u32::from(*member) < BLOCK_SIZE)
        .ok_or_else(|| reader.out_of_range("member"))
}

/// Members chosen for writing: their mode and what the writer needs of it.
pub(super) struct Chosen<'a> {
    pub(super) mode: u8,
    members: MembersRef<'a>,
    first: u16,
    last: Option<u16>,
    count: u32,
}

impl<'a> Chosen<'a> {
    /// The smallest way to write these.
    pub(super) fn of(members: MembersRef<'a>) -> Self {
        match members {
            MembersRef::One(member) => Self {
                mode: ONE,
                members,
                first: member,
                last: Some(member),
                count: 1,
            },
            MembersRef::Run { first, last } => {
                let count = u32::from(last - first) + 1;
                let mode = if first == last { ONE } else { RUN };
                Self {
                    mode,
                    members,
                    first,
                    last: Some(last),
                    count,
                }
            }
            MembersRef::List(list) => Self {
                mode: LIST,
                members,
                first: list.first,
                last: (0 < list.count).then_some(list.last),
                count: u32::from(list.count),
            },
            MembersRef::Bitmap(bytes) => Self {
                mode: BITMAP,
                members,
                first: 0,
                last: highest_of(bytes),
                count: 0,
            },
            MembersRef::Few(few) => Self {
                mode: LIST,
                members,
                first: few.first().copied().unwrap_or_default(),
                last: few.last().copied(),
                count: few.iter().map(|_| 1).sum(),
            },
            MembersRef::Set(set) => Self::of_set(set),
        }
    }

    fn of_set(set: &'a MemberSet) -> Self {
        let members = MembersRef::Set(set);
        let count = set.len();
        let (Some(first), Some(last)) = (set.first(), set.last()) else {
            return Self {
                mode: LIST,
                members,
                first: 0,
                last: None,
                count,
            };
        };
        let mode = if count == 1 {
            ONE
        } else if u32::from(last - first) + 1 == count {
            RUN
        } else if list_len(set, count) <= BITMAP_BYTES {
            LIST
        } else {
            BITMAP
        };
        Self {
            mode,
            members,
            first,
            last: Some(last),
            count,
        }
    }

    /// Writes them after a record whose highest member was `next - 1`; gives the new `next`.
    pub(super) fn put(&self, out: &mut Vec<u8>, next: u16) -> u16 {
        let from_next = i64::from(self.first) - i64::from(next);
        match self.mode {
            ONE => put_signed(out, from_next),
            RUN => {
                put_signed(out, from_next);
                put_number(out, u64::from(self.count) - 1);
            }
            LIST => {
                put_number(out, u64::from(self.count));
                if 0 < self.count {
                    put_signed(out, from_next);
                    self.put_gaps(out);
                }
            }
            _ => match self.members {
                MembersRef::Bitmap(bytes) => out.extend_from_slice(bytes),
                MembersRef::Set(set) => {
                    for word in set.words() {
                        out.extend_from_slice(&word.to_le_bytes());
                    }
                }
                MembersRef::One(_)
                | MembersRef::Run { .. }
                | MembersRef::List(_)
                | MembersRef::Few(_) => {}
            },
        }
        self.last.map_or(next, |last| last + 1)
    }

    fn put_gaps(&self, out: &mut Vec<u8>) {
        match self.members {
            MembersRef::List(list) => out.extend_from_slice(list.gaps),
            MembersRef::Few(few) => each_gap(few.iter().copied(), |gap| put_number(out, gap)),
            MembersRef::Set(set) => each_gap(set.iter(), |gap| put_number(out, gap)),
            MembersRef::One(_) | MembersRef::Run { .. } | MembersRef::Bitmap(_) => {}
        }
    }
}

/// Bytes of the list form, at most: the first member never takes more than two.
fn list_len(set: &MemberSet, count: u32) -> usize {
    let mut bytes = number_len(u64::from(count)) + 2;
    each_gap(set.iter(), |gap| bytes += number_len(gap));
    bytes
}

/// Calls `each` with how many members are left out before each one after the first.
fn each_gap(members: impl Iterator<Item = u16>, mut each: impl FnMut(u64)) {
    let mut before = None;
    for member in members {
        if let Some(before) = before {
            each(u64::from(member - before - 1));
        }
        before = Some(member);
    }
}

fn run_meets(first: u16, last: u16, mask: &MemberSet) -> bool {
    let words = mask.words();
    let mut meets = false;
    for_run(first, last, |index, bits| meets |= words[index] & bits != 0);
    meets
}

/// Calls `each` with every word index the run touches and its bits there.
#[inline]
fn for_run(first: u16, last: u16, mut each: impl FnMut(usize, u64)) {
    let (low, high) = (usize::from(first / 64), usize::from(last / 64));
    for index in low..=high {
        let from = if index == low { first % 64 } else { 0 };
        let to = if index == high { last % 64 } else { 63 };
        each(index, (u64::MAX << from) & (u64::MAX >> (63 - to)));
    }
}

fn highest_of(bitmap: &[u8]) -> Option<u16> {
    let (byte, index) = bitmap
        .iter()
        .zip(0_u16..512)
        .rfind(|(byte, _)| **byte != 0)?;
    Some(index * 8 + 7 - u16::try_from(byte.leading_zeros()).unwrap_or_default())
}

fn bitmap_words(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes
        .as_chunks::<8>()
        .0
        .iter()
        .map(|chunk| u64::from_le_bytes(*chunk))
}

fn bit_number(word: u64) -> u16 {
    u16::try_from(word.trailing_zeros()).unwrap_or_default()
}
