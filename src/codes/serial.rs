//! Computed serials: 14 characters of base 32 in which a producer's batch and index are written so that
//! only the holder of the key can read or make one. A batch of ten million codes is one row.
//!
//! The first character names the key epoch; the other 13 are the permutation ([`SerialCipher`]) of
//! batch (20 bits) ‖ index (24 bits) ‖ 21 zero bits. A serial made up by somebody else decrypts to 21
//! zeros once in two million tries, and must then still fall into a batch that was issued.

use std::fmt;

use thiserror::Error;

use crate::gs1::Gtin;

use super::base32;
use super::cipher::{Halves, NUMERALS, SerialCipher, TWEAK_BYTES};
use super::keys::{KeyEpoch, SerialKey};

/// Characters of a computed serial.
pub const SERIAL_LENGTH: usize = 1 + NUMERALS;

/// Batches a GTIN can have: 20 bits.
pub const BATCHES: u32 = 1 << 20;

/// Codes a batch can have: 24 bits.
pub const INDEXES: u32 = 1 << 24;

/// Zero bits that tell an issued serial from an invented one.
const ZERO_BITS: u32 = 21;

/// Values encrypted at a time when a range is written out.
const CHUNK: usize = 256;

/// A number that does not fit into a serial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ItemNumberError {
    /// The batch number has more than 20 bits.
    #[error("batch {0} is beyond the last batch of a GTIN, {last}", last = BATCHES - 1)]
    Batch(u32),
    /// The index, or the end of a range of indexes, has more than 24 bits.
    #[error("index {0} is beyond the last index of a batch, {last}", last = INDEXES - 1)]
    Index(u64),
}

/// What a serial of a GTIN says: batch and index in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemNumber {
    batch: u32,
    index: u32,
}

impl ItemNumber {
    /// Batch and index, when a serial has room for them.
    pub const fn new(batch: u32, index: u32) -> Result<Self, ItemNumberError> {
        if batch >= BATCHES {
            return Err(ItemNumberError::Batch(batch));
        }
        if index >= INDEXES {
            return Err(ItemNumberError::Index(index as u64));
        }
        Ok(Self { batch, index })
    }

    /// The batch's number within the GTIN.
    pub const fn batch(self) -> u32 {
        self.batch
    }

    /// The index within the batch.
    pub const fn index(self) -> u32 {
        self.index
    }

    /// The item that many indexes before, at most the first of its batch.
    pub(super) const fn back_by(self, items: u32) -> Self {
        Self {
            batch: self.batch,
            index: self.index.saturating_sub(items),
        }
    }

    fn plain(self) -> Halves {
        Halves::of((u128::from(self.batch) << 24 | u128::from(self.index)) << ZERO_BITS)
    }

    fn from_plain(plain: Halves) -> Option<Self> {
        let value = plain.value();
        if value.trailing_zeros() < ZERO_BITS {
            return None;
        }
        let number = u64::try_from(value >> ZERO_BITS).ok()?;
        Some(Self {
            batch: u32::try_from(number >> 24).ok()?,
            index: u32::try_from(number % u64::from(INDEXES)).ok()?,
        })
    }
}

/// The text of a computed serial: its shape is right, which says nothing of who made it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComputedSerial([u8; SERIAL_LENGTH]);

impl ComputedSerial {
    /// Reads a serial exactly as it is printed; `None` for a text of any other shape.
    pub fn parse(text: &str) -> Option<Self> {
        let characters: [u8; SERIAL_LENGTH] = text.as_bytes().try_into().ok()?;
        let known = |character: &u8| base32::value(*character).is_some();
        characters.iter().all(known).then_some(Self(characters))
    }

    /// Reads a serial that a person typed: blanks and hyphens are skipped, lower case and look-alikes
    /// (I, L for 1; O for 0) folded.
    pub fn parse_typed(text: &str) -> Option<Self> {
        Self::parse(&fold_typed(text))
    }

