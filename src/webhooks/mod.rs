//! Webhooks: the second way a notice leaves. An organisation registers an address, and is sent the notices it may
//! read, signed as [Standard Webhooks](https://www.standardwebhooks.com) say.
//!
//! Registering and looking after them is [`manage`](self::register), what waits and how it went is
//! [`deliver`](self::enqueue): rows beside the outbox, written in the transaction of the order. What is sent
//! over the network is sent elsewhere; [`Rules`] say where to.

mod address;
mod deliver;
mod error;
mod manage;
mod outcome;
mod schedule;
mod seal;
mod secret;
mod store;
mod store_deliveries;
mod target;
mod view;

pub use address::{Networks, NotANetwork};
pub use deliver::{
    Backlog, Claimed, Parcel, Told, Tried, backlog, begin, claim, due, enqueue, give_back, note,
};
pub use error::Error;
pub use manage::{
    DELIVERY_STATES, Registration, deliveries, disable, enable, list, register, remove, resend,
    rotate, show,
};
pub use outcome::{Failure, Outcome};
pub use schedule::{ATTEMPTS_MAX, asked_for};
pub use seal::SealingKey;
pub use secret::{Secret, signatures};
pub use store_deliveries::DeliveryQuery;
pub use target::{Misaddressed, Rules, Target};
pub use view::{DeliveryView, NewWebhook, WebhookView};

use crate::parties::Role;

/// Whoever registers as this is told of every recall, as long as its organisation is one.
const SEES_ALL: Role = Role::Regulator;
