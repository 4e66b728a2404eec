//! What is said of one thing in a recall, in words for a person: Chinese and English.

use super::difference;
use super::named::Named;
use super::view::MoveView;
use super::words_steps as steps;
use crate::trace::evaluate::{Certainty, Meets, Reason};

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// 中文
    Zh,
    /// English
    #[default]
    En,
}

/// What happened in one step, with names written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// With what the recall names.
    Listed(Option<Named>),
    AtPlace {
        place: String,
        meets: Meets,
    },
    Inside(String),
    Entered {
        unit: String,
        process: String,
    },
    Left(String),
    OfLot(String),
    Mixed(String),
    Near(String),
    Beside(String),
    SameAs(String),
    Moved {
        from: Option<String>,
        to: Option<String>,
        is_recorded: bool,
    },
}

impl Told {
    pub(super) fn words(&self, language: Language) -> String {
        match language {
            Language::En => self.english(),
            Language::Zh => self.chinese(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Listed(named) => steps::named_english(named.as_ref()),
            Self::AtPlace { place, meets } => steps::meets_english(place, *meets),
            Self::Inside(container) => format!("was inside {container} meanwhile"),
            Self::Entered { unit, process } => format!("{unit} went into the process {process}"),
            Self::Left(process) => format!("came out of the process {process}"),
            Self::OfLot(lot) => format!("belongs to the lot {lot}"),
            Self::Mixed(vessel) => {
                format!("went through the vessel {vessel} after it, before a cleaning")
            }
            Self::Near(place) => format!("was at {place} together with it, or soon after"),
            Self::Beside(container) => format!("was in {container} together with it, or after it"),
            Self::SameAs(lot) => format!("is the lot {lot} under another name"),
            Self::Moved {
                from,
                to,
                is_recorded,
            } => steps::moved_english(from.as_deref(), to.as_deref(), *is_recorded),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::Listed(named) => steps::named_chinese(named.as_ref()),
            Self::AtPlace { place, meets } => steps::meets_chinese(place, *meets),
            Self::Inside(container) => format!("当时装在{container}内"),
            Self::Entered { unit, process } => format!("{unit}投入了加工过程{process}"),
            Self::Left(process) => format!("由加工过程{process}产出"),
            Self::OfLot(lot) => format!("属于批次{lot}"),
            Self::Mixed(vessel) => format!("在清洗之前，于其后流经容器{vessel}"),
            Self::Near(place) => format!("曾与其同在{place}，或紧随其后"),
            Self::Beside(container) => format!("曾与其同装于{container}，或在其后装入"),
            Self::SameAs(lot) => format!("与批次{lot}是同一批次的不同名称"),
            Self::Moved {
                from,
                to,
                is_recorded,
            } => steps::moved_chinese(from.as_deref(), to.as_deref(), *is_recorded),
        }
    }
}

/// Why something is left out.
pub(super) fn reason(reason: Reason, language: Language) -> &'static str {
    match (language, reason) {
        (Language::En, Reason::TimeOrder) => {
            "it took part in the process before anything affected could be in it"
        }
        (Language::En, Reason::FinishedBefore) => {
            "it was finished before anything affected went into the process, and the policy trusts those times"
        }
        (Language::En, Reason::KillStep) => {
            "it came out of a step that stops this hazard, by the policy of this recall"
        }
        (Language::En, Reason::DisjointInterval) => {
            "it was in the exposed container, but not while that was exposed"
        }
        (Language::En, Reason::OutsideWindow) => {
            "it took part in the nearest event at the place outside the window and its guard"
        }
        (Language::En, Reason::Cleaned) => "the vessel had been cleaned or had run empty before it",
        (Language::En, Reason::BeyondBand) => "it came after the vessel's band of mixing",
        (Language::En, Reason::WentIn) => {
            "it went into work at the place in the window: what came out of that is affected; it itself was there before"
        }
        (Language::Zh, Reason::TimeOrder) => "它参与该过程时，尚不可能有受影响的物料在其中",
        (Language::Zh, Reason::FinishedBefore) => {
            "它在受影响的物料投入之前已经完成，且规则认定时间可靠"
        }
        (Language::Zh, Reason::KillStep) => "按本次召回的规则，它经过的工序能消除该危害",
        (Language::Zh, Reason::DisjointInterval) => "它曾在受影响的容器内，但不在受影响的时段",
        (Language::Zh, Reason::OutsideWindow) => {
            "它参与的是该地点时间窗（含保护时段）之外最近的事件"
        }
        (Language::Zh, Reason::Cleaned) => "在它之前容器已清洗或已排空",
        (Language::Zh, Reason::BeyondBand) => "它已超出容器的混合段",
        (Language::Zh, Reason::WentIn) => {
            "它在时间窗内投入了该地点的加工：受影响的是产出物，它本身在此之前已存在"
        }
    }
}

