//! Who may do what: one table of roles and actions. What the table does not say is refused.

use std::fmt;
use std::str::FromStr;

/// What an organisation is in the supply chain or over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Runs this system: keys, master data, no recalls of its own.
    Admin,
    /// Makes products and issues their codes.
    Producer,
    /// Brings products into the country: answers as a producer does.
    Importer,
    /// Moves and stores.
    Logistics,
    /// Sells to consumers.
    Retailer,
    /// Lets others sell on it.
    Platform,
    /// Tests.
    Lab,
    /// Insures.
    Insurer,
    /// Supervises a region.
    Regulator,
    /// Checks the ledger without seeing payloads.
    Auditor,
}

/// All roles, in the order of the table.
const ROLES: [(Role, &str); 10] = [
    (Role::Admin, "admin"),
    (Role::Producer, "producer"),
    (Role::Importer, "importer"),
    (Role::Logistics, "logistics"),
    (Role::Retailer, "retailer"),
    (Role::Platform, "platform"),
    (Role::Lab, "lab"),
    (Role::Insurer, "insurer"),
    (Role::Regulator, "regulator"),
    (Role::Auditor, "auditor"),
];

impl Role {
    /// Every role.
    pub fn all() -> impl Iterator<Item = Self> {
        ROLES.iter().map(|(role, _)| *role)
    }

    /// The name in imports, keys and the store.
    pub fn as_str(self) -> &'static str {
        ROLES
            .iter()
            .find(|(role, _)| *role == self)
            .map_or("", |(_, name)| name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no role.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "{0:?} is no role (admin, producer, importer, logistics, retailer, platform, lab, insurer, regulator, auditor)"
)]
pub struct NoRole(pub String);

impl FromStr for Role {
    type Err = NoRole;

    fn from_str(text: &str) -> Result<Self, NoRole> {
        ROLES
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(role, _)| *role)
            .ok_or_else(|| NoRole(text.to_owned()))
    }
}

/// Everything somebody can ask for that is not open to all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Import organisations, places, products.
    ManageMasterData,
    /// Make and revoke API keys.
    ManageKeys,
    /// Record and revoke credentials and people in charge; whose, is decided by who asks.
    RecordCredentials,
    /// Read credentials and people in charge.
    ReadCredentials,
    /// Issue codes of a product.
    IssueCodes,
    /// Record events.
    Capture,
    /// Read events.
    ReadEvents,
    /// Trace back, forward, where, who.
    Trace,
    /// Open, decide, notify, cancel and close a recall.
    ConductRecall,
    /// Read recalls.
    ReadRecalls,
    /// Answer a recall as a holder.
    AnswerRecall,
    /// Read ledger positions and metrics.
    Inspect,
    /// Read what in the records does not fit.
    CheckQuality,
    /// Read what was refused; whose, is decided by who asks.
    ReadDeadLetters,
    /// Have one's notices sent to a webhook, and make its secrets.
    RegisterWebhooks,
    /// Look after webhooks; whose, is decided by who asks.
    ManageWebhooks,
}

impl fmt::Display for Action {
    /// In words, as in "may not issue codes".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ManageMasterData => "import master data",
            Self::ManageKeys => "manage API keys",
            Self::RecordCredentials => "record credentials",
            Self::ReadCredentials => "read credentials",
            Self::IssueCodes => "issue codes",
            Self::Capture => "record events",
            Self::ReadEvents => "read events",
            Self::Trace => "trace",
            Self::ConductRecall => "conduct recalls",
            Self::ReadRecalls => "read recalls",
            Self::AnswerRecall => "answer recalls",
            Self::Inspect => "read ledger positions and metrics",
            Self::CheckQuality => "check the quality of records",
            Self::ReadDeadLetters => "read what was refused",
            Self::RegisterWebhooks => "register webhooks",
            Self::ManageWebhooks => "manage webhooks",
        })
    }
}

