//! Recalls: what is affected, frozen with its reasons; who has to answer; and the case, driven until it is
//! closed.
//!
//! [`assess()`] evaluates a [`Request`] at one position of the ledger; [`open`] records the assessment as an
//! order and freezes it; [`act`] moves the case along the table in [`State`]. [`apply`] makes the same rows
//! from the orders alone: a scope is evaluated again at its own position and must come out equal.

mod assess;
mod covers;
mod csv;
mod digest;
mod error;
mod orders;
mod pack;
mod picture;
mod request;
mod scope;
mod state;
mod store;
mod summary;
mod units;
mod verbs;
mod view;

pub use assess::{Assessment, assess};
pub use covers::{Affected, Covering, covering};
pub use csv::{CSV_COLUMNS, UnitTable};
pub use error::Error;
pub use orders::{ORDERS, apply};
pub use picture::{picture, scope_things};
pub use request::{Definition, PlaceWindow, Request, RequestedPlace};
pub use scope::{Cell, Group, LotPart, Scope, ScopeBlock, ScopeLot};
pub use state::{Action, Illegal, State, TaskState};
pub use store::clear;
pub use summary::{CertaintyCounts, Due, HolderRow, PlaceRow, Summary};
pub use units::{Cursor, UnitLine, UnitPage, UnitQuery, units};
pub use verbs::{Act, Answer, act, check_own, open};
pub use view::{MoveView, Moved, RecallLine, RecallView, TaskView, list, show};
