//! The page a phone gets: one response, nothing fetched beside it.

use std::sync::OnceLock;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::{Offset, TimeZone};
use sha2::{Digest, Sha256};

use super::words::{Lang, Told, Words, credential, step, told_of};
use crate::epcis::Timestamp;
use crate::recall::{Covering, State};
use crate::scan::{Held, Region, Scan, Subject};

/// The style of all pages, inside each of them.
const STYLE: &str = include_str!("../../../templates/style.css");

/// Hours east of Greenwich of the dates on pages: China's.
const OFFSET_HOURS: i8 = 8;

/// A name and a value.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    name: &'static str,
    value: String,
    /// Whether it is a telephone number.
    is_phone: bool,
}

impl Line {
    fn of(name: &'static str, value: Option<&str>) -> Option<Self> {
        let value = value.filter(|value| !value.is_empty())?.to_owned();
        Some(Self {
            name,
            value,
            is_phone: false,
        })
    }
}

/// One step of the journey.
#[derive(Debug, PartialEq, Eq)]
struct Stop {
    date: String,
    step: &'static str,
    place: Option<String>,
}

/// A recall, as a consumer is told of it.
#[derive(Debug, PartialEq, Eq)]
struct Notice {
    hazard: Option<String>,
    date: String,
}

/// The headline and advice over recalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Alarm {
    headline: &'static str,
    advice: &'static str,
}

impl Alarm {
    /// A running recall is louder than closed ones.
    fn of(recalls: &[Covering], words: &'static Words) -> Option<Self> {
        if recalls.is_empty() {
            return None;
        }
        let running = || {
            recalls
                .iter()
                .filter(|recall| recall.state != State::Closed)
        };
        Some(if running().any(|recall| !recall.in_part) {
            Self {
                headline: words.recalled,
                advice: words.recall_advice,
            }
        } else if running().next().is_some() {
            Self {
                headline: words.partly_recalled,
                advice: words.partly_recalled_advice,
            }
        } else {
            Self {
                headline: words.was_recalled,
                advice: words.was_recalled_advice,
            }
        })
    }
}

/// The page about a code.
#[derive(Debug, Template)]
#[template(path = "scan.html")]
pub(super) struct ScanPage {
    lang: Lang,
    words: &'static Words,
    style: &'static str,
    told: Told,
    /// What the recalls below it say, loudest first; nothing without one.
    alarm: Option<Alarm>,
    recalls: Vec<Notice>,
    /// The other language and the address of the page in it.
    other: (&'static str, String),
    name: Option<String>,
    product: Vec<Line>,
    maker: Vec<Line>,
    /// What the maker held when it was made.
    held: Vec<Line>,
    has_journey: bool,
    stops: Vec<Stop>,
    left_out: usize,
}

impl ScanPage {
    pub(super) fn of(scan: &Scan, path: &str, lang: Lang) -> Self {
        let words = Words::of(lang);
        let alarm = Alarm::of(&scan.recalls, words);
        let mut told = told_of(scan, lang);
        if alarm.is_some() && told.tone == "good" {
            // Nothing is green beside a recall.
            told.tone = "plain";
        }
        Self {
            lang,
            words,
            style: STYLE,
            told,
            alarm,
            recalls: scan
                .recalls
                .iter()
                .map(|recall| Notice {
                    hazard: recall.hazard.clone(),
                    date: date(recall.opened_at),
                })
                .collect(),
            other: other(path, lang),
            name: scan
                .product
                .as_ref()
                .map(|product| named(&product.name, product.name_en.as_deref(), lang)),
            product: product_lines(scan, words, lang),
            maker: maker_lines(scan, words, lang),
            held: held_lines(scan, lang),
            has_journey: !matches!(
                scan.subject,
                Subject::Product(_) | Subject::Place(_) | Subject::Other
            ) && !scan.steps.is_empty(),
            stops: scan
                .steps
                .iter()
                .map(|(taken, place)| Stop {
                    date: date(taken.at),
                    step: step(taken.biz_step.as_deref(), taken.event_type, lang),
                    place: place.as_ref().map(|place| region(place, lang)),
                })
                .collect(),
            left_out: scan.steps_left_out,
        }
    }
}

/// The page instead of one that cannot be shown.
#[derive(Debug, Template)]
#[template(path = "failure.html")]
pub(super) struct FailurePage {
    lang: Lang,
    words: &'static Words,
    style: &'static str,
    headline: &'static str,
    sentence: &'static str,
    detail: String,
}

impl FailurePage {
    /// The code in the link is wrong.
    pub(super) fn bad_code(detail: String, lang: Lang) -> Self {
        let words = Words::of(lang);
        Self {
            lang,
            words,
            style: STYLE,
            headline: words.bad_code,
            sentence: words.bad_code_more,
            detail,
        }
    }

