//! A recall: what is affected, where it is, who holds it; what the rules of its scope cost.

use super::versions::due;
use super::{HOLDERS, LOTS, UNITS, amounts, in_one_line, units_of, whom_to_ask};
use super::{asked, terms};
use crate::cli::Lang;
use crate::recall::{
    AssumedView, CertaintyCounts, ExcludedLine, HolderRow, MoveView, Moved, OwnerRow, QuantityCost,
    RecallLine, RecallView, ReleaseView, RemovalView, RuleCost, Ruling, RulingView, UnitLine,
    UnnamedCodes, UntoldAttribute, answer_text,
};
use crate::trace::evaluate::Certainty;
use crate::trace::{DarkEdge, Holding, certainty_word};

/// A recall as it stands.
pub(in crate::cli) fn recall(view: &RecallView, lang: Lang) -> String {
    let mut lines = vec![heading(view, lang), affected(view, lang)];
    lines.push(either!(lang, "摘要 {}", "digest {}", view.digest));
    lines.push(asked::position(&view.position, lang));
    lines.extend(asked::asked(&view.definition, lang));
    let at = view.at.as_ref();
    lines.extend(at.map(|at| either!(lang, "{at} 时：", "as of {at}:")));
    lines.extend(view.holders.iter().map(|row| holder(row, lang)));
    lines.extend(view.owners.iter().map(|row| owner(row, lang)));
    let assumed = view.assumed.iter();
    lines.extend(assumed.flat_map(|assumed| assumed_lines(assumed, lang)));
    match (&view.ruling, &view.assumed) {
        (Some(given), _) => lines.push(ruling(given, lang)),
        (None, Some(_)) => lines.push(becomes(None, lang).to_owned()),
        (None, None) => {}
    }
    lines.extend(view.proposed_removals.iter().map(|it| removal(it, lang)));
    let watch = view.extension.as_ref();
    let watch = watch.filter(|watch| watch.due != Some(false));
    lines.extend(watch.map(|watch| due(watch, lang)));
    if !view.excluded.is_empty() {
        let counts = view.excluded.iter();
        let counts = counts.map(|(reason, n)| format!("{} {n}", terms::reason(reason, lang)));
        let counts = lang.list(&counts.collect::<Vec<_>>());
        lines.push(either!(lang, "已排除：{counts}", "left out: {counts}"));
    }
    lines.extend(view.dark_edges.iter().map(|edge| gap(edge, lang)));
    lines.extend(view.unnamed.iter().map(|codes| unnamed(codes, lang)));
    lines.extend(view.untold.iter().map(|untold| not_told(untold, lang)));
    lines.extend(view.tasks.iter().map(|task| {
        let state = terms::task(task.state, lang);
        let what = lang.of("任务", "task");
        format!("{what}  {}  {state}", task.holder)
    }));
    lines.extend(view.history.iter().map(|row| made(row, lang)));
    lines.join("\n")
}

fn heading(view: &RecallView, lang: Lang) -> String {
    let (version, state) = (view.version, terms::state(view.state, lang));
    match &view.recall {
        Some(id) => either!(
            lang,
            "{id}  第{version}版，{state}",
            "{id}  version {version}, {state}"
        ),
        None => lang
            .of("未记录（试算）", "not recorded (dry run)")
            .to_owned(),
    }
}

/// How many units and lots, how certain that is, how much.
fn affected(view: &RecallView, lang: Lang) -> String {
    let units = lang.count(view.unit_count, UNITS);
    let sure = sureness(view.certainty.unwrap_or_default(), lang);
    let count = view.lot_count.unwrap_or_default();
    let mut lots = lang.count(count, LOTS);
    if let Some(sure) = view.lot_certainty.filter(|_| 0 < count) {
        lots.push_str(lang.of("", " "));
        lots.push_str(&sureness(sure, lang));
    }
    let amounts = amounts(&view.quantity);
    either!(
        lang,
        "受影响 {units}{sure}，{lots}{amounts}",
        "{units} affected {sure}, {lots}{amounts}"
    )
}

fn sureness(counts: CertaintyCounts, lang: Lang) -> String {
    let CertaintyCounts {
        asserted,
        inferred,
        policy,
        assumed,
    } = counts;
    either!(
        lang,
        "（断言 {asserted}，推断 {inferred}，规则 {policy}，推定 {assumed}）",
        "({asserted} asserted, {inferred} inferred, {policy} policy, {assumed} assumed)"
    )
}

fn holder(row: &HolderRow, lang: Lang) -> String {
    let place = row.place.as_deref().unwrap_or("–");
    let role = match row.role.as_str() {
        "holder" => "",
        role => terms::role(role, lang),
    };
    let line = format!(
        "{:>9}  {}  {}  {place}{}  {role}",
        row.count,
        terms::holder(&row.holder, lang),
        terms::fate(row.status.as_str(), lang),
        amounts(&row.quantity)
    );
    line.trim_end().to_owned()
}

