//! What a recall asked: its scope line by line, its policies, and what of the ledger counted.

use super::{in_one_line, terms};
use crate::cli::Lang;
use crate::recall::{Request, RequestedAttribute, RequestedPolicies};
use crate::trace::NamedPosition;

/// Lines of one kind in a text; the JSON form has all.
const LINES: usize = 10;

/// What was asked, a line each.
pub(super) fn asked(request: &Request, lang: Lang) -> Vec<String> {
    let mut told = Told {
        lang,
        lines: Vec::new(),
    };
    let of = |zh, en| lang.of(zh, en);
    told.each(
        of("批次或产品", "lot or class"),
        request.lots.iter().cloned(),
    );
    told.each(of("单件", "unit"), request.units.iter().cloned());
    let ranges = request.ranges.iter();
    told.each(
        of("号段", "range"),
        ranges.map(|range| format!("{} – {}", range.from, range.to)),
    );
    let places = request.places.iter().map(|asked| {
        let guard = asked.guard.as_ref();
        let guard = guard.map(|guard| either!(lang, "，保护时段 {guard}", ", guard {guard}"));
        let guard = guard.unwrap_or_default();
        format!("{}  {} – {}{guard}", asked.place, asked.from, asked.until)
    });
    told.each(of("地点", "place"), places);
    let window = |from: &Option<String>, until: &Option<String>| match (from, until) {
        (None, None) => String::new(),
        (from, until) => {
            let end = |end: &Option<String>| end.clone().unwrap_or_default();
            let (from, until) = (end(from), end(until));
            format!("  {from} – {until}").trim_end().to_owned()
        }
    };
    let containers = request.containers.iter();
    told.each(
        of("容器", "container"),
        containers.map(|asked| format!("{}{}", asked.unit, window(&asked.from, &asked.until))),
    );
    let products = request.products.iter();
    told.each(
        of("产品", "product"),
        products.map(|asked| format!("{}{}", asked.product, window(&asked.from, &asked.until))),
    );
    let attributes = request.attributes.iter();
    told.each(of("属性", "attribute"), attributes.map(attribute));
    told.each(
        of("证照", "credential"),
        request.credentials.iter().cloned(),
    );
    told.each(of("危害", "hazard"), request.hazard.iter().cloned());
    told.each(
        of("规则", "policy"),
        policies(&request.policies, lang).into_iter(),
    );
    told.lines
}

/// What of the ledger counted: how many entries of each shard.
pub(super) fn position(position: &NamedPosition, lang: Lang) -> String {
    let marks = position.0.iter();
    let marks: Vec<String> = marks
        .map(|(shard, mark)| format!("{shard} {}", mark.size))
        .collect();
    let marks = lang.list(&marks);
    either!(lang, "依据账本位置 {marks}", "as of position {marks}")
}

struct Told {
    lang: Lang,
    lines: Vec<String>,
}

impl Told {
    fn each(&mut self, kind: &str, texts: impl ExactSizeIterator<Item = String>) {
        let more = texts.len().saturating_sub(LINES);
        let lang = self.lang;
        for text in texts.take(LINES) {
            let text = in_one_line(&text);
            self.lines
                .push(either!(lang, "查询 {kind}  {text}", "asked {kind}  {text}"));
        }
        if 0 < more {
            self.lines.push(either!(
                lang,
                "查询 {kind}  另有 {more} 项（--json 列出全部）",
                "asked {kind}  and {more} more (--json lists all)"
            ));
        }
    }
}

fn attribute(asked: &RequestedAttribute) -> String {
    let (product, field) = (&asked.product, &asked.field);
    match (&asked.equals, &asked.from, &asked.until) {
        (Some(equals), ..) => format!("{product}  {field} = {equals}"),
        (None, Some(from), Some(until)) => format!("{product}  {from} ≤ {field} ≤ {until}"),
        (None, Some(from), None) => format!("{product}  {from} ≤ {field}"),
        (None, None, Some(until)) => format!("{product}  {field} ≤ {until}"),
        (None, None, None) => format!("{product}  {field}"),
    }
}

/// Every policy there is, as the scope file writes it.
fn policies(asked: &RequestedPolicies, lang: Lang) -> Vec<String> {
    let mut told = Vec::new();
    let mut tell = |rule: &'static str, text: String| {
        told.push(format!("{}  {text}", terms::rule(rule, lang)));
    };
    if let Some(starts) = &asked.starts {
        tell("starts", starts.clone());
    }
    if let Some(tolerance) = &asked.time_order {
        tell("time_order", tolerance.clone());
    }
    for vessel in &asked.vessels {
        let band = vessel.band.as_ref();
        let band = band.map(|band| format!(" {band}")).unwrap_or_default();
        tell(
            "vessel",
            format!("{}  {}{band}", vessel.vessel, vessel.mixing),
        );
    }
    for step in &asked.kill_steps {
        let stops = lang.list(&step.stops);
        tell("kill_step", format!("{}  {stops}", step.place));
    }
    if let Some(contact) = &asked.contact {
        let mut texts = Vec::new();
        if contact.containers {
            texts.push(lang.of("容器", "containers").to_owned());
        }
        texts.extend(contact.places.iter().cloned());
        texts.extend(contact.linger.iter().map(|linger| format!("+{linger}")));
        tell("contact", lang.list(&texts));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recall::{RequestedKillStep, RequestedPlace, RequestedVessel};

    #[test]
    fn a_scope_is_told_with_its_policies() {
        let request = Request {
            places: vec![RequestedPlace {
                place: "P".to_owned(),
                from: "A".to_owned(),
                until: "B".to_owned(),
                guard: Some("10m".to_owned()),
            }],
            hazard: Some("listeria\nasked policy  none".to_owned()),
            policies: RequestedPolicies {
                starts: Some("stamped".to_owned()),
                vessels: vec![RequestedVessel {
                    vessel: "V".to_owned(),
                    mixing: "plug_flow".to_owned(),
                    band: Some("1h".to_owned()),
                }],
                kill_steps: vec![RequestedKillStep {
                    place: "K".to_owned(),
                    stops: vec!["listeria".to_owned()],
                }],
                ..RequestedPolicies::default()
            },
            ..Request::default()
        };
        let told = asked(&request, Lang::En);
        let expected = [
            "asked place  P  A – B, guard 10m",
            "asked hazard  listeria ⏎ asked policy  none",
            "asked policy  starts  stamped",
            "asked policy  vessel  V  plug_flow 1h",
            "asked policy  kill_step  K  listeria",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_long_list_says_how_much_more_there_is() {
        let request = Request {
            units: (0..12).map(|number| format!("u{number}")).collect(),
            ..Request::default()
        };
        let told = asked(&request, Lang::En);
        assert_eq!(told.len(), 11);
        assert_eq!(told[10], "asked unit  and 2 more (--json lists all)");
        let told = asked(&request, Lang::Zh);
        assert_eq!(told[10], "查询 单件  另有 2 项（--json 列出全部）");
    }
}
