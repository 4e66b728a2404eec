//! A ledger and the keys it was written with belong together.

use crate::harness::process::Workplace;

const PARTY: &str = "id,name,role\nmaker,Maker,producer\n";

both! {
    fn a_ledger_gets_no_second_keys(db) {
        let workplace = Workplace::on(db);
        workplace.run(["migrate", "--init-keys"]).expect_code(0);
        std::fs::write(workplace.path("p.csv"), PARTY).unwrap();
        workplace.run(["party", "import", "p.csv"]).expect_code(0);
        std::fs::rename(workplace.path("keys/salt.key"), workplace.path("salt.key")).unwrap();

        let refused = workplace.run(["migrate", "--init-keys"]).expect_code(3);
        assert!(refused.stderr.contains("salt.key of its keys is not in"), "{refused:?}");
        assert!(!workplace.path("keys/salt.key").exists());

        std::fs::rename(workplace.path("salt.key"), workplace.path("keys/salt.key")).unwrap();
        workplace.run(["migrate", "--init-keys"]).expect_code(0);
        workplace.run(["verify"]).expect_code(0);
    }

    fn nothing_is_written_with_the_keys_of_another_ledger(db) {
        let workplace = Workplace::on(db);
        workplace.run(["migrate", "--init-keys"]).expect_code(0);
        std::fs::write(workplace.path("p.csv"), PARTY).unwrap();
        workplace.run(["party", "import", "p.csv"]).expect_code(0);
        let other = Workplace::bare();
        other.run(["migrate", "--init-keys"]).expect_code(0);
        let right = std::fs::read(workplace.path("keys/master.key")).unwrap();
        std::fs::copy(other.path("keys/master.key"), workplace.path("keys/master.key")).unwrap();

        std::fs::write(workplace.path("q.csv"), PARTY.replace("maker", "second")).unwrap();
        let refused = workplace.run(["party", "import", "q.csv"]).expect_code(3);
        assert!(refused.stderr.contains("does not bear the seal of these keys"), "{refused:?}");

        std::fs::write(workplace.path("keys/master.key"), right).unwrap();
        workplace.run(["verify"]).expect_code(0);
        workplace.run(["party", "import", "q.csv"]).expect_code(0);
    }
}
