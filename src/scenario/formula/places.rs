//! The map of the infant formula world: its sites, who keeps them, and how they write.

use std::sync::Arc;

use crate::scenario::keys;
use crate::scenario::outbox::Sender;
use crate::scenario::site::Site;

use super::cast::COMPANIES;

/// Index of the plant among the sites.
pub(super) const PLANT: usize = 0;
/// Index of the milk powder supplier's plant.
pub(super) const MILK: usize = 1;
/// Index of the premix supplier's plant.
pub(super) const PREMIX: usize = 2;
/// Index of the first warehouse.
pub(super) const WAREHOUSE: usize = 3;
/// How many warehouses.
pub(super) const WAREHOUSES: usize = 4;
/// Index of the first shop.
pub(super) const SHOP: usize = WAREHOUSE + WAREHOUSES;
/// How many shops.
pub(super) const SHOPS: usize = 60;
/// Shops that one warehouse serves.
pub(super) const SHOPS_A_WAREHOUSE: usize = SHOPS / WAREHOUSES;
/// Retail chains; shop n belongs to chain n mod this.
const CHAINS: usize = 6;

/// Parts of the plant, as GLN extensions.
pub(super) const PARTS: [(&str, &str, &str); 6] = [
    ("LINE1", "一号包装线", "packing line 1"),
    ("LINE2", "二号包装线", "packing line 2"),
    ("BLEND", "干燥混合间", "dryer and blending"),
    ("PACK", "装箱码垛", "casing and palletising"),
    ("LAB", "质检与留样室", "laboratory and samples"),
    ("DOCK", "发货月台", "dispatch dock"),
];

/// The map.
#[derive(Debug)]
pub(super) struct Map {
    pub(super) sites: Vec<Site>,
    pub(super) senders: Vec<Sender>,
    /// The two packing lines.
    pub(super) lines: [Arc<str>; 2],
    pub(super) blend: Arc<str>,
    pub(super) pack: Arc<str>,
    pub(super) lab: Arc<str>,
    pub(super) dock: Arc<str>,
    /// The tin of formula.
    pub(super) tin: String,
    /// Blended powder, before it is packed.
    pub(super) bulk: String,
    /// Milk powder, bought.
    pub(super) milk: String,
    /// Vitamin and mineral premix, bought.
    pub(super) premix: String,
    /// Company prefix of each site's keeper.
    pub(super) prefixes: Vec<u64>,
}

/// The companies by the sites they keep: plants and warehouses are the first seven, shops go round.
pub(super) fn keeper(site: usize) -> usize {
    if site < SHOP {
        site
    } else {
        SHOP + (site - SHOP) % CHAINS
    }
}

fn prefix(company: usize) -> u64 {
    keys::company_prefix(u32::try_from(company).unwrap_or(0) + 1)
}

/// The GLN of a site: shops of a chain count on from its head office, which has reference 1.
pub(super) fn site_gln(site: usize) -> String {
    let reference = if site < SHOP {
        10
    } else {
        100 + (site - SHOP) / CHAINS
    };
    keys::gln(prefix(keeper(site)), u32::try_from(reference).unwrap_or(0))
}

pub(super) fn head_office(company: usize) -> String {
    keys::gln(prefix(company), 1)
}

impl Map {
    pub(super) fn draw() -> Self {
        let plant = site_gln(PLANT);
        let part = |at: usize| Arc::from(keys::place_link(&plant, PARTS[at].0));
        let all = 0..SHOP + SHOPS;
        Self {
            sites: all
                .clone()
                .map(|site| Site {
                    link: Arc::from(keys::place_link(&site_gln(site), "")),
                    party: Arc::from(COMPANIES[keeper(site)].id),
                    party_link: keys::party_link(&head_office(keeper(site))),
                    writes_urns: site == WAREHOUSE + 2,
                })
                .collect(),
            senders: all
                .clone()
                .map(|site| Sender {
                    gln: site_gln(site),
                    in_utc: (WAREHOUSE..SHOP).contains(&site),
                    // The tills of one chain give their events no ids.
                    names_events: site < SHOP || (site - SHOP) % CHAINS != 3,
                })
                .collect(),
            lines: [part(0), part(1)],
            blend: part(2),
            pack: part(3),
            lab: part(4),
            dock: part(5),
            tin: keys::gtin(prefix(PLANT), 1),
            bulk: keys::gtin(prefix(PLANT), 900),
            milk: keys::gtin(prefix(MILK), 1),
            premix: keys::gtin(prefix(PREMIX), 1),
            prefixes: all.map(|site| prefix(keeper(site))).collect(),
        }
    }

    /// The shop's index among the sites: the n-th of a warehouse.
    pub(super) const fn shop_of(warehouse: usize, nth: usize) -> usize {
        SHOP + (warehouse - WAREHOUSE) * SHOPS_A_WAREHOUSE + nth % SHOPS_A_WAREHOUSE
    }

    /// Another shop of the same chain.
    pub(super) const fn sister_shop(shop: usize) -> usize {
        SHOP + (shop - SHOP + CHAINS) % SHOPS
    }
}
