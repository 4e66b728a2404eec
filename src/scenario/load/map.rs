//! Who and where in a load: a plant with two lines and a packing hall, warehouses, shops.

use super::{LINES, Load};
use crate::scenario::keys;
use crate::scenario::{Party, Place, Product, World};

/// Index of the packing hall among the sites; the lines stand before it.
pub(super) const HALL: usize = LINES as usize;
/// Index of the first warehouse.
pub(super) const WAREHOUSE: usize = HALL + 1;
/// How many warehouses.
pub(super) const WAREHOUSES: usize = 4;
/// Index of the first shop.
pub(super) const SHOP: usize = WAREHOUSE + WAREHOUSES;

/// A shop for so many items, within these bounds.
const ITEMS_A_SHOP: u32 = 10_000;
const SHOPS_LEAST: u32 = 8;
const SHOPS_MOST: u32 = 400;
/// Shops that one chain keeps.
const SHOPS_A_CHAIN: u32 = 20;

/// The company numbers: the maker, then the keepers of warehouses, then the chains.
const MAKER: u32 = 101;
const FIRST_KEEPER: u32 = 102;
const FIRST_CHAIN: u32 = FIRST_KEEPER + 4;

const REGION: &str = "350203";

/// A place where things happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The canonical Digital Link by which events name it.
    pub link: String,
    /// The organisation that keeps it.
    pub org: String,
    /// The organisation as events name it.
    pub party_link: String,
    gln: String,
    company: u32,
}

impl Site {
    fn new(company: u32, reference: u32, part: &str) -> Self {
        let prefix = keys::company_prefix(company);
        let gln = keys::gln(prefix, reference);
        Self {
            link: keys::place_link(&gln, part),
            org: org(company),
            party_link: keys::party_link(&keys::gln(prefix, 1)),
            gln: if part.is_empty() {
                gln
            } else {
                format!("(414){gln}(254){part}")
            },
            company,
        }
    }
}

fn org(company: u32) -> String {
    match company {
        MAKER => "load-maker".to_owned(),
        keeper if keeper < FIRST_CHAIN => format!("load-store-{}", keeper - FIRST_KEEPER + 1),
        chain => format!("load-chain-{}", chain - FIRST_CHAIN + 1),
    }
}

/// Index of a line among the sites.
pub(super) const fn line(number: u32) -> usize {
    number as usize
}

/// The places of a world of this size.
pub(super) fn sites(items: u32) -> Vec<Site> {
    let lines = (0..LINES).map(|line| Site::new(MAKER, 10, &format!("LINE{}", line + 1)));
    let hall = std::iter::once(Site::new(MAKER, 10, "PACK"));
    let keepers = FIRST_KEEPER..FIRST_CHAIN;
    let warehouses = keepers.map(|keeper| Site::new(keeper, 10, ""));
    let shop_count = (items / ITEMS_A_SHOP).clamp(SHOPS_LEAST, SHOPS_MOST);
    let shops = (0..shop_count).map(|shop| {
        Site::new(
            FIRST_CHAIN + shop / SHOPS_A_CHAIN,
            100 + shop % SHOPS_A_CHAIN,
            "",
        )
    });
    lines.chain(hall).chain(warehouses).chain(shops).collect()
}

/// The GTIN of a product: each lot of a load has its own.
pub(super) fn gtin(number: u32) -> String {
    keys::gtin(keys::company_prefix(MAKER), number + 1)
}

/// A case or pallet of the maker.
pub(super) fn sscc(extension: u32, serial: u32) -> String {
    keys::sscc(extension, keys::company_prefix(MAKER), u64::from(serial))
}

pub(super) fn world(load: &Load) -> World {
    let mut companies: Vec<u32> = load.sites.iter().map(|site| site.company).collect();
    companies.sort_unstable();
    companies.dedup();
    World {
        parties: companies.into_iter().map(party).collect(),
        places: load.sites.iter().map(place).collect(),
        products: load
            .lots()
            .into_iter()
            .map(|lot| product(lot.gtin))
            .collect(),
        aliases: Vec::new(),
    }
}

fn party(company: u32) -> Party {
    let role = match company {
        MAKER => "producer",
        keeper if keeper < FIRST_CHAIN => "logistics",
        _ => "retailer",
    };
    Party {
        id: org(company),
        gln: keys::gln(keys::company_prefix(company), 1),
        name: format!("示例{company}"),
        name_en: format!("Example {company}"),
        role: role.to_owned(),
        credit_code: keys::credit_code("91", REGION, company),
        region: REGION.to_owned(),
        gcp_length: keys::PREFIX_DIGITS,
        phone: "0592-0000000".to_owned(),
    }
}

fn place(site: &Site) -> Place {
    Place {
        gln: site.gln.clone(),
        link: site.link.clone(),
        name: format!("示例 {}", site.gln),
        name_en: format!("Example {}", site.gln),
        org: site.org.clone(),
        region: REGION.to_owned(),
        lat: 24.48,
        lon: 118.09,
    }
}

fn product(gtin: String) -> Product {
    Product {
        gtin,
        name: "示例".to_owned(),
        name_en: "Example".to_owned(),
        org: org(MAKER),
        brand: "示例".to_owned(),
        mode: "computed".to_owned(),
        category: "food".to_owned(),
        standard: "GB 0000".to_owned(),
    }
}
