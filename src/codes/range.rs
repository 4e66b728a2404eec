//! Ranges of single things: from one identifier to another.

use std::collections::BTreeMap;
use std::ops::Range;

use super::address::{BLOCK_SIZE, Block};
use super::base::{BaseRow, SSCC_STEM};
use super::derive::{Derived, NUMBER_DIGITS_MAX, is_plain_number, prefix_of_key, uri_stem};
use super::dictionary::Dictionary;
use super::members::MemberSet;
use super::{ComputedBlock, store};
use crate::db::{self, Conn};
use crate::gs1::{Identifier, Key, Level};

/// Numbers in one range: a batch of computed codes has no more, and their blocks are 4,096.
const RANGE_MAX: u64 = 1 << 24;

/// Why two identifiers are no ends of a range.
#[derive(Debug, thiserror::Error)]
pub enum RangeFault {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// Nothing of the range was ever seen or issued.
    #[error("nothing from {from} to {to} is known from any event or batch of codes")]
    Unknown {
        /// One end.
        from: String,
        /// The other.
        to: String,
    },
    /// They differ in more than their serial numbers.
    #[error("{from} and {to} are not of one kind: only their serial numbers may differ")]
    Different {
        /// One end.
        from: String,
        /// The other.
        to: String,
    },
    /// Their serials are of different length, and not both plain numbers.
    #[error(
        "the serials of {from} and {to} differ in length: only plain numbers, digits without a leading zero, are compared then"
    )]
    Length {
        /// One end.
        from: String,
        /// The other.
        to: String,
    },
    /// One was issued here and the other was not.
    #[error(
        "of {from} and {to} only one was issued here: issued codes are in no order with others"
    )]
    HalfIssued {
        /// One end.
        from: String,
        /// The other.
        to: String,
    },
    /// Computed codes of two batches.
    #[error("{from} and {to} were issued in different batches")]
    OtherBatch {
        /// One end.
        from: String,
        /// The other.
        to: String,
    },
    /// It ends before it starts.
    #[error("the range ends ({to}) before it starts ({from})")]
    Backwards {
        /// One end.
        from: String,
        /// The other.
        to: String,
    },
    /// It is too wide.
    #[error("the range has {count} numbers, more than {RANGE_MAX}")]
    Wide {
        /// How many.
        count: u64,
    },
}

/// The things from one identifier to another, both with them. Codes that were issued here are in the order in
/// which they were issued. All others are in the order of their serials: plain numbers (digits without a leading
/// zero) by value, anything else among serials of equal length by its characters, where both orders of numbers
/// agree. Of numbers all are meant, of other serials those that events name.
pub fn range(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    from: &Identifier,
    to: &Identifier,
) -> Result<BTreeMap<Block, MemberSet>, RangeFault> {
    let ends = (from.canonical().into_owned(), to.canonical().into_owned());
    let (Some(first), Some(last)) = (Thing::of(from), Thing::of(to)) else {
        return Err(different(&ends));
    };
    if first.stem != last.stem {
        return Err(different(&ends));
    }
    let derived = [Derived::of_thing(from), Derived::of_thing(to)];
    let found = dictionary.find(conn, &derived)?;
    let computed = |index: usize| {
        let address = found.get(index).copied().flatten()?;
        let block = ComputedBlock::from_block(address.block)?;
        Some((block, block.item(address.member)?.index()))
    };
    match (computed(0), computed(1)) {
        (Some(first), Some(last)) => return issued(first, last, &ends),
        (None, None) => {}
        _ => {
            let (from, to) = ends;
            return Err(RangeFault::HalfIssued { from, to });
        }
    }
    let order = Order::between(&first.serial, &last.serial, &ends)?;
    let mut units = BTreeMap::new();
    if first.has_numbers {
        numbered(conn, &first.stem, &order, &mut units)?;
    }
    if let Some(prefix) = &first.prefix {
        interned(conn, prefix, &first.stem, &order, &mut units)?;
    }
    if units.is_empty() {
        let (from, to) = ends;
        return Err(RangeFault::Unknown { from, to });
    }
    Ok(units)
}

