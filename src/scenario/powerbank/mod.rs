//! Power banks. A batch of cells may catch fire; it went into a range of serials, in which a few numbers were
//! spoiled and never borne by anything. Some power banks are bundled into gift sets with serials of their own.
//! They are sold on an online platform, in parcels that nobody ever reports as opened, and in shops; some
//! come back, some are resold by a second-hand dealer.

mod cast;
mod sim;

use super::chain::{Cast, Chain, Frame, Setting};
use super::serials::SerialSource;
use super::world::World;
use super::{Description, PlannedLot};

pub(super) use sim::PowerBanks;

/// A batch of cells lasts for three runs; three batches at least.
pub(super) const FRAME: Frame = Frame {
    least: 27,
    runs_min: 9,
    run_max: 480,
    run_seconds: 8 * 3_600,
};

const CAST: &Cast = &cast::CAST;

pub(super) fn describe(setting: &Setting) -> Description {
    let units = setting.units;
    Description {
        zh: format!(
            "移动电源工厂生产 {units} 件产品（含礼盒）。一批电芯有起火风险，装入了一段连续序列号的移动电源，\
             其中有的序列号作废、从未使用；有的移动电源又装进另有序列号的礼盒。产品通过网络平台装包裹寄给消费者，\
             也在门店销售；有的被退货，有的由二手商再次卖出。问题是：这段序列号的产品现在在哪里？"
        ),
        en: format!(
            "A maker of power banks makes {units} pieces, gift sets among them. One batch of cells may catch fire; it went \
             into a range of serials, of which some were spoiled and never used, and some power banks were bundled into gift \
             sets with serials of their own. They are sold on an online platform, by parcel, and in shops; some come back, \
             some are sold again by a second-hand dealer. Where is what has these serials?"
        ),
    }
}

pub(super) fn world() -> World {
    CAST.world(Vec::new())
}

pub(super) fn planned_lots(setting: &Setting) -> Vec<PlannedLot> {
    let lots = (0..setting.runs).flat_map(|run| {
        let (banks, sets) = sim::shares(setting.count(run));
        let lot = |ware, lot, count| PlannedLot {
            gtin: CAST.gtin(ware),
            lot,
            count,
        };
        [
            lot(cast::BANK, sim::bank_lot(run), banks + sim::SPOILED),
            lot(cast::SET, sim::set_lot(run), sets),
        ]
    });
    lots.collect()
}

pub(super) fn tell<S: SerialSource>(setting: &Setting, serials: S) -> Chain<PowerBanks, S> {
    Chain::new(PowerBanks::new(setting), CAST, setting, serials)
}
