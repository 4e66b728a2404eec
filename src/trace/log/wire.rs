//! Bytes in and out of a block log: little-endian base-128 numbers and slices, and what can be wrong with them.

/// Why the bytes of a block log cannot be read. Positions count from the start of `data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Written by a version of the layout this program does not know, or not a log at all.
    #[error("block log version {0} is not known")]
    Version(u8),
    /// The bytes end inside a field.
    #[error("the bytes end inside {field} (at byte {at})")]
    Cut {
        /// The field.
        field: &'static str,
        /// Where it began.
        at: usize,
    },
    /// A number, an index or a flag holds a value it cannot have.
    #[error("{field} at byte {at} is out of range")]
    Range {
        /// The field.
        field: &'static str,
        /// Where it ends.
        at: usize,
    },
    /// A unit of measure that is not UTF-8.
    #[error("the unit of measure at byte {at} is not UTF-8")]
    NotText {
        /// Where it ends.
        at: usize,
    },
}

/// Reads forward over the bytes of one log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    pub(super) const fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The bytes from `from` to here.
    pub(super) fn since(&self, from: usize) -> &'a [u8] {
        self.bytes.get(from..self.at).unwrap_or_default()
    }

    pub(super) const fn out_of_range(&self, field: &'static str) -> Malformed {
        Malformed::Range { field, at: self.at }
    }

    #[inline]
    pub(super) fn byte(&mut self, field: &'static str) -> Result<u8, Malformed> {
        let Some(byte) = self.bytes.get(self.at) else {
            return Err(Malformed::Cut { field, at: self.at });
        };
        self.at += 1;
        Ok(*byte)
    }

    /// Eight bytes are looked at together, so that how long the number is costs no branch.
    #[inline]
    pub(super) fn number(&mut self, field: &'static str) -> Result<u64, Malformed> {
        const LAST: u64 = 0x8080_8080_8080_8080;
        let Some(eight) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<8>) else {
            return self.long_number(field);
        };
        let word = u64::from_le_bytes(*eight);
        let stops = !word & LAST;
        if stops == 0 {
            return self.long_number(field);
        }
        let bits = stops.trailing_zeros() + 1;
        self.at += bits as usize / 8;
        Ok(squeeze(word & !LAST & (u64::MAX >> (64 - bits))))
    }

    fn long_number(&mut self, field: &'static str) -> Result<u64, Malformed> {
        let start = self.at;
        let mut value = 0_u64;
        let mut shift = 0_u32;
        loop {
            let Some(byte) = self.bytes.get(self.at) else {
                return Err(Malformed::Cut { field, at: start });
            };
            self.at += 1;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && 1 < bits {
                return Err(self.out_of_range(field));
            }
            value |= bits << shift;
            if *byte < 0x80 {
                return Ok(value);
            }
            shift += 7;
            if 63 < shift {
                return Err(self.out_of_range(field));
            }
        }
    }

    /// A number that may be negative.
    #[inline]
    pub(super) fn signed(&mut self, field: &'static str) -> Result<i64, Malformed> {
        Ok(unzigzag(self.number(field)?))
    }

    pub(super) fn take(
        &mut self,
        count: usize,
        field: &'static str,
    ) -> Result<&'a [u8], Malformed> {
        let taken = self
            .at
            .checked_add(count)
            .and_then(|end| self.bytes.get(self.at..end))
            .ok_or(Malformed::Cut { field, at: self.at })?;
        self.at += count;
        Ok(taken)
    }
}

/// Eight bytes of seven bits each as one number of 56 bits.
#[inline]
const fn squeeze(word: u64) -> u64 {
    let pairs = (word & 0x007f_007f_007f_007f) | (word & 0x7f00_7f00_7f00_7f00) >> 1;
    let fours = (pairs & 0x0000_3fff_0000_3fff) | (pairs & 0x3fff_0000_3fff_0000) >> 2;
    (fours & 0x0fff_ffff) | (fours & 0x0fff_ffff_0000_0000) >> 4
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits at a time")]
pub(super) fn put_number(out: &mut Vec<u8>, mut value: u64) {
    while 0x80 <= value {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_number(out, zigzag(value));
}

/// How many bytes [`put_number`] writes.
pub(super) const fn number_len(value: u64) -> usize {
    (70 - (value | 1).leading_zeros() as usize) / 7
}

const fn zigzag(value: i64) -> u64 {
    (value << 1).cast_unsigned() ^ (value >> 63).cast_unsigned()
}

const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_is_read_back_and_its_length_foretold(value: u64, other: i64) {
            let mut bytes = Vec::new();
            put_number(&mut bytes, value);
            prop_assert_eq!(bytes.len(), number_len(value));
            put_signed(&mut bytes, other);

            let mut reader = Reader::new(&bytes);

            prop_assert_eq!(reader.number("a"), Ok(value));
            prop_assert_eq!(reader.signed("b"), Ok(other));
            prop_assert!(reader.is_at_end());
        }
    }

    #[test]
    fn a_number_of_more_than_64_bits_is_refused_by_name() {
        let eleven = [0xff_u8; 11];
        let mut too_big = [0x80_u8; 10];
        too_big[9] = 0x02;

        for bytes in [&eleven[..], &too_big[..]] {
            let refused = Reader::new(bytes).number("place");

            assert!(matches!(
                refused,
                Err(Malformed::Range { field: "place", .. })
            ));
        }
    }

    #[test]
    fn a_number_cut_short_names_its_field() {
        let cut = Reader::new(&[0x80]).number("party");

        assert_eq!(
            cut,
            Err(Malformed::Cut {
                field: "party",
                at: 0
            })
        );
    }
}
