//! Frozen shrimp. Imported cartons travel in boxes that come back and are used again, the boxes in a
//! refrigerated container that is used again, too. On one leg the cooling fails for an hour and a half: what
//! was inside then is affected; not what was unloaded at the stop before, nor what the same boxes and the
//! same container carried before and after. Some affected cartons become retail trays.

mod cast;
mod goods;
mod sim;

use super::chain::{Cast, Chain, Frame, Setting};
use super::serials::SerialSource;
use super::world::World;
use super::{Description, PlannedLot};

pub(super) use sim::Shrimp;

/// A run is a shipment; six shipments at least, so that containers come back.
pub(super) const FRAME: Frame = Frame {
    least: 36,
    runs_min: 6,
    run_max: 240,
    run_seconds: 24 * 3_600,
};

const CAST: &Cast = &cast::CAST;

pub(super) fn describe(setting: &Setting) -> Description {
    let units = setting.units;
    Description {
        zh: format!(
            "进口冻虾 {units} 箱，装入循环使用的周转箱，再装进循环使用的冷藏集装箱，由口岸冷库依次运往两个城市的配送站。\
             途中一程制冷中断一个半小时。前一站已卸下的、前一站新装上的、同一周转箱和集装箱前后所载的货物各不相同；\
             有的冻虾后来加工成零售盒装。问题是：断链时箱内有什么，现在在哪里？"
        ),
        en: format!(
            "{units} cartons of imported frozen shrimp travel in boxes that are used again and again, and these in a \
             refrigerated container that is used again, from a cold store over two cities. On one leg the cooling fails for \
             an hour and a half. Some was unloaded at the stop before, some was loaded there, and the same boxes and the same \
             container carried other goods before and after; some cartons become retail trays later. What was inside during \
             the break, and where is it now?"
        ),
    }
}

pub(super) fn world() -> World {
    CAST.world(Vec::new())
}

pub(super) fn planned_lots(setting: &Setting) -> Vec<PlannedLot> {
    let lots = (0..setting.runs).map(|run| PlannedLot {
        gtin: CAST.gtin(cast::CARTON),
        lot: sim::carton_lot(run),
        count: setting.count(run),
    });
    lots.collect()
}

pub(super) fn tell<S: SerialSource>(setting: &Setting, serials: S) -> Chain<Shrimp, S> {
    Chain::new(Shrimp::new(setting), CAST, setting, serials)
}
