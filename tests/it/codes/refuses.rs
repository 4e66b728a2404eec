use suyuan::codes::{Derived, Error, ItemNumber, KeyEpoch};
use suyuan::db::Db;
use suyuan::gs1::Identifier;

use super::given::{CHEESE, CREAM, Dairy, MILK, UNKNOWN, codes_of, gtin, named};

/// Records a serial of the milk that came from elsewhere.
fn intern(db: &Db, dairy: &Dairy<'_>, serial: &str) {
    let link = format!("https://id.gs1.org/01/{MILK}/21/{serial}");
    let identifier = Identifier::parse(&link).unwrap().identifier;
    db.write(|conn| {
        dairy
            .dictionary()
            .resolve(conn, 1, &[Derived::of_thing(&identifier)])
    })
    .unwrap();
}

both! {
    fn an_unknown_product_has_no_codes(db) {
        let refused = Dairy::on(db).try_issue(None, &codes_of(UNKNOWN, "L1", 10));

        assert!(matches!(refused, Err(Error::NoProduct(found)) if found == gtin(UNKNOWN)));
    }

    fn a_product_with_a_code_a_lot_has_no_serials(db) {
        let refused = Dairy::on(db).try_issue(None, &codes_of(CREAM, "L1", 10));

        assert!(matches!(refused, Err(Error::Mode { mode: "lot", .. })), "{refused:?}");
    }

    fn nobody_issues_codes_for_a_product_of_others(db) {
        let refused = Dairy::on(db).try_issue(Some("shop"), &codes_of(MILK, "L1", 10));

        assert!(matches!(refused, Err(Error::NotTheirs { .. })), "{refused:?}");
    }

    fn a_request_id_stands_for_one_request(db) {
        let dairy = Dairy::on(db);
        dairy.issue(&named("order 7", codes_of(MILK, "L1", 10)));

        for other in [codes_of(CHEESE, "L1", 10), codes_of(MILK, "L2", 10), codes_of(MILK, "L1", 11)] {
            let refused = dairy.try_issue(None, &named("order 7", other));
            assert!(matches!(refused, Err(Error::RequestConflict { count: 10, .. })), "{refused:?}");
        }
    }

    fn counts_that_no_batch_has_are_refused_and_leave_nothing(db) {
        let dairy = Dairy::on(db);

        for count in [0, 16_777_217] {
            let refused = dairy.try_issue(None, &codes_of(MILK, "L1", count));
            assert!(matches!(refused, Err(Error::Count(found)) if found == count));
        }

        assert_eq!(dairy.issue(&codes_of(MILK, "L1", 1)).number, 0);
    }

    fn a_product_whose_foreign_serials_read_as_ours_gets_no_codes(db) {
        let dairy = Dairy::on(db);
        let epoch = KeyEpoch::new(4).unwrap();
        let book = dairy.dictionary().serial_book("dairy", gtin(MILK), epoch);
        let serial = book.issue(ItemNumber::new(9, 9).unwrap());
        intern(db, &dairy, serial.as_str());

        let refused = dairy.try_issue(None, &codes_of(MILK, "L1", 10));

        match refused {
            Err(Error::ForeignSerial { identifier, .. }) => {
                assert!(identifier.ends_with(serial.as_str()), "{identifier}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(dairy.issue(&codes_of(CHEESE, "L1", 10)).number, 0, "others are free");
    }

    fn foreign_serials_that_only_look_like_ours_stand_in_nobodys_way(db) {
        let dairy = Dairy::on(db);
        intern(db, &dairy, "0AAAAAAAAAAAAA");
        intern(db, &dairy, "SN-77");

        assert_eq!(dairy.issue(&codes_of(MILK, "L1", 10)).number, 0);
    }
}