/// A single thing, cut where its serial begins.
struct Thing {
    /// What stands before the serial in its identifier.
    stem: String,
    /// The serial: what differs from its neighbours.
    serial: String,
    /// What its interned neighbours share; none if it has no such neighbours.
    prefix: Option<String>,
    /// Whether neighbours with plain numbers have addresses of their own.
    has_numbers: bool,
}

impl Thing {
    fn of(identifier: &Identifier) -> Option<Self> {
        let Identifier::Gs1(key) = identifier else {
            let uri = identifier.canonical();
            let stem = uri_stem(&uri);
            return Some(Self {
                stem: stem.to_owned(),
                serial: uri.get(stem.len()..)?.to_owned(),
                prefix: Some(stem.to_owned()),
                has_numbers: false,
            });
        };
        if !matches!(key.level(), Level::Instance | Level::Other) {
            return None;
        }
        if let Some(sscc) = key.sscc() {
            let (body, _check) = sscc.as_str().split_at_checked(SSCC_BODY)?;
            return Some(Self {
                stem: SSCC_STEM.to_owned(),
                serial: body.to_owned(),
                prefix: None,
                has_numbers: true,
            });
        }
        let prefix = prefix_of_key(key);
        let Some(serial) = key.serial() else {
            // A key without a serial of its own: what follows as much as a company prefix takes.
            let canonical = key.canonical();
            let serial = canonical.strip_prefix(prefix.as_str())?.to_owned();
            return Some(Self {
                stem: prefix.clone(),
                serial,
                prefix: Some(prefix),
                has_numbers: false,
            });
        };
        Some(Self {
            stem: stem_of(key, serial)?,
            serial: serial.to_owned(),
            prefix: Some(prefix),
            has_numbers: true,
        })
    }
}

/// Digits of an SSCC that count: all but the check digit.
const SSCC_BODY: usize = 17;

/// What stands before the serial in the canonical identifier: the last qualifier, or the tail of the value.
fn stem_of(key: &Key, serial: &str) -> Option<String> {
    let canonical = key.canonical();
    let last = canonical.rfind('/')? + 1;
    let head = match key.qualifiers().next() {
        Some(_) => 0,
        None => key.value().len().checked_sub(serial.len())?,
    };
    canonical.get(..last + head).map(str::to_owned)
}

/// Which serials lie between two others: of each length from the first to the last, both with them.
struct Order {
    of_length: Vec<(String, String)>,
    /// Whether both are plain numbers.
    is_numeric: bool,
}

impl Order {
    fn between(from: &str, to: &str, ends: &(String, String)) -> Result<Self, RangeFault> {
        let is_numeric = is_plain_number(from) && is_plain_number(to);
        let (short, long) = (from.len(), to.len());
        if short != long && !is_numeric {
            let (from, to) = ends.clone();
            return Err(RangeFault::Length { from, to });
        }
        if (long, to) < (short, from) {
            let (from, to) = ends.clone();
            return Err(RangeFault::Backwards { from, to });
        }
        let of_length = (short..=long).map(|length| {
            let least = || format!("1{}", "0".repeat(length - 1));
            let most = || "9".repeat(length);
            let from = (length == short).then(|| from.to_owned());
            let to = (length == long).then(|| to.to_owned());
            (from.unwrap_or_else(least), to.unwrap_or_else(most))
        });
        Ok(Self {
            of_length: of_length.collect(),
            is_numeric,
        })
    }

    fn has(&self, serial: &str) -> bool {
        let length = serial.len();
        let mut of_length = self.of_length.iter();
        of_length.any(|(from, to)| {
            from.len() == length && from.as_str() <= serial && serial <= to.as_str()
        }) && (is_plain_number(serial) || self.of_length.len() == 1)
    }

