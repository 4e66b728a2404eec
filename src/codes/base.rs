//! The dictionary's rows: what a block is a block *of*, as text. A row is enough to write out every
//! identifier of its block again, and (but for interned ones) its id follows from its text, so that the
//! dictionary can be verified and is the same wherever it is built.
//!
//! | kind | base |
//! |---|---|
//! | computed | `{gtin}/{epoch}/{batch}/{index div 4096}` |
//! | numbered | `{number div 4096} {identifier up to its number}` |
//! | lot, class, process, place, party | the canonical identifier, whose member is 0 |
//! | interned | whatever opened it: its identifiers stand in `units` |

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::gs1::{Key, Sscc};

use super::address::{Address, BLOCK_SIZE, Block, BlockKind};
use super::computed::ComputedBlock;

/// Separates these hashes from all others; changing it gives every identifier another address.
const HASH_DOMAIN: &[u8] = b"suyuan block 1\0";

/// What stands before the number of an SSCC.
pub(super) const SSCC_STEM: &str = "https://id.gs1.org/00/";

/// Digits of an SSCC without its check digit.
const SSCC_DIGITS: usize = 17;

/// Why a row of the dictionary does not give the identifier asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BaseError {
    /// The text is not the base of a block of this kind.
    #[error("base {base:?} does not spell a block of kind {kind:?}")]
    Base {
        /// The kind.
        kind: BlockKind,
        /// The text.
        base: String,
    },
    /// The block has no such member.
    #[error("block of base {base:?} and kind {kind:?} has no member {member}")]
    Member {
        /// The kind.
        kind: BlockKind,
        /// The text.
        base: String,
        /// The member.
        member: u16,
    },
}

/// A row of `blocks`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BaseRow {
    /// The id.
    pub block: Block,
    /// What its identifiers are.
    pub kind: BlockKind,
    /// What it is a block of.
    pub base: String,
}

/// A member of a block, written out as far as the dictionary's row goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spelled {
    /// The canonical identifier.
    Identifier(String),
    /// A computed serial: whoever holds the key of the block's GTIN and epoch can write it.
    Computed(ComputedBlock),
    /// An interned identifier: it stands in `units`.
    InUnits,
}

impl BaseRow {
    /// The row of a block whose id is the hash of its kind and base.
    pub fn hashed(kind: BlockKind, base: String) -> Self {
        let mut hash = Sha256::new();
        hash.update(HASH_DOMAIN);
        hash.update([kind as u8]);
        hash.update(base.as_bytes());
        let digest = hash.finalize();
        let mut id = [kind as u8; 16];
        id[1..].copy_from_slice(&digest[..15]);
        Self {
            block: Block(id),
            kind,
            base,
        }
    }

    /// The row of a block of computed serials.
    pub fn computed(block: &ComputedBlock) -> Self {
        Self {
            block: block.block(),
            kind: BlockKind::Computed,
            base: block.base(),
        }
    }

    /// The row and address of a number, and what stands before it in its identifier.
    pub(super) fn numbered(stem: &str, number: u64) -> (Self, Address) {
        let size = u64::from(BLOCK_SIZE);
        let row = Self::hashed(BlockKind::Numbered, format!("{} {stem}", number / size));
        let member = u16::try_from(number % size).unwrap_or_default();
        let address = row.address(member);
        (row, address)
    }

    /// The address of a member.
    pub const fn address(&self, member: u16) -> Address {
        Address {
            block: self.block,
            member,
        }
    }

    /// Whether the id is that of the kind and base.
    pub fn is_consistent(&self) -> bool {
        match self.kind {
            BlockKind::Computed => ComputedBlock::from_base(&self.base)
                .is_some_and(|block| block.block() == self.block),
            BlockKind::Numbered
            | BlockKind::Lot
            | BlockKind::Class
            | BlockKind::Process
            | BlockKind::Interned
            | BlockKind::Place
            | BlockKind::Party => Self::hashed(self.kind, self.base.clone()).block == self.block,
        }
    }

    /// The identifier of a member.
    pub fn spell(&self, member: u16) -> Result<Spelled, BaseError> {
        spell(self.kind, &self.base, member)
    }
}

