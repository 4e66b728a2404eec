//! Reading a row: bytes into views, skipping what misses the mask.

use super::members::{self, MembersRef};
use super::view::{BlockId, QuantityView, View};
use super::wire::{Malformed, Reader};
use super::{Unit, VERSION, VERSIONS_BEFORE, op_and_flow, shape};
use crate::codes::{BLOCK_SIZE, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::record::{Flow, Op};

/// Reads the records of one row, first to last.
#[derive(Debug, Clone)]
pub struct Decoder<'a> {
    reader: Reader<'a>,
    dictionary: &'a [BlockId],
    event_unit: Unit,
    record_unit: Unit,
    seq: i64,
    time: i64,
    /// How long after the event it was recorded, in microseconds: with the time, the record time, which few
    /// records are read for.
    lag: i64,
    place: u64,
    party: u64,
    peer: i64,
    next: u16,
}

impl<'a> Decoder<'a> {
    /// Opens a row's `data`.
    pub fn new(data: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(data);
        let version = reader.byte("version")?;
        if version != VERSION && !VERSIONS_BEFORE.contains(&version) {
            return Err(Malformed::Version(version));
        }
        let units = reader.byte("time units")?;
        let unit = |bits| Unit::from_number(bits).ok_or_else(|| reader.out_of_range("time units"));
        let (event_unit, record_unit) = (unit(units & 3)?, unit(units >> 2)?);
        let count = reader.number("dictionary size")?;
        let bytes = usize::try_from(count)
            .ok()
            .and_then(|count| count.checked_mul(size_of::<BlockId>()))
            .filter(|bytes| *bytes <= reader.left())
            .ok_or_else(|| reader.out_of_range("dictionary size"))?;
        let dictionary = reader.take(bytes, "dictionary")?.as_chunks().0;
        Ok(Self {
            reader,
            dictionary,
            event_unit,
            record_unit,
            seq: 0,
            time: 0,
            lag: 0,
            place: 0,
            party: 0,
            peer: 0,
            next: 0,
        })
    }