    /// Its characters.
    pub const fn as_bytes(&self) -> &[u8; SERIAL_LENGTH] {
        &self.0
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The epoch of the key it claims to be made with.
    pub fn epoch(&self) -> KeyEpoch {
        KeyEpoch::from_character(self.0[0]).unwrap_or(KeyEpoch::FIRST)
    }

    fn of(epoch: KeyEpoch, image: Halves) -> Self {
        let mut characters = [epoch.character(); SERIAL_LENGTH];
        characters[1..].copy_from_slice(&image.characters());
        Self(characters)
    }
}

impl Default for ComputedSerial {
    /// The smallest text of the shape, for buffers to be filled.
    fn default() -> Self {
        Self([b'0'; SERIAL_LENGTH])
    }
}

impl fmt::Display for ComputedSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ComputedSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ComputedSerial({self})")
    }
}

/// What a hand-typed serial was probably meant to be. Only for serials known to be of ours: others tell
/// `l` from `1`.
pub fn fold_typed(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_whitespace() && *character != '-')
        .map(|character| match u8::try_from(character) {
            Ok(byte) if byte.is_ascii() => base32::fold(byte).into(),
            _ => character,
        })
        .collect()
}

/// Makes and reads the serials of one GTIN under the key of one epoch.
#[derive(Debug, Clone)]
pub struct SerialBook {
    cipher: SerialCipher,
    epoch: KeyEpoch,
}

impl SerialBook {
    /// The book of a GTIN under a key and its epoch.
    pub fn new(key: &SerialKey, epoch: KeyEpoch, gtin: Gtin) -> Self {
        let mut tweak = [b'0'; TWEAK_BYTES];
        for (place, digit) in tweak.iter_mut().zip(gtin.as_str().bytes()) {
            *place = digit;
        }
        Self {
            cipher: SerialCipher::new(key, &tweak),
            epoch,
        }
    }

    /// The serial of one item.
    pub fn issue(&self, item: ItemNumber) -> ComputedSerial {
        ComputedSerial::of(self.epoch, self.cipher.encrypt(item.plain()))
    }

    /// Fills `serials` with those of consecutive items, `first` onwards.
    pub fn issue_range(
        &self,
        first: ItemNumber,
        serials: &mut [ComputedSerial],
    ) -> Result<(), ItemNumberError> {
        let end = u64::from(first.index) + serials.len() as u64;
        if end > INDEXES.into() {
            return Err(ItemNumberError::Index(end - 1));
        }
        let mut images = [Halves::default(); CHUNK];
        let mut indexes = first.index..;
        for chunk in serials.chunks_mut(CHUNK) {
            let images = &mut images[..chunk.len()];
            for (image, index) in images.iter_mut().zip(&mut indexes) {
                *image = ItemNumber { index, ..first }.plain();
            }
            self.cipher.encrypt_all(images);
            for (serial, image) in chunk.iter_mut().zip(images.iter()) {
                *serial = ComputedSerial::of(self.epoch, *image);
            }
        }
        Ok(())
    }

