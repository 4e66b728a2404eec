//! The documents: what they show works, and what they name exists.

mod names;
mod settings;
mod tour;
