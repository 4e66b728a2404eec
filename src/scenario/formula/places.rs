//! The cast and the map of the infant formula world: invented companies (their names say 示例, example),
//! codes of prefix 952, real region codes of cities.

use std::sync::Arc;

use crate::scenario::keys;
use crate::scenario::outbox::Sender;
use crate::scenario::world::{Party, Place, Product, World};

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
const PARTS: [(&str, &str, &str); 6] = [
    ("LINE1", "一号包装线", "packing line 1"),
    ("LINE2", "二号包装线", "packing line 2"),
    ("BLEND", "干燥混合间", "dryer and blending"),
    ("PACK", "装箱码垛", "casing and palletising"),
    ("LAB", "质检与留样室", "laboratory and samples"),
    ("DOCK", "发货月台", "dispatch dock"),
];

/// One site: a GLN, its keeper, and how it writes events.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) link: Arc<str>,
    pub(super) party: Arc<str>,
    pub(super) party_link: String,
    /// Writes logistic units as EPC URNs.
    pub(super) writes_urns: bool,
}

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

struct Company {
    id: &'static str,
    name: &'static str,
    name_en: &'static str,
    role: &'static str,
    region: &'static str,
}

const fn company(
    id: &'static str,
    name: &'static str,
    name_en: &'static str,
    role: &'static str,
    region: &'static str,
) -> Company {
    Company {
        id,
        name,
        name_en,
        role,
        region,
    }
}

/// Producer, two suppliers, four keepers of warehouses, six chains, a regulator: in the order of sites.
const COMPANIES: [Company; 14] = [
    company(
        "qingsui",
        "青穗乳业（示例）有限公司",
        "Qingsui Dairy (example)",
        "producer",
        "350205",
    ),
    company(
        "heyuan",
        "禾原乳粉（示例）有限公司",
        "Heyuan Milk Powder (example)",
        "producer",
        "230100",
    ),
    company(
        "weiheng",
        "维衡营养配料（示例）有限公司",
        "Weiheng Nutrition (example)",
        "producer",
        "310115",
    ),
    company(
        "mincang",
        "闽仓物流（示例）有限公司",
        "Mincang Logistics (example)",
        "logistics",
        "350100",
    ),
    company(
        "xiangcang",
        "湘仓物流（示例）有限公司",
        "Xiangcang Logistics (example)",
        "logistics",
        "430100",
    ),
    company(
        "yuecang",
        "粤仓物流（示例）有限公司",
        "Yuecang Logistics (example)",
        "logistics",
        "440100",
    ),
    company(
        "hucang",
        "沪仓物流（示例）有限公司",
        "Hucang Logistics (example)",
        "logistics",
        "310115",
    ),
    company(
        "tongyue",
        "童悦母婴（示例）有限公司",
        "Tongyue Baby Stores (example)",
        "retailer",
        "350203",
    ),
    company(
        "xiaomiao",
        "小苗母婴（示例）有限公司",
        "Xiaomiao Baby Stores (example)",
        "retailer",
        "350102",
    ),
    company(
        "anxin",
        "安昕超市（示例）有限公司",
        "Anxin Supermarkets (example)",
        "retailer",
        "430102",
    ),
    company(
        "jiali",
        "佳邻便利（示例）有限公司",
        "Jialin Stores (example)",
        "retailer",
        "440106",
    ),
    company(
        "beibei",
        "贝北药房（示例）有限公司",
        "Beibei Pharmacies (example)",
        "retailer",
        "310101",
    ),
    company(
        "guangyu",
        "广屿百货（示例）有限公司",
        "Guangyu Department Stores (example)",
        "retailer",
        "310104",
    ),
    company(
        "regulator",
        "市场监管部门（示例）",
        "Market regulator (example)",
        "regulator",
        "350000",
    ),
];

