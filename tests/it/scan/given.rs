//! A can of milk on its way.

use serde_json::json;

use crate::harness::site::{MILK, PLANT, SHOP, Site};

/// A can that was made, packed, shipped in its carton, unpacked and sold; gives its serial.
pub(crate) fn sold_can(site: &Site) -> String {
    let serial = site.issue("L2611A", 3).remove(0);
    let can = format!("https://id.gs1.org/01/{MILK}/21/{serial}");
    let carton = "https://id.gs1.org/00/095212345000000018";
    let event = |kind: &str, day: u32, step: &str, place: &str| {
        json!({
            "type": kind,
            "eventTime": format!("2026-11-{day:02}T08:00:00Z"),
            "eventTimeZoneOffset": "+08:00",
            "action": "OBSERVE",
            "bizStep": step,
            "readPoint": {"id": place},
            "bizLocation": {"id": place},
        })
    };
    let mut made = event("ObjectEvent", 1, "commissioning", PLANT);
    made["action"] = json!("ADD");
    made["epcList"] = json!([can]);
    made["ilmd"] = json!({
        "cbvmda:lotNumber": "L2611A",
        "cbvmda:productionDate": "2026-10-31",
        "cbvmda:bestBeforeDate": "2027-10-31",
    });
    let mut packed = event("AggregationEvent", 2, "packing", PLANT);
    packed["action"] = json!("ADD");
    packed["parentID"] = json!(carton);
    packed["childEPCs"] = json!([can]);
    let mut shipped = event("ObjectEvent", 3, "shipping", PLANT);
    shipped["epcList"] = json!([carton]);
    let mut unpacked = event("AggregationEvent", 4, "unpacking", SHOP);
    unpacked["action"] = json!("DELETE");
    unpacked["parentID"] = json!(carton);
    unpacked["childEPCs"] = json!([can]);
    let mut other = event("ObjectEvent", 5, "shipping", PLANT);
    other["epcList"] = json!([carton]);
    let mut sold = event("ObjectEvent", 6, "retail_selling", SHOP);
    sold["epcList"] = json!([can]);
    let document = |events: &[&serde_json::Value]| {
        json!({
            "@context": [
                "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
                {"cbvmda": "urn:epcglobal:cbv:mda:"},
            ],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-11-07T00:00:00Z",
            "epcisBody": {"eventList": events},
        })
        .to_string()
    };
    let dairys = document(&[&made, &packed, &shipped, &other]);
    site.org("dairy")
        .post("/epcis/capture", &dairys)
        .expect(202);
    let shops = document(&[&unpacked, &sold]);
    site.org("shop").post("/epcis/capture", &shops).expect(202);
    serial
}
