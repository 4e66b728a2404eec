//! Tables of credentials and people are recorded all or nothing, each change as a new version.

use suyuan::app;
use suyuan::credentials::{Kind, Outcome};
use suyuan::parties::Imported;

use super::given::*;

fn counts(done: &Imported) -> (usize, usize, usize) {
    (done.created, done.updated, done.unchanged)
}

both! {
    fn a_number_is_created_then_unchanged_then_updated(db) {
        let world = dairy(db);
        let licence = "SC1,licence,Production licence,bureau,dairy,,2026-01-01,2027-01-01";
        let other = "SC2,licence,Trade licence,bureau,shop,,2026-01-01,";

        let first = credentials(&world, &format!("{licence}\n{other}"));
        let again = credentials(&world, &format!("{licence}\n{other}"));
        let renewed = credentials(&world, &format!("{}\n{other}", licence.replace("2027", "2028")));

        assert_eq!(counts(&first), (2, 0, 0));
        assert_eq!(counts(&again), (0, 0, 2));
        assert_eq!(counts(&renewed), (0, 1, 1));
        let told = show(&world, "SC1", "2026-06-01");
        assert_eq!(told.versions.len(), 2);
        assert_eq!(told.versions[0].valid_to.as_deref(), Some("2026-12-31T16:00:00Z"));
        assert_eq!(told.credential.valid_to.as_deref(), Some("2027-12-31T16:00:00Z"));
    }

    fn a_dry_run_counts_and_records_nothing(db) {
        let world = dairy(db);
        let csv = "id,kind,name,issuer,org,valid_from\nSC1,licence,Licence,bureau,dairy,2026-01-01\n";
        let before = position(&world);

        let dry = app::import_credentials(&world.app, &operator(), csv.as_bytes(), true).unwrap();

        assert_eq!(counts(&dry), (1, 0, 0));
        assert_eq!(position(&world), before);
        let problem = app::show_credential(&world.app, &operator(), "SC1", app::Moment::default()).unwrap_err();
        assert_eq!(problem.code, app::Code::NotFound);
        assert_eq!(counts(&import_as(&world, &operator(), csv)), (1, 0, 0));
    }

    fn every_column_comes_back(db) {
        let world = dairy(db);
        let digest = "AB".repeat(32);
        let csv = format!(
            "id,kind,name,issuer,org,places,products,lots,categories,valid_from,valid_to,standard,outcome,laboratory,instrument,calibrated_from,calibrated_to,uri,digest\n\
             T1,test_report,Residues,lab,dairy,9521234000020 | 9521234000044,{MILK}|{MILK},(01){MILK}(10)M0901,dairy|cheese,2026-09-01T08:00:00+08:00,2027-09-01,GB 31650-2019,pass,Lab Fuzhou,lcms-1,2026-01-01,2027-01-01,https://lab.example/T1.pdf,{digest}\n"
        );

        import_as(&world, &operator(), &csv);

        let told = show(&world, "T1", "2026-09-02").credential;
        assert_eq!((told.kind, told.name.as_str(), told.issuer.as_str(), told.org.as_str()), (Kind::TestReport, "Residues", "lab", "dairy"));
        assert_eq!(told.scope.places, [PLANT, "https://id.gs1.org/414/9521234000044"]);
        assert_eq!(told.scope.products, [MILK]);
        assert_eq!(told.scope.lots, [LOT]);
        assert_eq!(told.scope.categories, ["cheese", "dairy"]);
        assert_eq!(told.valid_from, "2026-09-01T00:00:00Z");
        assert_eq!(told.valid_to.as_deref(), Some("2027-08-31T16:00:00Z"));
        assert_eq!(told.standard.as_deref(), Some("GB 31650-2019"));
        assert_eq!(told.uri.as_deref(), Some("https://lab.example/T1.pdf"));
        assert_eq!(told.digest, Some(digest.to_lowercase()));
        let test = told.test.unwrap();
        assert_eq!(test.outcome, Outcome::Pass);
        assert_eq!(test.laboratory.as_deref(), Some("Lab Fuzhou"));
        assert_eq!(test.instrument.as_deref(), Some("lcms-1"));
        assert_eq!(test.calibrated_from.as_deref(), Some("2025-12-31T16:00:00Z"));
        assert_eq!(test.calibrated_to.as_deref(), Some("2026-12-31T16:00:00Z"));
    }

    fn people_are_imported_as_credentials_are(db) {
        let world = dairy(db);
        let line = "p1,Lin,dairy,9521234000020,chief_quality_officer,0591-1,2026-01-01,";

        let first = people(&world, line);
        let again = people(&world, line);
        let moved = people(&world, &line.replace("0591-1", "0591-2"));

        assert_eq!(counts(&first), (1, 0, 0));
        assert_eq!(counts(&again), (0, 0, 1));
        assert_eq!(counts(&moved), (0, 1, 0));
        let told = app::show_person(&world.app, &operator(), "p1", app::Moment::default()).unwrap();
        assert_eq!(told.place.as_deref(), Some(PLANT));
        assert_eq!(told.phone.as_deref(), Some("0591-2"));
    }
}
