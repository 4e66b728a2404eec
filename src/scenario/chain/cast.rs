//! Who and what there is in a world: companies, places and products as tables, and the rows and sites
//! that are made of them.

use std::sync::Arc;

use crate::scenario::keys;
use crate::scenario::outbox::Sender;
use crate::scenario::site::{Company, Site};
use crate::scenario::world::{Alias, Party, Place, Product, World};

/// The number of the regulator among the company prefixes: the same in every world.
const REGULATOR: u32 = 14;

/// A place, or a part of one.
#[derive(Debug)]
pub(in crate::scenario) struct Spot {
    /// Who keeps it, among the companies.
    company: usize,
    /// Its location reference: parts of one place share it.
    reference: u32,
    /// The GLN extension of a part.
    part: &'static str,
    zh: &'static str,
    en: &'static str,
    at: (f64, f64),
    manner: Manner,
}

/// How a site writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Plain,
    /// Logistic units as EPC URNs.
    InUrns,
    /// Times in UTC.
    InUtc,
    /// Events without ids.
    WithoutIds,
    /// Nothing: it is in no master data, either.
    Outside,
}

/// A row of the table of places.
pub(in crate::scenario) const fn spot(
    company: usize,
    reference: u32,
    part: &'static str,
    (zh, en): (&'static str, &'static str),
    at: (f64, f64),
) -> Spot {
    Spot {
        company,
        reference,
        part,
        zh,
        en,
        at,
        manner: Manner::Plain,
    }
}

impl Spot {
    /// Takes no part: it is in no master data, and reports nothing.
    pub(in crate::scenario) const fn outside(mut self) -> Self {
        self.manner = Manner::Outside;
        self
    }

    /// Writes logistic units as EPC URNs.
    pub(in crate::scenario) const fn in_urns(mut self) -> Self {
        self.manner = Manner::InUrns;
        self
    }

    /// Writes times in UTC.
    pub(in crate::scenario) const fn in_utc(mut self) -> Self {
        self.manner = Manner::InUtc;
        self
    }

    /// Gives its events no ids.
    pub(in crate::scenario) const fn without_ids(mut self) -> Self {
        self.manner = Manner::WithoutIds;
        self
    }
}

/// A product.
#[derive(Debug)]
pub(in crate::scenario) struct Ware {
    company: usize,
    item: u32,
    zh: &'static str,
    en: &'static str,
    mode: &'static str,
    category: &'static str,
    standard: &'static str,
}

/// A row of the table of products.
pub(in crate::scenario) const fn ware(
    company: usize,
    item: u32,
    (zh, en): (&'static str, &'static str),
    mode: &'static str,
    category: &'static str,
    standard: &'static str,
) -> Ware {
    Ware {
        company,
        item,
        zh,
        en,
        mode,
        category,
        standard,
    }
}

/// The tables of a world.
#[derive(Debug)]
pub(in crate::scenario) struct Cast {
    /// The number of the first company prefix: no two worlds share one.
    pub(in crate::scenario) first: u32,
    pub(in crate::scenario) companies: &'static [Company],
    pub(in crate::scenario) spots: &'static [Spot],
    pub(in crate::scenario) wares: &'static [Ware],
}

impl Cast {
    fn number(&self, company: usize) -> u32 {
        match self.companies[company].role {
            "regulator" => REGULATOR,
            _ => self.first + u32::try_from(company).unwrap_or(0),
        }
    }

    fn prefix(&self, company: usize) -> u64 {
        keys::company_prefix(self.number(company))
    }

    fn gln(&self, spot: &Spot) -> String {
        keys::gln(self.prefix(spot.company), spot.reference)
    }

    /// The GTIN of a product.
    pub(in crate::scenario) fn gtin(&self, ware: usize) -> String {
        let ware = &self.wares[ware];
        keys::gtin(self.prefix(ware.company), ware.item)
    }

    /// The place at this row, a canonical Digital Link.
    pub(in crate::scenario) fn place(&self, spot: usize) -> String {
        let spot = &self.spots[spot];
        keys::place_link(&self.gln(spot), spot.part)
    }

    /// The master data.
    pub(in crate::scenario) fn world(&self, aliases: Vec<Alias>) -> World {
        let is_known = |company: usize| {
            let mut spots = self.spots.iter().filter(|spot| spot.company == company);
            spots.clone().next().is_none() || spots.any(|spot| spot.manner != Manner::Outside)
        };
        let companies = 0..self.companies.len();
        let known = self
            .spots
            .iter()
            .filter(|spot| spot.manner != Manner::Outside);
        World {
            parties: companies
                .filter(|at| is_known(*at))
                .map(|at| self.party(at))
                .collect(),
            places: known.map(|spot| self.place_row(spot)).collect(),
            products: self.wares.iter().map(|ware| self.product(ware)).collect(),
            aliases,
        }
    }

    fn party(&self, at: usize) -> Party {
        let company = &self.companies[at];
        let number = self.number(at);
        let register = if company.role == "regulator" {
            "11"
        } else {
            "91"
        };
        Party {
            id: company.id.into(),
            gln: keys::gln(self.prefix(at), 1),
            name: company.name.into(),
            name_en: company.name_en.into(),
            role: company.role.into(),
            credit_code: keys::credit_code(register, company.region, number),
            region: company.region.into(),
            gcp_length: keys::PREFIX_DIGITS,
            phone: format!("400-000-{number:04}"),
        }
    }

    fn place_row(&self, spot: &Spot) -> Place {
        let company = &self.companies[spot.company];
        let gln = self.gln(spot);
        Place {
            link: keys::place_link(&gln, spot.part),
            gln: if spot.part.is_empty() {
                gln
            } else {
                format!("(414){gln}(254){}", spot.part)
            },
            name: spot.zh.into(),
            name_en: spot.en.into(),
            org: company.id.into(),
            region: company.region.into(),
            lat: spot.at.0,
            lon: spot.at.1,
        }
    }

    fn product(&self, ware: &Ware) -> Product {
        Product {
            gtin: keys::gtin(self.prefix(ware.company), ware.item),
            name: ware.zh.into(),
            name_en: ware.en.into(),
            org: self.companies[ware.company].id.into(),
            brand: String::new(),
            mode: ware.mode.into(),
            category: ware.category.into(),
            standard: ware.standard.into(),
        }
    }
}

/// The places as the simulation uses them.
#[derive(Debug)]
pub(in crate::scenario) struct Map {
    pub(super) sites: Vec<Site>,
    pub(super) senders: Vec<Sender>,
    pub(super) prefixes: Vec<u64>,
    pub(super) gtins: Vec<String>,
}

impl Map {
    pub(super) fn draw(cast: &Cast) -> Self {
        let site = |spot: &Spot| Site {
            link: Arc::from(keys::place_link(&cast.gln(spot), spot.part)),
            party: Arc::from(cast.companies[spot.company].id),
            party_link: keys::party_link(&keys::gln(cast.prefix(spot.company), 1)),
            writes_urns: spot.manner == Manner::InUrns,
        };
        let sender = |spot: &Spot| Sender {
            gln: cast.gln(spot),
            in_utc: spot.manner == Manner::InUtc,
            names_events: spot.manner != Manner::WithoutIds,
        };
        Self {
            sites: cast.spots.iter().map(site).collect(),
            senders: cast.spots.iter().map(sender).collect(),
            prefixes: cast
                .spots
                .iter()
                .map(|spot| cast.prefix(spot.company))
                .collect(),
            gtins: (0..cast.wares.len()).map(|ware| cast.gtin(ware)).collect(),
        }
    }
}
