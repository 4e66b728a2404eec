//! Versions of a scope, and how two of them differ.

use super::recall::{assumed_lines, becomes};
use super::terms;
use super::{UNITS, amounts, in_one_line};
use crate::app::Check;
use crate::cli::Lang;
use crate::recall::{
    Changes, DiffLine, DiffView, Difference, ExtensionView, GapChanges, HolderChange, Label,
    VersionLine, Watch,
};
use crate::trace::Quantity;

/// Whether an extension is due, in a sentence.
pub(super) fn due(watch: &Watch, lang: Lang) -> String {
    let (since, orders) = (watch.recorded_since, watch.orders_since);
    match watch.due {
        Some(true) if since == 0 => either!(
            lang,
            "应扩展范围：此后没有事件记录，但有 {orders} 条命令（批次别名、场所、主体、证照等）会改变范围",
            "an extension is due: no event since, but what was ordered (names of lots, places, parties, credentials: {orders}) would change the scope"
        ),
        Some(true) => either!(
            lang,
            "应扩展范围：此后的 {since} 条记录会改变范围",
            "an extension is due: {since} entries since would change the scope"
        ),
        Some(false) => either!(
            lang,
            "无须扩展范围：此后的 {since} 条记录不改变范围",
            "no extension is due: {since} entries since change nothing"
        ),
        None => either!(
            lang,
            "此后有 {since} 条记录；`recall check` 可查明是否应扩展范围",
            "{since} entries since; `recall check` tells whether an extension is due"
        ),
    }
}

/// Whether an extension of a recall is due, and how the scope would change.
pub(in crate::cli) fn checked(check: &Check, lang: Lang) -> String {
    let (recall, version) = (&check.recall, check.version);
    let mut lines = vec![
        either!(
            lang,
            "{recall}  第{version}版",
            "{recall}  version {version}"
        ),
        due(&check.watch, lang),
    ];
    let difference = check.watch.difference.iter();
    lines.extend(difference.flat_map(|difference| counts(difference, lang)));
    lines.join("\n")
}

/// What an extension came to, or would come to.
pub(in crate::cli) fn extension(view: &ExtensionView, lang: Lang) -> String {
    let mut lines = vec![match (view.state, view.open_tasks) {
        (Some(state), Some(open)) => {
            let (recall, version) = (&view.recall, view.version);
            let state = terms::state(state, lang);
            either!(
                lang,
                "{recall}  第{version}版，{state}，未答复任务 {open} 项",
                "{recall}  version {version}, {state}, {open} open tasks"
            )
        }
        _ => lang
            .of("未记录（试算）", "not recorded (dry run)")
            .to_owned(),
    }];
    let (found, in_effect) = (view.unit_count, view.in_effect);
    lines.push(either!(
        lang,
        "找到 {found} 件，现行范围 {in_effect} 件",
        "{found} units found, {in_effect} in effect"
    ));
    lines.extend(counts(&view.difference, lang));
    if let Some(assumed) = &view.assumed {
        lines.extend(assumed_lines(assumed, lang));
        lines.push(becomes(view.ruling, lang).to_owned());
    }
    lines.push(either!(lang, "摘要 {}", "digest {}", view.digest));
    let digest = &view.difference_digest;
    lines.push(either!(lang, "差异摘要 {digest}", "difference {digest}"));
    lines.join("\n")
}

/// A version in a list.
pub(in crate::cli) fn version(line: &VersionLine, lang: Lang) -> String {
    let VersionLine {
        version,
        at,
        unit_count,
        digest,
        reason,
        ..
    } = line;
    let units = lang.count(unit_count, UNITS);
    let since = since(line, lang);
    let reason = in_one_line(reason);
    either!(
        lang,
        "{version}  {at}  {units}  {digest}  {reason}{since}",
        "{version}  {at}  {units}  {digest}  {reason}{since}"
    )
}

/// What became of units, lots and gaps since the version before; the last two where anything did.
fn since(line: &VersionLine, lang: Lang) -> String {
    let Some(units) = &line.units else {
        return String::new();
    };
    let mut told = changes(units, lang);
    let lots = line.lots.filter(|lots| *lots != Changes::default());
    let gaps = line.gaps.filter(|gaps| !gaps.is_empty());
    if lots.is_some() || gaps.is_some() {
        told = either!(lang, "单件：{told}", "units: {told}");
    }
    if let Some(lots) = lots {
        let lots = changes(&lots, lang);
        told.push_str(&either!(lang, "；批次：{lots}", "; lots: {lots}"));
    }
    if let Some(gaps) = gaps {
        let gaps = gap_changes(gaps, lang);
        told.push_str(&either!(lang, "；缺口：{gaps}", "; gaps: {gaps}"));
    }
    either!(lang, "（{told}）", "  ({told})")
}

/// How two versions differ, before the lines of that.
pub(in crate::cli) fn difference(view: &DiffView, lang: Lang) -> String {
    let (recall, from, to) = (&view.recall, view.from, view.to);
    let mut lines = vec![either!(
        lang,
        "{recall}  第{from}版至第{to}版",
        "{recall}  version {from} to {to}"
    )];
    let difference = view.difference.iter();
    lines.extend(difference.flat_map(|difference| counts(difference, lang)));
    let digest = view.digest.as_ref();
    lines.extend(digest.map(|digest| either!(lang, "摘要 {digest}", "digest {digest}")));
    lines.join("\n")
}

/// One line of a difference.
pub(in crate::cli) fn differing(line: &DiffLine, lang: Lang) -> String {
    let change = terms::change(line.change.as_str(), lang);
    let why = terms::why(line.why.as_str(), lang);
    let (was, now) = (
        label(line.was.as_ref(), lang),
        label(line.now.as_ref(), lang),
    );
    let event = line.event.as_deref().unwrap_or("–");
    format!("{}  {change}  {why}  {was} → {now}  {event}", line.id)
}

