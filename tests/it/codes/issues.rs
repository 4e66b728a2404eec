use std::collections::BTreeSet;

use diesel::prelude::*;
use suyuan::codes::{self, ItemNumber, SerialVerdict};
use suyuan::db::{self, schema::code_batches};
use suyuan::ledger::{self, ShardName};

use super::given::{CHEESE, Dairy, MILK, codes_of, giver, gtin, named};

both! {
    fn batches_of_a_product_are_numbered_from_nought(db) {
        let dairy = Dairy::on(db);

        let numbers = [
            (MILK, "L1"), (MILK, "L1"), (CHEESE, "L1"), (MILK, "L2"),
        ]
        .map(|(product, lot)| dairy.issue(&codes_of(product, lot, 10)).number);

        assert_eq!(numbers, [0, 1, 0, 2]);
        let of_lot = db.read(|conn| codes::batches_of_lot(conn, gtin(MILK), "L1")).unwrap();
        assert_eq!(of_lot.iter().map(|batch| batch.number).collect::<Vec<_>>(), [0, 1]);
    }

    fn a_batch_is_found_as_it_was_issued(db) {
        let dairy = Dairy::on(db);
        let issued = dairy.issue(&named("order 7", codes_of(MILK, "L1", 16_777_216)));

        let found = db.read(|conn| codes::batch(conn, &issued.id)).unwrap();

        assert_eq!(found, Some(issued.clone()));
        assert_eq!((issued.first_index(), issued.last_index()), (0, 16_777_215));
        assert_eq!((issued.tenant.as_str(), issued.issued_for.as_str()), ("dairy", "dairy"));
        assert_eq!(db.read(|conn| codes::batch(conn, "none")).unwrap(), None);
    }

    fn a_repeated_request_is_the_same_batch(db) {
        let dairy = Dairy::on(db);
        let request = named("order 7", codes_of(MILK, "L1", 10));

        let first = dairy.issue(&request);
        let again = dairy.try_issue(Some("dairy"), &request).unwrap();

        assert_eq!(again, first);
        let batches = db.read(|conn| codes::batches_of_lot(conn, gtin(MILK), "L1")).unwrap();
        assert_eq!(batches.len(), 1);
    }

    fn a_serial_is_verified_to_its_batch_and_index(db) {
        let dairy = Dairy::on(db);
        dairy.issue(&codes_of(MILK, "L1", 10));
        let batch = dairy.issue(&codes_of(MILK, "L2", 10));
        let book = batch.book(&dairy.master);
        let verdict = |product: &str, serial: &str| {
            db.read(|conn| codes::verify_serial(conn, dairy.dictionary(), gtin(product), serial))
                .unwrap()
        };
        let serial = |number, index| book.issue(ItemNumber::new(number, index).unwrap());

        let last = verdict(MILK, serial(1, 9).as_str());

        assert_eq!(last, SerialVerdict::Issued { batch, index: 9 });
        assert_eq!(verdict(MILK, serial(1, 10).as_str()), SerialVerdict::NotIssued, "beyond the last");
        assert_eq!(verdict(MILK, serial(2, 0).as_str()), SerialVerdict::NotIssued, "no such batch");
        assert_eq!(verdict(MILK, "0AAAAAAAAAAAAA"), SerialVerdict::NotIssued, "made up");
        assert_eq!(verdict(MILK, "SN-77"), SerialVerdict::NotComputed, "of another shape");
        assert_eq!(verdict(CHEESE, serial(1, 9).as_str()), SerialVerdict::NotComputed, "no codes yet");
        let foreign = format!("1{}", &serial(1, 9).as_str()[1..]);
        assert_eq!(verdict(MILK, &foreign), SerialVerdict::NotIssued, "another epoch");
    }

    fn the_key_of_a_product_stays_when_its_owner_changes(db) {
        let dairy = Dairy::on(db);
        let first = dairy.issue(&codes_of(MILK, "L1", 10));
        let moved = "gtin,name,org,mode\n09521234543213,Milk,shop,computed\n";
        db.write(|conn| {
            let giver = giver(None);
            suyuan::parties::import_products(conn, &dairy.ledger, &giver, moved.as_bytes(), false)
        })
        .unwrap();

        let second = dairy.issue(&codes_of(MILK, "L2", 10));

        assert_eq!((second.number, second.issued_for.as_str()), (1, "shop"));
        assert_eq!(second.tenant, first.tenant);
    }

    fn issuers_at_the_same_time_get_batches_of_their_own(db) {
        let dairy = Dairy::on(db);

        let numbers: BTreeSet<u32> = std::thread::scope(|scope| {
            let issuers: Vec<_> = (0..8)
                .map(|issuer| {
                    let dairy = &dairy;
                    scope.spawn(move || {
                        [1, 2, 3].map(|lot| {
                            let lot = format!("L{issuer}-{lot}");
                            dairy.issue(&codes_of(MILK, &lot, 10)).number
                        })
                    })
                })
                .collect();
            issuers.into_iter().flat_map(|issuer| issuer.join().unwrap()).collect()
        });

        assert_eq!(numbers, (0..24).collect());
    }

    fn one_request_sent_by_many_at_once_is_one_batch(db) {
        let dairy = Dairy::on(db);
        let request = named("order 7", codes_of(MILK, "L1", 10));

        let ids: BTreeSet<String> = std::thread::scope(|scope| {
            let issuers: Vec<_> =
                (0..8).map(|_| scope.spawn(|| dairy.issue(&request).id)).collect();
            issuers.into_iter().map(|issuer| issuer.join().unwrap()).collect()
        });

        assert_eq!(ids.len(), 1);
    }

    fn orders_applied_again_make_the_same_batches(db) {
        let dairy = Dairy::on(db);
        let issued = [
            dairy.issue(&named("order 7", codes_of(MILK, "L1", 10))),
            dairy.issue(&codes_of(MILK, "L2", 16_777_216)),
        ];

        let found = db
            .write(|conn| {
                let name = ShardName::control();
                let control = ledger::shard_by_name(conn, &name)?.unwrap().number;
                diesel::delete(code_batches::table).execute(conn).map_err(db::Error::from)?;
                for batch in &issued {
                    let order = ledger::payload(conn, control, batch.seq)?.unwrap();
                    codes::apply(conn, codes::ORDERS[0], &[(batch.seq, &order.bytes)])?;
                }
                let mut found = Vec::new();
                for batch in &issued {
                    found.extend(codes::batch(conn, &batch.id)?);
                }
                Ok::<_, codes::Error>(found)
            })
            .unwrap();

        assert_eq!(found, issued);
        let again = dairy.issue(&named("order 7", codes_of(MILK, "L1", 10)));
        assert_eq!(again, issued[0], "the request is known again, too");
    }

    fn an_order_of_another_shape_is_named_by_its_seq(db) {
        let refused = db.write(|conn| {
            codes::apply(conn, codes::ORDERS[0], &[(41, br#"{"at":"2026-11-22T08:00:00Z"}"#)])
        });

        assert!(matches!(refused, Err(codes::Error::Order { seq: 41, .. })), "{refused:?}");
        let others = db.write(|conn| codes::apply(conn, "organisation", &[(41, b"{}")]));
        assert!(others.is_ok(), "orders of others are not read");
    }

    fn the_number_of_a_batch_is_free_again_when_its_write_fails(db) {
        let dairy = Dairy::on(db);
        let giver = giver(None);
        let request = codes_of(MILK, "L1", 10);

        let failed = db.write(|conn| {
            codes::issue(conn, &dairy.ledger, dairy.dictionary(), &giver, &request)?;
            Err::<(), _>(codes::Error::Db(db::Error::Corrupt { table: "none", what: "on purpose".into() }))
        });

        assert!(failed.is_err());
        assert_eq!(dairy.issue(&request).number, 0);
    }
}