/// The sentence that says whether it is affected, and how certain that is.
pub(super) fn verdict(certainty: Option<Certainty>, language: Language) -> &'static str {
    match (language, certainty) {
        (Language::En, Some(Certainty::Asserted)) => "It is affected: events say so.",
        (Language::En, Some(Certainty::Inferred)) => {
            "It is affected: it follows from what it was inside, or from the only way that is open."
        }
        (Language::En, Some(Certainty::Policy)) => "It is affected by a cautious policy.",
        (Language::En, Some(Certainty::Assumed)) => {
            "It is taken for affected across a gap in the records."
        }
        (Language::En, None) => "It is not affected.",
        (Language::Zh, Some(Certainty::Asserted)) => "受影响：事件记录直接证明。",
        (Language::Zh, Some(Certainty::Inferred)) => "受影响：由所在容器或唯一可能的来源推断。",
        (Language::Zh, Some(Certainty::Policy)) => "受影响：依据从严规则。",
        (Language::Zh, Some(Certainty::Assumed)) => "推定受影响：记录存在缺口。",
        (Language::Zh, None) => "不受影响。",
    }
}

/// How certain it is that something is affected, for people; in English by the word that answers have.
pub(crate) fn class(word: &str, language: Language) -> &str {
    match (language, word) {
        (Language::Zh, "asserted") => "断言",
        (Language::Zh, "inferred") => "推断",
        (Language::Zh, "policy") => "规则",
        (Language::Zh, "assumed") => "推定",
        (Language::Zh | Language::En, word) => word,
    }
}

/// Where stock of a lot is that no event says the place of.
pub(super) const fn elsewhere(language: Language) -> &'static str {
    match language {
        Language::En => "Wherever else it is",
        Language::Zh => "其他任何地方",
    }
}

/// What is added when a person left it out.
pub(super) const fn left_out(language: Language) -> &'static str {
    match language {
        Language::En => {
            " A person left it out: the recall does not cover what only a gap in the records leads to."
        }
        Language::Zh => "经人工决定，本次召回不包括仅因记录缺口而推定的部分。",
    }
}

/// What is said when nothing that was looked at has to do with it.
pub(super) const fn nothing_shared(language: Language) -> &'static str {
    match language {
        Language::En => {
            "nothing upstream of it, and nothing it was ever inside, has to do with what the recall names"
        }
        Language::Zh => "它的上游以及曾经装过它的容器都与召回范围无关",
    }
}

/// That a lot upstream is affected, and not what went into the thing.
pub(super) fn other_stock(id: &str, language: Language) -> String {
    match language {
        Language::En => format!(
            "{id}, which it comes from, is affected, but not where and when what went into this left it"
        ),
        Language::Zh => format!("它的来源{id}受影响，但取用的那部分当时当地并未受影响"),
    }
}

/// That of a lot upstream nothing is affected but items among its stock.
pub(super) fn other_items(id: &str, language: Language) -> String {
    match language {
        Language::En => format!(
            "of {id}, which it comes from, only single items are affected that lie among its stock, and it has to do with none of them"
        ),
        Language::Zh => format!("它的来源{id}中只有混在其库存里的个别单品受影响，与它无关"),
    }
}

/// That a thing upstream was left out.
pub(super) fn upstream(id: &str, reason: &str, language: Language) -> String {
    match language {
        Language::En => format!("{id}, which it comes from, is left out: {reason}"),
        Language::Zh => format!("它的来源{id}被排除：{reason}"),
    }
}