fn label(label: Option<&Label>, lang: Lang) -> String {
    let Some(label) = label else {
        return "–".to_owned();
    };
    let held = &label.holding;
    let quantity = label.quantity.as_ref();
    let quantity = quantity.map_or_else(String::new, |quantity| format!("{quantity} "));
    let place = held.place.as_deref().unwrap_or("–");
    let status = terms::fate(held.status.as_str(), lang);
    let holder = terms::holder(&held.holder, lang);
    let certainty = terms::certainty(label.certainty, lang);
    either!(
        lang,
        "{quantity}{status} {holder} {place}（{certainty}）",
        "{quantity}{status} {holder} {place} ({certainty})"
    )
}

/// The counts of a difference.
fn counts(difference: &Difference, lang: Lang) -> Vec<String> {
    let units = changes(&difference.units, lang);
    let mut lines = vec![either!(lang, "单件：{units}", "units: {units}")];
    if difference.lots != Changes::default() {
        let lots = changes(&difference.lots, lang);
        lines.push(either!(lang, "批次：{lots}", "lots: {lots}"));
    }
    if !difference.gaps.is_empty() {
        let gaps = gap_changes(difference.gaps, lang);
        lines.push(either!(lang, "缺口：{gaps}", "gaps: {gaps}"));
    }
    let why = &difference.why;
    lines.push(either!(
        lang,
        "原因：迟到的证据 {}，新事件 {}，更正 {}",
        "why: {} late evidence, {} new events, {} corrections",
        why.late_evidence,
        why.new_event,
        why.correction
    ));
    let added = &difference.holders_added;
    if !added.is_empty() {
        let added = lang.list(added);
        lines.push(either!(
            lang,
            "新增持有方：{added}",
            "holders added: {added}"
        ));
    }
    let without = &difference.holders_without_goods;
    if !without.is_empty() {
        let without = lang.list(without);
        lines.push(either!(
            lang,
            "现已无货的持有方：{without}",
            "without goods now: {without}"
        ));
    }
    let holders = difference.holders.iter();
    lines.extend(holders.map(|row| holder_change(row, lang)));
    lines
}

/// What a holder has more or less: units, then how much of lots.
fn holder_change(row: &HolderChange, lang: Lang) -> String {
    let (now, before, gained) = (row.now, row.before, row.gained);
    let holder = &row.holder;
    let mut line = either!(
        lang,
        "{now:>9}  {holder}  （此前 {before}，新增 {gained}）",
        "{now:>9}  {holder}  (before {before}, gained {gained})"
    );
    if row.quantity_before != row.quantity_now {
        let of = |quantity: &[Quantity]| match quantity {
            [] => "0".to_owned(),
            _ => amounts(quantity).trim_start().to_owned(),
        };
        let (before, now) = (of(&row.quantity_before), of(&row.quantity_now));
        line += &either!(
            lang,
            "，批次数量 {now}（此前 {before}）",
            ", of lots {now} (before {before})"
        );
    }
    line
}

fn gap_changes(gaps: GapChanges, lang: Lang) -> String {
    let GapChanges {
        added,
        gone,
        changed,
    } = gaps;
    let mut text = either!(
        lang,
        "新增 {added}，消除 {gone}",
        "{added} new, {gone} gone"
    );
    if 0 < changed {
        text.push_str(&either!(lang, "，变更 {changed}", ", {changed} changed"));
    }
    text
}

fn changes(changes: &Changes, lang: Lang) -> String {
    let Changes {
        added,
        proposed_removal,
        changed,
        restored,
        released,
    } = changes;
    let mut text = either!(
        lang,
        "新增 {added}，提议移除 {proposed_removal}，变更 {changed}",
        "{added} added, {proposed_removal} proposed for removal, {changed} changed"
    );
    if 0 < *restored {
        text.push_str(&either!(lang, "，恢复 {restored}", ", {restored} restored"));
    }
    if 0 < *released {
        text.push_str(&either!(
            lang,
            "，已批准移除 {released}",
            ", {released} released"
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_tells_of_lots_and_gaps_where_anything_became_of_them() {
        let removed = Changes {
            proposed_removal: 1,
            changed: 1,
            ..Changes::default()
        };
        let mut line = VersionLine {
            version: 2,
            at: "now".to_owned(),
            by: "me".to_owned(),
            org: None,
            reason: "y".to_owned(),
            seq: 9,
            unit_count: 0,
            digest: "d".to_owned(),
            units: Some(Changes::default()),
            lots: Some(Changes::default()),
            gaps: Some(GapChanges::default()),
            released: None,
        };
        let none = "0 added, 0 proposed for removal, 0 changed";
        let text = |line: &VersionLine| version(line, Lang::En);
        assert_eq!(text(&line), format!("2  now  0 units  d  y  ({none})"));
        line.lots = Some(removed);
        line.gaps = Some(GapChanges {
            added: 1,
            gone: 0,
            changed: 0,
        });
        let lots = "0 added, 1 proposed for removal, 1 changed";
        assert_eq!(
            text(&line),
            format!("2  now  0 units  d  y  (units: {none}; lots: {lots}; gaps: 1 new, 0 gone)")
        );
        let zh = "（单件：新增 0，提议移除 0，变更 0；批次：新增 0，提议移除 1，变更 1；缺口：新增 1，消除 0）";
        assert!(version(&line, Lang::Zh).ends_with(zh));
        (line.units, line.lots, line.gaps) = (None, None, None);
        assert_eq!(text(&line), "2  now  0 units  d  y");
    }
}
