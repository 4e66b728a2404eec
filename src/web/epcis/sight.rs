//! Which events a caller sees: those his organisation recorded, those about its products and places, and
//! those it is a party to; a regulator those of his region. Nobody is told that others exist.

use std::collections::BTreeSet;

use super::found::{self, Found};
use crate::app::Problem;
use crate::db::Conn;
use crate::epcis::Event;
use crate::gs1::Identifier;
use crate::parties::{self, Caller, Role};

/// The versions of an event that the caller sees.
pub(in crate::web) fn event(
    conn: &mut Conn,
    caller: &Caller,
    id: &str,
) -> Result<Vec<Found>, Problem> {
    let mut seen = Vec::new();
    for found in found::find(conn, id)? {
        if sees(conn, caller, &found)? {
            seen.push(found);
        }
    }
    Ok(seen)
}

fn sees(conn: &mut Conn, caller: &Caller, found: &Found) -> Result<bool, Problem> {
    let Caller::Key {
        org, role, region, ..
    } = caller
    else {
        return Ok(matches!(caller, Caller::Operator { .. }));
    };
    if *org == found.version.submitter {
        return Ok(true);
    }
    let Some(event) = found.event() else {
        return Ok(false);
    };
    let endpoints = event.source_list.iter().chain(&event.destination_list);
    let named: Vec<String> = [&event.read_point, &event.biz_location]
        .into_iter()
        .flatten()
        .map(|place| place.id.as_str())
        .chain(endpoints.map(|endpoint| endpoint.id.as_str()))
        .map(canonical)
        .collect();
    let places = parties::places(conn, &named)?;
    if *role == Role::Regulator {
        let Some(region) = region else {
            return Ok(true);
        };
        let submitter = parties::organisation(conn, &found.version.submitter)?;
        let mut regions = places
            .values()
            .map(|place| place.region.as_deref())
            .chain([submitter.as_ref().and_then(|org| org.region.as_deref())])
            .flatten();
        return Ok(regions.any(|inner| lies_in(inner, region)));
    }
    if named.contains(org) || places.values().any(|place| place.org == *org) {
        return Ok(true);
    }
    let gtins: Vec<String> = gtins(&event).into_iter().collect();
    let products = parties::products(conn, &gtins)?;
    Ok(products.values().any(|product| product.org == *org))
}

fn canonical(text: &str) -> String {
    match Identifier::parse(text) {
        Ok(parsed) => parsed.identifier.canonical().into_owned(),
        Err(_) => text.to_owned(),
    }
}

fn gtins(event: &Event) -> BTreeSet<String> {
    let things = event.epc_lists().flat_map(|(_, list)| list);
    let classes = event
        .quantity_lists()
        .flat_map(|(_, list)| list.iter().map(|line| &line.epc_class));
    things
        .chain(classes)
        .chain(&event.parent_id)
        .filter_map(|text| Identifier::parse(text).ok())
        .filter_map(|parsed| Some(parsed.identifier.key()?.gtin()?.to_string()))
        .collect()
}

/// Whether a region (GB/T 2260) lies in another: `350000` is a province, `350100` a city of it.
fn lies_in(inner: &str, outer: &str) -> bool {
    let mut prefix = outer;
    while let Some(shorter) = prefix.strip_suffix("00") {
        prefix = shorter;
    }
    inner.starts_with(prefix)
}

#[cfg(test)]
mod tests {
    use super::lies_in;

    #[test]
    fn a_region_holds_its_cities_and_counties() {
        for (inner, outer, expected) in [
            ("350102", "350000", true),
            ("350102", "350100", true),
            ("350102", "350102", true),
            ("350200", "350100", false),
            ("360102", "350000", false),
            ("350000", "350100", false),
        ] {
            assert_eq!(lies_in(inner, outer), expected, "{inner} in {outer}");
        }
    }
}
