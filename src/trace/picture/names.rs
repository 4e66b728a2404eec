//! Reads what goods, places, containers and organisations are called.

use std::collections::{BTreeMap, BTreeSet};

use super::catalog::{Catalog, Goods, Name, Place};
use super::graph::Graph;
use super::story::Story;
use crate::codes::{Address, Block, Dictionary, MemberSet};
use crate::db::Conn;
use crate::gs1::{Identifier, Key};
use crate::parties;
use crate::trace::evaluate::Units;
use crate::trace::{Error, LotUnits, site};

/// Finds what goods units and lots are, and gives them numbers. The first number is for what has no name.
pub(super) fn goods(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    units: &Units,
    lots: &BTreeSet<Block>,
    told: &[LotUnits],
    story: &mut Story,
) -> Result<Vec<Goods>, Error> {
    let lone = |block: &Block| Address {
        block: *block,
        member: 0,
    };
    let mut wanted: BTreeSet<Address> = lots.iter().map(lone).collect();
    wanted.extend(told.iter().map(|told| lone(&told.lot)));
    let firsts = units.iter().filter_map(|(block, members)| {
        Some(Address {
            block: *block,
            member: members.first()?,
        })
    });
    wanted.extend(firsts);
    let ids = dictionary.spell(conn, &wanted)?;
    let mut list = Numbered::default();
    list.number(Goods::default());
    for lot in lots {
        let id = ids.get(&lone(lot)).map(String::as_str).unwrap_or_default();
        let number = list.number(lot_goods(id));
        story.goods.insert(*lot, vec![(MemberSet::one(0), number)]);
    }
    for (block, members) in units {
        let mut rest = members.clone();
        let mut parts: Vec<(MemberSet, u32)> = Vec::new();
        for told in told.iter().filter(|told| told.block == *block) {
            let mut both = told.members.clone();
            both.intersect_with(&rest);
            if let Some(id) = ids.get(&lone(&told.lot)).filter(|_| !both.is_empty()) {
                rest.subtract(&both);
                parts.push((both, list.number(lot_goods(id))));
            }
        }
        if !rest.is_empty() {
            let first = members.first().map(|member| Address {
                block: *block,
                member,
            });
            let id = first.and_then(|first| ids.get(&first)).map(String::as_str);
            parts.push((rest, list.number(class_goods(id.unwrap_or_default()))));
        }
        story.goods.insert(*block, parts);
    }
    let mut goods = list.list;
    let gtins: BTreeSet<String> = goods
        .iter()
        .filter_map(|goods| gtin(&goods.product))
        .collect();
    let gtins: Vec<String> = gtins.into_iter().collect();
    let products = parties::products(conn, &gtins)?;
    for goods in &mut goods {
        let product = gtin(&goods.product).and_then(|gtin| products.get(&gtin));
        goods.name = product.map(|product| Name {
            zh: product.name.clone(),
            en: product.name_en.clone(),
        });
    }
    Ok(goods)
}

#[derive(Default)]
struct Numbered {
    list: Vec<Goods>,
    numbers: BTreeMap<Goods, u32>,
}

impl Numbered {
    fn number(&mut self, goods: Goods) -> u32 {
        if let Some(number) = self.numbers.get(&goods) {
            return *number;
        }
        let number = u32::try_from(self.list.len()).unwrap_or_default();
        self.list.push(goods.clone());
        self.numbers.insert(goods, number);
        number
    }
}

const PRODUCT: &str = "https://id.gs1.org/01/";

fn gtin(product: &str) -> Option<String> {
    product.strip_prefix(PRODUCT).map(str::to_owned)
}

fn lot_goods(id: &str) -> Goods {
    let parsed = Identifier::parse(id).ok();
    let key = parsed.as_ref().and_then(|parsed| parsed.identifier.key());
    let gtin = key.and_then(Key::gtin);
    let lot = key.and_then(Key::lot).map(str::to_owned);
    Goods {
        id: id.to_owned(),
        product: gtin.map_or_else(
            || id.to_owned(),
            |gtin| format!("{PRODUCT}{}", gtin.as_str()),
        ),
        name: None,
        lot,
        is_logistic: false,
    }
}

/// The goods of an item without a lot.
fn class_goods(id: &str) -> Goods {
    let parsed = Identifier::parse(id).ok();
    let key = parsed.as_ref().and_then(|parsed| parsed.identifier.key());
    if let Some(gtin) = key.and_then(Key::gtin) {
        let product = format!("{PRODUCT}{}", gtin.as_str());
        return Goods {
            id: product.clone(),
            product,
            ..Goods::default()
        };
    }
    let is_logistic = key.is_some_and(|key| key.sscc().is_some());
    let end = id.rfind(['/', ':', '#', '.']).unwrap_or(id.len());
    let (begin, _) = id.split_at(end);
    Goods {
        id: begin.to_owned(),
        product: begin.to_owned(),
        is_logistic,
        ..Goods::default()
    }
}

/// Reads the names of everything in a graph.
pub(super) fn read(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    graph: &Graph,
    catalog: &mut Catalog,
) -> Result<(), Error> {
    let mut units: BTreeSet<Address> = BTreeSet::new();
    for node in &graph.nodes {
        units.extend(&node.load.sample);
        units.extend(node.containers.iter().take(5));
    }
    catalog.units = dictionary.spell(conn, &units)?;
    Ok(())
}

/// Reads the names of places, who answers for them, and the names of organisations.
pub(super) fn places(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    blocks: &BTreeSet<Block>,
    more_orgs: &BTreeSet<String>,
    catalog: &mut Catalog,
) -> Result<(), Error> {
    let addresses: BTreeSet<Address> = blocks
        .iter()
        .map(|block| Address {
            block: *block,
            member: 0,
        })
        .collect();
    let spelled = dictionary.spell(conn, &addresses)?;
    let mut ids: BTreeSet<String> = spelled.values().cloned().collect();
    ids.extend(
        spelled
            .values()
            .filter_map(|id| site(id))
            .map(str::to_owned),
    );
    let ids: Vec<String> = ids.into_iter().collect();
    let known = parties::places(conn, &ids)?;
    let mut orgs = more_orgs.clone();
    orgs.extend(known.values().map(|place| place.org.clone()));
    let orgs: Vec<String> = orgs.into_iter().collect();
    let orgs = parties::organisations(conn, &orgs)?;
    for (address, id) in spelled {
        let registered = known.get(&id).or_else(|| known.get(site(&id)?));
        let org = registered.and_then(|place| orgs.get(&place.org));
        let region = registered.and_then(|place| place.region.clone());
        catalog.places.insert(
            address.block,
            Place {
                name: registered.map(|place| Name {
                    zh: place.name.clone(),
                    en: place.name_en.clone(),
                }),
                org: registered.map(|place| place.org.clone()),
                role: org.map(|org| org.role.clone()),
                region: region.or_else(|| org.and_then(|org| org.region.clone())),
                id,
            },
        );
    }
    catalog.orgs = orgs
        .into_iter()
        .map(|(id, org)| {
            let name = Name {
                zh: org.name,
                en: org.name_en,
            };
            (id, name)
        })
        .collect();
    Ok(())
}
