//! Standings as threads find them: each thread numbers its own, no two equal, and all of them are numbered together
//! afterwards.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::sight::Stood;
use super::slots::OPEN;
use super::standing::Standing;

/// Standings, no two equal, by number: in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Distinct(IndexSet<Standing, FxBuildHasher>);

/// The number of a standing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Numbered {
    /// Among all.
    Known(u32),
    /// Among those of one [`Distinct`].
    Own(u32),
}

impl Distinct {
    pub(super) fn add(&mut self, standing: Standing) -> u32 {
        let (number, _) = self.0.insert_full(standing);
        u32::try_from(number).unwrap_or(OPEN)
    }

    /// Adds those of another. Returns their numbers here.
    pub(super) fn add_all(&mut self, other: Self) -> Vec<u32> {
        let standings = other.0.into_iter();
        standings.map(|standing| self.add(standing)).collect()
    }

    pub(super) fn number(&mut self, stood: Stood) -> Numbered {
        match stood {
            Stood::Known(number) => Numbered::Known(number),
            Stood::Own(standing) => Numbered::Own(self.add(standing)),
        }
    }

    pub(super) fn get(&self, number: u32) -> &Standing {
        &self.0[number as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn into_list(self) -> impl Iterator<Item = Standing> {
        self.0.into_iter()
    }
}

impl Numbered {
    /// The number among all; `own` has those of its [`Distinct`].
    pub(super) fn among(self, own: &[u32]) -> u32 {
        match self {
            Self::Known(number) => number,
            Self::Own(number) => own[number as usize],
        }
    }
}
