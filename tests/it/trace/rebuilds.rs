use suyuan::db::Error;
use suyuan::events::{Action, Entry, EventType, Role};
use suyuan::trace;
use suyuan::trace::store::{self, Rebuild, digest, log_shape};

use super::given::*;

/// Three shards of packing, lots, uncertain times, whole blocks and a process: 2,400 events.
fn a_small_world() -> Vec<Entry> {
    let mut entries = Vec::new();
    for shard in 0..3 {
        for seq in 0..800 {
            let number = cycle(seq, 5);
            let entry = match seq % 6 {
                0 => packed(
                    shard,
                    seq,
                    number * 11,
                    items(number),
                    number * 24..number * 24 + 24,
                ),
                1 => received(shard, seq, lot(number), seq),
                2 => seen(shard, seq, items(number), (0..900).step_by(7)),
                3 => {
                    let mut process = event(shard, seq, EventType::Transformation, None);
                    process.process = Some(block(suyuan::codes::BlockKind::Process, number));
                    process.parts = vec![
                        kilos(Role::Input, lot(number), 3),
                        members(Role::Output, items(9), [number]),
                    ];
                    process
                }
                4 => {
                    let mut uncertain = seen(shard, seq, items(number), 0..4096);
                    uncertain.t_hi = suyuan::epcis::Timestamp::from_micros(NOON + 90_000_000_000);
                    uncertain
                }
                _ => {
                    let mut emptied = event(shard, seq, EventType::Aggregation, Action::Delete);
                    emptied.parts = vec![members(Role::Parent, cases(0), [number * 11])];
                    emptied
                }
            };
            entries.push(entry);
        }
    }
    entries
}

both! {
    fn a_rebuilt_index_says_what_the_live_one_said(db) {
        let world = a_small_world();
        let live = db.write(|conn| {
            for batch in world.chunks(37) {
                trace::record(conn, batch)?;
            }
            Ok::<_, Error>((digest(conn)?, log_shape(conn)?))
        }).unwrap();

        let rebuilt = db.write(|conn| {
            store::clear(conn)?;
            let mut rebuild = Rebuild::new();
            for entry in &world {
                rebuild.add(conn, entry)?;
            }
            rebuild.finish(conn)?;
            Ok::<_, Error>((digest(conn)?, log_shape(conn)?))
        }).unwrap();

        assert_eq!(rebuilt.0, live.0);
        assert_ne!(rebuilt.1, live.1);
    }

    fn the_order_of_shards_changes_nothing(db) {
        let world = a_small_world();
        let write = |entries: Vec<&Entry>| {
            db.write(|conn| {
                store::clear(conn)?;
                for entry in entries {
                    trace::record(conn, std::slice::from_ref(entry))?;
                }
                digest(conn)
            }).unwrap()
        };

        let one_after_the_other = write(world.iter().take(1_600).collect());
        let mixed = write((0..800).flat_map(|seq| [&world[800 + seq], &world[seq]]).collect());

        assert_eq!(mixed, one_after_the_other);
    }

    fn clearing_leaves_nothing(db) {
        let empty = db.read(digest).unwrap();

        let cleared = db.write(|conn| {
            trace::record(conn, &a_small_world()[..50])?;
            trace::void(conn, &[((0, 1), (0, 2))])?;
            store::clear(conn)?;
            digest(conn)
        }).unwrap();

        assert_eq!(cleared, empty);
    }

    fn long_logs_are_rebuilt_in_rows_of_1024_records(db) {
        let shapes = db.write(|conn| {
            let mut rebuild = Rebuild::new();
            for seq in 0..3_000 {
                rebuild.add(conn, &seen(0, seq, items(1), [5]))?;
            }
            rebuild.finish(conn)?;
            log_shape(conn)
        }).unwrap();

        let tiers: Vec<_> = shapes.iter().map(|shape| (shape.tier, shape.rows, shape.records)).collect();
        assert_eq!(tiers, [(1, 1, 952), (2, 2, 2_048)]);
    }

    fn records_of_one_event_stay_in_one_row(db) {
        let shapes = db.write(|conn| {
            let mut rebuild = Rebuild::new();
            for seq in 0..1_023 {
                rebuild.add(conn, &seen(0, seq, items(1), [5]))?;
            }
            let mut both_sides = event(0, 1_023, EventType::Transformation, None);
            both_sides.parts = vec![members(Role::Input, items(1), [5]), members(Role::Output, items(1), [6])];
            rebuild.add(conn, &both_sides)?;
            rebuild.finish(conn)?;
            log_shape(conn)
        }).unwrap();

        assert_eq!((shapes.len(), shapes[0].rows, shapes[0].records), (1, 1, 1_025));
    }
}
