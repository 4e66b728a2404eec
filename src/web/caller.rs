//! The caller as a handler's argument: put there by the guard, never read from the request again.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::problem::Refused;
use crate::app::{Code, Problem};
use crate::epcis::Timestamp;
use crate::ledger::Giver;
use crate::parties::Caller;

/// Who calls, with the organisation behind the key.
#[derive(Debug, Clone)]
pub(super) struct Who {
    /// The caller, who may do what the route does.
    pub(super) caller: Caller,
    /// The organisation the caller acts for.
    pub(super) org: String,
}

impl Who {
    /// The caller as the giver of an order.
    pub(super) fn giver(&self, at: Timestamp) -> Giver {
        Giver {
            by: self.caller.name(),
            on_behalf_of: Some(self.org.clone()),
            at,
        }
    }
}

impl FromRequest for Who {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = request.extensions().get::<Caller>().cloned();
        ready(match caller {
            Some(caller) => match caller.org().map(str::to_owned) {
                Some(org) => Ok(Self { caller, org }),
                None => Err(Problem::new(Code::Unauthenticated, "an API key is needed").into()),
            },
            None => Err(Problem::new(Code::Internal, "no guard stood before this").into()),
        })
    }
}
