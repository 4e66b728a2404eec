//! What is sent: cases of 24 items each that are packed, or items that are sold one by one. Every event is another
//! one, of things of its own, whose codes were issued.

use crate::app::{App, Problem};
use crate::codes::{self, ItemNumber, SerialBook};
use crate::gs1::{Gtin, check_digit};
use crate::ledger::Giver;
use crate::parties;

use super::super::fill::{broken, dictionary};

/// Items of a case.
const CASE: u64 = 24;
/// Codes of a lot.
const LOT: u64 = 1_000_000;
/// Whose everything is.
pub(super) const ORG: &str = "bench-maker";
const GTIN: &str = "09521234543213";
const PLANT: &str = "https://id.gs1.org/414/9521234000013";
const SHOP: &str = "https://id.gs1.org/414/9521234000020";

/// Which events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Items are packed, 24 into each case.
    Cases,
    /// Items are sold, one in each event.
    Sales,
}

impl Kind {
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Cases => "cases of 24",
            Self::Sales => "single sales",
        }
    }

    const fn items(self) -> u64 {
        match self {
            Self::Cases => CASE,
            Self::Sales => 1,
        }
    }
}

/// Events of one kind, by number.
#[derive(Debug)]
pub(super) struct Bodies {
    kind: Kind,
    gtin: Gtin,
    lots: Vec<(SerialBook, u32)>,
}

impl Bodies {
    /// Imports the master data and issues the codes of so many events.
    pub(super) fn prepare(app: &App, kind: Kind, events: u64) -> Result<Self, Problem> {
        let giver = Giver {
            by: "cli:bench".to_owned(),
            on_behalf_of: None,
            at: app.clock.now(),
        };
        let gtin = Gtin::parse(GTIN).map_err(|error| broken(error.to_string()))?;
        let lots = app.db.write(|conn| {
            let ledger = &app.ledger;
            let parties_csv = format!("id,name,role\n{ORG},Bench,producer\n");
            let places_csv =
                format!("gln,name,org\n9521234000013,Plant,{ORG}\n9521234000020,Shop,{ORG}\n");
            let products_csv = format!("gtin,name,org,mode\n{GTIN},Milk,{ORG},computed\n");
            let done = [
                parties::import_organisations(conn, ledger, &giver, parties_csv.as_bytes(), false)?,
                parties::import_places(conn, ledger, &giver, places_csv.as_bytes(), false)?,
                parties::import_products(conn, ledger, &giver, products_csv.as_bytes(), false)?,
            ];
            if let Some(fault) = done.iter().flat_map(|done| &done.refused).next() {
                return Err(broken(format!("the master data was refused: {fault:?}")));
            }
            let mut lots = Vec::new();
            for number in 0..(events * kind.items()).div_ceil(LOT) {
                let request = codes::Request {
                    gtin,
                    lot: format!("BENCH{number}"),
                    count: LOT,
                    request_id: None,
                };
                let batch = codes::issue(conn, ledger, dictionary(app), &giver, &request)?;
                lots.push((batch.book(&app.master), batch.number));
            }
            Ok::<_, Problem>(lots)
        })?;
        Ok(Self { kind, gtin, lots })
    }

    /// An event.
    pub(super) fn body(&self, number: u64) -> Result<String, Problem> {
        let items = self.kind.items();
        let things = (number * items..(number + 1) * items)
            .map(|item| Ok(format!("\"{}\"", self.item(item)?)))
            .collect::<Result<Vec<String>, Problem>>()?
            .join(",");
        let (event_type, step, place, rest) = match self.kind {
            Kind::Cases => (
                "AggregationEvent",
                "packing",
                PLANT,
                format!(
                    r#""action":"ADD","parentID":"{}","childEPCs":[{things}]"#,
                    case(number)?
                ),
            ),
            Kind::Sales => (
                "ObjectEvent",
                "retail_selling",
                SHOP,
                format!(r#""action":"OBSERVE","epcList":[{things}]"#),
            ),
        };
        let (minute, second) = (number / 60 % 60, number % 60);
        let (day, hour) = (1 + number / 86_400 % 28, number / 3_600 % 24);
        Ok(format!(
            r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"{event_type}","eventID":"urn:uuid:00000000-0000-4000-8000-{number:012x}","eventTime":"2026-01-{day:02}T{hour:02}:{minute:02}:{second:02}Z","eventTimeZoneOffset":"+08:00","bizStep":"{step}","disposition":"in_progress","readPoint":{{"id":"{place}"}},"bizLocation":{{"id":"{place}"}},{rest}}}"#
        ))
    }

    fn item(&self, item: u64) -> Result<String, Problem> {
        let (lot, index) = (item / LOT, item % LOT);
        let lot = usize::try_from(lot).ok().and_then(|lot| self.lots.get(lot));
        let (book, batch) = lot.ok_or_else(|| broken("an item of no lot"))?;
        let index = u32::try_from(index).unwrap_or_default();
        let number = ItemNumber::new(*batch, index).map_err(|error| broken(error.to_string()))?;
        let serial = book.issue(number);
        Ok(format!(
            "https://id.gs1.org/01/{}/21/{}",
            self.gtin,
            serial.as_str()
        ))
    }
}

/// The case with a number.
fn case(number: u64) -> Result<String, Problem> {
    let digits = format!("09521234{number:09}");
    let check = check_digit(&digits).ok_or_else(|| broken("an SSCC without a check digit"))?;
    Ok(format!("https://id.gs1.org/00/{digits}{check}"))
}
