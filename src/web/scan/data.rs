//! The same for programs: JSON, and the linkset of GS1 Digital Link.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::page::{date, named};
use super::words::{Lang, step, told_of};
use crate::credentials::{Kind, Outcome};
use crate::gs1::Key;
use crate::scan::{self, Maker, ProductView, Scan, Step, Subject};

/// A scan, for programs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Scan)]
pub(in crate::web) struct ScanView {
    /// The canonical identifier.
    id: String,
    /// `item`, `lot`, `product`, `unit`, `place`, `other`.
    kind: &'static str,
    /// `known`, `issued-unseen`, `not-issued`, `other-lot`, `unrecorded`, `unknown-product`, `product-only`.
    verdict: &'static str,
    /// The verdict as a sentence.
    sentence: String,
    gtin: Option<String>,
    /// A serial that was typed is corrected.
    serial: Option<String>,
    lot: Option<String>,
    product: Option<Product>,
    maker: Option<Producer>,
    produced: Option<String>,
    best_before: Option<String>,
    expires: Option<String>,
    journey: Vec<Stop>,
    /// How many further steps are not listed.
    journey_left_out: usize,
    /// What the maker held when it was made.
    credentials: Vec<HeldCredential>,
    /// The recalls it is affected by, newest first.
    recalls: Vec<RecallNotice>,
}

/// A credential of the maker that was valid when the thing was made.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct HeldCredential {
    kind: Kind,
    name: String,
    /// The issuer's number.
    number: String,
    issuer: String,
    /// Of a test report: what was found.
    outcome: Option<Outcome>,
}

/// A recall that a thing is affected by.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct RecallNotice {
    id: String,
    /// `recall_decided`, `executing`, `closing`, `closed`.
    state: &'static str,
    hazard: Option<String>,
    /// Of a lot: only some of its items are known to be affected.
    in_part: bool,
    /// The day it was opened, in China.
    date: String,
}

/// A product.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Product {
    name: String,
    brand: Option<String>,
    category: Option<String>,
    standard: Option<String>,
}

/// Who answers for a product.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Producer {
    name: String,
    credit_code: Option<String>,
    phone: Option<String>,
    region: Option<City>,
}

/// A step of the journey.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Stop {
    /// The day, in China.
    date: String,
    /// What was done, in words.
    step: &'static str,
    city: Option<City>,
}

/// A city or province.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct City {
    /// GB/T 2260.
    code: String,
    name: String,
}

impl City {
    fn of(region: &scan::Region, lang: Lang) -> Self {
        Self {
            code: region.code.clone(),
            name: lang.of(region.zh.as_str(), region.en.as_str()).to_owned(),
        }
    }
}

impl Stop {
    fn of((taken, place): &(Step, Option<scan::Region>), lang: Lang) -> Self {
        Self {
            date: date(taken.at),
            step: step(taken.biz_step.as_deref(), taken.event_type, lang),
            city: place.as_ref().map(|place| City::of(place, lang)),
        }
    }
}

impl Product {
    fn of(product: &ProductView, lang: Lang) -> Self {
        Self {
            name: named(&product.name, product.name_en.as_deref(), lang),
            brand: product.brand.clone(),
            category: product.category.clone(),
            standard: product.standard.clone(),
        }
    }
}

impl Producer {
    fn of(maker: &Maker, lang: Lang) -> Self {
        Self {
            name: named(&maker.name, maker.name_en.as_deref(), lang),
            credit_code: maker.credit_code.clone(),
            phone: maker.phone.clone(),
            region: maker.region.as_ref().map(|city| City::of(city, lang)),
        }
    }
}

impl ScanView {
    /// A scan of this key in a language.
    pub(super) fn of(scan: &Scan, key: &Key, lang: Lang) -> Self {
        let serial = match &scan.subject {
            Subject::Item { serial, .. } => Some(serial.clone()),
            _ => None,
        };
        let told = told_of(scan, lang);
        Self {
            id: key.canonical(),
            kind: scan.subject.kind(),
            verdict: scan.verdict.as_str(),
            sentence: format!("{}{}{}", told.headline, lang.of("：", ": "), told.sentence),
            gtin: scan.subject.gtin().map(|gtin| gtin.to_string()),
            serial,
            lot: scan.lot.clone(),
            product: scan
                .product
                .as_ref()
                .map(|product| Product::of(product, lang)),
            maker: scan.maker.as_ref().map(|maker| Producer::of(maker, lang)),
            produced: scan.life.produced.clone(),
            best_before: scan.life.best_before.clone(),
            expires: scan.life.expires.clone(),
            journey: scan.steps.iter().map(|stop| Stop::of(stop, lang)).collect(),
            journey_left_out: scan.steps_left_out,
            credentials: scan
                .held
                .iter()
                .map(|held| HeldCredential {
                    kind: held.kind,
                    name: held.name.clone(),
                    number: held.number.clone(),
                    issuer: named(&held.issuer, held.issuer_en.as_deref(), lang),
                    outcome: held.outcome,
                })
                .collect(),
            recalls: scan
                .recalls
                .iter()
                .map(|recall| RecallNotice {
                    id: recall.recall.clone(),
                    state: recall.state.as_str(),
                    hazard: recall.hazard.clone(),
                    in_part: recall.in_part,
                    date: date(recall.opened_at),
                })
                .collect(),
        }
    }
}

/// The linkset of a key: the page is its product information and its record of the journey.
pub(super) fn linkset(scan: &Scan, link: &str) -> Value {
    let name = scan.product.as_ref().map_or_else(
        || scan.subject.kind().to_owned(),
        |product| product.name.clone(),
    );
    let target = |title: &str, form: &str| json!([{"href": link, "title": title, "type": form}]);
    json!({"linkset": [{
        "anchor": link,
        "itemDescription": name,
        "https://gs1.org/voc/defaultLink": [{"href": link, "title": name}],
        "https://gs1.org/voc/pip": target("产品信息", "text/html"),
        "https://gs1.org/voc/traceability": target("流通记录", "text/html"),
        "https://gs1.org/voc/recallStatus": target("召回状态", "application/json"),
    }]})
}
