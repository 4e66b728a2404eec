//! API keys: make, list, revoke.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::{Code, Fault, Problem};
use crate::epcis::Timestamp;
use crate::parties::{self, KeyView, Role};
use crate::web::body::Body;
use crate::web::caller::Who;
use crate::web::problem::Answer;
use crate::web::state::State;

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct KeyRequest {
    /// The organisation it belongs to.
    org: String,
    /// What its bearer may do: a role's name.
    role: String,
    /// When it ends (RFC 3339); never without it.
    expires_at: Option<String>,
}

/// A new key. Its text is told this once.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct NewKey {
    id: String,
    org: String,
    role: String,
    /// The key itself, for `Authorization: Bearer …`.
    key: String,
    expires_at: Option<String>,
}

/// A key without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Key {
    id: String,
    org: String,
    role: String,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
}

impl From<KeyView> for Key {
    fn from(key: KeyView) -> Self {
        Self {
            id: key.id,
            org: key.org,
            role: key.role,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// `POST /api/v1/keys`
pub(in crate::web) async fn create(state: web::Data<State>, who: Who, body: Body) -> Answer {
    let wanted: KeyRequest = body.json()?;
    let role: Role = wanted
        .role
        .parse()
        .map_err(|error: <Role as std::str::FromStr>::Err| wrong("/role", &error.to_string()))?;
    let expires_at = match &wanted.expires_at {
        None => None,
        Some(text) => Some(
            text.parse::<Timestamp>()
                .map_err(|error| wrong("/expires_at", &error.to_string()))?,
        ),
    };
    let key = state
        .run(move |app| {
            let now = app.clock.now();
            if expires_at.is_some_and(|end| end <= now) {
                return Err(wrong("/expires_at", "this lies in the past"));
            }
            let giver = who.giver(now);
            Ok(app.db.write(|conn| {
                parties::create_key(conn, &app.ledger, &giver, &wanted.org, role, expires_at)
            })?)
        })
        .await?;
    Ok(HttpResponse::Created().json(NewKey {
        key: key.key.reveal().to_owned(),
        id: key.id,
        org: key.org,
        role: key.role,
        expires_at: key.expires_at,
    }))
}

/// `GET /api/v1/keys`
pub(in crate::web) async fn list(state: web::Data<State>, _who: Who) -> Answer {
    let keys = state
        .run(|app| Ok(app.db.read(parties::list_keys)?))
        .await?;
    let keys: Vec<Key> = keys.into_iter().map(Key::from).collect();
    Ok(HttpResponse::Ok().json(keys))
}

/// `DELETE /api/v1/keys/{id}`: ends a key at once; again, it changes nothing.
pub(in crate::web) async fn revoke(
    state: web::Data<State>,
    who: Who,
    id: web::Path<String>,
) -> Answer {
    let id = id.into_inner();
    let key = state
        .run(move |app| {
            let giver = who.giver(app.clock.now());
            Ok(app
                .db
                .write(|conn| parties::revoke_key(conn, &app.ledger, &giver, &id))?)
        })
        .await?;
    Ok(HttpResponse::Ok().json(Key::from(key)))
}

fn wrong(pointer: &str, detail: &str) -> Problem {
    let fault = Fault {
        pointer: pointer.to_owned(),
        detail: detail.to_owned(),
        ..Fault::default()
    };
    Problem::new(Code::InvalidBody, detail).with_errors(vec![fault])
}
