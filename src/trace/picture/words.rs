//! What a picture says, in Chinese and English.

use std::str::FromStr;

use super::collapse::Level;
use super::graph::{EdgeKind, NodeKind};
use crate::trace::evaluate::Reason;

/// A language of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// 中文
    Zh,
    /// English
    #[default]
    En,
}

impl Lang {
    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// The one of two texts that is in this language.
    pub const fn of<T: Copy>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

impl FromStr for Lang {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "zh" => Ok(Self::Zh),
            "en" => Ok(Self::En),
            other => Err(format!("lang is zh or en, not {other:?}")),
        }
    }
}

/// What an edge tells, in a word.
pub(super) const fn edge(kind: EdgeKind, lang: Lang) -> &'static str {
    match kind {
        EdgeKind::Made => lang.of("产出", "made"),
        EdgeKind::Used => lang.of("投入", "used"),
        EdgeKind::Filled => lang.of("制成", "became"),
        EdgeKind::Packed => lang.of("装箱", "packed"),
        EdgeKind::Unpacked => lang.of("拆箱", "unpacked"),
        EdgeKind::Moved => lang.of("运送", "moved"),
        EdgeKind::Sold => lang.of("售出", "sold"),
        EdgeKind::Returned => lang.of("退回", "returned"),
        EdgeKind::Ended => lang.of("终止", "ended"),
        EdgeKind::Missing => lang.of("未到", "not arrived"),
        EdgeKind::Same => lang.of("同一批", "same lot"),
        EdgeKind::Contact => lang.of("接触", "contact"),
        EdgeKind::Held => lang.of("现存", "held"),
        EdgeKind::LeftOut => lang.of("排除", "left out"),
    }
}

/// A kind of node.
pub(super) const fn node(kind: NodeKind, lang: Lang) -> &'static str {
    match kind {
        NodeKind::Stay => lang.of("地点", "Place"),
        NodeKind::Process => lang.of("加工", "Process"),
        NodeKind::Sold => lang.of("已售出", "Sold"),
        NodeKind::Destroyed => lang.of("已销毁", "Destroyed"),
        NodeKind::Ended => lang.of("编码已终止", "Code ended"),
        NodeKind::Stolen => lang.of("被盗", "Stolen"),
        NodeKind::Transit => lang.of("途中，未到", "On the way, not arrived"),
        NodeKind::Holder => lang.of("现持有者", "Holder now"),
        NodeKind::LeftOut => lang.of("已排除", "Left out"),
    }
}

/// Why something was left out.
pub(super) const fn reason(reason: Reason, lang: Lang) -> &'static str {
    match reason {
        Reason::TimeOrder => lang.of("时间在先", "took part before"),
        Reason::FinishedBefore => lang.of("此前已完成", "finished before"),
        Reason::KillStep => lang.of("危害已被该工序消除", "the process stops the hazard"),
        Reason::DisjointInterval => lang.of("当时不在容器中", "not in the container then"),
        Reason::OutsideWindow => lang.of("在时间窗之外", "outside the window"),
        Reason::Cleaned => lang.of("清洗之后", "after a cleaning"),
        Reason::BeyondBand => lang.of("超出混合段", "beyond the band of mixing"),
        Reason::WentIn => lang.of("仅为投入物", "only went in"),
    }
}

/// By what nodes became one.
pub(super) const fn level(level: Level, lang: Lang) -> &'static str {
    match level {
        Level::Containers => lang.of("不分容器", "containers passed over"),
        Level::Places => lang.of("按产品和地点", "by product and place"),
        Level::Similar => lang.of("来源相同的同类地点", "like places with the same sources"),
        Level::Organisations => lang.of("按组织", "by organisation"),
        Level::Regions => lang.of("按省份", "by province"),
        Level::Roles => lang.of("按组织类别", "by kind of organisation"),
        Level::Kinds => lang.of("按类别", "by kind"),
    }
}

/// What an organisation is, of one and of several places.
pub(super) fn role(role: &str, lang: Lang) -> &'static str {
    match role {
        "producer" => lang.of("生产场所", "Production sites"),
        "importer" => lang.of("进口商场所", "Importers' sites"),
        "logistics" => lang.of("物流场所", "Logistics sites"),
        "retailer" => lang.of("门店", "Shops"),
        "platform" => lang.of("平台场所", "Platforms' sites"),
        _ => lang.of("地点", "Places"),
    }
}

/// A business step, in a word; of a word of somebody's own, its end.
pub(super) fn step(step: &str, lang: Lang) -> String {
    let known = match step {
        "commissioning" => lang.of("赋码", "Commissioning"),
        "creating_class_instance" => lang.of("制造", "Production"),
        "transforming" => lang.of("加工", "Processing"),
        "assembling" => lang.of("组装", "Assembly"),
        "disassembling" => lang.of("拆解", "Disassembly"),
        "packing" => lang.of("包装", "Packing"),
        "repackaging" => lang.of("重新包装", "Repackaging"),
        "sampling" => lang.of("取样", "Sampling"),
        _ => "",
    };
    if known.is_empty() {
        let end = step.rsplit(['/', ':', '#', '-']).next().unwrap_or(step);
        let end = if end.is_empty() { step } else { end };
        let mut words = end.replace('_', " ");
        if let Some(first) = words.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        return words;
    }
    known.to_owned()
}

/// A UN/CEFACT unit of measure as people write it.
pub(super) fn unit(code: &str) -> &str {
    match code {
        "KGM" => "kg",
        "GRM" => "g",
        "TNE" => "t",
        "LTR" => "L",
        "MLT" => "mL",
        "HLT" => "hL",
        "MTR" => "m",
        "MTQ" => "m³",
        "LBR" => "lb",
        "EA" | "C62" | "H87" => "×",
        other => other,
    }
}
