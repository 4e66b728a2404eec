//! The cast of the infant formula world: invented companies (their names say 示例, example) and the cities
//! they work in, with real region codes.

use crate::scenario::site::{Company, company};

use super::places::WAREHOUSES;

/// Producer, two suppliers, four keepers of warehouses, six chains, a regulator: in the order of sites.
pub(super) const COMPANIES: [Company; 14] = [
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
pub(super) struct City {
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    pub(super) regions: [&'static str; 3],
    pub(super) lat: f64,
    pub(super) lon: f64,
}

pub(super) const CITIES: [City; WAREHOUSES] = [
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
