//! A handful of members in the room that a reference to a set would take.

/// How many fit.
const MOST: usize = 6;

/// Two to six members in ascending order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Few {
    count: u8,
    /// Zero beyond `count`, so that equal sets are equal bytes.
    members: [u16; MOST],
}

impl std::fmt::Debug for Few {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.as_slice()).finish()
    }
}

impl Few {
    /// These members, ascending; `None` if they do not fit.
    pub fn of(ascending: impl Iterator<Item = u16>) -> Option<Self> {
        let mut few = Self {
            count: 0,
            members: [0; MOST],
        };
        for member in ascending {
            if !few.push(member) {
                return None;
            }
        }
        Some(few)
    }

    /// The members.
    pub fn as_slice(&self) -> &[u16] {
        self.members.get(..self.count.into()).unwrap_or_default()
    }

    /// Adds a member higher than all there are; false if it does not fit.
    pub fn push(&mut self, member: u16) -> bool {
        let Some(slot) = self.members.get_mut(usize::from(self.count)) else {
            return false;
        };
        *slot = member;
        self.count += 1;
        true
    }
}