fn owner(row: &OwnerRow, lang: Lang) -> String {
    let (count, owner, amounts) = (row.count, &row.owner, amounts(&row.quantity));
    either!(
        lang,
        "{count:>9}  所有方 {owner}{amounts}",
        "{count:>9}  owned by {owner}{amounts}"
    )
}

/// What is affected only across a gap in the records, by holder.
pub(super) fn assumed_lines(assumed: &AssumedView, lang: Lang) -> Vec<String> {
    let much = match lang {
        Lang::En => assumed.words(),
        Lang::Zh => {
            let units = lang.count(assumed.unit_count, UNITS);
            let holders = lang.count(assumed.holders.len(), HOLDERS);
            let amounts = amounts(&assumed.quantity);
            format!("{units}{amounts}，{holders}")
        }
    };
    let mut lines = vec![either!(
        lang,
        "仅凭记录缺口推定：{much}",
        "assumed, across a gap in the records: {much}"
    )];
    lines.extend(assumed.holders.iter().map(|due| {
        let holder = terms::holder(&due.holder, lang);
        format!("{:>9}  {holder}{}", due.unit_count, amounts(&due.quantity))
    }));
    lines
}

/// What becomes of what is assumed.
pub(super) const fn becomes(said: Option<Ruling>, lang: Lang) -> &'static str {
    match (said, lang) {
        (Some(Ruling::Include), Lang::En) => "what is assumed is recalled like the rest",
        (Some(Ruling::Include), Lang::Zh) => "推定部分一并召回",
        (Some(Ruling::Leave), Lang::En) => "what is assumed is left out: no tasks, no warnings",
        (Some(Ruling::Leave), Lang::Zh) => "推定部分不召回：不派任务，不作警示",
        (None, Lang::En) => "nobody has said what becomes of that (--assumed include|leave)",
        (None, Lang::Zh) => "推定部分尚无人决定是否召回（--assumed include|leave）",
    }
}

/// What a person said of what is assumed.
fn ruling(given: &RulingView, lang: Lang) -> String {
    let (becomes, by) = (becomes(Some(given.assumed), lang), &given.by);
    let (at, reason) = (&given.at, in_one_line(&given.reason));
    match &given.org {
        Some(org) => either!(
            lang,
            "{becomes}（{by}，代 {org}，{at}：{reason}）",
            "{becomes} ({by} for {org}, {at}: {reason})"
        ),
        None => either!(
            lang,
            "{becomes}（{by}，{at}：{reason}）",
            "{becomes} ({by}, {at}: {reason})"
        ),
    }
}

fn removal(removal: &RemovalView, lang: Lang) -> String {
    let (version, units) = (removal.version, lang.count(removal.unit_count, UNITS));
    let amounts = amounts(&removal.quantity);
    either!(
        lang,
        "第{version}版提议移除 {units}{amounts}；批准之前照旧有效",
        "version {version} proposes to remove {units}{amounts}; they stay until released"
    )
}

fn gap(edge: &DarkEdge, lang: Lang) -> String {
    let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
    let much = match (&edge.quantity, edge.count) {
        (Some(quantity), _) => Some(quantity.to_string()),
        (None, Some(1)) => Some(lang.count(1, UNITS)),
        // Several are named one by one; a whole lot, process or container has no amount.
        (None, _) => None,
    };
    let id = &edge.id;
    let what = match (much, edge.count) {
        (Some(much), _) => either!(lang, "{id} {much}", "{much} of {id}"),
        (None, Some(count)) => {
            let (count, units) = (lang.count(count, UNITS), units_of(edge, lang));
            either!(lang, "{count}：{units}", "{count}: {units}")
        }
        (None, None) => id.clone(),
    };
    let kind = terms::gap(edge.kind.as_str(), lang);
    let (from, to, ask) = (or(&edge.from), or(&edge.to), whom_to_ask(&edge.ask, lang));
    either!(
        lang,
        "缺口：{kind}  {what}，从 {from} 到 {to}{ask}",
        "gap: {kind}  {what}, from {from} to {to}{ask}"
    )
}

/// Issued codes of which nothing but their lot is known.
fn unnamed(codes: &UnnamedCodes, lang: Lang) -> String {
    let (count, lot) = (codes.count, &codes.lot);
    either!(
        lang,
        "范围内有 {count} 个已发放的码没有任何事件提到，不在范围内；去向只能按批次 {lot} 查：请另列该批次",
        "{count} issued codes of the ranges are named by no event and not in the scope; where they are is known of their lot alone: name {lot}, too"
    )
}

