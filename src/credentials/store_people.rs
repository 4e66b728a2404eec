//! Rows of people in charge. Every version stays; the newest has no `until_seq`.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::credential::Person;
use super::history::{Recorded, Version};
use crate::db::schema::people;
use crate::db::{self, Conn};
use crate::epcis::Timestamp;

/// Keys asked for in one query.
const CHUNK: usize = 500;

/// Everything recorded of people, by their ids.
pub(super) type People = BTreeMap<String, Vec<Version<Person>>>;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = people)]
#[diesel(treat_none_as_default_value = false)]
struct PersonRow {
    id: String,
    seq: i64,
    until_seq: Option<i64>,
    name: String,
    org: String,
    place: Option<String>,
    role: String,
    phone: Option<String>,
    valid_from: i64,
    valid_to: Option<i64>,
    recorded_by: String,
    recorded_for: Option<String>,
    recorded_at: i64,
}

impl PersonRow {
    fn into_version(self) -> Result<Version<Person>, db::Error> {
        let role = self.role.parse().map_err(|error| db::Error::Corrupt {
            table: "people",
            what: format!("{}: {error}", self.id),
        })?;
        Ok(Version {
            seq: self.seq,
            recorded: Recorded {
                by: self.recorded_by,
                org: self.recorded_for,
                at: Timestamp::from_micros(self.recorded_at),
            },
            content: Person {
                id: self.id,
                name: self.name,
                org: self.org,
                place: self.place,
                role,
                phone: self.phone,
                valid_from: Timestamp::from_micros(self.valid_from),
                valid_to: self.valid_to.map(Timestamp::from_micros),
            },
        })
    }
}

/// Adds a version, after all that are there.
pub(super) fn put(conn: &mut Conn, version: &Version<Person>) -> Result<(), db::Error> {
    let person = version.content.clone();
    diesel::update(people::table)
        .filter(people::id.eq(&person.id))
        .filter(people::until_seq.is_null())
        .set(people::until_seq.eq(version.seq))
        .execute(conn)?;
    diesel::insert_into(people::table)
        .values(PersonRow {
            id: person.id,
            seq: version.seq,
            until_seq: None,
            name: person.name,
            org: person.org,
            place: person.place,
            role: person.role.as_str().to_owned(),
            phone: person.phone,
            valid_from: person.valid_from.micros(),
            valid_to: person.valid_to.map(Timestamp::micros),
            recorded_by: version.recorded.by.clone(),
            recorded_for: version.recorded.org.clone(),
            recorded_at: version.recorded.at.micros(),
        })
        .execute(conn)?;
    Ok(())
}

/// The newest versions of these people.
pub(super) fn newest(
    conn: &mut Conn,
    ids: &[String],
) -> Result<BTreeMap<String, Version<Person>>, db::Error> {
    let all = versions(conn, ids, i64::MAX)?;
    let newest = all.into_iter().filter_map(|(id, mut versions)| {
        let version = versions.pop()?;
        Some((id, version))
    });
    Ok(newest.collect())
}

/// Everything recorded of these people before an order of `control/0`.
pub(super) fn versions(conn: &mut Conn, ids: &[String], before: i64) -> Result<People, db::Error> {
    let mut found = People::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<PersonRow> = people::table
            .filter(people::id.eq_any(ids))
            .filter(people::seq.lt(before))
            .order((people::id, people::seq))
            .select(PersonRow::as_select())
            .load(conn)?;
        for row in rows {
            let versions = found.entry(row.id.clone()).or_default();
            versions.push(row.into_version()?);
        }
    }
    Ok(found)
}

/// Everything recorded of the people that were ever of these organisations.
pub(super) fn of_orgs(conn: &mut Conn, orgs: &[String], before: i64) -> Result<People, db::Error> {
    let mut ids: Vec<String> = Vec::new();
    for orgs in orgs.chunks(CHUNK) {
        let theirs: Vec<String> = people::table
            .filter(people::org.eq_any(orgs))
            .filter(people::seq.lt(before))
            .select(people::id)
            .distinct()
            .load(conn)?;
        ids.extend(theirs);
    }
    ids.sort();
    ids.dedup();
    versions(conn, &ids, before)
}

/// The next ids after one, of one organisation unless it is empty.
pub(super) fn ids_after(
    conn: &mut Conn,
    org: &str,
    before: i64,
    after: &str,
    limit: i64,
) -> Result<Vec<String>, db::Error> {
    let mut ids = people::table
        .filter(people::id.gt(after))
        .filter(people::seq.lt(before))
        .select(people::id)
        .distinct()
        .order(people::id)
        .limit(limit)
        .into_boxed();
    if !org.is_empty() {
        ids = ids.filter(people::org.eq(org));
    }
    Ok(ids.load(conn)?)
}

/// Empties the projection.
pub(super) fn clear(conn: &mut Conn) -> Result<(), db::Error> {
    diesel::delete(people::table).execute(conn)?;
    Ok(())
}
