//! Addresses: every identifier is one (block, member). Up to 4096 consecutive codes share a block, so
//! that what happens to many of them is one record and sets of them are runs or bitmaps.

use std::fmt;

/// Members of a block: 0..4096.
pub const BLOCK_SIZE: u32 = 4096;

/// What the identifiers of a block are. The number is the first byte of the block's id and stands in
/// `blocks.kind`: never change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum BlockKind {
    /// Computed serials of one batch: the id itself spells (GTIN, key epoch, batch, index / 4096).
    Computed = 1,
    /// A key with a short canonical number as its serial, SSCCs among them.
    Numbered = 2,
    /// A lot: GTIN + AI 10, an LGTIN, or a class-level private identifier in a quantity list.
    Lot = 3,
    /// A class without a lot: a GTIN alone, or an `idpat`.
    Class = 4,
    /// A process: a transformationID, or one transformation event without it.
    Process = 5,
    /// Any other instance identifier, given the next free member at first sight.
    Interned = 6,
    /// A place: a GLN with or without extension, or any URI used as read point or location.
    Place = 7,
    /// A party: a party GLN, a registered organisation, or any URI used as owner or possessor.
    Party = 8,
}

impl BlockKind {
    /// The kind with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Computed,
            2 => Self::Numbered,
            3 => Self::Lot,
            4 => Self::Class,
            5 => Self::Process,
            6 => Self::Interned,
            7 => Self::Place,
            8 => Self::Party,
            _ => return None,
        })
    }
}

/// The id of a block: its kind, then 15 bytes that either spell the block or are a hash of its base.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block(pub [u8; 16]);

impl Block {
    /// What the identifiers of this block are; `None` for bytes that are no block's id.
    pub const fn kind(&self) -> Option<BlockKind> {
        BlockKind::from_number(self.0[0])
    }

    /// Whether it is a lot or a class: something of which there are quantities, not members.
    pub const fn is_quantified(&self) -> bool {
        matches!(self.kind(), Some(BlockKind::Lot | BlockKind::Class))
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// One identifier: a block and its member in it (0..4096).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The block.
    pub block: Block,
    /// The member, 0..4096.
    pub member: u16,
}