/// Every action with the roles that may do it.
pub fn policy() -> &'static [(Action, &'static [Role])] {
    use Role::{
        Admin, Auditor, Importer, Insurer, Lab, Logistics, Platform, Producer, Regulator, Retailer,
    };
    &[
        (Action::ManageMasterData, &[Admin]),
        (Action::ManageKeys, &[Admin]),
        (
            Action::RecordCredentials,
            &[
                Admin, Producer, Importer, Logistics, Retailer, Platform, Lab, Insurer, Regulator,
            ],
        ),
        (
            Action::ReadCredentials,
            &[
                Admin, Producer, Importer, Logistics, Retailer, Platform, Lab, Insurer, Regulator,
                Auditor,
            ],
        ),
        (Action::IssueCodes, &[Producer, Importer]),
        (
            Action::Capture,
            &[Producer, Importer, Logistics, Retailer, Platform, Lab],
        ),
        (
            Action::ReadEvents,
            &[
                Producer, Importer, Logistics, Retailer, Platform, Lab, Insurer, Regulator,
            ],
        ),
        (Action::Trace, &[Producer, Importer, Regulator]),
        (Action::ConductRecall, &[Producer, Importer, Regulator]),
        (
            Action::ReadRecalls,
            &[
                Producer, Importer, Logistics, Retailer, Platform, Insurer, Regulator,
            ],
        ),
        (
            Action::AnswerRecall,
            &[Producer, Importer, Logistics, Retailer, Platform],
        ),
        (Action::Inspect, &[Admin, Regulator, Auditor]),
        (
            Action::CheckQuality,
            &[
                Admin, Producer, Importer, Logistics, Retailer, Platform, Lab, Regulator, Auditor,
            ],
        ),
        (
            Action::ReadDeadLetters,
            &[
                Admin, Producer, Importer, Logistics, Retailer, Platform, Lab,
            ],
        ),
        // Those who may read recalls.
        (
            Action::RegisterWebhooks,
            &[
                Producer, Importer, Logistics, Retailer, Platform, Insurer, Regulator,
            ],
        ),
        (
            Action::ManageWebhooks,
            &[
                Admin, Producer, Importer, Logistics, Retailer, Platform, Insurer, Regulator,
            ],
        ),
    ]
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody we know: a consumer.
    Anyone,
    /// The operator at the command line of this machine, recording for `org` if named.
    Operator {
        /// The operating-system user.
        user: String,
        /// The organisation of `--as`.
        org: Option<String>,
    },
    /// The bearer of an API key.
    Key {
        /// The key's id.
        id: String,
        /// The organisation it belongs to.
        org: String,
        /// The role it was made for.
        role: Role,
        /// The organisation's region, for regulators.
        region: Option<String>,
    },
}

impl Caller {
    /// How the caller stands in the ledger: `cli:<user>`, `key:<id>`.
    pub fn name(&self) -> String {
        match self {
            Self::Anyone => "anyone".to_owned(),
            Self::Operator { user, .. } => format!("cli:{user}"),
            Self::Key { id, .. } => format!("key:{id}"),
        }
    }

    /// The organisation the caller acts for.
    pub fn org(&self) -> Option<&str> {
        match self {
            Self::Anyone => None,
            Self::Operator { org, .. } => org.as_deref(),
            Self::Key { org, .. } => Some(org),
        }
    }
}

/// Why a caller may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody is logged in.
    #[error("this needs an API key: Authorization: Bearer …")]
    NoKey,
    /// The role may not.
    #[error("the role {role} may not {action}")]
    WrongRole {
        /// The caller's role.
        role: Role,
        /// What was asked.
        action: Action,
    },
}

/// Whether the caller may do this at all; what of it he may see is decided where it is read.
pub fn may(caller: &Caller, action: Action) -> Result<(), Refusal> {
    match caller {
        Caller::Anyone => Err(Refusal::NoKey),
        Caller::Operator { .. } => Ok(()),
        Caller::Key { role, .. } => {
            let allowed = policy()
                .iter()
                .any(|(known, roles)| *known == action && roles.contains(role));
            if allowed {
                Ok(())
            } else {
                Err(Refusal::WrongRole {
                    role: *role,
                    action,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Caller, Refusal, Role, may, policy};

    fn bearer(role: Role) -> Caller {
        Caller::Key {
            id: "k".into(),
            org: "o".into(),
            role,
            region: None,
        }
    }

    #[test]
    fn a_role_reads_back_from_its_name() {
        for role in Role::all() {
            assert_eq!(role.as_str().parse::<Role>(), Ok(role));
        }
        assert!("boss".parse::<Role>().is_err());
    }

    #[test]
    fn nobody_without_a_key_may_anything_in_the_table() {
        for (action, _) in policy() {
            assert_eq!(may(&Caller::Anyone, *action), Err(Refusal::NoKey));
        }
    }

    #[test]
    fn a_retailer_records_and_answers_but_neither_traces_nor_recalls() {
        let retailer = bearer(Role::Retailer);
        assert!(may(&retailer, Action::Capture).is_ok());
        assert!(may(&retailer, Action::AnswerRecall).is_ok());
        for action in [
            Action::Trace,
            Action::ConductRecall,
            Action::ManageKeys,
            Action::IssueCodes,
        ] {
            assert_eq!(
                may(&retailer, action),
                Err(Refusal::WrongRole {
                    role: Role::Retailer,
                    action
                })
            );
        }
    }
}