/// Where the warehouses and their shops are: city in both languages, region codes, degrees.
struct City {
    zh: &'static str,
    en: &'static str,
    regions: [&'static str; 3],
    lat: f64,
    lon: f64,
}

const CITIES: [City; WAREHOUSES] = [
    City {
        zh: "福州",
        en: "Fuzhou",
        regions: ["350102", "350103", "350104"],
        lat: 26.08,
        lon: 119.3,
    },
    City {
        zh: "长沙",
        en: "Changsha",
        regions: ["430102", "430103", "430104"],
        lat: 28.2,
        lon: 112.97,
    },
    City {
        zh: "广州",
        en: "Guangzhou",
        regions: ["440103", "440104", "440106"],
        lat: 23.13,
        lon: 113.27,
    },
    City {
        zh: "上海",
        en: "Shanghai",
        regions: ["310101", "310104", "310115"],
        lat: 31.23,
        lon: 121.47,
    },
];

/// The companies by the sites they keep: plants and warehouses are the first seven, shops go round.
fn keeper(site: usize) -> usize {
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
fn site_gln(site: usize) -> String {
    let reference = if site < SHOP {
        10
    } else {
        100 + (site - SHOP) / CHAINS
    };
    keys::gln(prefix(keeper(site)), u32::try_from(reference).unwrap_or(0))
}

fn head_office(company: usize) -> String {
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

/// The master data.
pub(super) fn world() -> World {
    World {
        parties: parties(),
        places: places(),
        products: products(),
    }
}

fn parties() -> Vec<Party> {
    COMPANIES
        .iter()
        .enumerate()
        .map(|(at, company)| {
            // Departments are registered with the staffing office (11), enterprises with the market regulator.
            let register = if company.role == "regulator" {
                "11"
            } else {
                "91"
            };
            let number = u32::try_from(at).unwrap_or(0) + 1;
            Party {
                id: company.id.into(),
                gln: head_office(at),
                name: company.name.into(),
                name_en: company.name_en.into(),
                role: company.role.into(),
                credit_code: keys::credit_code(register, company.region, number),
                region: company.region.into(),
                gcp_length: keys::PREFIX_DIGITS,
                phone: format!("400-000-{number:04}"),
            }
        })
        .collect()
}

fn places() -> Vec<Place> {
    let mut places = Vec::new();
    let mut add = |gln: String,
                   extension: &str,
                   zh: String,
                   en: String,
                   org: usize,
                   region: &str,
                   (lat, lon)| {
        places.push(Place {
            link: keys::place_link(&gln, extension),
            gln: if extension.is_empty() {
                gln
            } else {
                format!("(414){gln}(254){extension}")
            },
            name: zh,
            name_en: en,
            org: COMPANIES[org].id.into(),
            region: region.into(),
            lat,
            lon,
        });
    };
    let xiamen = (24.48, 118.03);
    add(
        site_gln(PLANT),
        "",
        "青穗厦门工厂".into(),
        "Qingsui plant Xiamen".into(),
        0,
        "350205",
        xiamen,
    );
    for (extension, zh, en) in PARTS {
        let (zh, en) = (
            format!("青穗厦门工厂{zh}"),
            format!("Qingsui plant Xiamen, {en}"),
        );
        add(site_gln(PLANT), extension, zh, en, 0, "350205", xiamen);
    }
    let (zh, en) = ("禾原哈尔滨乳粉厂", "Heyuan plant Harbin");
    add(
        site_gln(MILK),
        "",
        zh.into(),
        en.into(),
        1,
        "230100",
        (45.8, 126.53),
    );
    let (zh, en) = ("维衡浦东预混料厂", "Weiheng plant Pudong");
    add(
        site_gln(PREMIX),
        "",
        zh.into(),
        en.into(),
        2,
        "310115",
        (31.22, 121.54),
    );
    for (at, city) in CITIES.iter().enumerate() {
        let site = WAREHOUSE + at;
        let (zh, en) = (
            format!("{}区域仓", city.zh),
            format!("{} warehouse", city.en),
        );
        add(
            site_gln(site),
            "",
            zh,
            en,
            keeper(site),
            city.regions[2],
            (city.lat, city.lon),
        );
    }
    for shop in 0..SHOPS {
        let (site, city) = (SHOP + shop, &CITIES[shop / SHOPS_A_WAREHOUSE]);
        let company = &COMPANIES[keeper(site)];
        let short = company.name.split('（').next().unwrap_or_default();
        let short_en = company.name_en.split(" (").next().unwrap_or_default();
        let number = shop + 1;
        let (zh, en) = (
            format!("{short}{}{number}号店", city.zh),
            format!("{short_en} {} shop {number}", city.en),
        );
        // Shops lie around the city's middle, a hundredth of a degree apart.
        let steps = [(0, 0), (1, 0), (0, 1), (-1, 0), (0, -1)][shop % 5];
        let at = (hundredths(city.lat, steps.0), hundredths(city.lon, steps.1));
        add(
            site_gln(site),
            "",
            zh,
            en,
            keeper(site),
            city.regions[shop % 3],
            at,
        );
    }
    places
}

fn hundredths(degrees: f64, steps: i32) -> f64 {
    ((degrees * 100.0).round() + f64::from(steps)) / 100.0
}

fn products() -> Vec<Product> {
    let map = Map::draw();
    let product =
        |gtin: &str, zh: &str, en: &str, org: usize, mode: &str, category: &str, standard: &str| {
            Product {
                gtin: gtin.into(),
                name: zh.into(),
                name_en: en.into(),
                org: COMPANIES[org].id.into(),
                brand: if org == 0 { "青穗" } else { "" }.into(),
                mode: mode.into(),
                category: category.into(),
                standard: standard.into(),
            }
        };
    let formula = "婴儿配方乳粉";
    vec![
        product(
            &map.tin,
            "青穗婴儿配方乳粉1段 800克",
            "Qingsui infant formula stage 1, 800 g",
            PLANT,
            "computed",
            formula,
            "GB 10765-2021",
        ),
        product(
            &map.bulk,
            "配方乳粉基粉（散装）",
            "Blended formula powder, bulk",
            PLANT,
            "lot",
            formula,
            "GB 10765-2021",
        ),
        product(
            &map.milk,
            "脱脂乳粉（原料）",
            "Skimmed milk powder, bulk",
            MILK,
            "lot",
            "乳粉",
            "GB 19644-2024",
        ),
        product(
            &map.premix,
            "复配营养强化剂",
            "Vitamin and mineral premix",
            PREMIX,
            "lot",
            "食品营养强化剂",
            "GB 26687-2011",
        ),
    ]
}
