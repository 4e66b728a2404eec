//! Addresses to look at: the pages of an affected unit, of one that is not, and of a forged code.

use std::net::TcpListener;

use super::setup::Issued;
use super::words::Page;
use crate::app::{App, Config, Http, Problem};
use crate::cli::judge::Answer;
use crate::codes::{self, ComputedSerial, Dictionary, SerialVerdict, base32};
use crate::db;
use crate::gs1::{CANONICAL_HOST, Gtin};

/// A free port of this machine, when the usual one is taken.
const ANY_PORT: &str = "127.0.0.1:0";

/// Pages with their addresses.
#[derive(Debug, Default)]
pub(super) struct Pages(pub(super) Vec<(Page, String)>);

/// Settles where the pages will be, and what printed codes lead to.
pub(super) fn settle(config: &mut Config) {
    let bound = TcpListener::bind(&config.http.listen).or_else(|_| TcpListener::bind(ANY_PORT));
    if let Ok(address) = bound.and_then(|listener| listener.local_addr()) {
        config.http.listen = address.to_string();
    }
    if config.http.public_url == Http::default().public_url {
        config.http.public_url = format!("http://{}", config.http.listen);
    }
}

/// The unit whose code is shown: one that was sold, else the first.
pub(super) fn shown(answer: &Answer) -> Option<&str> {
    let sold = answer
        .units
        .iter()
        .find(|(_, found)| found.standing.status == "sold");
    sold.or_else(|| answer.units.iter().next())
        .map(|(id, _)| id.as_str())
}

impl Pages {
    /// Chooses them.
    pub(super) fn choose(app: &App, issued: &Issued, answer: &Answer) -> Result<Self, Problem> {
        let base = &app.config.http.public_url;
        let mut pages = Vec::new();
        if let Some(id) = shown(answer) {
            pages.push((Page::Affected, address(base, id)));
        }
        let others = issued
            .links()
            .find(|(gtin, serial)| !answer.units.contains_key(&link(*gtin, serial)));
        if let Some((gtin, serial)) = others {
            pages.push((Page::Unaffected, address(base, &link(gtin, &serial))));
            if let Some(forged) = forge(app, gtin, &serial)? {
                pages.push((Page::Forged, address(base, &link(gtin, &forged))));
            }
        }
        Ok(Self(pages))
    }

    /// The addresses alone.
    pub(super) fn urls(&self) -> Vec<String> {
        self.0.iter().map(|(_, url)| url.clone()).collect()
    }
}

fn link(gtin: Gtin, serial: &ComputedSerial) -> String {
    format!("https://{CANONICAL_HOST}/01/{gtin}/21/{serial}")
}

/// The canonical link below our own address.
pub(super) fn address(base: &str, id: &str) -> String {
    let path = id.split_once(CANONICAL_HOST).map_or(id, |(_, path)| path);
    format!("{base}{path}")
}

/// The serial with its last character changed, as somebody would who has seen one.
fn forge(
    app: &App,
    gtin: Gtin,
    genuine: &ComputedSerial,
) -> Result<Option<ComputedSerial>, db::Error> {
    let dictionary = Dictionary {
        master: &app.master,
        seal: &app.ledger.seal,
    };
    let text = genuine.as_str();
    let body = text.get(..text.len() - 1).unwrap_or_default();
    app.db.read(|conn| {
        for character in base32::ALPHABET {
            let changed = format!("{body}{}", char::from(*character));
            let Some(forged) = ComputedSerial::parse(&changed) else {
                continue;
            };
            if codes::verify_serial(conn, dictionary, gtin, &changed)? == SerialVerdict::NotIssued {
                return Ok(Some(forged));
            }
        }
        Ok(None)
    })
}
