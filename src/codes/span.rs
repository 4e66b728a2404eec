//! Members of a block as most records have them: one, a run, a few, or any set. A set costs an allocation of
//! 512 bytes; the others cost nothing.

use super::MemberSet;
use super::few::Few;

/// Some members of a block, never none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Members {
    /// One member.
    One(u16),
    /// All from `first` to `last`, both included; `first < last`.
    Run {
        /// The lowest.
        first: u16,
        /// The highest.
        last: u16,
    },
    /// A few that are no run.
    Few(Few),
    /// Any others.
    Set(MemberSet),
}

impl Members {
    /// The smallest form of `first..=last`.
    pub const fn run(first: u16, last: u16) -> Self {
        if first == last {
            Self::One(first)
        } else {
            Self::Run { first, last }
        }
    }

    /// The smallest form of members in ascending order.
    pub fn ascending(mut members: impl Iterator<Item = u16>) -> Self {
        let Some(first) = members.next() else {
            return Self::Set(MemberSet::new());
        };
        let mut all = Self::One(first);
        members.for_each(|member| all.push(member));
        all
    }

    /// How many members.
    pub fn len(&self) -> u32 {
        match self {
            Self::One(_) => 1,
            Self::Run { first, last } => u32::from(last - first) + 1,
            Self::Few(few) => few.as_slice().iter().map(|_| 1).sum(),
            Self::Set(set) => set.len(),
        }
    }

    /// Whether there is none: only a set built by hand can be empty.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Set(set) if set.is_empty())
    }

    /// The lowest member.
    pub fn first(&self) -> Option<u16> {
        match self {
            Self::One(first) | Self::Run { first, .. } => Some(*first),
            Self::Few(few) => few.as_slice().first().copied(),
            Self::Set(set) => set.first(),
        }
    }

    /// Whether the member is in.
    pub fn contains(&self, member: u16) -> bool {
        match self {
            Self::One(one) => *one == member,
            Self::Run { first, last } => (*first..=*last).contains(&member),
            Self::Few(few) => few.as_slice().contains(&member),
            Self::Set(set) => set.contains(member),
        }
    }

    /// Whether any member is in `other`.
    pub fn intersects(&self, other: &MemberSet) -> bool {
        match self {
            Self::One(member) => other.contains(*member),
            Self::Run { first, last } => {
                let words = other.words();
                run_words(*first, *last).any(|(index, mask)| words[index] & mask != 0)
            }
            Self::Few(few) => few.as_slice().iter().any(|member| other.contains(*member)),
            Self::Set(set) => set.intersects(other),
        }
    }

    /// Adds all to `other`.
    pub fn add_to(&self, other: &mut MemberSet) {
        match self {
            Self::One(member) => {
                other.insert(*member);
            }
            Self::Run { first, last } => other.insert_run(*first, *last),
            Self::Few(few) => {
                for member in few.as_slice() {
                    other.insert(*member);
                }
            }
            Self::Set(set) => other.union_with(set),
        }
    }

    /// As bits.
    pub fn to_set(&self) -> MemberSet {
        let mut set = MemberSet::new();
        self.add_to(&mut set);
        set
    }

    /// Calls `visit` for each member that is in `mask` too, in ascending order.
    pub fn for_each_in(&self, mask: &MemberSet, mut visit: impl FnMut(u16)) {
        match self {
            Self::One(member) => {
                if mask.contains(*member) {
                    visit(*member);
                }
            }
            Self::Run { first, last } => {
                let words = mask.words();
                for (index, bits) in run_words(*first, *last) {
                    each_bit(index, words[index] & bits, &mut visit);
                }
            }
            Self::Few(few) => {
                let members = few.as_slice().iter().copied();
                members
                    .filter(|member| mask.contains(*member))
                    .for_each(visit);
            }
            Self::Set(set) => {
                for (index, (mine, theirs)) in set.words().iter().zip(mask.words()).enumerate() {
                    each_bit(index, mine & theirs, &mut visit);
                }
            }
        }
    }

    /// Adds a member higher than all there are.
    pub fn push(&mut self, member: u16) {
        match self {
            Self::One(first) if *first + 1 == member => {
                *self = Self::Run {
                    first: *first,
                    last: member,
                }
            }
            Self::Run { last, .. } if *last + 1 == member => *last = member,
            Self::Set(set) => {
                set.insert(member);
            }
            Self::Few(few) => {
                if !few.push(member) {
                    let mut set = self.to_set();
                    set.insert(member);
                    *self = Self::Set(set);
                }
            }
            Self::One(_) | Self::Run { .. } => {
                let more = self.iter().chain(Some(member));
                *self = Few::of(more).map_or_else(
                    || {
                        let mut set = self.to_set();
                        set.insert(member);
                        Self::Set(set)
                    },
                    Self::Few,
                );
            }
        }
    }

    /// Members in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        let (run, few, set) = match self {
            Self::One(member) => (Some(*member..=*member), &[][..], None),
            Self::Run { first, last } => (Some(*first..=*last), &[][..], None),
            Self::Few(few) => (None, few.as_slice(), None),
            Self::Set(set) => (None, &[][..], Some(set.iter())),
        };
        let run = run.into_iter().flatten();
        run.chain(few.iter().copied())
            .chain(set.into_iter().flatten())
    }
}