/// An attribute that no event tells of a product, with those that they tell.
fn not_told(untold: &UntoldAttribute, lang: Lang) -> String {
    let (field, product) = (&untold.field, &untold.product);
    let mut text = either!(
        lang,
        "没有任何事件写明 {product} 的属性 {field}",
        "no event tells {field} of {product}"
    );
    if !untold.told.is_empty() {
        let told = lang.list(&untold.told);
        text.push_str(&either!(
            lang,
            "；事件写明的有 {told}",
            "; they tell {told}"
        ));
    }
    text
}

fn made(row: &MoveView, lang: Lang) -> String {
    let (at, by, reason) = (&row.at, &row.by, in_one_line(&row.reason));
    let action = terms::action(&row.action, lang);
    let said = row.assumed.map(Ruling::as_str);
    let said = said.map(|said| either!(lang, "（推定部分：{said}）", " (assumed: {said})"));
    let said = said.unwrap_or_default();
    either!(
        lang,
        "{at}  {by}  {action}：{reason}{said}",
        "{at}  {by}  {action}: {reason}{said}"
    )
}

/// What a move came to.
pub(in crate::cli) fn moved(moved: &Moved, lang: Lang) -> String {
    let (recall, open) = (&moved.recall, moved.open_tasks);
    let state = terms::state(moved.state, lang);
    either!(
        lang,
        "{recall}  {state}，未答复任务 {open} 项",
        "{recall}  {state}, {open} open tasks"
    )
}

/// What a release came to.
pub(in crate::cli) fn released(view: &ReleaseView, lang: Lang) -> String {
    let (recall, open) = (&view.recall, view.open_tasks);
    let units = lang.count(view.unit_count, UNITS);
    let lots = lang.count(view.lot_count, LOTS);
    let state = terms::state(view.state, lang);
    either!(
        lang,
        "{recall}  {state}，未答复任务 {open} 项\n已批准移除 {units}、{lots}",
        "{recall}  {state}, {open} open tasks\n{units} and {lots} released"
    )
}

/// A recall in a list.
pub(in crate::cli) fn listed(line: &RecallLine, lang: Lang) -> String {
    let (recall, reason) = (&line.recall, in_one_line(&line.reason));
    let (units, open) = (line.unit_count, line.open_tasks);
    let state = terms::state(line.state, lang);
    either!(
        lang,
        "{recall}  {state}  {units} 件，未答复任务 {open} 项  {reason}",
        "{recall}  {state}  {units} units, {open} open tasks  {reason}"
    )
}

/// A line of the listing of what is affected.
pub(in crate::cli) fn unit(line: &UnitLine, lang: Lang) -> String {
    let place = line.place.as_deref().unwrap_or("–");
    let quantity = line.quantity.as_ref().map(ToString::to_string);
    let mut text = format!(
        "{}  {}  {}  {}  {place}  {}",
        line.id,
        quantity.unwrap_or_default(),
        terms::fate(line.status.as_str(), lang),
        terms::holder(&line.holder, lang),
        terms::certainty(line.certainty, lang)
    );
    if line.place_certainty == Some(certainty_word(Certainty::Inferred)) {
        text.push_str(lang.of("  所在地为推断", "  place inferred"));
    }
    if let Some(container) = &line.inside {
        text.push_str(&either!(
            lang,
            "  装在 {container} 内",
            "  inside {container}"
        ));
    }
    if line.proposed_removal {
        text.push_str(lang.of("  提议移除", "  removal proposed"));
    }
    if line.left_out {
        text.push_str(lang.of("  不召回", "  left out"));
    }
    if let Some(sender) = &line.sender {
        text.push_str("  ");
        text.push_str(&sent(sender, line.from.as_deref(), lang));
    }
    if let Some(owner) = &line.owner {
        text.push_str(&either!(lang, "  所有方 {owner}", "  owned by {owner}"));
    }
    for other in &line.others {
        let other = match lang {
            Lang::Zh => answer(other),
            Lang::En => answer_text(other),
        };
        text.push_str(&either!(lang, "  或 {other}", "  or {other}"));
    }
    text
}

fn sent(sender: &str, from: Option<&str>, lang: Lang) -> String {
    let from = from.map(|from| either!(lang, "自 {from} ", " from {from}"));
    let from = from.unwrap_or_default();
    either!(lang, "由 {sender} {from}发出", "sent by {sender}{from}")
}

/// An answer that contradicts another, in Chinese.
fn answer(held: &Holding) -> String {
    let zh = Lang::Zh;
    let mut text = terms::holder(&held.holder, zh).to_owned();
    if let Some(place) = &held.place {
        text.push_str(&format!(" 在 {place}"));
    }
    text.push_str(&format!("，{}", terms::fate(held.status.as_str(), zh)));
    if let Some(sender) = &held.sender {
        text.push_str(&format!("，{}", sent(sender, held.from.as_deref(), zh)));
    }
    text
}

