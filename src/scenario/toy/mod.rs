//! Toys. A supplier's paint lot has lead in it. The toy maker calls what he receives by lot numbers of his
//! own, one for each delivery, and paints several lots of toys with it. Paint that misses the toys is
//! caught and used again; so is some of it in a later lot that never saw the bad delivery.

mod cast;
mod sim;

use super::chain::{Cast, Chain, Frame, Setting};
use super::serials::SerialSource;
use super::world::{Alias, World};
use super::{Description, PlannedLot};

pub(super) use sim::Toys;

/// A paint lot colours four lots of toys, and its reclaimed paint a fifth; three paint lots at least.
pub(super) const FRAME: Frame = Frame {
    least: 24,
    runs_min: 12,
    run_max: 480,
    run_seconds: 8 * 3_600,
};

const CAST: &Cast = &cast::CAST;

pub(super) fn describe(setting: &Setting) -> Description {
    let units = setting.units;
    Description {
        zh: format!(
            "玩具厂用外购涂料给 {units} 件玩具上色。供应商的一批涂料含铅；玩具厂收货后按每次送货另编自己的批号，\
             一批涂料用于多批玩具，喷漆时溢出的涂料回收后又用于别的批次。供应商还把同一批涂料卖给了家具厂。\
             玩具卖出后有的被退回、再卖。问题是：已知供应商批号，哪些玩具和涂料受到影响？"
        ),
        en: format!(
            "A toy maker paints {units} toys with bought paint. One paint lot of the supplier has lead in it. The toy maker \
             gives every delivery a lot number of his own, uses each for several lots of toys, and catches the overspray \
             and uses it again in another lot. The supplier sold the same lot to a furniture maker, too. Toys are sold, come \
             back and are sold again. Given the supplier's lot number: which toys and which paint are affected?"
        ),
    }
}

pub(super) fn world(setting: &Setting) -> World {
    CAST.world(aliases(setting))
}

/// What the toy maker calls what he received.
fn aliases(setting: &Setting) -> Vec<Alias> {
    let paints = 0..setting.runs.div_ceil(sim::RUNS_A_PAINT);
    let names = paints.flat_map(|paint| {
        (0..sim::DELIVERIES).map(move |delivery| Alias {
            id: sim::supplier_lot(paint),
            same_as: sim::own_lot(paint, delivery),
            org: cast::MAKER_ID.to_owned(),
        })
    });
    names.collect()
}

pub(super) fn planned_lots(setting: &Setting) -> Vec<PlannedLot> {
    let lots = (0..setting.runs).map(|run| PlannedLot {
        gtin: CAST.gtin(cast::TOY),
        lot: sim::toy_lot(run),
        count: setting.count(run),
    });
    lots.collect()
}

pub(super) fn tell<S: SerialSource>(setting: &Setting, serials: S) -> Chain<Toys, S> {
    Chain::new(Toys::new(setting), CAST, setting, serials)
}
