//! A dairy. Milk of six farms is mixed in two silos; what the meters do not see stays behind in a silo and
//! gets into the next milk, until the silo is cleaned. Most milk is pasteurised and filled into cartons, some
//! becomes raw-milk cheese. Odd seeds: after a cleaning a silo is not rinsed, and the pasteuriser stops no
//! residue. Even seeds: a farm's milk has listeria, which the pasteuriser does stop, and the cheese
//! room does not.

mod cast;
mod sim;

use super::chain::{Cast, Chain, Frame, Setting};
use super::serials::SerialSource;
use super::world::World;
use super::{Description, PlannedLot};

pub(super) use sim::Dairy;

/// Silos are cleaned after every third filling, and both have at least three of these cycles.
pub(super) const FRAME: Frame = Frame {
    least: 36,
    runs_min: 18,
    run_max: 480,
    run_seconds: 12 * 3_600,
};

/// The hazard of even seeds, which the pasteuriser stops.
pub(super) const LISTERIA: &str = "listeria";
/// The hazard of odd seeds, which it does not.
const RESIDUE: &str = "cleaning agent residue";

const CAST: &Cast = &cast::CAST;

/// Whether the world is one of cleaning agent.
const fn is_residue(setting: &Setting) -> bool {
    !setting.seed.is_multiple_of(2)
}

pub(super) fn describe(setting: &Setting) -> Description {
    let units = setting.units;
    if is_residue(setting) {
        return Description {
            zh: format!(
                "六个牧场的生乳在两个奶仓中混合，经巴氏杀菌制成盒装奶，少量制成生乳奶酪，共 {units} 件。\
                 一号奶仓一次清洗后没有漂净，清洗剂残留随之进入乳中；杀菌除不掉它，仓底余乳又把它带入下一仓，\
                 直到再次清洗。问题是：残留到了哪里？"
            ),
            en: format!(
                "Raw milk of six farms is mixed in two silos, pasteurised and filled into cartons; some becomes raw-milk \
                 cheese: {units} pieces in all. After one cleaning silo 1 is not rinsed. Heat does not stop the residue, and \
                 the milk that stays behind in the silo carries it into the next fillings, until the next cleaning. \
                 Where did it go?"
            ),
        };
    }
    Description {
        zh: format!(
            "六个牧场的生乳在两个奶仓中混合，经巴氏杀菌制成盒装奶，少量制成生乳奶酪，共 {units} 件。\
             一个牧场的一批生乳含李斯特菌；仓底余乳把它带入同一奶仓的下一批，直到清洗。杀菌能阻断它，\
             但生乳奶酪不经杀菌。问题是：哪些产品受到影响？"
        ),
        en: format!(
            "Raw milk of six farms is mixed in two silos, pasteurised and filled into cartons; some becomes raw-milk \
             cheese: {units} pieces in all. One farm's lot has listeria, and the milk that stays behind in the silo carries \
             it into the next fillings, until the silo is cleaned. The pasteuriser stops it; the cheese never sees a \
             pasteuriser. Which products are affected?"
        ),
    }
}

pub(super) fn world() -> World {
    CAST.world(Vec::new())
}

pub(super) fn planned_lots(setting: &Setting) -> Vec<PlannedLot> {
    let lots = (0..setting.runs).flat_map(|run| {
        let (cartons, wheels) = sim::shares(setting.count(run));
        let lot = |ware, lot, count| PlannedLot {
            gtin: CAST.gtin(ware),
            lot,
            count,
        };
        [
            lot(cast::CHEESE, sim::cheese_lot(run), wheels),
            lot(cast::CARTON, sim::carton_lot(run), cartons),
        ]
    });
    lots.collect()
}

pub(super) fn tell<S: SerialSource>(setting: &Setting, serials: S) -> Chain<Dairy, S> {
    Chain::new(Dairy::new(setting), CAST, setting, serials)
}
