//! A dairy with products, and what issuing codes for them needs.

use suyuan::codes::{self, Batch, Dictionary, Error, MasterKey, Request};
use suyuan::db::Db;
use suyuan::epcis::Timestamp;
use suyuan::gs1::Gtin;
use suyuan::ledger::{Giver, Ledger, SaltKeys, SealKey};
use suyuan::parties;

/// A product whose codes are computed.
pub(super) const MILK: &str = "09521234543213";
/// Another one.
pub(super) const CHEESE: &str = "09521234543220";
/// A product that has a code a lot.
pub(super) const CREAM: &str = "09521234543237";
/// A product of nobody.
pub(super) const UNKNOWN: &str = "09521234543244";

pub(super) const PARTIES: &str =
    "id,name,role\ndairy,Green Hill Dairy,producer\nshop,Corner Shop,retailer\n";
pub(super) const PRODUCTS: &str = "gtin,name,org,mode\n\
    09521234543213,Milk,dairy,computed\n\
    09521234543220,Cheese,dairy,computed\n\
    09521234543237,Cream,dairy,lot\n";

/// The keys of an installation, and its database with a dairy in it.
#[derive(Debug)]
pub(super) struct Dairy<'a> {
    pub(super) db: &'a Db,
    pub(super) ledger: Ledger,
    pub(super) master: MasterKey,
}

impl<'a> Dairy<'a> {
    pub(super) fn on(db: &'a Db) -> Self {
        let ledger = Ledger {
            origin: "suyuan.test".into(),
            salts: SaltKeys::new(0, [1; 32]),
            seal: SealKey::new([2; 32]),
        };
        let giver = giver(None);
        db.write(|conn| {
            parties::import_organisations(conn, &ledger, &giver, PARTIES.as_bytes(), false)?;
            parties::import_products(conn, &ledger, &giver, PRODUCTS.as_bytes(), false)
        })
        .unwrap();
        Self {
            db,
            ledger,
            master: MasterKey::from_bytes([3; 32]),
        }
    }

    pub(super) fn dictionary(&self) -> Dictionary<'_> {
        Dictionary {
            master: &self.master,
            seal: &self.ledger.seal,
        }
    }

    pub(super) fn try_issue(&self, org: Option<&str>, request: &Request) -> Result<Batch, Error> {
        let giver = giver(org);
        self.db
            .write(|conn| codes::issue(conn, &self.ledger, self.dictionary(), &giver, request))
    }

    pub(super) fn issue(&self, request: &Request) -> Batch {
        self.try_issue(None, request).unwrap()
    }
}

pub(super) fn giver(org: Option<&str>) -> Giver {
    Giver {
        by: "cli:tester".into(),
        on_behalf_of: org.map(str::to_owned),
        at: "2026-11-22T08:00:00.000001Z".parse::<Timestamp>().unwrap(),
    }
}

pub(super) fn gtin(digits: &str) -> Gtin {
    Gtin::parse(digits).unwrap()
}

/// A request without an id.
pub(super) fn codes_of(product: &str, lot: &str, count: u64) -> Request {
    Request {
        gtin: gtin(product),
        lot: lot.into(),
        count,
        request_id: None,
    }
}

/// A request with an id.
pub(super) fn named(request_id: &str, request: Request) -> Request {
    Request {
        request_id: Some(request_id.into()),
        ..request
    }
}