/// The identifier of a member of the block with this kind and base.
pub fn spell(kind: BlockKind, base: &str, member: u16) -> Result<Spelled, BaseError> {
    let no_base = || BaseError::Base {
        kind,
        base: base.to_owned(),
    };
    let no_member = || BaseError::Member {
        kind,
        base: base.to_owned(),
        member,
    };
    if u32::from(member) >= BLOCK_SIZE {
        return Err(no_member());
    }
    match kind {
        BlockKind::Computed => ComputedBlock::from_base(base)
            .map(Spelled::Computed)
            .ok_or_else(no_base),
        BlockKind::Numbered => {
            let (quotient, stem) = base.split_once(' ').ok_or_else(no_base)?;
            let first = quotient.parse::<u64>().ok();
            let first = first.and_then(|quotient| quotient.checked_mul(BLOCK_SIZE.into()));
            let number = first.ok_or_else(no_base)? + u64::from(member);
            let identifier = if stem == SSCC_STEM {
                let body = format!("{number:0SSCC_DIGITS$}");
                let sscc = Sscc::from_body(&body).ok_or_else(no_member)?;
                Key::of_unit(sscc).canonical()
            } else {
                format!("{stem}{number}")
            };
            Ok(Spelled::Identifier(identifier))
        }
        BlockKind::Lot
        | BlockKind::Class
        | BlockKind::Process
        | BlockKind::Place
        | BlockKind::Party => {
            if member != 0 {
                return Err(no_member());
            }
            Ok(Spelled::Identifier(base.to_owned()))
        }
        BlockKind::Interned => Ok(Spelled::InUnits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOT: &str = "https://id.gs1.org/01/09521234543213/10/L1";

    #[test]
    fn kind_and_base_both_decide_the_id() {
        let lot = BaseRow::hashed(BlockKind::Lot, LOT.to_owned());
        let place = BaseRow::hashed(BlockKind::Place, LOT.to_owned());
        let other = BaseRow::hashed(BlockKind::Lot, format!("{LOT}1"));

        assert_eq!(lot.block.kind(), Some(BlockKind::Lot));
        assert_ne!(lot.block.0[1..], place.block.0[1..]);
        assert_ne!(lot.block, other.block);
    }

    #[test]
    fn an_id_is_the_same_for_ever() {
        let lot = BaseRow::hashed(BlockKind::Lot, LOT.to_owned());
        assert_eq!(
            format!("{:?}", lot.block),
            "03f0aec9e76e99a9ac09854b776647a5"
        );
    }

    #[test]
    fn a_row_with_another_id_or_text_is_not_consistent() {
        let row = BaseRow::hashed(BlockKind::Lot, LOT.to_owned());
        let mut moved = row.clone();
        moved.block.0[15] ^= 1;
        let renamed = BaseRow {
            base: format!("{LOT}x"),
            ..row.clone()
        };
        let misspelt = BaseRow {
            kind: BlockKind::Computed,
            ..row.clone()
        };

        assert!(row.is_consistent());
        for bad in [moved, renamed, misspelt] {
            assert!(!bad.is_consistent(), "{bad:?}");
        }
    }

    #[test]
    fn members_that_cannot_be_are_refused() {
        let lot = BaseRow::hashed(BlockKind::Lot, LOT.to_owned());
        assert_eq!(
            lot.spell(1).unwrap_err().to_string(),
            format!("block of base {LOT:?} and kind Lot has no member 1")
        );
        let no_member = |kind, base: &str, member| {
            matches!(spell(kind, base, member), Err(BaseError::Member { .. }))
        };
        assert!(no_member(BlockKind::Interned, "x", 4096));
        assert!(
            no_member(BlockKind::Numbered, "0 https://id.gs1.org/00/", 0),
            "an SSCC of zeros"
        );
        assert!(
            no_member(
                BlockKind::Numbered,
                "24414062500000 https://id.gs1.org/00/",
                0
            ),
            "an SSCC of 18 digits and its check digit"
        );
    }

    #[test]
    fn texts_that_are_no_base_are_refused() {
        for (kind, base) in [
            (BlockKind::Computed, LOT),
            (BlockKind::Numbered, "17"),
            (BlockKind::Numbered, "x https://id.gs1.org/00/"),
            (
                BlockKind::Numbered,
                "18446744073709551615 https://id.gs1.org/00/",
            ),
        ] {
            assert!(
                matches!(spell(kind, base, 0), Err(BaseError::Base { .. })),
                "{base}"
            );
        }
    }
}
