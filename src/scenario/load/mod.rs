//! A load: very many items of one maker, made, packed, sent out and partly sold, as a benchmark needs
//! them. Nothing is late, twice or wrong here; what matters is how many there are and how they are packed.
//!
//! Five days, two lines. Each line makes a tenth of all items a day; the recall is about one line on one
//! day, so a tenth of the world is affected. In the evening the day's items are packed 24 to a case and 40
//! cases to a pallet: in the order of their serials, or shuffled, so that nearly every case holds items of
//! both lines. Pallets go to warehouses and on to shops, scanned by themselves; some stop on the way, some
//! are taken apart in the shop and half of what was in them is sold.
//!
//! A [`Step`] is an event in numbers; [`Load::body`] writes it as EPCIS JSON.

mod map;
mod plan;
mod write;

pub use map::Site;

use super::rng::Rng;
use super::{PlannedLot, ScenarioError, Window, World};
use crate::epcis::Timestamp;

/// Items of one product and batch at most.
pub const ITEMS_A_LOT: u32 = 1_000_000;

/// The least items with which every case of the story occurs.
const ITEMS_LEAST: u32 = 2_000;
/// Days on which items are made.
const DAYS: u32 = 5;
/// Lines that make them.
const LINES: u32 = 2;
/// Shares of the world: a line's day each.
const SHARES: u32 = DAYS * LINES;
/// The share that the recall is about: line 2 on the third day.
const AFFECTED_SHARE: u32 = 5;

/// Tells the serial of an item.
pub type Serial<'a> = &'a (dyn Fn(u32) -> String + Sync);

/// What to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadPlan {
    /// Items in all.
    pub items: u32,
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// Whether a day's items are shuffled before they are packed.
    pub is_shuffled: bool,
    /// The midnight before the first day.
    pub start: Timestamp,
}

/// What is done in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// Items are made.
    Make,
    /// Items are put into a case, or cases on a pallet.
    Pack,
    /// A case or pallet is emptied.
    Empty,
    /// Pallets leave for a place.
    Ship,
    /// Pallets arrive.
    Receive,
    /// Items are sold to consumers.
    Sell,
}

/// One event, in numbers. Units are numbered through: items, then cases, then pallets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub time: Timestamp,
    /// What.
    pub deed: Deed,
    /// Where, as an index into [`Load::sites`]; of a shipment, where to.
    pub site: u32,
    /// Where from: of a shipment and of its arrival.
    pub from: Option<u32>,
    /// The case or pallet that is packed or emptied.
    pub container: Option<u32>,
    /// The units it is about; none where a container is emptied.
    pub units: Vec<u32>,
}

/// A world of very many items.
#[derive(Debug, Clone)]
pub struct Load {
    plan: LoadPlan,
    sites: Vec<Site>,
    steps: Vec<Step>,
    case_count: u32,
    pallet_count: u32,
}

impl Load {
    /// Plans the world.
    pub fn new(plan: LoadPlan) -> Result<Self, ScenarioError> {
        if plan.items < ITEMS_LEAST {
            return Err(ScenarioError::TooFew {
                units: plan.items,
                least: ITEMS_LEAST,
            });
        }
        let mut load = Self {
            plan,
            sites: map::sites(plan.items),
            steps: Vec::new(),
            case_count: 0,
            pallet_count: 0,
        };
        plan::make(&mut load);
        load.steps.sort_by_key(|step| step.time);
        Ok(load)
    }

    /// The master data.
    pub fn world(&self) -> World {
        map::world(self)
    }

    /// Where things happen.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// The events, by time.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The lots whose codes the items have: item n is code `n % ITEMS_A_LOT` of lot `n / ITEMS_A_LOT`.
    pub fn lots(&self) -> Vec<PlannedLot> {
        let whole = ITEMS_A_LOT as usize;
        (0..self.plan.items)
            .step_by(whole)
            .zip(0..)
            .map(|(first, number)| PlannedLot {
                gtin: map::gtin(number),
                lot: format!("LOAD{number}"),
                count: (self.plan.items - first).min(ITEMS_A_LOT),
            })
            .collect()
    }

    /// How many items there are.
    pub const fn item_count(&self) -> u32 {
        self.plan.items
    }

    /// How many items, cases and pallets there are.
    pub const fn unit_count(&self) -> u32 {
        self.plan.items + self.case_count + self.pallet_count
    }

    /// How many items the recall must find.
    pub fn affected_count(&self) -> u32 {
        let share = self.share(AFFECTED_SHARE);
        share.end - share.start
    }

    /// The recall's question.
    pub fn window(&self) -> Window {
        let from = self.plan.start.micros() + i64::from(AFFECTED_SHARE / LINES) * plan::DAY;
        Window {
            place: self.sites[map::line(AFFECTED_SHARE % LINES)].link.clone(),
            from: Timestamp::from_micros(from),
            until: Timestamp::from_micros(from + plan::DAY),
            hazard: "a loose screw in the filler".to_owned(),
        }
    }

    /// When everything has happened.
    pub fn end(&self) -> Timestamp {
        self.steps.last().map_or(self.plan.start, |step| step.time)
    }

    /// A step as the site writes it: a bare event.
    pub fn body(&self, number: usize, serial: Serial<'_>) -> Vec<u8> {
        self.steps
            .get(number)
            .map(|step| write::body(self, number, step, serial))
            .unwrap_or_default()
    }

    /// The identifier of a unit.
    pub fn identifier(&self, unit: u32, serial: Serial<'_>) -> String {
        write::identifier(self, unit, serial)
    }

    /// The items of a share: consecutive ones.
    fn share(&self, share: u32) -> std::ops::Range<u32> {
        let bound = |share: u32| {
            let items = u64::from(self.plan.items) * u64::from(share) / u64::from(SHARES);
            u32::try_from(items).unwrap_or(self.plan.items)
        };
        bound(share)..bound(share + 1)
    }

    const fn rng(&self, purpose: u64) -> Rng {
        Rng::new(self.plan.seed, purpose)
    }
}

#[cfg(test)]
mod tests;
