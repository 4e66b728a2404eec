//! `suyuan openapi`: the document that is kept in `schemas/openapi.json`.

use std::io::Write as _;

use super::{Exit, Outcome};
use crate::app::{Code, Problem};
use crate::web;

pub(super) fn run() -> Outcome {
    let text = web::openapi().map_err(|error| {
        Problem::new(Code::Internal, "the document cannot be written as JSON").because(error)
    })?;
    std::io::stdout()
        .lock()
        .write_all(text.as_bytes())
        .map_err(|error| {
            Problem::new(Code::Internal, "standard output cannot be written").because(error)
        })?;
    Ok(Exit::Done)
}
