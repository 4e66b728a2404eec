//! A batch: codes of one product and lot that were issued together. It is one row, however many codes
//! it has; the codes themselves are computed whenever somebody wants them.

use super::serial::{INDEXES, ItemNumber, SerialBook};
use super::{BLOCK_SIZE, Block, ComputedBlock, Error, KeyEpoch, MasterKey};
use crate::epcis::Timestamp;
use crate::gs1::{Gtin, Lot};

/// Characters of a request's id.
const REQUEST_ID_MAX: usize = 128;

/// Codes that were issued together: those with the indexes `0..count`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its id.
    pub id: String,
    /// The product.
    pub gtin: Gtin,
    /// Its number within the GTIN: what its serials say.
    pub number: u32,
    /// The lot.
    pub lot: Lot,
    /// How many codes.
    pub count: u32,
    /// Whose key made the serials: the organisation that issued the GTIN's first batch.
    pub tenant: String,
    /// The epoch of that key.
    pub key_epoch: KeyEpoch,
    /// The organisation it was issued for.
    pub issued_for: String,
    /// What whoever asked called the request.
    pub request_id: Option<String>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The seq in `control/0` of the order that made it.
    pub seq: i64,
}

impl Batch {
    /// The index of the first code.
    pub const fn first_index(&self) -> u32 {
        0
    }

    /// The index of the last code.
    pub const fn last_index(&self) -> u32 {
        self.count.saturating_sub(1)
    }

    /// Whether the item that a serial of this epoch names is one of the codes.
    pub fn has(&self, epoch: KeyEpoch, item: ItemNumber) -> bool {
        self.key_epoch == epoch && self.number == item.batch() && item.index() < self.count
    }

    /// The blocks of its codes, each with its first and last member that is one.
    pub fn blocks(&self) -> impl Iterator<Item = (Block, u16, u16)> {
        let block_of = |first: u32| {
            let last = (first | (BLOCK_SIZE - 1)).min(self.last_index());
            let low = ItemNumber::new(self.number, first).ok()?;
            let high = ItemNumber::new(self.number, last).ok()?;
            let (block, low) = ComputedBlock::of_item(self.gtin, self.key_epoch, low);
            let (_, high) = ComputedBlock::of_item(self.gtin, self.key_epoch, high);
            Some((block.block(), low, high))
        };
        (0..self.count)
            .step_by(BLOCK_SIZE as usize)
            .filter_map(block_of)
    }

    /// Makes and reads its serials.
    pub fn book(&self, master: &MasterKey) -> SerialBook {
        let key = master.serial_key(&self.tenant, self.key_epoch);
        SerialBook::new(&key, self.key_epoch, self.gtin)
    }
}

/// Codes that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The product.
    pub gtin: Gtin,
    /// The lot.
    pub lot: String,
    /// How many codes.
    pub count: u64,
    /// What the request is called: the same id of the same organisation is the same batch again.
    pub request_id: Option<String>,
}

impl Request {
    /// Lot and count as a batch takes them, when all of the request is well formed.
    pub(super) fn checked(&self) -> Result<(Lot, u32), Error> {
        let lot = printable_lot(&self.lot).ok_or_else(|| Error::Lot(self.lot.clone()))?;
        let count = u32::try_from(self.count)
            .ok()
            .filter(|count| (1..=INDEXES).contains(count))
            .ok_or(Error::Count(self.count))?;
        if let Some(id) = &self.request_id {
            let length = id.chars().count();
            if !(1..=REQUEST_ID_MAX).contains(&length) || id.chars().any(char::is_control) {
                return Err(Error::RequestId(id.clone()));
            }
        }
        Ok((lot, count))
    }
}

/// A lot that we print: of GS1's characters only those that need no escape in a link, are in the
/// alphanumeric mode of QR symbols or nearly so, and begin no formula in a spreadsheet.
fn printable_lot(text: &str) -> Option<Lot> {
    let is_ours = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let begins_well = text.bytes().next().is_some_and(is_ours);
    let is_plain = text
        .bytes()
        .all(|byte| is_ours(byte) || b"-._".contains(&byte));
    Lot::parse(text).ok().filter(|_| begins_well && is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(lot: &str, count: u64, request_id: Option<&str>) -> Request {
        Request {
            gtin: Gtin::parse("09521234543213").unwrap(),
            lot: lot.to_owned(),
            count,
            request_id: request_id.map(str::to_owned),
        }
    }

    #[test]
    fn requests_of_every_size_a_batch_has_are_taken() {
        for (lot, count) in [
            ("L", 1),
            ("20261122-A.1_B", 7),
            ("A2345678901234567890", 16_777_216),
        ] {
            let (read, codes) = request(lot, count, Some("订单 7")).checked().unwrap();
            assert_eq!((read.as_str(), u64::from(codes)), (lot, count));
        }
    }

    #[test]
    fn lots_that_print_badly_are_refused() {
        for lot in [
            "",
            "l-7",
            "-7",
            ".7",
            "=1",
            "L/7",
            "L%7",
            "L 7",
            "批7",
            "A23456789012345678901",
        ] {
            let refused = request(lot, 1, None).checked();
            assert!(
                matches!(refused, Err(Error::Lot(found)) if found == lot),
                "{lot}"
            );
        }
    }

    #[test]
    fn counts_and_request_ids_have_limits() {
        for count in [0, 16_777_217, u64::MAX] {
            let refused = request("L", count, None).checked();
            assert!(matches!(refused, Err(Error::Count(found)) if found == count));
        }
        for id in ["", "a\nb", "a\0", &"x".repeat(129)] {
            let refused = request("L", 1, Some(id)).checked();
            assert!(matches!(refused, Err(Error::RequestId(found)) if found == id));
        }
    }
}
