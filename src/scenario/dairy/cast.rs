//! The cast of the dairy world.

use crate::scenario::chain::{Cast, Spot, Ware, spot, ware};
use crate::scenario::site::{Company, company};

pub(super) const DAIRY: usize = 0;
pub(super) const SILOS: [usize; 2] = [1, 2];
pub(super) const PASTEURISER: usize = 3;
pub(super) const FILLER: usize = 4;
pub(super) const CHEESE_ROOM: usize = 5;
/// The first of six farms; three of them feed each silo.
pub(super) const FARM: usize = 6;
pub(super) const BAKERY: usize = 12;
pub(super) const DETERGENT_MAKER: usize = 13;
pub(super) const WAREHOUSE: usize = 14;
/// The first of six shops.
pub(super) const SHOP: usize = 15;
pub(super) const SHOPS: usize = 6;

pub(super) const CARTON: usize = 0;
pub(super) const CHEESE: usize = 1;
pub(super) const RAW: [usize; 2] = [2, 3];
pub(super) const SILO_MILK: usize = 4;
pub(super) const PASTEURISED: usize = 5;
pub(super) const CREAM: usize = 6;
pub(super) const DETERGENT: usize = 7;

pub(super) const CAST: Cast = Cast {
    first: 101,
    companies: &COMPANIES,
    spots: &SPOTS,
    wares: &WARES,
};

const COMPANIES: [Company; 9] = [
    company(
        "muyuan",
        "牧源乳业（示例）有限公司",
        "Muyuan Dairy (example)",
        "producer",
        "150100",
    ),
    company(
        "beicao",
        "北草牧场合作社（示例）",
        "Beicao Farmers (example)",
        "producer",
        "150100",
    ),
    company(
        "nanpo",
        "南坡牧场合作社（示例）",
        "Nanpo Farmers (example)",
        "producer",
        "150121",
    ),
    company(
        "maixiang",
        "麦巷烘焙（示例）有限公司",
        "Maixiang Bakery (example)",
        "producer",
        "150102",
    ),
    company(
        "jiexin",
        "洁新清洗剂（示例）有限公司",
        "Jiexin Detergents (example)",
        "producer",
        "120100",
    ),
    company(
        "saibei",
        "塞北冷链（示例）有限公司",
        "Saibei Cold Chain (example)",
        "logistics",
        "150100",
    ),
    company(
        "yuanhe",
        "元和超市（示例）有限公司",
        "Yuanhe Supermarkets (example)",
        "retailer",
        "150102",
    ),
    company(
        "xiaoxin",
        "晓鑫便利（示例）有限公司",
        "Xiaoxin Stores (example)",
        "retailer",
        "150103",
    ),
    company(
        "regulator",
        "市场监管部门（示例）",
        "Market regulator (example)",
        "regulator",
        "350000",
    ),
];

const HOHHOT: (f64, f64) = (40.84, 111.75);

const SPOTS: [Spot; 21] = [
    spot(0, 10, "", ("牧源乳品厂", "Muyuan dairy"), HOHHOT),
    spot(0, 10, "SILO1", ("牧源一号奶仓", "Muyuan silo 1"), HOHHOT),
    spot(0, 10, "SILO2", ("牧源二号奶仓", "Muyuan silo 2"), HOHHOT),
    spot(0, 10, "PAST", ("牧源杀菌机", "Muyuan pasteuriser"), HOHHOT),
    spot(0, 10, "FILL", ("牧源灌装线", "Muyuan filling line"), HOHHOT),
    spot(
        0,
        10,
        "CHEESE",
        ("牧源奶酪间", "Muyuan cheese room"),
        HOHHOT,
    ),
    spot(1, 10, "", ("北草一场", "Beicao farm 1"), (41.02, 111.6)),
    spot(1, 11, "", ("北草二场", "Beicao farm 2"), (41.05, 111.62)),
    spot(1, 12, "", ("北草三场", "Beicao farm 3"), (41.08, 111.58)).in_utc(),
    spot(2, 10, "", ("南坡一场", "Nanpo farm 1"), (40.71, 111.9)),
    spot(2, 11, "", ("南坡二场", "Nanpo farm 2"), (40.69, 111.93)),
    spot(2, 12, "", ("南坡三场", "Nanpo farm 3"), (40.66, 111.95)),
    spot(
        3,
        10,
        "",
        ("麦巷面包厂", "Maixiang bakery"),
        (40.82, 111.68),
    ),
    spot(4, 10, "", ("洁新工厂", "Jiexin plant"), (39.13, 117.2)),
    spot(5, 10, "", ("塞北冷库", "Saibei cold store"), (40.8, 111.7)).in_urns(),
    spot(6, 100, "", ("元和一店", "Yuanhe shop 1"), (40.81, 111.65)),
    spot(6, 101, "", ("元和二店", "Yuanhe shop 2"), (40.83, 111.69)),
    spot(6, 102, "", ("元和三店", "Yuanhe shop 3"), (40.85, 111.71)),
    spot(7, 100, "", ("晓鑫一店", "Xiaoxin shop 1"), (40.82, 111.66)).without_ids(),
    spot(7, 101, "", ("晓鑫二店", "Xiaoxin shop 2"), (40.84, 111.7)),
    spot(7, 102, "", ("晓鑫三店", "Xiaoxin shop 3"), (40.86, 111.72)),
];

const MILK: &str = "乳制品";
const RAW_MILK: &str = "GB 19301-2010";

const WARES: [Ware; 8] = [
    ware(
        0,
        1,
        ("牧源巴氏杀菌乳 250毫升", "Muyuan pasteurised milk, 250 ml"),
        "stored",
        MILK,
        "GB 19645-2010",
    ),
    ware(
        0,
        2,
        ("牧源生乳奶酪 500克", "Muyuan raw-milk cheese, 500 g"),
        "stored",
        MILK,
        "GB 5420-2021",
    ),
    ware(
        1,
        1,
        ("生乳（北草）", "Raw milk, Beicao"),
        "lot",
        "生乳",
        RAW_MILK,
    ),
    ware(
        2,
        1,
        ("生乳（南坡）", "Raw milk, Nanpo"),
        "lot",
        "生乳",
        RAW_MILK,
    ),
    ware(
        0,
        901,
        ("奶仓生乳", "Raw milk from a silo"),
        "lot",
        "生乳",
        RAW_MILK,
    ),
    ware(
        0,
        902,
        ("巴氏杀菌乳（散装）", "Pasteurised milk, bulk"),
        "lot",
        MILK,
        "GB 19645-2010",
    ),
    ware(
        0,
        903,
        ("稀奶油（散装）", "Cream, bulk"),
        "lot",
        MILK,
        "GB 19646-2010",
    ),
    ware(
        4,
        1,
        ("碱性清洗剂", "Alkaline detergent"),
        "lot",
        "清洗剂",
        "GB 14930.1-2022",
    ),
];
