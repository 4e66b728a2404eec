use super::given::Site;
use crate::harness::database::TestDatabase;
use crate::harness::kafka::Topic;

/// Nobody listens there.
const NO_BROKER: &str = "127.0.0.1:9";

fn refused(more: &str, code: i32) -> String {
    let database = TestDatabase::sqlite();
    let topic = Topic::new(1);
    let site = Site::new(&database, &topic);
    site.workplace.configure(&format!(
        "[kafka]\nbrokers = {:?}\ntopic = {:?}\nsubmitter = \"maker\"\n{more}",
        topic.bootstrap(),
        topic.name()
    ));
    site.ingest().expect_code(code).stderr
}

#[test]
fn a_property_that_exactly_once_rests_on_is_refused() {
    let said = refused("[kafka.client]\n\"enable.auto.commit\" = \"true\"\n", 2);

    assert!(said.contains("enable.auto.commit"), "{said}");
}

#[test]
fn a_property_that_the_client_does_not_know_is_refused() {
    let said = refused("[kafka.client]\n\"no.such.thing\" = \"1\"\n", 2);

    assert!(said.contains("no.such.thing"), "{said}");
}

#[test]
fn records_are_recorded_for_a_known_organisation_only() {
    let database = TestDatabase::sqlite();
    let topic = Topic::new(1);
    let site = Site::new(&database, &topic);
    for (submitter, expected) in [("", "is needed"), ("nobody", "no organisation")] {
        site.workplace.configure(&format!(
            "[kafka]\nbrokers = {:?}\ntopic = {:?}\nsubmitter = {submitter:?}\n",
            topic.bootstrap(),
            topic.name()
        ));

        let said = site.ingest().expect_code(2).stderr;

        assert!(
            said.contains("kafka.submitter") && said.contains(expected),
            "{said}"
        );
    }
}

#[test]
fn a_kafka_or_a_topic_that_is_not_there_is_told_with_its_own_code() {
    let database = TestDatabase::sqlite();
    let topic = Topic::new(1);
    let site = Site::new(&database, &topic);

    site.configure(NO_BROKER);
    let said = site.ingest().expect_code(5).stderr;
    assert!(said.contains("Kafka cannot be reached"), "{said}");

    site.workplace.configure(&format!(
        "[kafka]\nbrokers = {:?}\ntopic = \"no.such.topic\"\nsubmitter = \"maker\"\n",
        topic.bootstrap()
    ));
    let said = site.ingest().expect_code(5).stderr;
    assert!(said.contains("no.such.topic"), "{said}");
}

#[test]
fn an_unfinished_run_that_is_told_to_end_says_so() {
    let database = TestDatabase::sqlite();
    let topic = Topic::new(1);
    let site = Site::new(&database, &topic);

    let running = site.start(&["--until-idle", "10m"]);
    running.stderr_line("claimed");

    running.stop().expect_code(130);
}
