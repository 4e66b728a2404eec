//! Webhooks and deliveries as they are shown: never with a secret.

use serde::Serialize;
use utoipa::ToSchema;

use super::secret::Secret;

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub struct WebhookView {
    /// Its id.
    pub id: String,
    /// Whose it is: it is sent what that organisation may read.
    pub org: String,
    /// Where notices are sent.
    pub url: String,
    /// The kinds of notices that are sent; all, when none is named.
    pub kinds: Vec<String>,
    /// Whether notices are sent. While it is not, they wait.
    pub enabled: bool,
    /// When it was disabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<String>,
    /// Why it was disabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<String>,
    /// Until when the secret before this one signs too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_secret_until: Option<String>,
    /// When it was registered.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
}

/// A webhook with the secret that signs from now on: the only time it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NewWebhook)]
pub struct NewWebhook {
    /// The webhook.
    #[serde(flatten)]
    pub webhook: WebhookView,
    /// The secret, `whsec_…`; receivers verify `webhook-signature` with it.
    #[schema(value_type = String)]
    #[serde(serialize_with = "revealed")]
    pub secret: Secret,
}

fn revealed<S: serde::Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&secret.reveal())
}

/// How the sending of a notice to a webhook goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub struct DeliveryView {
    /// The notice's id, as `webhook-id` tells it.
    pub notice: String,
    /// The kind of the notice.
    pub kind: String,
    /// The recall it is about.
    pub recall: String,
    /// `waiting`, `delivered`, or `failed`: given up.
    pub state: String,
    /// How often it was tried.
    pub attempts: i32,
    /// When the notice was made.
    pub created_at: String,
    /// When it was tried last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_attempt_at: Option<String>,
    /// While it waits: when it is tried next, unless an earlier notice of the same recall waits too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<String>,
    /// When it was delivered or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// What became of the last try, when it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}
