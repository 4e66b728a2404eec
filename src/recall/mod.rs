//! Recalls: what is affected, frozen with its reasons; who has to answer; and the case, driven until it is
//! closed.
//!
//! [`assess()`] evaluates a [`Request`] at one position of the ledger; [`open`] records the assessment as an
//! order and freezes it; [`act`] moves the case along the table in [`State`]. A scope grows by versions:
//! [`prepare`] evaluates the frozen definition again and compares, [`extend()`] freezes that as the next version,
//! [`release`] approves what a version proposes to remove. [`apply`] makes the same rows from the orders
//! alone: every version is evaluated again at its own position and must come out equal.

mod amounts;
mod assess;
mod covers;
mod csv;
mod csv_diff;
mod diff;
mod difference;
mod digest;
mod error;
mod evidence;
mod extend;
mod frozen;
mod orders;
mod pack;
mod request;
mod scope;
mod state;
mod store;
mod store_scopes;
mod store_versions;
mod summary;
mod tasks;
mod units;
mod verbs;
mod versions;
mod view;
mod view_versions;

pub use assess::{Assessment, assess};
pub use covers::{Affected, Covering, covering};
pub use csv::{CSV_COLUMNS, UnitTable};
pub use csv_diff::{DIFF_COLUMNS, DiffTable};
pub use diff::{DiffLine, Label};
pub use difference::{Change, Changes, Difference, HolderChange, Reasons, Why};
pub use error::Error;
pub use extend::{Extension, prepare};
pub use orders::{ORDERS, apply};
pub use request::{Definition, PlaceWindow, Request, RequestedPlace};
pub use scope::{Cell, Group, LotPart, Scope, ScopeBlock, ScopeLot};
pub use state::{Action, Illegal, State, TaskState};
pub use store::clear;
pub use summary::{CertaintyCounts, Due, HolderRow, PlaceRow, Summary};
pub use units::{Cursor, UnitLine, UnitPage, UnitQuery, units};
pub use verbs::{Act, Answer, act, check_own, open};
pub use versions::{check_extend, check_news, extend, release};
pub use view::{MoveView, Moved, RecallLine, RecallView, TaskView, list, show};
pub use view_versions::{
    DiffCursor, DiffPage, DiffQuery, DiffView, ExtensionView, ReleaseView, RemovalView,
    VersionLine, Watch, diff, difference, recorded_since, versions,
};
