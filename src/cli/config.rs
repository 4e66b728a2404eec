//! `suyuan config`.

use super::{Context, Exit, Outcome};
use crate::app::{Code, Problem, masked};

pub(super) fn run(context: &mut Context) -> Outcome {
    let shown = masked(&context.config)?;
    let text = toml::to_string(&shown).map_err(|error| {
        Problem::new(Code::Internal, "the configuration cannot be written").because(error)
    })?;
    context.print(&shown, || text)?;
    Ok(Exit::Done)
}
