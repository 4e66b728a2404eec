//! The trace index and what is asked of it.

mod along;
mod answer;
mod births;
mod dark;
mod error;
pub mod evaluate;
mod holding;
pub mod log;
pub mod picture;
mod position;
pub mod project;
pub mod quality;
mod record;
mod shares;
mod source;
pub mod store;
mod subject;

pub use along::{Along, Goes, Whither, along, along_of};
pub use answer::{
    Asked, Candidate, Common, HopView, Node, PartView, Quantity, ResponsibleView, Traced, Where,
    WhoView, common, involved, trace, where_is, who,
};
pub(crate) use answer::{by_lot, certainty_word, event_ids};
pub use births::Births;
pub use dark::{DarkEdge, DarkKind, Evidence, dark_edges, history_blocks};
pub use error::{Error, Until};
pub use holding::{Fate, Holding, Holdings, NOBODY, Names, named_blocks, site};
pub use position::{Mark, NamedPosition};
pub use record::{Alias, Flow, LotMove, LotRole, LotUnits, Op, Record, begins_nowhere};
pub use shares::{Reached, Share, Shares, account_blocks, shares};
pub use source::{EventKey, MemorySource, Source, Strays};
pub use store::{add_lot_units, record, seen_blocks, void};
pub use subject::{
    NamedUnit, Subject, Wanted, identifier, named_units, place_blocks, place_identifier,
    seen_units, subject,
};
