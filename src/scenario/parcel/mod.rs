//! Cross-border parcels. A foreign maker's lots arrive at a bonded warehouse, from a sender who reports nothing,
//! and go on by the piece: in parcels, by which alone consumers are known, some of them with pieces of two
//! lots; in bulk to shops, which now and then receive less than was sent; and to forwarders who report
//! nothing either. Then the maker recalls a lot abroad.

mod cast;
mod sim;

use super::Description;
use super::chain::{Cast, Chain, Frame, Setting};
use super::serials::SerialSource;
use super::world::World;

pub(super) use sim::Parcels;

/// A run is a lot that arrives.
pub(super) const FRAME: Frame = Frame {
    least: 60,
    runs_min: 6,
    run_max: 480,
    run_seconds: 12 * 3_600,
};

const CAST: &Cast = &cast::CAST;

pub(super) fn describe(setting: &Setting) -> Description {
    let units = setting.units;
    Description {
        zh: format!(
            "境外保健食品 {units} 件按批进入跨境电商保税仓，再按件发出：消费者只能由包裹识别，有的包裹混装两批；\
             部分整批发往门店，有时短收；部分发给不报数据的转运商，境外供货方同样不报。\
             境外厂家通报召回一批。问题是：这批货的每一件在哪里，哪些去向没有记录？"
        ),
        en: format!(
            "{units} pieces of a food supplement come from abroad to a bonded warehouse, lot by lot, and go on by the piece: \
             in parcels, by which alone consumers are known and some of which hold pieces of two lots; in bulk to shops, which \
             sometimes receive less than was sent; and to forwarders who report nothing, as the maker abroad does not. Then \
             he recalls a lot. Where is every piece of it, and where do the records end?"
        ),
    }
}

pub(super) fn world() -> World {
    CAST.world(Vec::new())
}

pub(super) fn tell<S: SerialSource>(setting: &Setting, serials: S) -> Chain<Parcels, S> {
    Chain::new(Parcels::new(setting), CAST, setting, serials)
}