    /// We cannot answer now.
    pub(super) fn unavailable(lang: Lang) -> Self {
        let words = Words::of(lang);
        Self {
            lang,
            words,
            style: STYLE,
            headline: words.failed,
            sentence: words.later,
            detail: String::new(),
        }
    }
}

/// What a page may load: nothing but its own style.
pub(super) fn security_policy() -> &'static str {
    static POLICY: OnceLock<String> = OnceLock::new();
    POLICY.get_or_init(|| {
        let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    })
}

/// A name in the language, or the one there is.
pub(super) fn named(name: &str, name_en: Option<&str>, lang: Lang) -> String {
    match (lang, name_en) {
        (Lang::En, Some(name_en)) if !name_en.is_empty() => name_en.to_owned(),
        _ => name.to_owned(),
    }
}

/// The day of a time, in China.
pub(super) fn date(at: Timestamp) -> String {
    let zone = TimeZone::fixed(Offset::constant(OFFSET_HOURS));
    jiff::Timestamp::from_microsecond(at.micros()).map_or_else(
        |_| at.to_string(),
        |at| at.to_zoned(zone).strftime("%Y-%m-%d").to_string(),
    )
}

fn region(region: &Region, lang: Lang) -> String {
    lang.of(region.zh.as_str(), region.en.as_str()).to_owned()
}

fn other(path: &str, lang: Lang) -> (&'static str, String) {
    let (name, code) = lang.of(("English", "en"), ("中文", "zh"));
    (name, format!("{path}?lang={code}"))
}

fn product_lines(scan: &Scan, words: &'static Words, lang: Lang) -> Vec<Line> {
    let code = match &scan.subject {
        Subject::Item { serial, .. } => Line::of(words.serial, Some(serial)),
        Subject::Unit(sscc) => Line::of(words.unit, Some(sscc.as_str())),
        Subject::Place(gln) => Line::of(words.place, Some(gln.as_str())),
        Subject::Lot { .. } | Subject::Product(_) | Subject::Other => None,
    };
    let place = scan.place.as_ref().map(|place| region(place, lang));
    let gtin = scan.subject.gtin().map(|gtin| gtin.to_string());
    let mut lines: Vec<Option<Line>> = Vec::new();
    if let Some(product) = &scan.product {
        lines.push(Line::of(words.brand, product.brand.as_deref()));
        lines.push(Line::of(words.category, product.category.as_deref()));
        lines.push(Line::of(words.standard, product.standard.as_deref()));
    }
    lines.extend([
        Line::of(words.lot, scan.lot.as_deref()),
        Line::of(words.produced, scan.life.produced.as_deref()),
        Line::of(words.best_before, scan.life.best_before.as_deref()),
        Line::of(words.expires, scan.life.expires.as_deref()),
        Line::of(words.gtin, gtin.as_deref()),
        code,
        Line::of(words.region, place.as_deref()),
    ]);
    lines.into_iter().flatten().collect()
}

fn held_lines(scan: &Scan, lang: Lang) -> Vec<Line> {
    let line = |held: &Held| Line {
        name: credential(held.kind, held.outcome, lang),
        value: format!(
            "{} · {} · {}",
            held.name,
            held.number,
            named(&held.issuer, held.issuer_en.as_deref(), lang)
        ),
        is_phone: false,
    };
    scan.held.iter().map(line).collect()
}

fn maker_lines(scan: &Scan, words: &'static Words, lang: Lang) -> Vec<Line> {
    let Some(maker) = &scan.maker else {
        return Vec::new();
    };
    let name = named(&maker.name, maker.name_en.as_deref(), lang);
    let city = maker.region.as_ref().map(|city| region(city, lang));
    let phone = Line::of(words.phone, maker.phone.as_deref()).map(|line| Line {
        is_phone: true,
        ..line
    });
    [
        Line::of(words.name, Some(&name)),
        Line::of(words.credit_code, maker.credit_code.as_deref()),
        Line::of(words.region, city.as_deref()),
        phone,
    ]
    .into_iter()
    .flatten()
    .collect()
}