/// That a thing is in effect though a version does not find it any more.
pub(super) fn kept(version: i32, language: Language) -> String {
    match language {
        Language::En => format!(
            "It is in the scope in effect: version {version} does not find it any more and proposes to remove it; it stays until somebody releases that."
        ),
        Language::Zh => {
            format!("仍在现行召回范围内：第{version}版已不再认定它，提议移除；在批准之前照旧有效。")
        }
    }
}

/// That a thing was in effect when a version was frozen, and has been released since. `proposed`: the version that
/// does not find it, and when that was frozen.
pub(super) fn kept_then(
    version: i32,
    (proposed_in, proposed_at): (i32, &str),
    released: &MoveView,
    language: Language,
) -> String {
    let by = release(released, language);
    match language {
        Language::En => format!(
            "It was in the scope in effect when version {version} was frozen: version {proposed_in}, of {proposed_at}, does not find it any more and proposes to remove it. It is out since: {by}."
        ),
        Language::Zh => format!(
            "第{version}版冻结时仍在现行召回范围内：第{proposed_in}版（{proposed_at}）已不再认定它，提议移除。此后已移除：{by}。"
        ),
    }
}

/// That a thing is not in effect any more. `proposed`: the version that does not find it, and when that was frozen.
pub(super) fn released(
    (proposed_in, proposed_at): (i32, &str),
    released: &MoveView,
    language: Language,
) -> String {
    let by = release(released, language);
    match language {
        Language::En => format!(
            "It is not affected any more: version {proposed_in}, of {proposed_at}, does not find it and proposed to remove it; {by}."
        ),
        Language::Zh => {
            format!("已不受影响：第{proposed_in}版（{proposed_at}）已不再认定它，提议移除；{by}。")
        }
    }
}

/// Who released a removal, when and why.
fn release(made: &MoveView, language: Language) -> String {
    let MoveView {
        by,
        at,
        reason,
        org,
        ..
    } = made;
    let org = org.as_ref();
    match language {
        Language::En => {
            let org = org.map_or_else(String::new, |org| format!(" for {org}"));
            format!("{by} released that{org} at {at} ({reason})")
        }
        Language::Zh => {
            let org = org.map_or_else(String::new, |org| format!("代表{org}"));
            format!("{by}{org}于{at}批准（{reason}）")
        }
    }
}

/// Why a version does not find something that the version before it found; `has_event`: an event says so.
pub(super) fn not_found(
    version: i32,
    why: difference::Why,
    has_event: bool,
    language: Language,
) -> String {
    let before = version - 1;
    match (language, why, has_event) {
        (Language::En, difference::Why::LateEvidence, _) => {
            format!("recorded after version {before} was frozen, it happened before: late evidence")
        }
        (Language::En, difference::Why::NewEvent, _) => {
            format!("happened after version {before} was frozen")
        }
        (Language::En, difference::Why::Correction, true) => {
            format!("led to it in version {before}, and has been declared an error since")
        }
        (Language::En, difference::Why::Correction | difference::Why::Release, _) => {
            format!(
                "nothing leads to it in version {version}: a correction that is no event, of master data or codes"
            )
        }
        (Language::Zh, difference::Why::LateEvidence, _) => {
            format!("第{before}版冻结之后才记录、此前已发生的事件：迟到的证据")
        }
        (Language::Zh, difference::Why::NewEvent, _) => format!("第{before}版冻结之后发生"),
        (Language::Zh, difference::Why::Correction, true) => {
            format!("第{before}版据此认定它，此事件后来被声明为错误")
        }
        (Language::Zh, difference::Why::Correction | difference::Why::Release, _) => {
            format!("第{version}版中已无任何线索指向它：主数据或编码的更正")
        }
    }
}

/// That an event had led to something.
pub(super) fn had_led(version: i32, language: Language) -> String {
    let before = version - 1;
    match language {
        Language::En => format!("had led to it by version {before}"),
        Language::Zh => format!("第{before}版据此认定它"),
    }
}
