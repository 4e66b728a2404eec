//! GS1 identifiers: what a code on a product, a pallet or a place says, in whichever of its spellings.
//!
//! [`Identifier::parse`] reads anything an event or a person may hand in; [`Key`] is a GS1 key known to
//! be right, and [`Key::canonical`] the one spelling by which two identifiers are compared. It follows the
//! GS1 General Specifications, GS1 Digital Link (URI syntax 1.6) and the EPC Tag Data Standard. It knows
//! no company prefixes: how long one is must be handed in where a URN is to be written.
//!
//! ```
//! use suyuan::gs1::{Identifier, Level};
//!
//! let parsed = Identifier::parse("(01)09521234543213(17)271231(10)L-7")?;
//! assert_eq!(parsed.identifier.level(), Some(Level::Lot));
//! assert_eq!(parsed.identifier.canonical(), "https://id.gs1.org/01/09521234543213/10/L-7");
//! # Ok::<(), suyuan::gs1::Fault>(())
//! ```

mod ai;
mod ai_part;
mod ai_rule;
mod ai_table;
mod charset;
mod check;
mod element;
mod fault;
mod hash_form;
mod identifier;
mod identity;
mod key;
mod link;
mod path;
mod percent;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod refusals;
mod uri;
mod urn;
mod urn_scheme;
mod value;

pub use ai::Ai;
pub use check::{check_digit, check_pair};
pub use fault::Fault;
pub use hash_form::hash_form;
pub use identifier::{Identifier, Parsed};
pub use identity::{CANONICAL_HOST, Level, seat_of};
pub use key::Key;
pub use link::Link;
pub use uri::IDENTIFIER_MAX_BYTES;
pub use value::{Gln, Gtin, Lot, Serial, Sscc};
