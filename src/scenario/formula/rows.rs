//! The master data of the infant formula world, row by row.

use crate::scenario::keys;
use crate::scenario::world::{Party, Place, Product, World};

use super::cast::{CITIES, COMPANIES};
use super::places::{
    MILK, Map, PARTS, PLANT, PREMIX, SHOP, SHOPS, SHOPS_A_WAREHOUSE, WAREHOUSE, head_office,
    keeper, site_gln,
};

/// The master data.
pub(super) fn world() -> World {
    World {
        parties: parties(),
        places: places(),
        products: products(),
        aliases: Vec::new(),
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
