//! The cast of the power bank world.

use crate::scenario::chain::{Cast, Spot, Ware, spot, ware};
use crate::scenario::site::{Company, company};

pub(super) const MAKER: usize = 0;
/// Two assembly lines that take turns.
pub(super) const LINES: [usize; 2] = [1, 2];
pub(super) const BUNDLING: usize = 3;
pub(super) const CELL_MAKER: usize = 4;
pub(super) const FULFILMENT: usize = 5;
pub(super) const ONLINE: usize = 6;
pub(super) const RETURNS: usize = 7;
pub(super) const DEALER: usize = 8;
/// The first of three shops.
pub(super) const SHOP: usize = 9;
pub(super) const SHOPS: usize = 3;

pub(super) const BANK: usize = 0;
pub(super) const SET: usize = 1;
pub(super) const CELL: usize = 2;

pub(super) const CAST: Cast = Cast {
    first: 301,
    companies: &COMPANIES,
    spots: &SPOTS,
    wares: &WARES,
};

const COMPANIES: [Company; 6] = [
    company(
        "dianling",
        "电翎科技（示例）有限公司",
        "Dianling Technology (example)",
        "producer",
        "440300",
    ),
    company(
        "xinhe",
        "芯禾电池（示例）有限公司",
        "Xinhe Cells (example)",
        "producer",
        "441300",
    ),
    company(
        "wanjia",
        "万家优选平台（示例）有限公司",
        "Wanjia Platform (example)",
        "platform",
        "330100",
    ),
    company(
        "huanxin",
        "焕新二手（示例）有限公司",
        "Huanxin Second-hand (example)",
        "retailer",
        "330106",
    ),
    company(
        "shuma",
        "数码驿站（示例）有限公司",
        "Shuma Shops (example)",
        "retailer",
        "440304",
    ),
    company(
        "regulator",
        "市场监管部门（示例）",
        "Market regulator (example)",
        "regulator",
        "350000",
    ),
];

const SHENZHEN: (f64, f64) = (22.54, 114.06);
const HANGZHOU: (f64, f64) = (30.27, 120.15);

const SPOTS: [Spot; 12] = [
    spot(
        0,
        10,
        "",
        ("电翎深圳工厂", "Dianling plant Shenzhen"),
        SHENZHEN,
    ),
    spot(
        0,
        10,
        "ASM1",
        ("电翎一号组装线", "Dianling line 1"),
        SHENZHEN,
    ),
    spot(
        0,
        10,
        "ASM2",
        ("电翎二号组装线", "Dianling line 2"),
        SHENZHEN,
    ),
    spot(
        0,
        10,
        "GIFT",
        ("电翎礼盒间", "Dianling gift sets"),
        SHENZHEN,
    ),
    spot(
        1,
        10,
        "",
        ("芯禾惠州工厂", "Xinhe plant Huizhou"),
        (23.11, 114.42),
    ),
    spot(
        2,
        10,
        "",
        ("万家履约仓", "Wanjia fulfilment centre"),
        HANGZHOU,
    )
    .in_utc(),
    spot(2, 11, "", ("万家网店", "Wanjia online shop"), HANGZHOU),
    spot(
        2,
        12,
        "",
        ("万家退货中心", "Wanjia returns centre"),
        (30.3, 120.2),
    ),
    spot(
        3,
        10,
        "",
        ("焕新杭州店", "Huanxin shop Hangzhou"),
        (30.25, 120.17),
    ),
    spot(4, 100, "", ("数码驿站一店", "Shuma shop 1"), (22.55, 114.1)),
    spot(
        4,
        101,
        "",
        ("数码驿站二店", "Shuma shop 2"),
        (22.53, 114.02),
    )
    .without_ids(),
    spot(
        4,
        102,
        "",
        ("数码驿站三店", "Shuma shop 3"),
        (22.58, 114.12),
    ),
];

const STANDARD: &str = "GB 31241-2022";

const WARES: [Ware; 3] = [
    ware(
        0,
        1,
        (
            "电翎移动电源 10000毫安时",
            "Dianling power bank, 10 000 mAh",
        ),
        "stored",
        "移动电源",
        STANDARD,
    ),
    ware(
        0,
        2,
        ("电翎移动电源礼盒", "Dianling power bank gift set"),
        "stored",
        "移动电源",
        STANDARD,
    ),
    ware(
        1,
        1,
        ("锂离子电芯 5000毫安时", "Lithium-ion cell, 5 000 mAh"),
        "lot",
        "锂离子电池",
        STANDARD,
    ),
];
