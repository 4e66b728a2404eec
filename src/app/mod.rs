//! What every entrance is given: configuration, keys, database, clock — and the two verbs over the whole,
//! `verify` and `rebuild`.

mod capture;
mod clock;
mod compare;
mod config;
mod error;
mod event;
mod keys;
mod open;
mod picture;
mod problem;
mod rebuild;
mod recall;
mod refusals;
mod replay;
mod scratch;
mod sight;
mod verify;

pub use capture::{Submission, capture_body, capture_local};
pub use clock::Clock;
pub use config::{
    ClientProperties, Config, Database, Http, Kafka, Keys, LedgerSection, Log, Setting, masked,
};
pub use error::Error;
pub use event::{EventVersion, event_versions};
pub use keys::KeyFolder;
pub use open::App;
pub use picture::{PictureOf, picture, recall_picture};
pub use problem::{Code, Fault, Problem, faults, json_fault};
pub use rebuild::{RebuildReport, TableReport, check_rebuild, rebuild};
pub use recall::{
    NewRecall, act_on_recall, each_recall_unit, list_recalls, open_recall, position, recall_units,
    show_recall, trace, where_is, who, write_recall_units,
};
pub use verify::{ShardState, VerifyOptions, VerifyReport, verify};