/// A line of the listing of what was left out.
pub(in crate::cli) fn left_out(line: &ExcludedLine, lang: Lang) -> String {
    let reason = terms::reason(line.reason, lang);
    format!("{}  {reason}  {}", line.id, line.event)
}

/// That a scope is empty.
pub(in crate::cli) fn nothing(lang: Lang) -> String {
    either!(
        lang,
        "没有任何事件提到的东西受影响",
        "nothing that any event names is affected"
    )
}

/// What a rule adds to a scope, or spares it.
pub(in crate::cli) fn cost(cost: &RuleCost, lang: Lang) -> String {
    let about = cost.about.as_ref().map(|about| format!(" {about}"));
    let about = about.unwrap_or_default();
    let rule = terms::rule(cost.rule, lang);
    let units = lang.count(format_args!("{:+}", cost.units), UNITS);
    let lots = lang.count(format_args!("{:+}", cost.lots), LOTS);
    let holders = lang.count(format_args!("{:+}", cost.holders), HOLDERS);
    let quantity = cost.quantity.iter().map(|cost| quantity_cost(cost, lang));
    let quantity: String = quantity.collect();
    either!(
        lang,
        "规则 {rule}{about}：{units}，{lots}{quantity}，{holders}",
        "rule {rule}{about}: {units}, {lots}{quantity}, {holders}"
    )
}

/// By how much a quantity changes; where what is affected at least and at most change differently, each by itself.
fn quantity_cost(cost: &QuantityCost, lang: Lang) -> String {
    let uom = cost.uom.as_deref().unwrap_or(lang.of("个", "pieces"));
    let changed = |text: &Option<String>| match text.as_deref() {
        None => either!(lang, "不详", "not known"),
        Some("0") => either!(lang, "不变", "unchanged"),
        Some(text) if text.starts_with('-') => format!("{text} {uom}"),
        Some(text) => format!("+{text} {uom}"),
    };
    let (lo, hi) = (changed(&cost.lo), changed(&cost.hi));
    if cost.lo == cost.hi {
        either!(lang, "，{hi}", ", {hi}")
    } else {
        either!(
            lang,
            "，受影响量的下限 {lo}、上限 {hi}",
            ", lower bound of what is affected {lo}, upper bound {hi}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{DarkKind, Quantity};

    #[test]
    fn the_bounds_of_what_a_rule_costs_are_told_apart() {
        let cost = |lo: Option<&str>, hi: Option<&str>, uom: Option<&str>, lang| {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            let (lo, hi, uom) = (owned(lo), owned(hi), owned(uom));
            quantity_cost(&QuantityCost { lo, hi, uom }, lang)
        };
        assert_eq!(
            cost(Some("30"), Some("0"), None, Lang::En),
            ", lower bound of what is affected +30 pieces, upper bound unchanged"
        );
        assert_eq!(
            cost(Some("30"), Some("0"), None, Lang::Zh),
            "，受影响量的下限 +30 个、上限 不变"
        );
        assert_eq!(
            cost(Some("-5"), None, Some("KGM"), Lang::En),
            ", lower bound of what is affected -5 KGM, upper bound not known"
        );
        assert_eq!(
            cost(Some("-5"), Some("-5"), Some("KGM"), Lang::En),
            ", -5 KGM"
        );
    }

    #[test]
    fn a_gap_of_a_whole_thing_names_it_without_an_amount() {
        let whole = DarkEdge {
            kind: DarkKind::NoOrigin,
            id: "X".to_owned(),
            from: None,
            to: Some("P".to_owned()),
            quantity: None,
            count: None,
            more: Vec::new(),
            ask: vec!["maker".to_owned()],
        };
        assert_eq!(
            gap(&whole, Lang::En),
            "gap: no_origin  X, from ? to P; ask maker"
        );
        let zh = gap(&whole, Lang::Zh);
        assert!(zh.contains("  X，从 ? 到 P；问 maker"), "{zh}");
        let units = DarkEdge {
            count: Some(2),
            more: vec!["Y".to_owned()],
            ..whole.clone()
        };
        assert!(gap(&units, Lang::En).contains("  2 units: X, Y, from"));
        assert!(gap(&units, Lang::Zh).contains("  2 件：X、Y，从"));
        let much = DarkEdge {
            quantity: Some(Quantity {
                lo: Some("3".to_owned()),
                hi: Some("3".to_owned()),
                uom: None,
            }),
            ..whole
        };
        assert!(gap(&much, Lang::En).contains("  3 of X, from"));
    }
}
