//! The cast of the toy world.

use crate::scenario::chain::{Cast, Spot, Ware, spot, ware};
use crate::scenario::site::{Company, company};

pub(super) const MAKER: usize = 0;
pub(super) const SPRAY: usize = 1;
pub(super) const PAINTER: usize = 2;
pub(super) const MOULDER: usize = 3;
pub(super) const FURNITURE: usize = 4;
pub(super) const WAREHOUSE: usize = 5;
/// The first of six shops.
pub(super) const SHOP: usize = 6;
pub(super) const SHOPS: usize = 6;

pub(super) const TOY: usize = 0;
pub(super) const OWN_PAINT: usize = 1;
pub(super) const RECLAIMED: usize = 2;
pub(super) const PAINT: usize = 3;
pub(super) const BODY: usize = 4;

pub(super) const MAKER_ID: &str = "huile";

pub(super) const CAST: Cast = Cast {
    first: 201,
    companies: &COMPANIES,
    spots: &SPOTS,
    wares: &WARES,
};

const COMPANIES: [Company; 8] = [
    company(
        MAKER_ID,
        "绘乐玩具（示例）有限公司",
        "Huile Toys (example)",
        "producer",
        "440500",
    ),
    company(
        "caihong",
        "彩虹涂料（示例）有限公司",
        "Caihong Paints (example)",
        "producer",
        "440600",
    ),
    company(
        "hengsu",
        "恒塑制品（示例）有限公司",
        "Hengsu Mouldings (example)",
        "producer",
        "440500",
    ),
    company(
        "anju",
        "安居家具（示例）有限公司",
        "Anju Furniture (example)",
        "producer",
        "440600",
    ),
    company(
        "yuedong",
        "粤东仓储（示例）有限公司",
        "Yuedong Storage (example)",
        "logistics",
        "440500",
    ),
    company(
        "tongxin",
        "童心玩具店（示例）有限公司",
        "Tongxin Toy Shops (example)",
        "retailer",
        "440103",
    ),
    company(
        "beile",
        "贝乐百货（示例）有限公司",
        "Beile Stores (example)",
        "retailer",
        "350203",
    ),
    company(
        "regulator",
        "市场监管部门（示例）",
        "Market regulator (example)",
        "regulator",
        "350000",
    ),
];

const SHANTOU: (f64, f64) = (23.35, 116.68);

const SPOTS: [Spot; 12] = [
    spot(0, 10, "", ("绘乐汕头工厂", "Huile plant Shantou"), SHANTOU),
    spot(0, 10, "SPRAY", ("绘乐喷漆线", "Huile spray line"), SHANTOU),
    spot(
        1,
        10,
        "",
        ("彩虹佛山工厂", "Caihong plant Foshan"),
        (23.02, 113.12),
    ),
    spot(2, 10, "", ("恒塑工厂", "Hengsu plant"), (23.4, 116.7)),
    spot(3, 10, "", ("安居家具厂", "Anju plant"), (22.9, 113.2)).in_utc(),
    spot(
        4,
        10,
        "",
        ("粤东中心仓", "Yuedong warehouse"),
        (23.3, 116.6),
    )
    .in_urns(),
    spot(5, 100, "", ("童心一店", "Tongxin shop 1"), (23.13, 113.27)),
    spot(5, 101, "", ("童心二店", "Tongxin shop 2"), (23.15, 113.3)),
    spot(5, 102, "", ("童心三店", "Tongxin shop 3"), (23.1, 113.25)),
    spot(6, 100, "", ("贝乐一店", "Beile shop 1"), (24.48, 118.09)).without_ids(),
    spot(6, 101, "", ("贝乐二店", "Beile shop 2"), (24.46, 118.1)),
    spot(6, 102, "", ("贝乐三店", "Beile shop 3"), (24.5, 118.12)),
];

const COATING: &str = "涂料";
const COATING_STANDARD: &str = "GB 24613-2009";

const WARES: [Ware; 5] = [
    ware(
        0,
        1,
        ("绘乐木质小汽车", "Huile toy car"),
        "stored",
        "玩具",
        "GB 6675.1-2025",
    ),
    ware(
        0,
        900,
        (
            "红色玩具漆（绘乐料号）",
            "Red toy paint, Huile's own number",
        ),
        "lot",
        COATING,
        COATING_STANDARD,
    ),
    ware(
        0,
        901,
        ("回收红漆", "Reclaimed red paint"),
        "lot",
        COATING,
        COATING_STANDARD,
    ),
    ware(
        1,
        1,
        ("彩虹红色水性漆", "Caihong red water-borne paint"),
        "lot",
        COATING,
        COATING_STANDARD,
    ),
    ware(
        2,
        1,
        ("小汽车素坯", "Toy car body"),
        "lot",
        "玩具半成品",
        "GB 6675.1-2025",
    ),
];
