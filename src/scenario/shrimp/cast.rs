//! The cast of the shrimp world.

use crate::scenario::chain::{Cast, Spot, Ware, spot, ware};
use crate::scenario::site::{Company, company};

pub(super) const EXPORTER: usize = 0;
pub(super) const COLD_STORE: usize = 1;
/// The first and the second stop of the truck.
pub(super) const STORES: [usize; 2] = [2, 3];
pub(super) const PROCESSOR: usize = 4;
pub(super) const CARRIER: usize = 5;
/// The first of three shops.
pub(super) const SHOP: usize = 6;
pub(super) const SHOPS: usize = 3;

pub(super) const CARTON: usize = 0;
pub(super) const CATCH: usize = 1;
pub(super) const TRAY: usize = 2;

pub(super) const CAST: Cast = Cast {
    first: 401,
    companies: &COMPANIES,
    spots: &SPOTS,
    wares: &WARES,
};

const COMPANIES: [Company; 7] = [
    company(
        "pacifico",
        "太平洋虾业（示例）",
        "Camarones Pacifico (example)",
        "producer",
        "350000",
    ),
    company(
        "haijie",
        "海捷进口（示例）有限公司",
        "Haijie Imports (example)",
        "importer",
        "350203",
    ),
    company(
        "xianda",
        "鲜达配送（示例）有限公司",
        "Xianda Distribution (example)",
        "logistics",
        "350500",
    ),
    company(
        "weixian",
        "味鲜食品（示例）有限公司",
        "Weixian Foods (example)",
        "producer",
        "350102",
    ),
    company(
        "lengyun",
        "冷运通（示例）有限公司",
        "Lengyuntong Carriers (example)",
        "logistics",
        "350203",
    ),
    company(
        "haiwei",
        "海味超市（示例）有限公司",
        "Haiwei Supermarkets (example)",
        "retailer",
        "350102",
    ),
    company(
        "regulator",
        "市场监管部门（示例）",
        "Market regulator (example)",
        "regulator",
        "350000",
    ),
];

const FUZHOU: (f64, f64) = (26.08, 119.3);

const SPOTS: [Spot; 9] = [
    spot(
        0,
        10,
        "",
        ("太平洋加工厂", "Pacifico plant"),
        (-2.19, -79.88),
    )
    .in_utc(),
    spot(
        1,
        10,
        "",
        ("海捷口岸冷库", "Haijie cold store at the port"),
        (24.45, 118.07),
    ),
    spot(2, 10, "", ("鲜达泉州站", "Xianda Quanzhou"), (24.88, 118.6)).in_urns(),
    spot(2, 11, "", ("鲜达福州站", "Xianda Fuzhou"), FUZHOU),
    spot(
        3,
        10,
        "",
        ("味鲜福州工厂", "Weixian plant Fuzhou"),
        (26.05, 119.33),
    ),
    spot(
        4,
        10,
        "",
        ("冷运通车场", "Lengyuntong depot"),
        (24.5, 118.1),
    )
    .in_utc(),
    spot(5, 100, "", ("海味一店", "Haiwei shop 1"), (26.09, 119.28)),
    spot(5, 101, "", ("海味二店", "Haiwei shop 2"), (26.07, 119.31)).without_ids(),
    spot(5, 102, "", ("海味三店", "Haiwei shop 3"), (26.1, 119.32)),
];

const SEAFOOD: &str = "冷冻水产品";
const STANDARD: &str = "GB 2733-2015";

const WARES: [Ware; 3] = [
    ware(
        0,
        1,
        (
            "冻南美白虾 10千克箱",
            "Frozen vannamei shrimp, 10 kg carton",
        ),
        "stored",
        SEAFOOD,
        STANDARD,
    ),
    ware(
        0,
        900,
        ("冻虾（散装）", "Frozen shrimp, bulk"),
        "lot",
        SEAFOOD,
        STANDARD,
    ),
    ware(
        3,
        1,
        ("冻虾仁 500克盒", "Peeled frozen shrimp, 500 g tray"),
        "lot",
        SEAFOOD,
        STANDARD,
    ),
];
