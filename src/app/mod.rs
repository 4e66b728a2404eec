//! What every entrance is given: configuration, keys, database, clock — and the two verbs over the whole,
//! `verify` and `rebuild`.

mod beside;
mod capture;
mod clock;
mod compact;
mod compare;
mod config;
mod credentials;
mod error;
mod event;
mod group;
mod ingesting;
mod keys;
mod letters;
mod open;
mod picture;
mod problem;
mod quality;
mod rebuild;
mod recall;
mod recall_reasons;
mod recall_versions;
mod refusals;
mod replay;
mod scratch;
mod sight;
mod verify;
mod webhooks;

pub use beside::{beside, rest};
pub use capture::{Submission, capture_body, capture_local};
pub use clock::Clock;
pub use compact::{CompactReport, compact, compacting_beside};
pub use config::{
    ClientProperties, Config, Database, Http, Kafka, Keys, LedgerSection, Log, Setting, Unsigned,
    Webhooks, masked,
};
pub use credentials::{
    CredentialQuery, Moment, NewRevocation, import_credentials, import_people, list_credentials,
    list_people, revoke_credential, show_credential, show_person,
};
pub use error::Error;
pub use event::{EventVersion, event_versions};
pub use group::Group;
pub use ingesting::{Ingesting, Readiness};
pub use keys::KeyFolder;
pub use letters::{
    LetterList, Replay, ReplayOutcome, Replayed, each_letter, letter_body, list_letters,
    replay_letter, show_letters,
};
pub use open::App;
pub use picture::{PictureOf, picture, recall_picture};
pub use problem::{Code, Fault, Problem, faults, json_fault};
pub use quality::{each_finding, quality_report};
pub use rebuild::{RebuildReport, TableReport, check_rebuild, rebuild};
pub use recall::{
    NewRecall, act_on_recall, check_listing, each_recall_unit, list_recalls, open_recall, position,
    recall_units, show_recall, show_recall_at, trace, where_is, who, write_recall_lines,
    write_recall_units,
};
pub use recall_reasons::{
    Preview, common, each_recall_excluded, preview_recall, recall_excluded, why_recalled,
};
pub use recall_versions::{
    Check, NewVersion, check_recall, each_recall_diff, extend_recall, recall_diff,
    recall_difference, recall_versions, release_recall, write_recall_diff,
};
pub use verify::{ShardState, VerifyOptions, VerifyReport, verify};
pub use webhooks::{
    NewTarget, delete_webhook, disable_webhook, enable_webhook, list_webhooks, register_webhook,
    resend_notice, rotate_webhook, show_webhook, webhook_deliveries,
};
