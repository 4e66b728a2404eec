//! The worlds that are measured, and what is asked about them.

use std::collections::BTreeSet;

use crate::epcis::Timestamp;
use crate::scenario::load::{Load, LoadPlan};

/// 2026-01-05T00:00:00Z: when a world begins.
const START: Timestamp = Timestamp::from_micros(1_767_571_200_000_000);

/// Items of a listed scope, at most a tenth of the world.
const LISTED: u32 = 10_000;

/// Which world, and which question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Variant {
    /// Packed in the order of serials; what one line made on one day.
    A,
    /// Shuffled within a day before packing; the same question.
    B,
    /// As a, with foreign serials, which are interned.
    C,
    /// The world of b; 10,000 items out of all, at random.
    D,
    /// All of them.
    All,
}

/// A world to be made.
#[derive(Debug, Clone, Copy)]
pub(super) struct World {
    /// What its figures are called.
    pub(super) label: &'static str,
    /// A part of the size: one in so many items.
    pub(super) one_in: u32,
    /// Whether a day's items are shuffled before packing.
    pub(super) is_shuffled: bool,
    /// Whether the items have foreign serials.
    pub(super) is_foreign: bool,
    /// What is asked.
    pub(super) asks: Asks,
    /// Whether rows of items are made beside it.
    pub(super) has_rows: bool,
}

/// Which questions are asked about a world; figures of listed items have a name of their own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asks {
    /// What one line made on one day.
    Window,
    /// Items at random.
    Listed(&'static str),
    /// Both.
    Both(&'static str),
}

impl Asks {
    /// Whether what one line made on one day is asked for.
    pub(super) const fn window(self) -> bool {
        matches!(self, Self::Window | Self::Both(_))
    }

    /// The name of the figures of listed items, if those are asked for.
    pub(super) const fn listed(self) -> Option<&'static str> {
        match self {
            Self::Window => None,
            Self::Listed(label) | Self::Both(label) => Some(label),
        }
    }
}

const WORLD: World = World {
    label: "a in order",
    one_in: 1,
    is_shuffled: false,
    is_foreign: false,
    asks: Asks::Window,
    has_rows: true,
};

/// The worlds of a variant, in the order in which they are measured. Beside a and b a tenth of each shows what
/// growing costs.
pub(super) fn worlds(variant: Variant) -> Vec<World> {
    let a = WORLD;
    let a_tenth = World {
        label: "a in order, a tenth",
        one_in: 10,
        has_rows: false,
        ..WORLD
    };
    let b = World {
        label: "b shuffled",
        is_shuffled: true,
        ..WORLD
    };
    let b_tenth = World {
        label: "b shuffled, a tenth",
        one_in: 10,
        has_rows: false,
        ..b
    };
    let c = World {
        label: "c foreign serials",
        is_foreign: true,
        ..WORLD
    };
    let listed = "d listed items";
    match variant {
        Variant::A => vec![a_tenth, a],
        Variant::B => vec![b_tenth, b],
        Variant::C => vec![c],
        Variant::D => vec![World {
            label: "d world",
            asks: Asks::Listed(listed),
            ..b
        }],
        Variant::All => vec![
            a_tenth,
            a,
            b_tenth,
            World {
                asks: Asks::Both(listed),
                ..b
            },
            c,
        ],
    }
}

impl World {
    /// The plan of it, out of a world of `size` items.
    pub(super) const fn plan(&self, size: u32, seed: u64) -> LoadPlan {
        LoadPlan {
            items: size / self.one_in,
            seed,
            is_shuffled: self.is_shuffled,
            start: START,
        }
    }
}

/// What is asked about a world.
#[derive(Debug, Clone)]
pub(super) enum Question {
    /// What took part in events at a place within a window, and where it is.
    Window,
    /// Where these items are.
    Listed(Vec<u32>),
}

impl Question {
    /// Items out of all, at random.
    pub(super) fn listed(load: &Load, seed: u64) -> Self {
        let count = LISTED.min(load.item_count() / 10);
        let mut draw = Draw::new(seed);
        let mut items = BTreeSet::new();
        while items.len() < count as usize {
            items.insert(draw.below(load.item_count()));
        }
        Self::Listed(items.into_iter().collect())
    }

    /// How many items must be found.
    pub(super) fn expected(&self, load: &Load) -> u64 {
        match self {
            Self::Window => load.affected_count().into(),
            Self::Listed(items) => items.len() as u64,
        }
    }
}

/// Numbers at random, the same for the same seed (splitmix64).
#[derive(Debug)]
pub(super) struct Draw(u64);

impl Draw {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        u32::try_from((u128::from(mixed) * u128::from(end)) >> 64).unwrap_or_default()
    }
}
