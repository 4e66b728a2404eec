//! The serials of a load's items: issued by us and computed, or foreign ones, which are interned.

use crate::codes::{ItemNumber, SerialBook};
use crate::gs1::Gtin;
use crate::scenario::load::ITEMS_A_LOT;

/// Foreign serials are numbers of so many bits, scattered by a multiplication that can be undone.
const FOREIGN_BITS: u32 = 40;
const FACTOR: u64 = 0x9e_3779_b97f;

/// The codes of a load.
#[derive(Debug)]
pub(super) enum Serials {
    /// Computed: for each lot its product, its book and its batch.
    Issued(Vec<(Gtin, SerialBook, u32)>),
    /// Somebody else's: no two items near each other have serials near each other.
    Foreign,
}

impl Serials {
    /// The serial of an item.
    pub(super) fn of(&self, item: u32) -> String {
        match self {
            Self::Issued(lots) => lots
                .get((item / ITEMS_A_LOT) as usize)
                .and_then(|(_, book, batch)| {
                    let number = ItemNumber::new(*batch, item % ITEMS_A_LOT).ok()?;
                    Some(book.issue(number).as_str().to_owned())
                })
                .unwrap_or_default(),
            Self::Foreign => {
                let scattered = u64::from(item).wrapping_mul(FACTOR) & mask();
                format!("F{scattered:010X}")
            }
        }
    }

    /// The item with this number in this product's batch.
    pub(super) fn issued(&self, gtin: Gtin, number: ItemNumber) -> Option<u32> {
        let Self::Issued(lots) = self else {
            return None;
        };
        let lot = lots
            .iter()
            .position(|(known, _, batch)| *known == gtin && *batch == number.batch())?;
        Some(u32::try_from(lot).ok()? * ITEMS_A_LOT + number.index())
    }
}

/// The item whose link ends with this foreign serial.
pub(super) fn foreign_item(link: &str) -> Option<u32> {
    let (_, digits) = link.rsplit_once("/21/F")?;
    let scattered = u64::from_str_radix(digits, 16).ok()?;
    u32::try_from(scattered.wrapping_mul(inverse()) & mask()).ok()
}

const fn mask() -> u64 {
    (1 << FOREIGN_BITS) - 1
}

/// The number that multiplied with [`FACTOR`] gives 1: each round doubles the bits that are right.
const fn inverse() -> u64 {
    let mut inverse = FACTOR;
    let mut bits = 3;
    while bits < 64 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(FACTOR.wrapping_mul(inverse)));
        bits *= 2;
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_serial_tells_its_item_again() {
        for item in [0, 1, 2, 999_999, 10_000_000, u32::MAX] {
            let link = format!(
                "https://id.gs1.org/01/09506000134352/21/{}",
                Serials::Foreign.of(item)
            );
            assert_eq!(foreign_item(&link), Some(item));
        }
    }
}