    /// The plain numbers of so many digits as have an address of their own, in runs.
    fn runs(&self, is_sscc: bool) -> impl Iterator<Item = Range<u64>> + '_ {
        self.of_length.iter().filter_map(move |(from, to)| {
            let digits = from.len();
            if is_sscc {
                return Some(from.parse().ok()?..to.parse::<u64>().ok()? + 1);
            }
            let power = u32::try_from(digits)
                .ok()
                .filter(|_| digits <= NUMBER_DIGITS_MAX)?;
            let least = if digits <= 1 {
                0
            } else {
                10_u64.pow(power - 1)
            };
            let all = least..10_u64.pow(power);
            let first = first_of(&all, |number| *from <= number);
            let beyond = first_of(&all, |number| *to < number);
            (first < beyond).then_some(first..beyond)
        })
    }
}

/// The first of these numbers from which on this holds of how it is written; the end if there is none.
fn first_of(all: &Range<u64>, holds: impl Fn(String) -> bool) -> u64 {
    let (mut low, mut end) = (all.start, all.end);
    while low < end {
        let middle = low + (end - low) / 2;
        if holds(middle.to_string()) {
            end = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// Codes of one batch, in the order in which they were issued.
fn issued(
    (first_block, first): (ComputedBlock, u32),
    (last_block, last): (ComputedBlock, u32),
    ends: &(String, String),
) -> Result<BTreeMap<Block, MemberSet>, RangeFault> {
    let (from, to) = ends.clone();
    if !first_block.is_of_batch_with(&last_block) {
        return Err(RangeFault::OtherBatch { from, to });
    }
    if last < first {
        return Err(RangeFault::Backwards { from, to });
    }
    let mut units: BTreeMap<Block, MemberSet> = BTreeMap::new();
    for chunk in first / BLOCK_SIZE..=last / BLOCK_SIZE {
        let low = first.max(chunk * BLOCK_SIZE) % BLOCK_SIZE;
        let high = last.min(chunk * BLOCK_SIZE + (BLOCK_SIZE - 1)) % BLOCK_SIZE;
        if let Some(block) = first_block.sibling(chunk) {
            let members = units.entry(block.block()).or_default();
            let member = |number: u32| u16::try_from(number).unwrap_or_default();
            members.insert_run(member(low), member(high));
        }
    }
    Ok(units)
}

/// Adds the plain numbers. Between serials that are none there may be more numbers than any range can have: those
/// of blocks that events name are enough.
fn numbered(
    conn: &mut Conn,
    stem: &str,
    order: &Order,
    units: &mut BTreeMap<Block, MemberSet>,
) -> Result<(), RangeFault> {
    let size = u64::from(BLOCK_SIZE);
    let runs: Vec<Range<u64>> = order.runs(stem == SSCC_STEM).collect();
    let count = runs.iter().map(|run| run.end - run.start).sum();
    if RANGE_MAX < count && order.is_numeric {
        return Err(RangeFault::Wide { count });
    }
    let known = if RANGE_MAX < count {
        Some(store::numbered_chunks(conn, stem)?)
    } else {
        None
    };
    for run in runs {
        let all = run.start / size..(run.end - 1) / size + 1;
        let chunks: Vec<u64> = match &known {
            Some(known) => known.range(all).copied().collect(),
            None => all.collect(),
        };
        for chunk in chunks {
            let low = run.start.max(chunk * size);
            let high = (run.end - 1).min(chunk * size + (size - 1));
            let (_, low) = BaseRow::numbered(stem, low);
            let (_, high) = BaseRow::numbered(stem, high);
            let members = units.entry(low.block).or_default();
            members.insert_run(low.member, high.member);
        }
    }
    Ok(())
}

/// Adds what has an address in the dictionary.
fn interned(
    conn: &mut Conn,
    prefix: &str,
    stem: &str,
    order: &Order,
    units: &mut BTreeMap<Block, MemberSet>,
) -> Result<(), RangeFault> {
    for (from, to) in &order.of_length {
        // Most characters are written as they are, in their order; the others are looked at one by one.
        let plain = |text: &str| {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
            let end = text.find(|c| !is_plain(c)).unwrap_or(text.len());
            text.get(..end).unwrap_or_default().to_owned()
        };
        let (low, mut high) = (plain(from), plain(to));
        if high.len() < to.len() {
            high.push(char::MAX);
        }
        let (low, high) = (format!("{stem}{low}"), format!("{stem}{high}"));
        for (address, identifier) in store::units_between(conn, prefix, &low, &high)? {
            let Some(serial) = identifier.strip_prefix(stem) else {
                continue;
            };
            let is_within = if serial.contains('%') {
                let parsed = Identifier::parse(&identifier).ok();
                let thing = parsed.and_then(|parsed| Thing::of(&parsed.identifier));
                thing.is_some_and(|thing| order.has(&thing.serial))
            } else {
                order.has(serial)
            };
            if is_within {
                let members = units.entry(address.block).or_default();
                members.insert(address.member);
            }
        }
    }
    Ok(())
}

fn different(ends: &(String, String)) -> RangeFault {
    RangeFault::Different {
        from: ends.0.clone(),
        to: ends.1.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(from: &str, to: &str) -> Result<Order, RangeFault> {
        Order::between(from, to, &(from.to_owned(), to.to_owned()))
    }

    fn has(from: &str, to: &str) -> impl Fn(&str) -> bool {
        let order = between(from, to).unwrap();
        move |serial| order.has(serial)
    }

    fn runs(from: &str, to: &str) -> Vec<Range<u64>> {
        between(from, to).unwrap().runs(false).collect()
    }

    #[test]
    fn numbers_are_compared_by_value_and_other_serials_among_those_of_their_length() {
        let numbers = has("8", "11");
        assert!(["8", "9", "10", "11"].iter().all(|serial| numbers(serial)));
        assert!(
            !["7", "12", "09", "A", "1A"]
                .iter()
                .any(|serial| numbers(serial))
        );

        let hex = has("0A00", "2B00");
        assert!(
            ["0A00", "1234", "1A3F", "2B00"]
                .iter()
                .all(|serial| hex(serial))
        );
        assert!(
            !["0999", "2B01", "1", "01234"]
                .iter()
                .any(|serial| hex(serial))
        );

        let padded = has("0998", "1001");
        assert!(
            ["0998", "0999", "1000", "1001"]
                .iter()
                .all(|serial| padded(serial))
        );
        assert!(!["998", "999", "01000"].iter().any(|serial| padded(serial)));
    }

    fn one<T>(range: std::ops::Range<T>) -> Vec<std::ops::Range<T>> {
        std::iter::once(range).collect()
    }

    #[test]
    fn the_numbers_among_serials_of_one_length_are_one_run() {
        assert_eq!(runs("8", "11"), [8..10, 10..12]);
        assert_eq!(runs("0A00", "2B00"), one(1000..3000));
        assert_eq!(runs("0998", "1001"), one(1000..1002));
        assert_eq!(runs("1A00", "1F00"), []);
        assert_eq!(runs("1A00", "20F0"), one(2000..2100));
        assert_eq!(
            runs("999999998", "1000000001"),
            one(999_999_998..1_000_000_000)
        );
        assert_eq!(runs("0", "0"), one(0..1));
    }

    #[test]
    fn serials_of_different_length_are_compared_only_as_numbers() {
        assert!(matches!(
            between("PB1", "PB03"),
            Err(RangeFault::Length { .. })
        ));
        assert!(matches!(
            between("0998", "10001"),
            Err(RangeFault::Length { .. })
        ));
        assert!(matches!(
            between("11", "9"),
            Err(RangeFault::Backwards { .. })
        ));
        assert!(matches!(
            between("B", "A"),
            Err(RangeFault::Backwards { .. })
        ));
    }
}
