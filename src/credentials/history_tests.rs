//! Validity over time.

use super::credential::{Credential, Scope, Test};
use super::history::{History, Recorded, Revocation, Version, speaking};
use super::kind::{Kind, Outcome, State};
use super::moment::parse_moment;
use crate::epcis::Timestamp;

fn at(text: &str) -> Timestamp {
    parse_moment(text).unwrap()
}

fn recorded() -> Recorded {
    Recorded {
        by: "cli:test".into(),
        org: None,
        at: at("2020-01-01"),
    }
}

/// A licence of a dairy.
pub(super) fn credential(from: &str, to: Option<&str>) -> Credential {
    Credential {
        id: "SC1".into(),
        kind: Kind::Licence,
        name: "食品生产许可证".into(),
        issuer: "bureau".into(),
        org: "dairy".into(),
        scope: Scope::default(),
        valid_from: at(from),
        valid_to: to.map(at),
        standard: None,
        test: None,
        uri: None,
        digest: None,
    }
}

fn history(versions: Vec<Credential>) -> History {
    let versions = (0..).zip(versions).map(|(seq, content)| Version {
        seq,
        recorded: recorded(),
        content,
    });
    History {
        versions: versions.collect(),
        revocations: Vec::new(),
    }
}

fn revoked(from: &str, until: Option<&str>) -> Revocation {
    Revocation {
        seq: 9,
        from: at(from),
        until: until.map(at),
        reason: "a drill".into(),
        recorded: recorded(),
    }
}

fn lapses(history: &History, now: &str) -> Vec<(Timestamp, Timestamp, State)> {
    history
        .lapses(at(now))
        .into_iter()
        .map(|lapse| (lapse.from, lapse.until, lapse.state))
        .collect()
}

fn just_before(text: &str) -> Timestamp {
    Timestamp::from_micros(at(text).micros() - 1)
}

#[test]
fn the_first_instant_is_valid_and_the_last_is_not() {
    let licence = history(vec![credential("2026-01-01", Some("2027-01-01"))]);

    assert_eq!(licence.state(just_before("2026-01-01")), State::NotYetValid);
    assert_eq!(licence.state(at("2026-01-01")), State::Valid);
    assert_eq!(licence.state(just_before("2027-01-01")), State::Valid);
    assert_eq!(licence.state(at("2027-01-01")), State::Expired);
}

#[test]
fn what_was_withdrawn_holds_again_when_who_withdrew_it_grants_it_anew() {
    let mut licence = history(vec![credential("2026-01-01", None)]);
    licence.revocations = vec![revoked("2026-08-01", None)];
    let mut anew = Version {
        seq: 10,
        recorded: recorded(),
        content: credential("2026-10-01", None),
    };
    licence.versions.push(anew.clone());
    assert_eq!(licence.state(at("2026-09-30")), State::Revoked);
    assert_eq!(licence.state(at("2026-10-01")), State::Valid);
    for (org, seq) in [(Some("dairy".to_owned()), 10), (recorded().org, 8)] {
        anew.recorded.org = org;
        anew.seq = seq;
        licence.versions[1] = anew.clone();
        let state = licence.state(at("2026-10-01"));
        assert_eq!(state, State::Revoked, "by another, or before");
    }
}

#[test]
fn a_suspension_is_half_open_and_a_withdrawal_has_no_end() {
    let mut licence = history(vec![credential("2026-01-01", None)]);
    licence.revocations = vec![
        revoked("2026-03-01", Some("2026-04-01")),
        revoked("2026-08-01", None),
    ];

    for (text, state) in [
        ("2026-03-01", State::Revoked),
        ("2026-04-01", State::Valid),
        ("2026-08-01", State::Revoked),
        ("2036-01-01", State::Revoked),
    ] {
        assert_eq!(licence.state(at(text)), state, "{text}");
    }
    assert_eq!(licence.state(just_before("2026-03-01")), State::Valid);
    assert_eq!(licence.state(just_before("2026-08-01")), State::Valid);
}

