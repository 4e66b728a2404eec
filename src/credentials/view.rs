//! Credentials and people as answers tell them.

use serde::Serialize;
use utoipa::ToSchema;

use super::credential::{Credential, Person, Scope};
use super::history::{Recorded, Revocation, Version};
use super::kind::{Kind, Outcome, PersonRole, State};

/// A credential as it stood at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Credential)]
pub struct CredentialView {
    /// The issuer's number.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Who issued it.
    pub issuer: String,
    /// Its holder.
    pub org: String,
    /// How it stood.
    pub state: State,
    /// From when on it holds.
    pub valid_from: String,
    /// The first instant at which it holds no more.
    pub valid_to: Option<String>,
    /// What it is about; absent when it is about its holder as a whole.
    #[serde(skip_serializing_if = "Scope::is_empty")]
    pub scope: Scope,
    /// The standard it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard: Option<String>,
    /// Of a test report: what was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<TestView>,
    /// Where the document is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// SHA-256 of the document, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The organisation this was recorded for; none when the operator did it for all.
    pub recorded_for: Option<String>,
    /// When it was recorded.
    pub recorded_at: String,
    /// Its leaf in `control/0`.
    pub seq: i64,
}

/// What a laboratory found, and with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TestResult)]
pub struct TestView {
    /// What it found.
    pub outcome: Outcome,
    /// Who tested, where that is not the issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub laboratory: Option<String>,
    /// The instrument's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// From when on the instrument was calibrated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibrated_from: Option<String>,
    /// Until when, without that instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibrated_to: Option<String>,
}

impl CredentialView {
    pub(super) fn of(version: &Version<Credential>, state: State) -> Self {
        let credential = &version.content;
        Self {
            id: credential.id.clone(),
            kind: credential.kind,
            name: credential.name.clone(),
            issuer: credential.issuer.clone(),
            org: credential.org.clone(),
            state,
            valid_from: credential.valid_from.to_string(),
            valid_to: credential.valid_to.map(|end| end.to_string()),
            scope: credential.scope.clone(),
            standard: credential.standard.clone(),
            test: credential.test.as_ref().map(|test| TestView {
                outcome: test.outcome,
                laboratory: test.laboratory.clone(),
                instrument: test.instrument.clone(),
                calibrated_from: test.calibrated_from.map(|from| from.to_string()),
                calibrated_to: test.calibrated_to.map(|end| end.to_string()),
            }),
            uri: credential.uri.clone(),
            digest: credential.digest.clone(),
            recorded_for: version.recorded.org.clone(),
            recorded_at: version.recorded.at.to_string(),
            seq: version.seq,
        }
    }
}

/// A credential with everything that was recorded of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CredentialHistory)]
pub struct HistoryView {
    /// The credential as it stood at the time asked for.
    #[serde(flatten)]
    pub credential: CredentialView,
    /// Its versions, in ledger order.
    pub versions: Vec<VersionView>,
    /// When it was suspended or withdrawn, in ledger order.
    pub revocations: Vec<RevocationView>,
}

/// A version of a credential: what an import recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CredentialVersion)]
pub struct VersionView {
    /// Its leaf in `control/0`.
    pub seq: i64,
    /// From when on it holds.
    pub valid_from: String,
    /// The first instant at which it holds no more.
    pub valid_to: Option<String>,
    /// Who recorded it.
    pub recorded_by: String,
    /// For which organisation.
    pub recorded_for: Option<String>,
    /// When.
    pub recorded_at: String,
}

impl VersionView {
    pub(super) fn of(version: &Version<Credential>) -> Self {
        let Recorded { by, org, at } = version.recorded.clone();
        Self {
            seq: version.seq,
            valid_from: version.content.valid_from.to_string(),
            valid_to: version.content.valid_to.map(|end| end.to_string()),
            recorded_by: by,
            recorded_for: org,
            recorded_at: at.to_string(),
        }
    }
}

/// A suspension, or a withdrawal when it has no end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Revocation)]
pub struct RevocationView {
    /// Its leaf in `control/0`.
    pub seq: i64,
    /// From when on.
    pub from: String,
    /// The first instant after it.
    pub until: Option<String>,
    /// Why.
    pub reason: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// For which organisation.
    pub recorded_for: Option<String>,
    /// When.
    pub recorded_at: String,
}

impl RevocationView {
    pub(super) fn of(revocation: &Revocation) -> Self {
        let Recorded { by, org, at } = revocation.recorded.clone();
        Self {
            seq: revocation.seq,
            from: revocation.from.to_string(),
            until: revocation.until.map(|end| end.to_string()),
            reason: revocation.reason.clone(),
            recorded_by: by,
            recorded_for: org,
            recorded_at: at.to_string(),
        }
    }
}

/// A credential of the holder and for the thing that was not valid at the time; its state says why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LapsedCredential)]
pub struct LapsedView {
    /// The credential.
    #[serde(flatten)]
    pub credential: CredentialView,
    /// Another one of the same kind and name that was valid then; none when nothing stood in for it.
    pub replaced_by: Option<String>,
}

/// A person in charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Person)]
pub struct PersonView {
    /// The person's id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The organisation.
    pub org: String,
    /// The place; of the whole organisation without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What the person is there.
    pub role: PersonRole,
    /// Telephone: told to regulators and to the organisation itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// From when on.
    pub valid_from: String,
    /// The first instant at which it is no more so.
    pub valid_to: Option<String>,
}

impl PersonView {
    pub(super) fn of(person: &Person) -> Self {
        Self {
            id: person.id.clone(),
            name: person.name.clone(),
            org: person.org.clone(),
            place: person.place.clone(),
            role: person.role,
            phone: person.phone.clone(),
            valid_from: person.valid_from.to_string(),
            valid_to: person.valid_to.map(|end| end.to_string()),
        }
    }
}
