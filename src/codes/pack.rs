//! Packing: variable-length numbers and member sets as bytes, shared by everything that keeps
//! participants in a blob.

use super::MemberSet;

/// Writes 7 bits a byte, lowest first.
pub fn put_number(out: &mut Vec<u8>, mut value: u64) {
    while 0x80 <= value {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7f) as u8);
}

/// Writes a signed number: small ones of either sign are short.
pub fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_number(out, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

/// Bytes that are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("packed bytes are damaged: {0}")]
pub struct Damaged(pub &'static str);

/// Reads packed bytes from the front.
#[derive(Debug, Clone, Copy)]
pub struct Unpack<'a>(&'a [u8]);

impl<'a> Unpack<'a> {
    /// Over these bytes.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether all bytes are read.
    pub const fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> Result<u8, Damaged> {
        let (first, rest) = self.0.split_first().ok_or(Damaged("too short"))?;
        self.0 = rest;
        Ok(*first)
    }

    /// The next `n` bytes.
    pub fn bytes(&mut self, n: usize) -> Result<&'a [u8], Damaged> {
        let (head, rest) = self.0.split_at_checked(n).ok_or(Damaged("too short"))?;
        self.0 = rest;
        Ok(head)
    }

    /// The next `N` bytes, as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        let (head, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or(Damaged("too short"))?;
        self.0 = rest;
        Ok(*head)
    }

    /// A number of [`put_number`].
    pub fn number(&mut self) -> Result<u64, Damaged> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Damaged("a number of more than 64 bits"))
    }

    /// A number of [`put_signed`].
    pub fn signed(&mut self) -> Result<i64, Damaged> {
        let value = self.number()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }
}

/// How a member set is written: the shortest of four forms.
const ONE: u8 = 0;
const RUN: u8 = 1;
const LIST: u8 = 2;
const BITMAP: u8 = 3;

/// Writes a set: one member, a run, a list of gaps, or the 512-byte bitmap.
pub fn put_members(out: &mut Vec<u8>, members: &MemberSet) {
    let count = members.len();
    let mut listed = members.iter();
    let (Some(first), Some(last)) = (listed.next(), members.iter().last()) else {
        out.push(LIST);
        put_number(out, 0);
        return;
    };
    if count == 1 {
        out.push(ONE);
        put_number(out, first.into());
    } else if u32::from(last - first) + 1 == count {
        out.push(RUN);
        put_number(out, first.into());
        put_number(out, count.into());
    } else if count <= 300 {
        out.push(LIST);
        put_number(out, count.into());
        let mut due = 0_u16;
        for member in members.iter() {
            put_number(out, (member - due).into());
            due = member + 1;
        }
    } else {
        out.push(BITMAP);
        for word in members.words() {
            out.extend_from_slice(&word.to_le_bytes());
        }
    }
}

/// Reads a set of [`put_members`].
pub fn members(from: &mut Unpack<'_>) -> Result<MemberSet, Damaged> {
    let member = |value: u64| {
        u16::try_from(value)
            .ok()
            .filter(|member| *member < 4096)
            .ok_or(Damaged("a member beyond 4095"))
    };
    match from.byte()? {
        ONE => Ok(MemberSet::one(member(from.number()?)?)),
        RUN => {
            let first = member(from.number()?)?;
            let count = from.number()?;
            if count == 0 || 4096 < count {
                return Err(Damaged("a run of impossible length"));
            }
            let last = member(u64::from(first) + count - 1)?;
            Ok((first..=last).collect())
        }
        LIST => {
            let count = from.number()?;
            let mut set = MemberSet::new();
            let mut due = 0_u64;
            for _ in 0..count {
                let next = member(due.saturating_add(from.number()?))?;
                set.insert(next);
                due = u64::from(next) + 1;
            }
            Ok(set)
        }
        BITMAP => {
            let mut words = [0; 64];
            for word in &mut words {
                *word = u64::from_le_bytes(from.array()?);
            }
            Ok(MemberSet::from_words(words))
        }
        _ => Err(Damaged("an unknown form of a member set")),
    }
}

#[cfg(test)]
mod tests {
    use super::{MemberSet, Unpack, members, put_members, put_number, put_signed};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_and_sets_read_back_as_written(
            number: u64, signed: i64, chosen in proptest::collection::btree_set(0_u16..4096, 0..700), start in 0_u16..2000, length in 1_u16..2000
        ) {
            let list: MemberSet = chosen.into_iter().collect();
            let run: MemberSet = (start..start + length).collect();
            let mut bytes = Vec::new();
            put_number(&mut bytes, number);
            put_signed(&mut bytes, signed);
            put_members(&mut bytes, &list);
            put_members(&mut bytes, &run);

            let mut from = Unpack::new(&bytes);
            prop_assert_eq!(from.number().unwrap(), number);
            prop_assert_eq!(from.signed().unwrap(), signed);
            prop_assert_eq!(members(&mut from).unwrap(), list);
            prop_assert_eq!(members(&mut from).unwrap(), run);
            prop_assert!(from.is_done());
        }

        #[test]
        fn damaged_bytes_are_an_error_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = members(&mut Unpack::new(&bytes));
        }
    }

    #[test]
    fn a_case_of_neighbours_takes_four_bytes() {
        let mut bytes = Vec::new();
        put_members(&mut bytes, &(240..264).collect());
        assert_eq!(bytes.len(), 4);
    }
}
