//! Sets of members of one block, as bits: 4096 of them, 64 words.

use std::fmt;

use super::span::run_words;

/// A set of members 0..4096 of one block.
#[derive(Clone, PartialEq, Eq)]
pub struct MemberSet(Box<[u64; 64]>);

impl Default for MemberSet {
    fn default() -> Self {
        Self(Box::new([0; 64]))
    }
}

impl fmt::Debug for MemberSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl MemberSet {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The set of one member.
    pub fn one(member: u16) -> Self {
        let mut set = Self::default();
        set.insert(member);
        set
    }

    /// All 4096.
    pub fn all() -> Self {
        Self(Box::new([u64::MAX; 64]))
    }

    /// Adds a member (taken modulo 4096); true when it was not there.
    pub fn insert(&mut self, member: u16) -> bool {
        let (word, bit) = place(member);
        let was = self.0[word] & bit;
        self.0[word] |= bit;
        was == 0
    }

    /// Adds all from `first` to `last`, both included.
    pub fn insert_run(&mut self, first: u16, last: u16) {
        for (index, mask) in run_words(first, last) {
            self.0[index] |= mask;
        }
    }

    /// The lowest member.
    pub fn first(&self) -> Option<u16> {
        self.iter().next()
    }

    /// The highest member.
    pub fn last(&self) -> Option<u16> {
        let (word, index) = self
            .0
            .iter()
            .zip(0_u16..64)
            .rfind(|(word, _)| **word != 0)?;
        let bit = u16::try_from(63 - word.leading_zeros()).unwrap_or_default();
        Some(index * 64 + bit)
    }

    /// Takes a member out; true when it was there.
    pub fn remove(&mut self, member: u16) -> bool {
        let (word, bit) = place(member);
        let was = self.0[word] & bit;
        self.0[word] &= !bit;
        was != 0
    }

    /// Whether the member is in.
    pub fn contains(&self, member: u16) -> bool {
        let (word, bit) = place(member);
        self.0[word] & bit != 0
    }

    /// How many members.
    pub fn len(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether none is in.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Members in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.0.iter().zip(0_u16..).flat_map(|(word, index)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                if left == 0 {
                    return None;
                }
                let bit = u16::try_from(left.trailing_zeros()).unwrap_or_default();
                left &= left - 1;
                Some(index * 64 + bit)
            })
        })
    }

    /// Adds all of `other`.
    pub fn union_with(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0.iter()) {
            *mine |= theirs;
        }
    }

    /// Keeps only what `other` has too.
    pub fn intersect_with(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0.iter()) {
            *mine &= theirs;
        }
    }

    /// Takes out all of `other`.
    pub fn subtract(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0.iter()) {
            *mine &= !theirs;
        }
    }

    /// Whether the two share a member.
    pub fn intersects(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(other.0.iter())
            .any(|(mine, theirs)| mine & theirs != 0)
    }

    /// Whether every member is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(other.0.iter())
            .all(|(mine, theirs)| mine & !theirs == 0)
    }

    /// The 64 words, lowest members first.
    pub fn words(&self) -> &[u64; 64] {
        &self.0
    }

    /// From 64 words, lowest members first.
    pub fn from_words(words: [u64; 64]) -> Self {
        Self(Box::new(words))
    }
}

impl FromIterator<u16> for MemberSet {
    fn from_iter<I: IntoIterator<Item = u16>>(members: I) -> Self {
        let mut set = Self::default();
        for member in members {
            set.insert(member);
        }
        set
    }
}

fn place(member: u16) -> (usize, u64) {
    let member = usize::from(member) % 4096;
    (member / 64, 1 << (member % 64))
}
