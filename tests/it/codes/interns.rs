//! Identifiers from elsewhere and the addresses that they get.

use suyuan::codes::{Address, Derived};
use suyuan::db::Db;
use suyuan::gs1::Identifier;

use super::given::{CHEESE, Dairy, MILK};

fn interned(db: &Db, dairy: &Dairy<'_>, links: &[String]) -> Vec<Address> {
    let derived: Vec<Derived> = links
        .iter()
        .map(|link| Derived::of_thing(&Identifier::parse(link).unwrap().identifier))
        .collect();
    db.write(|conn| dairy.dictionary().resolve(conn, 1, &derived))
        .unwrap()
}

fn item(gtin: &str, serial: u32) -> String {
    format!("https://id.gs1.org/01/{gtin}/21/X{serial}")
}

both! {
    fn what_is_met_one_after_the_other_has_neighbouring_addresses(db) {
        let dairy = Dairy::on(db);
        let serials = [907, 12, 550, 3, 88, 41, 760, 29];
        let mixed: Vec<String> = serials
            .iter()
            .flat_map(|serial| [item(MILK, *serial), item(CHEESE, *serial)])
            .collect();

        let addresses = interned(db, &dairy, &mixed);

        for product in [0, 1] {
            let of_product: Vec<Address> = addresses.iter().skip(product).step_by(2).copied().collect();
            let members: Vec<u16> = of_product.iter().map(|address| address.member).collect();
            assert_eq!(members, (0..8).collect::<Vec<u16>>());
            assert!(of_product.iter().all(|address| address.block == of_product[0].block));
        }
        assert_ne!(addresses[0].block, addresses[1].block, "products share no block");
        let more = [item(MILK, 5), item(MILK, 907), item(MILK, 5), item(MILK, 1)];
        let members: Vec<u16> = interned(db, &dairy, &more).iter().map(|address| address.member).collect();
        assert_eq!(members, [8, 0, 8, 9], "an address is for ever, and nobody gets two");
    }
}
