//! RFC 6962 hashes and the compact range of a growing log. No I/O, no proofs beyond roots.
//!
//! `leaf = SHA-256(0x00 ‖ data)`, `node = SHA-256(0x01 ‖ left ‖ right)`, the empty tree is SHA-256 of
//! nothing, and a tree of n > 1 leaves splits at the largest power of two below n.

use sha2::{Digest, Sha256};

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// The hash of a leaf's bytes.
pub fn leaf_hash(data: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0_u8])
        .chain_update(data)
        .finalize()
        .into()
}

/// The hash of an inner node.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1_u8])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The root over all leaf hashes at once.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut range = CompactRange::default();
    for leaf in leaves {
        range.push(*leaf);
    }
    range.root()
}

/// The roots of the perfect subtrees that cover leaves 0..size, largest first: one hash for each bit
/// set in `size`. All the state an appender needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CompactRange {
    size: u64,
    hashes: Vec<Hash>,
}

impl CompactRange {
    /// From a size and its hashes, largest subtree first; `None` when their number is not the number
    /// of bits set in the size.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        let fits = rest.is_empty() && hashes.len() == size.count_ones() as usize;
        fits.then(|| Self {
            size,
            hashes: hashes.to_vec(),
        })
    }

    /// The hashes in a row, largest subtree first.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes.concat()
    }

    /// How many leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf's hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.hashes.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    /// The root of the whole tree.
    pub fn root(&self) -> Hash {
        self.hashes
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(|| Sha256::digest([]).into())
    }
}

#[cfg(test)]
mod tests {
    use super::{CompactRange, Hash, leaf_hash, node_hash};
    use sha2::{Digest, Sha256};

    /// The definition of RFC 6962 §2.1, word for word.
    fn tree_hash(leaves: &[Hash]) -> Hash {
        match leaves.len() {
            0 => Sha256::digest([]).into(),
            1 => leaves[0],
            n => {
                let k = n.next_power_of_two() / 2;
                node_hash(&tree_hash(&leaves[..k]), &tree_hash(&leaves[k..]))
            }
        }
    }

    #[test]
    fn the_compact_range_has_the_root_of_the_definition_at_every_size() {
        let mut range = CompactRange::default();
        let mut leaves = Vec::new();
        for n in 0..600_u32 {
            assert_eq!(range.root(), tree_hash(&leaves), "size {n}");
            let again = CompactRange::from_bytes(range.size(), &range.to_bytes()).unwrap();
            assert_eq!(again, range);
            let leaf = leaf_hash(&n.to_be_bytes());
            leaves.push(leaf);
            range.push(leaf);
        }
    }

    #[test]
    fn a_range_of_the_wrong_length_is_no_range() {
        assert!(CompactRange::from_bytes(3, &[0; 32]).is_none());
        assert!(CompactRange::from_bytes(1, &[0; 33]).is_none());
        assert!(CompactRange::from_bytes(0, &[]).is_some());
    }
}
