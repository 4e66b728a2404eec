//! Blocks of computed serials spell themselves: their 16 bytes are kind, GTIN, key epoch, batch and which
//! 4096 indexes of the batch. An issued serial has its address without a look-up.

use crate::gs1::Gtin;

use super::address::{Address, BLOCK_SIZE, Block, BlockKind};
use super::keys::KeyEpoch;
use super::serial::{ComputedSerial, ItemNumber, SerialBook};

/// Bytes of a GTIN as a number: 10^14 < 2^48.
const GTIN_BYTES: usize = 6;

/// Up to 4096 consecutive items of one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComputedBlock {
    gtin: Gtin,
    epoch: KeyEpoch,
    /// The first item of the block.
    first: ItemNumber,
}

impl ComputedBlock {
    /// The block an item is in, and its member there.
    pub fn of_item(gtin: Gtin, epoch: KeyEpoch, item: ItemNumber) -> (Self, u16) {
        let member = item.index() % BLOCK_SIZE;
        let first = item.back_by(member);
        let block = Self { gtin, epoch, first };
        (block, u16::try_from(member).unwrap_or_default())
    }

    /// The block with this id; `None` when the id does not spell one.
    pub fn from_block(block: Block) -> Option<Self> {
        let (head, rest) = block.0.split_first_chunk::<{ 1 + GTIN_BYTES }>()?;
        let (epoch, rest) = rest.split_first()?;
        let (batch, chunk) = rest.split_first_chunk::<4>()?;
        if block.kind() != Some(BlockKind::Computed) {
            return None;
        }
        let number = head[1..]
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte));
        let chunk = u32::from_be_bytes(chunk.try_into().ok()?);
        Self::new(
            Gtin::parse(&format!("{number:014}")).ok()?,
            KeyEpoch::new(*epoch)?,
            u32::from_be_bytes(*batch),
            chunk,
        )
    }

    /// The block with this base text, as [`base`](Self::base) writes it.
    pub fn from_base(base: &str) -> Option<Self> {
        let mut parts = base.split('/');
        let gtin = Gtin::parse(parts.next()?).ok()?;
        let epoch = KeyEpoch::new(parts.next()?.parse().ok()?)?;
        let block = Self::new(
            gtin,
            epoch,
            parts.next()?.parse().ok()?,
            parts.next()?.parse().ok()?,
        )?;
        (parts.next().is_none() && block.base() == base).then_some(block)
    }

    fn new(gtin: Gtin, epoch: KeyEpoch, batch: u32, chunk: u32) -> Option<Self> {
        let first = ItemNumber::new(batch, chunk.checked_mul(BLOCK_SIZE)?).ok()?;
        Some(Self { gtin, epoch, first })
    }

    /// Its id.
    pub fn block(&self) -> Block {
        let digits = self.gtin.as_str().bytes();
        let number = digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
        let mut id = [0; 16];
        id[0] = BlockKind::Computed as u8;
        id[1..7].copy_from_slice(&number.to_be_bytes()[8 - GTIN_BYTES..]);
        id[7] = self.epoch.number();
        id[8..12].copy_from_slice(&self.first.batch().to_be_bytes());
        id[12..].copy_from_slice(&self.chunk().to_be_bytes());
        Block(id)
    }

    /// Its base text: GTIN, key epoch, batch and index / 4096, as in `09521234543213/0/17/3`.
    pub fn base(&self) -> String {
        let (gtin, epoch) = (self.gtin, self.epoch.number());
        format!("{gtin}/{epoch}/{}/{}", self.first.batch(), self.chunk())
    }

    /// The address of a member.
    pub fn address(&self, member: u16) -> Address {
        Address {
            block: self.block(),
            member,
        }
    }

    /// The product.
    pub const fn gtin(&self) -> Gtin {
        self.gtin
    }

    /// The epoch of the key its serials are made with.
    pub const fn epoch(&self) -> KeyEpoch {
        self.epoch
    }

    /// The batch within the GTIN.
    pub const fn batch(&self) -> u32 {
        self.first.batch()
    }

    /// The item a member is; `None` when a block has no such member.
    pub fn item(&self, member: u16) -> Option<ItemNumber> {
        if u32::from(member) >= BLOCK_SIZE {
            return None;
        }
        ItemNumber::new(self.first.batch(), self.first.index() + u32::from(member)).ok()
    }

    /// The serial of a member, made with the book of its GTIN and epoch.
    pub fn serial(&self, book: &SerialBook, member: u16) -> Option<ComputedSerial> {
        Some(book.issue(self.item(member)?))
    }

    /// Whether the other block is of the same batch.
    pub fn is_of_batch_with(&self, other: &Self) -> bool {
        self.gtin == other.gtin
            && self.epoch == other.epoch
            && self.first.batch() == other.first.batch()
    }

    /// Another block of the same batch: its `chunk`th 4096 items.
    pub fn sibling(&self, chunk: u32) -> Option<Self> {
        Self::new(self.gtin, self.epoch, self.first.batch(), chunk)
    }

    const fn chunk(&self) -> u32 {
        self.first.index() / BLOCK_SIZE
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::serial::{BATCHES, INDEXES};
    use super::*;

    fn gtin(body: u64) -> Option<Gtin> {
        Gtin::from_body(&format!("{body:013}"))
    }

    proptest! {
        #[test]
        fn id_and_base_both_spell_the_block(
            body in 1..10_000_000_000_000_u64, epoch in 0..32_u8, batch in 0..BATCHES, index in 0..INDEXES,
        ) {
            let gtin = gtin(body).unwrap();
            let epoch = KeyEpoch::new(epoch).unwrap();
            let item = ItemNumber::new(batch, index).unwrap();

            let (block, member) = ComputedBlock::of_item(gtin, epoch, item);

            prop_assert_eq!(block.item(member), Some(item));
            prop_assert_eq!(ComputedBlock::from_block(block.block()), Some(block));
            prop_assert_eq!(ComputedBlock::from_base(&block.base()), Some(block));
            prop_assert_eq!((block.gtin(), block.epoch(), block.batch()), (gtin, epoch, batch));
        }
    }

    #[test]
    fn a_block_reads_as_its_parts() {
        let gtin = Gtin::parse("09521234543213").unwrap();
        let item = ItemNumber::new(17, 3 * 4096 + 5).unwrap();

        let (block, member) = ComputedBlock::of_item(gtin, KeyEpoch::FIRST, item);

        assert_eq!(block.base(), "09521234543213/0/17/3");
        assert_eq!(member, 5);
        assert_eq!(
            format!("{:?}", block.address(5).block),
            format!("01{:012x}000000001100000003", 9_521_234_543_213_u64)
        );
        assert_eq!(block.item(4096), None);
    }

    #[test]
    fn what_spells_no_block_is_none() {
        for base in [
            "",
            "09521234543213/0/17",
            "09521234543213/0/17/3/1",
            "09521234543214/0/17/3",
            "9521234543213/0/17/3",
            "09521234543213/32/17/3",
            "09521234543213/0/1048576/3",
            "09521234543213/0/17/4096",
            "09521234543213/0/+17/3",
            "09521234543213/0/017/3",
        ] {
            assert_eq!(ComputedBlock::from_base(base), None, "{base}");
        }
        assert_eq!(ComputedBlock::from_block(Block([0; 16])), None);
        assert_eq!(ComputedBlock::from_block(Block([1; 16])), None);
    }
}
