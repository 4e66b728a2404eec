//! Answers to the questions of a trace: back, forward, where, who, what several things have in common.

use super::{LOTS, UNITS, terms, units_of, whom_to_ask};
use crate::cli::Lang;
use crate::cli::credential::{brief, person_line};
use crate::trace::evaluate::Certainty;
use crate::trace::{
    Candidate, Common, DarkEdge, ResponsibleView, Traced, Where, WhoView, certainty_word,
};

/// What stands for a name that nobody knows.
fn or(text: Option<&str>) -> &str {
    text.unwrap_or("–")
}

/// Back or forward: things, events, gaps.
pub(in crate::cli) fn way(traced: &Traced, lang: Lang) -> String {
    let (direction, id) = (traced.query.direction, &traced.query.id);
    let (things, events) = (traced.nodes.len(), traced.events.len());
    let gaps = if traced.complete {
        ""
    } else {
        lang.of("，有缺口", ", with gaps")
    };
    let towards = match direction {
        "back" => "溯源",
        _ => "追踪",
    };
    let mut lines = vec![match lang {
        Lang::Zh => format!("{towards} {id}：{things} 个对象，{events} 个事件{gaps}"),
        Lang::En => format!("{direction} from {id}: {things} things, {events} events{gaps}"),
    }];
    lines.extend(traced.nodes.iter().map(|node| {
        let kind = terms::kind(node.kind, lang);
        let certainty = terms::certainty(node.certainty, lang);
        format!("{kind}  {certainty}  {}", node.id)
    }));
    let events = (1..).zip(&traced.events);
    lines.extend(events.map(|(number, event)| format!("{number:>6}  {event}")));
    lines.extend(traced.dark_edges.iter().map(|edge| gap(edge, lang)));
    lines.join("\n")
}

fn gap(edge: &DarkEdge, lang: Lang) -> String {
    let what = match &edge.quantity {
        Some(quantity) => format!("{} {quantity}", edge.id),
        None => units_of(edge, lang),
    };
    let kind = terms::gap(edge.kind.as_str(), lang);
    let (from, to) = (or(edge.from.as_deref()), or(edge.to.as_deref()));
    let ask = whom_to_ask(&edge.ask, lang);
    either!(
        lang,
        "缺口：{kind} {what}，{from} → {to}{ask}",
        "gap: {kind} {what}, {from} → {to}{ask}"
    )
}

/// Where something is; a lot is where its parts are.
pub(in crate::cli) fn place(found: &Where, lang: Lang) -> String {
    let mut lines = vec![found.id.clone()];
    if found.is_untold() {
        let at = &found.at;
        lines.push(either!(
            lang,
            "截至 {at} 没有关于它的记录",
            "nothing is recorded of it by {at}"
        ));
    } else if found.parts.is_empty() {
        let status = terms::fate(found.status.as_str(), lang);
        let holder = terms::holder(or(found.holder.as_deref()), lang);
        let (place, certainty) = (
            or(found.place.as_deref()),
            terms::certainty(found.certainty, lang),
        );
        lines.push(either!(
            lang,
            "{status}，在 {place}，持有方 {holder}（{certainty}）",
            "{status} at {place}, with {holder} ({certainty})"
        ));
    }
    if let Some(owner) = found.owner.as_ref().filter(|_| found.parts.is_empty()) {
        lines.push(either!(lang, "所有方 {owner}", "owned by {owner}"));
    }
    for container in &found.containers {
        lines.push(either!(lang, "装在 {container} 内", "inside {container}"));
    }
    for part in &found.parts {
        let (held, quantity) = (&part.holding, &part.quantity);
        let status = terms::fate(held.status.as_str(), lang);
        let holder = terms::holder(&held.holder, lang);
        let place = or(held.place.as_deref());
        let owner = held.owner.as_ref();
        let owner = owner.map(|owner| either!(lang, "，所有方 {owner}", ", owned by {owner}"));
        let owner = owner.unwrap_or_default();
        lines.push(either!(
            lang,
            "{quantity}：{status}，在 {place}，持有方 {holder}{owner}",
            "{quantity}: {status} at {place}, with {holder}{owner}"
        ));
    }
    for other in &found.others {
        let status = terms::fate(other.status.as_str(), lang);
        let place = or(other.place.as_deref());
        lines.push(either!(
            lang,
            "也可能：{status}，在 {place}",
            "but also: {status} at {place}"
        ));
    }
    lines.join("\n")
}

/// Who had something and who answers for what was done to it.
pub(in crate::cli) fn who(found: &WhoView, lang: Lang) -> String {
    let name = |text: &Option<String>| terms::holder(or(text.as_deref()), lang).to_owned();
    let mut lines = vec![
        found.id.clone(),
        either!(lang, "保管 {}", "custody {}", name(&found.custody)),
        either!(lang, "所有 {}", "owner {}", name(&found.owner)),
    ];
    for answer in &found.responsible {
        lines.extend(responsible(answer, lang));
    }
    lines.join("\n")
}

/// Somebody's part in an event, with how it stood then.
fn responsible(answer: &ResponsibleView, lang: Lang) -> Vec<String> {
    let part = terms::part(answer.role, lang);
    let mut first = format!("{part}  {}  {}", answer.org, answer.event);
    if answer.certainty != certainty_word(Certainty::Asserted) {
        let certainty = terms::certainty(answer.certainty, lang);
        first.push_str(&either!(
            lang,
            "  {certainty}（同批次货物）",
            "  {certainty} (of stock of its lot)"
        ));
    }
    if let Some(recorder) = &answer.recorded_by {
        first.push_str(&either!(
            lang,
            "  由 {recorder} 记录",
            "  recorded by {recorder}"
        ));
    }
    let mut lines = vec![first];
    let standing = &answer.standing;
    let people = standing.people.iter();
    lines.extend(people.map(|person| format!("    {}", person_line(person, lang))));
    let held = standing.licences.iter().chain(&standing.credentials);
    lines.extend(held.map(|credential| format!("    {}", brief(credential, lang))));
    lines.extend(standing.lapsed.iter().map(|lapsed| {
        let other = lapsed.replaced_by.as_ref();
        let other = other.map(|other| either!(lang, "（有效的是 {other}）", "  (valid: {other})"));
        let credential = brief(&lapsed.credential, lang);
        format!("    {credential}{}", other.unwrap_or_default())
    }));
    lines
}

/// What several things have in common upstream.
pub(in crate::cli) fn common(found: &Common, lang: Lang) -> String {
    let (things, shared) = (found.ids.len(), found.candidates.len());
    let mut lines = vec![either!(
        lang,
        "{things} 个对象在上游有 {shared} 个共同的对象或地点",
        "{things} things have {shared} things and places in common upstream"
    )];
    let candidates = found.candidates.iter();
    lines.extend(candidates.map(|candidate| shared_by(candidate, things, lang)));
    lines.join("\n")
}

fn shared_by(candidate: &Candidate, things: usize, lang: Lang) -> String {
    let downstream = candidate.downstream_units.zip(candidate.downstream_lots);
    let downstream = downstream.map(|(units, lots)| {
        let (units, lots) = (lang.count(units, UNITS), lang.count(lots, LOTS));
        either!(
            lang,
            "  下游 {units}、{lots}",
            "  {units} and {lots} downstream"
        )
    });
    let (covers, id) = (candidate.covers, &candidate.id);
    let kind = terms::kind(candidate.kind, lang);
    let downstream = downstream.unwrap_or_default();
    either!(
        lang,
        "{covers:>4}/{things}  {kind}  {id}{downstream}",
        "{covers:>4} of {things}  {kind}  {id}{downstream}"
    )
}
