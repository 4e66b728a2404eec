//! Documents in, jobs out.

use serde_json::json;

use super::given::{PALLET, document, id, seen};
use crate::harness::site::Site;

both! {
    fn a_captured_document_leaves_a_finished_job_and_its_events(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        let body = document(&[seen(&id(1), PALLET), seen(&id(2), PALLET)]);

        let captured = dairy.post("/epcis/capture", &body).expect(202);

        let location = captured.header("location").unwrap();
        let job = dairy.get(location).expect(200).json();
        assert_eq!(job["captureID"], location.rsplit('/').next().unwrap());
        assert_eq!((&job["running"], &job["success"]), (&json!(false), &json!(true)));
        assert_eq!(job["captureErrorBehaviour"], "rollback");
        assert_eq!(job["recorded"], 2);
        assert!(job["createdAt"].as_str() <= job["finishedAt"].as_str());
        dairy.get(&format!("/epcis/events/{}", id(2))).expect(200);
    }

    fn the_same_document_again_records_nothing_twice(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        let body = document(&[seen(&id(1), PALLET)]);
        dairy.post("/epcis/capture", &body).expect(202);

        let again = dairy.post("/epcis/capture", &body).expect(202);

        let job = dairy.get(again.header("location").unwrap()).expect(200).json();
        assert_eq!((&job["success"], &job["recorded"], &job["duplicates"]), (&json!(true), &json!(0), &json!(1)));
    }

    fn one_bad_event_undoes_a_document_unless_it_shall_proceed(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        dairy.post("/epcis/events", &seen(&id(1), PALLET).to_string()).expect(201);
        let mut other = seen(&id(1), PALLET);
        other["bizStep"] = json!("shipping");
        let body = document(&[seen(&id(2), PALLET), other]);
        let form = ("Content-Type", "application/ld+json");

        let undone = dairy.send("POST", "/epcis/capture", &[form], &body).expect(202);
        dairy.get(&format!("/epcis/events/{}", id(2))).problem(404);
        let proceeded = dairy
            .send("POST", "/epcis/capture", &[form, ("GS1-Capture-Error-Behaviour", "proceed")], &body)
            .expect(202);

        let undone = dairy.get(undone.header("location").unwrap()).json();
        assert_eq!((&undone["success"], &undone["recorded"]), (&json!(false), &json!(0)));
        let proceeded = dairy.get(proceeded.header("location").unwrap()).json();
        assert_eq!((&proceeded["success"], &proceeded["recorded"]), (&json!(false), &json!(1)));
        assert_eq!(proceeded["captureErrorBehaviour"], "proceed");
        for job in [undone, proceeded] {
            let error = &job["errors"][0];
            assert_eq!((&error["index"], &error["eventID"]), (&json!(1), &json!(id(1))));
            assert_eq!(error["type"], "epcisException:ResourceAlreadyExistsException");
        }
        dairy.get(&format!("/epcis/events/{}", id(2))).expect(200);
    }

    fn the_other_spelling_of_the_error_header_is_understood(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        let headers = [
            ("Content-Type", "application/json"),
            ("GS1-EPCIS-Capture-Error-Behaviour", "proceed"),
        ];

        let captured = dairy
            .send("POST", "/epcis/capture", &headers, &document(&[seen(&id(1), PALLET)]))
            .expect(202);

        let job = dairy.get(captured.header("location").unwrap()).json();
        assert_eq!(job["captureErrorBehaviour"], "proceed");
        assert_eq!(captured.header("gs1-capture-error-behaviour"), Some("all"));
        assert_eq!(captured.header("gs1-epcis-capture-error-behaviour"), None);
    }

    fn jobs_are_listed_in_pages_newest_first_and_to_their_organisation_alone(db) {
        let site = Site::on(db);
        let dairy = site.org("dairy");
        let locations: Vec<String> = (1..=5)
            .map(|n| {
                let captured = dairy.post("/epcis/capture", &document(&[seen(&id(n), PALLET)]));
                captured.header("location").unwrap().to_owned()
            })
            .collect();

        let mut listed = Vec::new();
        let mut next = Some("/epcis/capture?perPage=2".to_owned());
        while let Some(path) = next {
            let page = dairy.get(&path).expect(200);
            let jobs = page.json();
            assert!(jobs.as_array().unwrap().len() <= 2);
            listed.extend(jobs.as_array().unwrap().iter().map(|job| {
                format!("/epcis/capture/{}", job["captureID"].as_str().unwrap())
            }));
            next = page
                .header("link")
                .map(|link| link.split(['<', '>']).nth(1).unwrap().to_owned());
        }

        let newest_first: Vec<String> = locations.iter().rev().cloned().collect();
        assert_eq!(listed, newest_first);
        assert_eq!(site.org("shop").get("/epcis/capture").expect(200).json(), json!([]));
        site.org("shop").get(&locations[0]).problem(404);
    }
}