impl From<MemberSet> for Members {
    /// The smallest form of the set.
    fn from(set: MemberSet) -> Self {
        match (set.first(), set.last()) {
            (Some(first), Some(last)) if set.len() == u32::from(last - first) + 1 => {
                Self::run(first, last)
            }
            (None, _) | (_, None) => Self::Set(set),
            _ => Few::of(set.iter()).map_or(Self::Set(set), Self::Few),
        }
    }
}

/// The words a run touches, with the bits of it in each.
pub(super) fn run_words(first: u16, last: u16) -> impl Iterator<Item = (usize, u64)> {
    let (first, last) = (usize::from(first) % 4096, usize::from(last) % 4096);
    (first / 64..=last / 64).map(move |index| {
        let low = if index == first / 64 { first % 64 } else { 0 };
        let high = if index == last / 64 { last % 64 } else { 63 };
        (index, (u64::MAX << low) & (u64::MAX >> (63 - high)))
    })
}

fn each_bit(word: usize, mut bits: u64, visit: &mut impl FnMut(u16)) {
    let base = u16::try_from(word * 64).unwrap_or_default();
    while bits != 0 {
        visit(base + u16::try_from(bits.trailing_zeros()).unwrap_or_default());
        bits &= bits - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_takes_its_smallest_form() {
        assert_eq!(Members::from(MemberSet::one(4095)), Members::One(4095));
        let run: MemberSet = (60..=200).collect();
        assert_eq!(
            Members::from(run),
            Members::Run {
                first: 60,
                last: 200
            }
        );
        let gap: MemberSet = [1, 3].into_iter().collect();
        assert!(matches!(Members::from(gap), Members::Few(_)));
        let many: MemberSet = (0..7).map(|half| half * 2).collect();
        assert!(matches!(Members::from(many), Members::Set(_)));
    }

    #[test]
    fn members_pushed_one_by_one_are_the_set_in_its_smallest_form() {
        for members in [
            &[4_u16, 7][..],
            &[0, 1, 2, 9],
            &[0, 1, 2, 3, 4, 5, 9],
            &[1, 3, 5, 7, 9, 4095],
            &[1, 3, 5, 7, 9, 11, 4095],
        ] {
            let set: MemberSet = members.iter().copied().collect();
            let mut pushed = Members::One(members[0]);
            members[1..].iter().for_each(|member| pushed.push(*member));
            assert_eq!(pushed, Members::from(set.clone()));
            assert_eq!(pushed.to_set(), set);
            assert_eq!(pushed.len(), set.len());
            assert_eq!(pushed.first(), set.first());
            assert_eq!(pushed.iter().collect::<Vec<_>>(), members);
            let odd: MemberSet = (0..2048).map(|half| half * 2 + 1).collect();
            let mut visited = Vec::new();
            pushed.for_each_in(&odd, |member| visited.push(member));
            let expected: Vec<u16> = members.iter().copied().filter(|m| m % 2 == 1).collect();
            assert_eq!(visited, expected);
            assert_eq!(pushed.intersects(&odd), !expected.is_empty());
            for member in [0, 1, 2, 4, 9, 4095] {
                assert_eq!(pushed.contains(member), set.contains(member));
            }
        }
    }

    #[test]
    fn a_run_is_the_same_set_as_its_members_one_by_one() {
        for (first, last) in [
            (0, 63),
            (0, 64),
            (63, 64),
            (5, 4095),
            (4095, 4095),
            (0, 4095),
        ] {
            let run = Members::run(first, last);
            let set: MemberSet = (first..=last).collect();
            assert_eq!(run.to_set(), set);
            assert_eq!(run.len(), set.len());
            assert_eq!(run.iter().collect::<MemberSet>(), set);
            let mut pushed = Members::One(first);
            (first + 1..=last).for_each(|member| pushed.push(member));
            assert_eq!(pushed, run);
            let odd: MemberSet = (0..2048).map(|half| half * 2 + 1).collect();
            let mut visited = Vec::new();
            run.for_each_in(&odd, |member| visited.push(member));
            let expected: Vec<u16> = (first..=last).filter(|member| member % 2 == 1).collect();
            assert_eq!(visited, expected);
            assert!(run.intersects(&MemberSet::one(last)));
            assert_eq!(run.intersects(&MemberSet::one(0)), first == 0);
        }
    }
}
