//! Whose credentials a caller may record and see. A regulator, the operator of the system and the local
//! operator: anybody's. An organisation: its own. A laboratory moreover: the test reports it issues. Everybody
//! else: nobody's.

use super::credential::{Credential, Person};
use super::history::Version;
use super::kind::Kind;
use crate::parties::{Caller, Role};

/// What is recorded of an organisation.
pub(super) trait Owned {
    /// The organisation.
    fn org(&self) -> &str;
    /// The one that issued it, where it is a test report.
    fn laboratory(&self) -> Option<&str>;
}

impl Owned for Credential {
    fn org(&self) -> &str {
        &self.org
    }
    fn laboratory(&self) -> Option<&str> {
        (self.kind == Kind::TestReport).then_some(self.issuer.as_str())
    }
}

impl Owned for Person {
    fn org(&self) -> &str {
        &self.org
    }
    fn laboratory(&self) -> Option<&str> {
        None
    }
}

/// Whether the caller may record this, or revoke it.
pub(super) fn may_record(caller: &Caller, what: &impl Owned) -> bool {
    match caller {
        Caller::Anyone => false,
        Caller::Operator { .. } => true,
        Caller::Key { org, role, .. } => match role {
            Role::Admin | Role::Regulator => true,
            Role::Lab => what.org() == org || what.laboratory() == Some(org),
            Role::Producer
            | Role::Importer
            | Role::Logistics
            | Role::Retailer
            | Role::Platform
            | Role::Insurer => what.org() == org,
            Role::Auditor => false,
        },
    }
}

/// Whether the caller may record a version after this one: what an organisation recorded, another of equal
/// rank does not replace; what the local operator did for nobody in particular, its owner may.
pub(super) fn may_follow<T: Owned>(caller: &Caller, version: &Version<T>) -> bool {
    if !may_record(caller, &version.content) {
        return false;
    }
    match caller {
        Caller::Key { org, role, .. } if !matches!(role, Role::Admin | Role::Regulator) => {
            let recorded_for = version.recorded.org.as_ref();
            recorded_for.is_none_or(|recorded_for| recorded_for == org)
        }
        _ => true,
    }
}

/// Which credentials and people a caller sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight<'c> {
    /// None.
    Nothing,
    /// What an organisation holds, issued or recorded.
    Of(&'c str),
    /// Everything.
    Everything,
}

impl<'c> Sight<'c> {
    /// What the caller sees.
    pub fn of(caller: &'c Caller) -> Self {
        match caller {
            Caller::Anyone => Self::Nothing,
            Caller::Operator { .. } => Self::Everything,
            Caller::Key { org, role, .. } => match role {
                Role::Admin | Role::Regulator | Role::Auditor => Self::Everything,
                _ => Self::Of(org),
            },
        }
    }
}

/// Whether the caller is told a telephone number of this organisation's people.
pub fn sees_phones(caller: &Caller, of: &str) -> bool {
    match caller {
        Caller::Anyone => false,
        Caller::Operator { .. } => true,
        Caller::Key { org, role, .. } => *role == Role::Regulator || org == of,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::history::Recorded;
    use crate::credentials::history_tests::credential;
    use crate::epcis::Timestamp;

    fn bearer(org: &str, role: Role) -> Caller {
        Caller::Key {
            id: "k".into(),
            org: org.into(),
            role,
            region: None,
        }
    }

    fn report() -> Credential {
        Credential {
            kind: Kind::TestReport,
            issuer: "lab".into(),
            ..credential("2026-01-01", None)
        }
    }

    #[test]
    fn each_role_records_what_is_its_to_record() {
        let licence = credential("2026-01-01", None);
        for role in Role::all() {
            let [own, other, issued] = [
                may_record(&bearer("dairy", role), &licence),
                may_record(&bearer("lab", role), &licence),
                may_record(&bearer("lab", role), &report()),
            ];
            let expected = match role {
                Role::Admin | Role::Regulator => [true, true, true],
                Role::Lab => [true, false, true],
                Role::Auditor => [false, false, false],
                _ => [true, false, false],
            };
            assert_eq!([own, other, issued], expected, "{role}");
        }
        assert!(!may_record(&Caller::Anyone, &licence));
    }

    #[test]
    fn what_a_laboratory_or_a_regulator_recorded_its_holder_does_not_replace() {
        let recorded_for = |org: Option<&str>| Version {
            seq: 0,
            recorded: Recorded {
                by: "key:k".into(),
                org: org.map(str::to_owned),
                at: Timestamp::default(),
            },
            content: report(),
        };
        let dairy = bearer("dairy", Role::Producer);

        assert!(may_follow(&dairy, &recorded_for(Some("dairy"))));
        assert!(may_follow(&dairy, &recorded_for(None)));
        assert!(!may_follow(&dairy, &recorded_for(Some("lab"))));
        assert!(!may_follow(&dairy, &recorded_for(Some("bureau"))));
        let lab = bearer("lab", Role::Lab);
        assert!(may_follow(&lab, &recorded_for(Some("lab"))));
        assert!(!may_follow(&lab, &recorded_for(Some("dairy"))));
        let bureau = bearer("bureau", Role::Regulator);
        assert!(may_follow(&bureau, &recorded_for(Some("lab"))));
    }

    #[test]
    fn telephone_numbers_are_for_regulators_and_the_organisation_itself() {
        assert!(sees_phones(&bearer("dairy", Role::Producer), "dairy"));
        assert!(sees_phones(&bearer("bureau", Role::Regulator), "dairy"));
        for role in [Role::Admin, Role::Auditor, Role::Producer, Role::Lab] {
            assert!(!sees_phones(&bearer("shop", role), "dairy"), "{role}");
        }
    }
}
