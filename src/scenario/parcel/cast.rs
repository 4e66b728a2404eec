//! The cast of the parcel world. The maker and the forwarders take no part.

use crate::scenario::chain::{Cast, Spot, Ware, spot, ware};
use crate::scenario::site::{Company, company};

pub(super) const BONDED: usize = 0;
pub(super) const COURIER: usize = 1;
pub(super) const ONLINE: usize = 2;
/// The first of two shops.
pub(super) const SHOP: usize = 3;
pub(super) const SHOPS: usize = 2;
pub(super) const MAKER: usize = 5;
/// The first of two forwarders.
pub(super) const FORWARDER: usize = 6;
pub(super) const FORWARDERS: usize = 2;

pub(super) const SUPPLEMENT: usize = 0;

pub(super) const CAST: Cast = Cast {
    first: 501,
    companies: &COMPANIES,
    spots: &SPOTS,
    wares: &WARES,
};

const COMPANIES: [Company; 8] = [
    company(
        "haigou",
        "海购通（示例）有限公司",
        "Haigoutong (example)",
        "importer",
        "410100",
    ),
    company(
        "kuaida",
        "快达速递（示例）有限公司",
        "Kuaida Express (example)",
        "logistics",
        "410100",
    ),
    company(
        "qianhai",
        "千海优选平台（示例）有限公司",
        "Qianhai Platform (example)",
        "platform",
        "440300",
    ),
    company(
        "tiyan",
        "跨境体验店（示例）有限公司",
        "Kuajing Shops (example)",
        "retailer",
        "410105",
    ),
    company(
        "southern",
        "南方保健（示例）",
        "Southern Wellness (example)",
        "producer",
        "410100",
    ),
    company(
        "zhuan1",
        "转运甲（示例）",
        "Forwarder A (example)",
        "logistics",
        "410100",
    ),
    company(
        "zhuan2",
        "转运乙（示例）",
        "Forwarder B (example)",
        "logistics",
        "410100",
    ),
    company(
        "regulator",
        "市场监管部门（示例）",
        "Market regulator (example)",
        "regulator",
        "350000",
    ),
];

const ZHENGZHOU: (f64, f64) = (34.75, 113.63);

const SPOTS: [Spot; 8] = [
    spot(
        0,
        10,
        "",
        ("海购通保税仓", "Haigoutong bonded warehouse"),
        ZHENGZHOU,
    ),
    spot(1, 10, "", ("快达分拨中心", "Kuaida hub"), (34.72, 113.7)).in_urns(),
    spot(
        2,
        10,
        "",
        ("千海网店", "Qianhai online shop"),
        (22.54, 114.06),
    )
    .in_utc(),
    spot(
        3,
        100,
        "",
        ("跨境体验一店", "Kuajing shop 1"),
        (34.77, 113.68),
    ),
    spot(
        3,
        101,
        "",
        ("跨境体验二店", "Kuajing shop 2"),
        (34.73, 113.6),
    )
    .without_ids(),
    spot(
        4,
        10,
        "",
        ("南方保健工厂", "Southern Wellness plant"),
        (-33.87, 151.21),
    )
    .outside(),
    spot(5, 10, "", ("转运甲仓", "Forwarder A"), (34.7, 113.5)).outside(),
    spot(6, 10, "", ("转运乙仓", "Forwarder B"), (34.71, 113.52)).outside(),
];

const WARES: [Ware; 1] = [ware(
    0,
    1,
    ("鱼油软胶囊 100粒", "Fish oil capsules, 100 pieces"),
    "lot",
    "保健食品",
    "GB 16740-2014",
)];