#[test]
fn a_renewal_leaves_the_time_before_it_and_the_gap() {
    let licence = history(vec![
        credential("2024-01-01", Some("2026-01-01")),
        credential("2026-03-01", Some("2028-01-01")),
    ]);

    assert_eq!(licence.state(at("2025-06-01")), State::Valid);
    assert_eq!(licence.state(at("2026-02-01")), State::Expired);
    assert_eq!(licence.state(at("2026-03-01")), State::Valid);
    assert_eq!(
        lapses(&licence, "2029-01-01"),
        [
            (at("2026-01-01"), at("2026-03-01"), State::Expired),
            (at("2028-01-01"), at("2029-01-01"), State::Expired),
        ]
    );
}

#[test]
fn a_correction_speaks_from_its_beginning_on() {
    let licence = history(vec![
        credential("2026-01-01", Some("2028-01-01")),
        credential("2026-01-01", Some("2027-01-01")),
    ]);

    assert_eq!(licence.state(at("2027-06-01")), State::Expired);
    let speaks = speaking(&licence.versions, at("2026-06-01")).unwrap();
    assert_eq!(speaks.seq, 1);
}

#[test]
fn before_any_beginning_the_first_to_begin_speaks() {
    let licence = history(vec![
        credential("2027-01-01", None),
        credential("2026-01-01", None),
    ]);

    let speaks = speaking(&licence.versions, at("2020-01-01")).unwrap();

    assert_eq!(speaks.seq, 1);
    assert_eq!(licence.state(at("2020-01-01")), State::NotYetValid);
    assert_eq!(lapses(&licence, "2020-01-01"), []);
}

#[test]
fn lapses_tell_revocations_ends_and_instruments_apart() {
    let mut report = credential("2026-01-01", Some("2026-12-01"));
    report.kind = Kind::TestReport;
    report.test = Some(Test {
        outcome: Outcome::Pass,
        laboratory: None,
        instrument: Some("scale-7".into()),
        calibrated_from: Some(at("2026-02-01")),
        calibrated_to: Some(at("2026-10-01")),
    });
    let mut report = history(vec![report]);
    report.revocations = vec![revoked("2026-05-01", Some("2026-06-01"))];

    assert_eq!(
        lapses(&report, "2026-12-10"),
        [
            (at("2026-01-01"), at("2026-02-01"), State::OutOfCalibration),
            (at("2026-05-01"), at("2026-06-01"), State::Revoked),
            (at("2026-10-01"), at("2026-12-01"), State::OutOfCalibration),
            (at("2026-12-01"), at("2026-12-10"), State::Expired),
        ]
    );
    assert_eq!(
        lapses(&report, "2026-05-10"),
        [
            (at("2026-01-01"), at("2026-02-01"), State::OutOfCalibration),
            (at("2026-05-01"), at("2026-05-10"), State::Revoked),
        ]
    );
}

#[test]
fn revocations_that_touch_are_one_lapse_and_a_narrower_scope_another() {
    let mut narrower = credential("2026-06-01", None);
    narrower.scope.products = vec!["09521234000037".into()];
    let mut licence = history(vec![credential("2026-01-01", None), narrower.clone()]);
    licence.revocations = vec![
        revoked("2026-03-01", Some("2026-05-01")),
        revoked("2026-04-01", Some("2026-07-01")),
    ];

    let found = licence.lapses(at("2026-12-01"));

    let times: Vec<_> = found
        .iter()
        .map(|lapse| (lapse.from, lapse.until))
        .collect();
    assert_eq!(
        times,
        [
            (at("2026-03-01"), at("2026-06-01")),
            (at("2026-06-01"), at("2026-07-01")),
        ]
    );
    assert_eq!(found[0].scope, Scope::default());
    assert_eq!(found[1].scope, narrower.scope);
}