    /// The next record; `None` at the end.
    pub fn next_view(&mut self) -> Result<Option<View<'a>>, Malformed> {
        self.next_where(None)
    }

    /// The next record that has a member in `mask`; those between are passed over without allocating.
    /// `None` at the end.
    pub fn next_in(&mut self, mask: &MemberSet) -> Result<Option<View<'a>>, Malformed> {
        self.next_where(Some(mask))
    }

    #[inline]
    fn next_where(&mut self, mask: Option<&MemberSet>) -> Result<Option<View<'a>>, Malformed> {
        while !self.reader.is_at_end() {
            let raw = self.record(mask)?;
            if raw.hit {
                return Ok(Some(self.view(&raw)?));
            }
        }
        Ok(None)
    }

    #[inline]
    fn record(&mut self, mask: Option<&MemberSet>) -> Result<Raw<'a>, Malformed> {
        let reader = &mut self.reader;
        let head = reader.byte("operation")?;
        let (op, flow) = op_and_flow(head).ok_or_else(|| reader.out_of_range("operation"))?;
        let form = reader.byte("form")?;
        let more = if head & shape::MORE == 0 {
            0
        } else {
            reader.byte("form")?
        };
        if form & shape::FORM_UNUSED != 0 || more & shape::MORE_UNUSED != 0 {
            return Err(reader.out_of_range("form"));
        }

        let step = i64::try_from(reader.number("sequence")?).ok();
        self.seq = step
            .and_then(|step| self.seq.checked_add(step))
            .ok_or_else(|| reader.out_of_range("sequence"))?;
        let time_before = self.time;
        self.time = time_before.wrapping_add(reader.signed("time")?);
        if form & shape::SAME_LAG == 0 {
            let recorded_before = recorded((self.event_unit, time_before), self.lag);
            let step = reader.signed("record time")?;
            let record_time = self.record_unit.divide(recorded_before).wrapping_add(step);
            let event_time = (self.event_unit, self.time);
            self.lag = Unit::lag(event_time, (self.record_unit, record_time));
        }
        let span = if more & shape::SPAN == 0 {
            0
        } else {
            reader.signed("time span")?
        };
        let known = self.dictionary.len() as u64;
        if form & shape::SAME_PLACE == 0 {
            self.place = reader.number("place")?;
            if known < self.place {
                return Err(reader.out_of_range("place"));
            }
        }
        if form & shape::SAME_PARTY == 0 {
            self.party = reader.number("party")?;
            if known < self.party {
                return Err(reader.out_of_range("party"));
            }
        }
        let owner = if more & shape::OWNER == 0 {
            None
        } else {
            let number = usize::try_from(reader.number("owner")?).ok();
            let owner = number.and_then(|number| self.dictionary.get(number));
            Some(owner.ok_or_else(|| reader.out_of_range("owner"))?)
        };
        let has_peer = form & shape::PEER != 0;
        if has_peer && form & shape::SAME_PEER == 0 {
            self.peer = self.peer.wrapping_add(reader.signed("peer")?);
        }
        let quantity = if more & shape::QUANTITY == 0 {
            None
        } else {
            Some(read_quantity(reader)?)
        };
        let (members, hit, next) = members::read(reader, form & shape::MEMBERS, self.next, mask)?;
        self.next = next;
        Ok(Raw {
            op,
            flow,
            span,
            owner,
            has_peer,
            quantity,
            members,
            hit,
        })
    }

    #[inline]
    fn view(&self, raw: &Raw<'a>) -> Result<View<'a>, Malformed> {
        let peer = if raw.has_peer {
            Some(self.address()?)
        } else {
            None
        };
        let time = self.event_time(self.time)?;
        let latest = if raw.span == 0 {
            time
        } else {
            self.event_time(self.time.wrapping_add(raw.span))?
        };
        let record_time = recorded((self.event_unit, self.time), self.lag);
        Ok(View {
            seq: self.seq,
            t_lo: time,
            t_hi: latest,
            record_time: Timestamp::from_micros(record_time),
            op: raw.op,
            flow: raw.flow,
            place: self.id(self.place),
            party: self.id(self.party),
            owner: raw.owner,
            peer,
            quantity: raw.quantity,
            members: raw.members,
        })
    }

    fn event_time(&self, value: i64) -> Result<Timestamp, Malformed> {
        self.event_unit
            .multiply(value)
            .ok_or_else(|| self.reader.out_of_range("time"))
    }

    #[inline]
    fn id(&self, number: u64) -> Option<&'a BlockId> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.dictionary.get(index)
    }

    #[inline]
    fn address(&self) -> Result<(&'a BlockId, u16), Malformed> {
        let size = i64::from(BLOCK_SIZE);
        let block = usize::try_from(self.peer.div_euclid(size))
            .ok()
            .and_then(|index| self.dictionary.get(index))
            .ok_or_else(|| self.reader.out_of_range("peer"))?;
        let member = u16::try_from(self.peer.rem_euclid(size)).unwrap_or_default();
        Ok((block, member))
    }
}

/// When an event was recorded, in microseconds; what overflows is as good as any other number.
const fn recorded((unit, time): (Unit, i64), lag: i64) -> i64 {
    time.wrapping_mul(unit.micros).wrapping_add(lag)
}

/// What of a record is not running state.
struct Raw<'a> {
    op: Op,
    flow: Flow,
    span: i64,
    owner: Option<&'a BlockId>,
    has_peer: bool,
    quantity: Option<QuantityView<'a>>,
    members: MembersRef<'a>,
    hit: bool,
}

fn read_quantity<'a>(reader: &mut Reader<'a>) -> Result<QuantityView<'a>, Malformed> {
    let form = reader.byte("quantity")?;
    if form & !(shape::AMOUNT | shape::UOM) != 0 {
        return Err(reader.out_of_range("quantity"));
    }
    let amount = if form & shape::AMOUNT == 0 {
        None
    } else {
        let scale = reader.byte("quantity scale")?;
        Some((reader.signed("quantity digits")?, scale))
    };
    let uom = if form & shape::UOM == 0 {
        None
    } else {
        let length = reader.number("unit of measure")?;
        let length =
            usize::try_from(length).map_err(|_too_long| reader.out_of_range("unit of measure"))?;
        let bytes = reader.take(length, "unit of measure")?;
        let at = reader.at();
        Some(std::str::from_utf8(bytes).map_err(|_not_utf8| Malformed::NotText { at })?)
    };
    Ok(QuantityView { amount, uom })
}
