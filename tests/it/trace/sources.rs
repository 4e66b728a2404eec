use std::collections::BTreeMap;
use std::convert::Infallible;

use suyuan::codes::{BaseRow, BlockKind, MemberSet};
use suyuan::db::schema::blocks;
use suyuan::db::{Conn, Error};
use suyuan::epcis::Timestamp;
use suyuan::events::{self, Entry};
use suyuan::trace::project::project;
use suyuan::trace::{self, MemorySource, Source, store::StoreSource};

use diesel::prelude::*;

use super::given::*;

fn world() -> Vec<Entry> {
    let mut entries: Vec<Entry> = (0..60)
        .map(|seq| match seq % 3 {
            0 => packed(0, seq, 7, items(1), 0..24),
            1 => received(0, seq, lot(cycle(seq, 2)), seq),
            _ => seen(0, seq, items(2), [cycle(seq, 4096)]),
        })
        .collect();
    entries[20].read_point = Some(place(2));
    entries[50].is_declaration = true;
    entries
}

fn keep(conn: &mut Conn, entries: &[Entry]) -> Result<(), Error> {
    events::insert(conn, entries)?;
    trace::record(conn, entries)
}

fn source(conn: &mut Conn, size: i64) -> StoreSource<'_> {
    StoreSource::new(conn, position(size)).unwrap()
}

fn loaded<S: Source>(source: &mut S) -> Vec<String>
where
    S::Error: std::fmt::Debug,
{
    let wanted: BTreeMap<_, _> = [
        (items(1), MemberSet::one(3)),
        (items(2), MemberSet::all()),
        (lot(1), MemberSet::one(0)),
    ]
    .into();
    let mut lines = Vec::new();
    for (block, records) in source.load(&wanted).unwrap() {
        lines.extend(records.iter().map(|record| format!("{block:?} {record:?}")));
    }
    lines.sort();
    lines
}

both! {
    fn the_store_answers_as_memory_does(db) {
        let mut memory = MemorySource::new(&BTreeMap::new());
        for entry in world().into_iter().filter(|entry| entry.seq < 40 && entry.seq != 5 && !entry.is_declaration) {
            let projection = project(&entry);
            memory.add(entry, projection.records, projection.lot_moves);
        }
        let keys: Vec<_> = (0..60).map(|seq| (0, seq)).collect();
        let (from, until) = (Timestamp::from_micros(NOON), Timestamp::from_micros(NOON + 1_800_000_000));
        let no = |never: Infallible| -> Error { match never {} };

        db.write(|conn| {
            keep(conn, &world())?;
            trace::void(conn, &[((0, 5), (0, 39)), ((0, 6), (0, 40))])?;
            let mut stored = source(conn, 40);
            assert_eq!(loaded(&mut stored), loaded(&mut memory));
            assert_eq!(stored.entries(&keys)?, memory.entries(&keys).map_err(no)?);
            assert_eq!(stored.lot_moves(&[lot(0), lot(1)])?, memory.lot_moves(&[lot(0), lot(1)]).map_err(no)?);
            assert_eq!(stored.entries_at(place(1), from, until)?, memory.entries_at(place(1), from, until).map_err(no)?);
            Ok::<_, Error>(())
        }).unwrap();
    }

    fn declarations_are_not_handed_out(db) {
        let found = db.write(|conn| {
            keep(conn, &world())?;
            let mut stored = source(conn, 60);
            stored.entries(&[(0, 49), (0, 50), (0, 51)])
        }).unwrap();

        assert_eq!(found.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [49, 51]);
    }

    fn what_happened_inside_a_place_happened_at_it(db) {
        let plant = BaseRow::hashed(BlockKind::Place, "https://id.gs1.org/414/9520000000004".to_owned());
        let line = BaseRow::hashed(BlockKind::Place, format!("{}/254/line-2", plant.base));
        let other = BaseRow::hashed(BlockKind::Place, format!("{}1", plant.base));
        let times = (Timestamp::from_micros(NOON), Timestamp::from_micros(NOON + 3_600_000_000));

        let found = db.write(|conn| {
            for row in [&plant, &line, &other] {
                diesel::insert_into(blocks::table)
                    .values((
                        blocks::block.eq(row.block.0.to_vec()),
                        blocks::kind.eq(i32::from(row.kind as u8)),
                        blocks::base.eq(&row.base),
                    ))
                    .execute(conn)?;
            }
            let at = |seq, place: &BaseRow| {
                let mut entry = seen(0, seq, items(1), [1]);
                entry.read_point = Some(place.block);
                entry
            };
            keep(conn, &[at(1, &plant), at(2, &line), at(3, &other)])?;
            source(conn, 60).entries_at(plant.block, times.0, times.1)
        }).unwrap();

        assert_eq!(found.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2]);
    }
}
