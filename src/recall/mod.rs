//! Recalls: what is affected, frozen with its reasons; who has to answer; and the case, driven until it is
//! closed.
//!
//! [`assess()`] evaluates a [`Request`] at one position of the ledger; [`open`] records the assessment as an
//! order and freezes it; [`act`] moves the case along the table in [`State`]. A scope grows by versions:
//! [`prepare`] evaluates the frozen definition again and compares, [`extend()`] freezes that as the next version,
//! [`release`] approves what a version proposes to remove. [`apply`] makes the same rows from the orders
//! alone: every version is evaluated again at its own position and must come out equal.

mod amounts;
mod asked;
mod assess;
mod assumed;
mod attributes;
mod costs;
mod covers;
mod csv;
mod csv_diff;
mod definition;
mod diff;
mod difference;
mod digest;
mod error;
mod evidence;
mod excluded;
mod extend;
mod frozen;
mod gaps;
mod groups;
mod instant;
mod kept_why;
mod member;
mod named;
mod natural;
mod notice;
mod orders;
mod pack;
mod picture;
mod policies;
mod ranges;
mod request;
mod saying;
mod scope;
mod seeds;
mod state;
mod store;
mod store_excluded;
mod store_outbox;
mod store_scopes;
mod store_versions;
mod strict;
mod summary;
mod tasks;
mod units;
mod verbs;
mod versions;
mod view;
mod view_versions;
mod why;
mod witness;
mod words;
mod words_steps;

pub use assess::{Assessment, assess};
pub use assumed::{AssumedPart, AssumedView, Ruling};
pub use attributes::UntoldAttribute;
pub use costs::{QuantityCost, RuleCost, costs};
pub use covers::{Affected, Covering, covering};
pub use csv::{CSV_COLUMNS, UnitTable};
pub use csv_diff::{DIFF_COLUMNS, DiffTable};
pub use definition::{
    AttributeMatch, ContainerWindow, Definition, PlaceWindow, ProductWindow, Span, UnitRange,
};
pub use diff::{DiffLine, Label};
pub use difference::{Change, Changes, Difference, HolderChange, Reasons, Why};
pub use error::Error;
pub use excluded::{ExcludedCursor, ExcludedLine, ExcludedPage, excluded};
pub use extend::{Extension, prepare};
pub use gaps::GapChanges;
pub use instant::{Then, then};
pub use member::member_at;
pub use notice::{KINDS, Notice};
pub use orders::{ORDERS, apply};
pub use picture::{picture, scope_things};
pub use policies::{
    ContactPolicy, MixingPolicy, Policies, RequestedContact, RequestedKillStep, RequestedPolicies,
    RequestedVessel,
};
pub use ranges::UnnamedCodes;
pub use request::{
    Request, RequestedAttribute, RequestedContainer, RequestedPlace, RequestedProduct,
    RequestedRange,
};
pub use saying::Step;
pub use scope::{Cell, Group, LotPart, Scope, ScopeBlock, ScopeLot};
pub use state::{Action, Illegal, State, TaskState};
pub use store::clear;
pub use store_outbox::{Waiting, mark_sent, unsent, waiting};
pub use strict::{Object, object, objects};
pub use summary::{CertaintyCounts, Due, HolderRow, OwnerRow, PlaceRow, Summary};
pub use units::{Cursor, UnitLine, UnitPage, UnitQuery, answer_text, check_holder, units};
pub use verbs::{Act, Answer, act, check_own, open};
pub use versions::{check_extend, check_news, extend, release};
pub use view::{MoveView, Moved, RecallLine, RecallView, RulingView, TaskView, list, show};
pub use view_versions::{
    DiffCursor, DiffPage, DiffQuery, DiffView, ExtensionView, ReleaseView, RemovalView, Since,
    VersionLine, Watch, diff, difference, recorded_since, versions,
};
pub use why::{Explanation, WhyPlace, why};
pub use words::Language;
pub(crate) use words::class;
