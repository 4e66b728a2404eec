//! Infant formula. On packing line 2 a sieve breaks and for three hours metal fragments fall into the tins.
//! Some of these tins are opened later and their powder goes back into the blends, so that line 1 fills
//! contaminated tins as well; the lots go in circles. Tins go by case and pallet over four warehouses to
//! sixty shops. What makes it hard: only pallets are scanned at gates, pallets are mixed anew, clean and
//! contaminated tins share cases, lots and blends, and some reports come late, twice or not at all.
//!
//! A tray of tins is closed at one instant, between two of which the sieve breaks and is mended; so a
//! window without guard, or with one below half the time between two trays (3 minutes by default), is exact.

mod blending;
mod cast;
mod filling;
mod papers;
mod places;
mod plan;
mod rows;
mod shop;
mod sim;
mod warehouse;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod whereabouts;

pub(super) use sim::Sim;

use crate::epcis::Timestamp;

use super::serials::SerialSource;
use super::truth::Window;
use super::world::World;
use super::{Description, PlannedLot, ScenarioError};

/// The parameters of the infant formula world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formula {
    seed: u64,
    start: Timestamp,
    plan: plan::Plan,
}

impl Formula {
    /// So many tins, rounded up to whole cases, usually.
    pub const UNITS: u32 = 20_000;
    /// The least number of tins with which the whole story happens.
    pub const UNITS_MIN: u32 = plan::UNITS_MIN;

    /// A world of `units` tins that begins at `start`, four days before the first tin is filled.
    pub fn new(units: u32, seed: u64, start: Timestamp) -> Result<Self, ScenarioError> {
        Ok(Self {
            seed,
            start,
            plan: plan::Plan::new(units, None, start)?,
        })
    }

    /// The same with faster lines: so many tins in a tray, a multiple of 24. A tray is closed every six
    /// minutes on each line, so the usual 48 make 960 tins an hour. Memory grows with this.
    pub fn with_tray(
        units: u32,
        seed: u64,
        start: Timestamp,
        tins_per_tray: u32,
    ) -> Result<Self, ScenarioError> {
        Ok(Self {
            seed,
            start,
            plan: plan::Plan::new(units, Some(tins_per_tray), start)?,
        })
    }

    /// The recall's question: line 2 while its sieve was broken.
    pub fn window(&self) -> Window {
        self.plan.window()
    }

    /// The master data.
    pub fn world(&self) -> World {
        rows::world()
    }

    /// The lots of tins and how many serials the stream takes of each, in the order of the first taking.
    pub fn planned_lots(&self) -> Vec<PlannedLot> {
        let gtin = places::Map::draw().tin;
        let mut lots: Vec<PlannedLot> = Vec::new();
        for tray in 0..self.plan.trays {
            for line in 0..2 {
                let count = self.plan.tins(line, tray);
                let lot = plan::lot_number(self.plan.filled_at(line, tray));
                match lots.last_mut() {
                    Some(last) if last.lot == lot => last.count += count,
                    _ => lots.push(PlannedLot {
                        gtin: gtin.clone(),
                        lot,
                        count,
                    }),
                }
            }
        }
        lots.retain(|lot| 0 < lot.count);
        lots
    }

    /// What it is about.
    pub fn describe(&self) -> Description {
        let (units, window) = (self.plan.units(), self.window());
        let (from, until) = (
            super::report::local(window.from),
            super::report::local(window.until),
        );
        Description {
            zh: format!(
                "婴儿配方乳粉 {units} 罐，由一家工厂的两条包装线灌装，经四个区域仓发往六十家门店。\
                 {from} 至 {until}，二号线筛网破裂，金属碎屑落入罐中；其中一部分罐被拆开回掺，\
                 使一号线后来灌装的产品也受到污染。托盘在仓库被拆分重组，多数环节只扫描外层编码。\
                 问题是：哪些罐受到影响，它们现在在哪里、在谁手中？"
            ),
            en: format!(
                "{units} tins of infant formula, filled on two lines of one plant, go over four warehouses to sixty shops. \
                 From {from} to {until} a broken sieve on line 2 lets metal fragments into the tins; some of these are \
                 opened and their powder is blended in again, so that line 1 fills contaminated tins later. Pallets are \
                 broken and mixed in the warehouses, and mostly only the outermost code is scanned. Which tins are \
                 affected, where are they now, and who has them?"
            ),
        }
    }

    /// Lets the world run.
    pub(super) fn tell<S: SerialSource>(&self, serials: S) -> Sim<S> {
        Sim::new(self.plan.clone(), self.seed, serials, self.start)
    }
}
