//! The words of credentials: what kind one is, what a test found, what a person is, how validity stands.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text that is none of the words there are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is none of {known}")]
pub struct NoWord {
    found: String,
    known: String,
}

macro_rules! words {
    ($(#[$about:meta])+ $name:ident as $schema:ident { $($(#[$doc:meta])+ $variant:ident = $word:literal,)+ }) => {
        $(#[$about])+
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
        )]
        #[serde(rename_all = "snake_case")]
        #[schema(as = $schema)]
        pub enum $name { $($(#[$doc])+ $variant,)+ }

        impl $name {
            /// The word in imports, orders and the store.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl FromStr for $name {
            type Err = NoWord;

            fn from_str(text: &str) -> Result<Self, NoWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(NoWord {
                        found: text.to_owned(),
                        known: [$($word),+].join(", "),
                    }),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What a credential is.
    Kind as CredentialKind {
        /// A permission to do business: 生产许可, 营业执照, 经营许可.
        Licence = "licence",
        /// A finding of a certification body: organic, HACCP, CCC, 三品一标.
        Certificate = "certificate",
        /// A standard that the holder declares to follow.
        DeclaredStandard = "declared_standard",
        /// What a laboratory found.
        TestReport = "test_report",
        /// An insurance policy.
        Insurance = "insurance",
    }
}

words! {
    /// What a test found.
    Outcome as TestOutcome {
        /// Everything was as it must be.
        Pass = "pass",
        /// Something was not.
        Fail = "fail",
    }
}

words! {
    /// What a person is in an organisation.
    PersonRole as PersonRole {
        /// 法定代表人
        LegalRepresentative = "legal_representative",
        /// 负责人
        PersonInCharge = "person_in_charge",
        /// 首席质量官
        ChiefQualityOfficer = "chief_quality_officer",
    }
}

words! {
    /// How it stands with a credential at a time.
    State as CredentialState {
        /// It holds.
        Valid = "valid",
        /// Its time had not begun.
        NotYetValid = "not_yet_valid",
        /// Its time was over.
        Expired = "expired",
        /// It was suspended or withdrawn.
        Revoked = "revoked",
        /// The instrument of the test was outside of its calibration.
        OutOfCalibration = "out_of_calibration",
    }
}