    /// What the serial says; `None` when it was not made with this key for this GTIN.
    pub fn open(&self, serial: &ComputedSerial) -> Option<ItemNumber> {
        if serial.epoch() != self.epoch {
            return None;
        }
        let (_, characters) = serial.0.split_first_chunk::<1>()?;
        let image = Halves::from_characters(characters.try_into().ok()?)?;
        ItemNumber::from_plain(self.cipher.decrypt(image))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const MILK: &str = "09521234543213";
    const CHEESE: &str = "09521234543220";

    fn book(key: u8, epoch: u8, gtin: &str) -> SerialBook {
        let key = SerialKey::from_bytes([key; 32]);
        let epoch = KeyEpoch::new(epoch).unwrap();
        SerialBook::new(&key, epoch, Gtin::parse(gtin).unwrap())
    }

    fn item(batch: u32, index: u32) -> ItemNumber {
        ItemNumber::new(batch, index).unwrap()
    }

    fn any_item() -> impl Strategy<Value = ItemNumber> {
        (0..BATCHES, 0..INDEXES).prop_map(|(batch, index)| item(batch, index))
    }

    proptest! {
        #[test]
        fn a_serial_opens_to_the_item_it_was_issued_for(
            item in any_item(), key: u8, epoch in 0..32_u8,
        ) {
            let book = book(key, epoch, MILK);
            let serial = book.issue(item);

            prop_assert_eq!(book.open(&serial), Some(item));
            prop_assert_eq!(ComputedSerial::parse(serial.as_str()), Some(serial));
            prop_assert_eq!(serial.epoch().number(), epoch);
        }

        #[test]
        fn a_serial_opens_under_no_other_key_product_or_epoch(item in any_item()) {
            let serial = book(1, 0, MILK).issue(item);

            prop_assert_eq!(book(2, 0, MILK).open(&serial), None);
            prop_assert_eq!(book(1, 0, CHEESE).open(&serial), None);
            prop_assert_eq!(book(1, 1, MILK).open(&serial), None);
        }

        #[test]
        fn a_typed_serial_is_read_whatever_its_case_and_look_alikes(item in any_item()) {
            let serial = book(1, 17, MILK).issue(item);
            let typed = serial.as_str().to_lowercase().replace('1', "l").replace('0', "o");
            let spaced = format!(" {}-{} {}", &typed[..5], &typed[5..9], &typed[9..]);

            prop_assert_eq!(ComputedSerial::parse_typed(&spaced), Some(serial));
        }
    }

    #[test]
    fn a_serial_is_the_same_for_ever() {
        let serial = book(0x2B, 0, MILK).issue(item(17, 4_097));
        assert_eq!(serial.as_str(), "02JN72Z6KYRAWY");
    }

    #[test]
    fn invented_serials_are_not_issued() {
        let book = book(1, 0, MILK);
        let genuine = book.issue(item(3, 14));
        let mut opened = 0;
        for place in 1..SERIAL_LENGTH {
            for character in base32::ALPHABET {
                let mut changed = genuine;
                changed.0[place] = *character;
                opened += u32::from(changed != genuine && book.open(&changed).is_some());
            }
        }
        assert_eq!(opened, 0, "one changed character makes it nobody's");
    }

    #[test]
    fn a_range_is_its_items_one_by_one() {
        let book = book(9, 31, MILK);
        let first = item(5, 1_000_000);
        let mut serials = [ComputedSerial::default(); CHUNK * 2 + 3];

        book.issue_range(first, &mut serials).unwrap();

        for (serial, index) in serials.iter().zip(1_000_000..) {
            assert_eq!(*serial, book.issue(item(5, index)));
        }
        assert_eq!(BTreeSet::from(serials).len(), serials.len());
    }

    #[test]
    fn a_range_ends_with_the_last_index_of_its_batch() {
        let book = book(9, 0, MILK);
        let first = item(0, INDEXES - 2);

        assert_eq!(
            book.issue_range(first, &mut [ComputedSerial::default(); 2]),
            Ok(())
        );
        assert_eq!(
            book.issue_range(first, &mut [ComputedSerial::default(); 3]),
            Err(ItemNumberError::Index(INDEXES.into()))
        );
    }

    #[test]
    fn numbers_that_do_not_fit_are_refused_by_name() {
        assert_eq!(
            ItemNumber::new(BATCHES, 0),
            Err(ItemNumberError::Batch(BATCHES))
        );
        assert_eq!(
            ItemNumber::new(0, INDEXES),
            Err(ItemNumberError::Index(INDEXES.into()))
        );
        assert!(ItemNumber::new(BATCHES - 1, INDEXES - 1).is_ok());
    }

    #[test]
    fn texts_of_another_shape_are_no_serials() {
        for text in [
            "",
            "0123456789ABC",
            "0123456789ABCDE",
            "0123456789ABCU",
            "0123456789abcd",
            "0123456789ABC溯",
            "溯源溯源溯",
        ] {
            assert_eq!(ComputedSerial::parse(text), None, "{text}");
        }
        assert_eq!(ComputedSerial::parse_typed("0123456789ABC溯"), None);
        assert_eq!(fold_typed("溯 iL-o"), "溯110");
    }
}
