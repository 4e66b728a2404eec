//! Rows of master data. Every version stays; the current one has no `until_seq`.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::master::{Organisation, Place, Product, ProductMode};
use crate::db::schema::{lot_aliases, organisations, places, products, submitter_keys};
use crate::db::{self, Conn};

/// Keys asked for in one query.
const CHUNK: usize = 500;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = organisations)]
#[diesel(treat_none_as_default_value = false)]
struct OrganisationRow {
    id: String,
    seq: i64,
    until_seq: Option<i64>,
    name: String,
    name_en: Option<String>,
    role: String,
    credit_code: Option<String>,
    region: Option<String>,
    gcp_length: Option<i32>,
    phone: Option<String>,
}

impl From<OrganisationRow> for Organisation {
    fn from(row: OrganisationRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            name_en: row.name_en,
            role: row.role,
            credit_code: row.credit_code,
            region: row.region,
            gcp_length: row.gcp_length,
            phone: row.phone,
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = places)]
#[diesel(treat_none_as_default_value = false)]
struct PlaceRow {
    id: String,
    seq: i64,
    until_seq: Option<i64>,
    gln: String,
    name: String,
    name_en: Option<String>,
    org: String,
    region: Option<String>,
    lat: Option<String>,
    lon: Option<String>,
}

impl From<PlaceRow> for Place {
    fn from(row: PlaceRow) -> Self {
        Self {
            id: row.id,
            gln: row.gln,
            name: row.name,
            name_en: row.name_en,
            org: row.org,
            region: row.region,
            lat: row.lat,
            lon: row.lon,
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = products)]
#[diesel(treat_none_as_default_value = false)]
struct ProductRow {
    gtin: String,
    seq: i64,
    until_seq: Option<i64>,
    name: String,
    name_en: Option<String>,
    org: String,
    brand: Option<String>,
    mode: String,
    category: Option<String>,
    standard: Option<String>,
}

impl ProductRow {
    fn into_product(self) -> Result<Product, db::Error> {
        let mode = ProductMode::from_name(&self.mode).ok_or_else(|| db::Error::Corrupt {
            table: "products",
            what: format!("{}: no mode {:?}", self.gtin, self.mode),
        })?;
        Ok(Product {
            gtin: self.gtin,
            name: self.name,
            name_en: self.name_en,
            org: self.org,
            brand: self.brand,
            mode,
            category: self.category,
            standard: self.standard,
        })
    }
}

/// The organisation with this id, as it is now.
pub fn organisation(conn: &mut Conn, id: &str) -> Result<Option<Organisation>, db::Error> {
    Ok(organisations(conn, &[id.to_owned()])?.remove(id))
}

/// The organisations with these ids, as they are now.
pub fn organisations(
    conn: &mut Conn,
    ids: &[String],
) -> Result<BTreeMap<String, Organisation>, db::Error> {
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<OrganisationRow> = organisations::table
            .filter(organisations::id.eq_any(chunk))
            .filter(organisations::until_seq.is_null())
            .select(OrganisationRow::as_select())
            .load(conn)?;
        found.extend(rows.into_iter().map(|row| (row.id.clone(), row.into())));
    }
    Ok(found)
}

/// The place with this canonical identifier, as it is now.
pub fn place_at(conn: &mut Conn, id: &str) -> Result<Option<Place>, db::Error> {
    Ok(places(conn, &[id.to_owned()])?.remove(id))
}

/// The places with these canonical identifiers, as they are now.
pub fn places(conn: &mut Conn, ids: &[String]) -> Result<BTreeMap<String, Place>, db::Error> {
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<PlaceRow> = places::table
            .filter(places::id.eq_any(chunk))
            .filter(places::until_seq.is_null())
            .select(PlaceRow::as_select())
            .load(conn)?;
        found.extend(rows.into_iter().map(|row| (row.id.clone(), row.into())));
    }
    Ok(found)
}

/// The organisations that answered for these places before an order of `control/0`, by place.
pub fn place_orgs_before(
    conn: &mut Conn,
    ids: &[String],
    seq: i64,
) -> Result<BTreeMap<String, String>, db::Error> {
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<(String, String)> = places::table
            .filter(places::id.eq_any(chunk))
            .filter(places::seq.lt(seq))
            .filter(places::until_seq.is_null().or(places::until_seq.ge(seq)))
            .select((places::id, places::org))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Places as they were before `control/0` had this size.
pub fn places_before(
    conn: &mut Conn,
    ids: &[String],
    seq: i64,
) -> Result<BTreeMap<String, Place>, db::Error> {
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<PlaceRow> = places::table
            .filter(places::id.eq_any(chunk))
            .filter(places::seq.lt(seq))
            .filter(places::until_seq.is_null().or(places::until_seq.ge(seq)))
            .select(PlaceRow::as_select())
            .load(conn)?;
        found.extend(
            rows.into_iter()
                .map(|row| (row.id.clone(), Place::from(row))),
        );
    }
    Ok(found)
}

/// Those of these ids that were registered organisations before `control/0` had this size.
pub fn organisations_among(
    conn: &mut Conn,
    ids: &[String],
    seq: i64,
) -> Result<BTreeSet<String>, db::Error> {
    let mut found = BTreeSet::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<String> = organisations::table
            .filter(organisations::id.eq_any(chunk))
            .filter(organisations::seq.lt(seq))
            .select(organisations::id)
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Every place that has this GLN, with whatever extension: a site and its parts.
pub fn places_of(conn: &mut Conn, gln: &str) -> Result<Vec<Place>, db::Error> {
    let rows: Vec<PlaceRow> = places::table
        .filter(places::gln.eq(gln))
        .filter(places::until_seq.is_null())
        .order(places::id)
        .select(PlaceRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Place::from).collect())
}

/// The product with this GTIN, as it is now.
pub fn product(conn: &mut Conn, gtin: &str) -> Result<Option<Product>, db::Error> {
    Ok(products(conn, &[gtin.to_owned()])?.remove(gtin))
}

/// The product with this GTIN, as it was before an order of `control/0`.
pub fn product_before(conn: &mut Conn, gtin: &str, seq: i64) -> Result<Option<Product>, db::Error> {
    let row: Option<ProductRow> = products::table
        .filter(products::gtin.eq(gtin))
        .filter(products::seq.lt(seq))
        .filter(
            products::until_seq
                .is_null()
                .or(products::until_seq.ge(seq)),
        )
        .select(ProductRow::as_select())
        .first(conn)
        .optional()?;
    row.map(ProductRow::into_product).transpose()
}

/// The products with these GTINs, as they are now.
pub fn products(conn: &mut Conn, gtins: &[String]) -> Result<BTreeMap<String, Product>, db::Error> {
    let mut found = BTreeMap::new();
    for chunk in gtins.chunks(CHUNK) {
        let rows: Vec<ProductRow> = products::table
            .filter(products::gtin.eq_any(chunk))
            .filter(products::until_seq.is_null())
            .select(ProductRow::as_select())
            .load(conn)?;
        for row in rows {
            found.insert(row.gtin.clone(), row.into_product()?);
        }
    }
    Ok(found)
}

/// The products of an organisation, by GTIN.
pub fn products_of(conn: &mut Conn, org: &str) -> Result<Vec<Product>, db::Error> {
    let rows: Vec<ProductRow> = products::table
        .filter(products::org.eq(org))
        .filter(products::until_seq.is_null())
        .order(products::gtin)
        .select(ProductRow::as_select())
        .load(conn)?;
    rows.into_iter().map(ProductRow::into_product).collect()
}

/// Adds versions of organisations, in ledger order.
pub(super) fn put_organisations(
    conn: &mut Conn,
    versions: &[(i64, Organisation)],
) -> Result<(), db::Error> {
    for (seq, value) in versions {
        diesel::update(organisations::table)
            .filter(organisations::id.eq(&value.id))
            .filter(organisations::until_seq.is_null())
            .set(organisations::until_seq.eq(seq))
            .execute(conn)?;
        diesel::insert_into(organisations::table)
            .values(OrganisationRow {
                id: value.id.clone(),
                seq: *seq,
                until_seq: None,
                name: value.name.clone(),
                name_en: value.name_en.clone(),
                role: value.role.clone(),
                credit_code: value.credit_code.clone(),
                region: value.region.clone(),
                gcp_length: value.gcp_length,
                phone: value.phone.clone(),
            })
            .execute(conn)?;
    }
    Ok(())
}

/// Adds versions of places, in ledger order.
pub(super) fn put_places(conn: &mut Conn, versions: &[(i64, Place)]) -> Result<(), db::Error> {
    for (seq, value) in versions {
        diesel::update(places::table)
            .filter(places::id.eq(&value.id))
            .filter(places::until_seq.is_null())
            .set(places::until_seq.eq(seq))
            .execute(conn)?;
        diesel::insert_into(places::table)
            .values(PlaceRow {
                id: value.id.clone(),
                seq: *seq,
                until_seq: None,
                gln: value.gln.clone(),
                name: value.name.clone(),
                name_en: value.name_en.clone(),
                org: value.org.clone(),
                region: value.region.clone(),
                lat: value.lat.clone(),
                lon: value.lon.clone(),
            })
            .execute(conn)?;
    }
    Ok(())
}

/// Adds versions of products, in ledger order.
pub(super) fn put_products(conn: &mut Conn, versions: &[(i64, Product)]) -> Result<(), db::Error> {
    for (seq, value) in versions {
        diesel::update(products::table)
            .filter(products::gtin.eq(&value.gtin))
            .filter(products::until_seq.is_null())
            .set(products::until_seq.eq(seq))
            .execute(conn)?;
        diesel::insert_into(products::table)
            .values(ProductRow {
                gtin: value.gtin.clone(),
                seq: *seq,
                until_seq: None,
                name: value.name.clone(),
                name_en: value.name_en.clone(),
                org: value.org.clone(),
                brand: value.brand.clone(),
                mode: value.mode.as_str().to_owned(),
                category: value.category.clone(),
                standard: value.standard.clone(),
            })
            .execute(conn)?;
    }
    Ok(())
}

/// Empties the projections.
pub fn clear(conn: &mut Conn) -> Result<(), db::Error> {
    diesel::delete(organisations::table).execute(conn)?;
    diesel::delete(places::table).execute(conn)?;
    diesel::delete(products::table).execute(conn)?;
    diesel::delete(lot_aliases::table).execute(conn)?;
    diesel::delete(submitter_keys::table).execute(conn)?;
    Ok(())
}
