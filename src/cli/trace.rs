//! `suyuan trace back|forward|where|who ID`.

use clap::Subcommand;

use super::credential::{brief, person_line};
use super::{Context, Exit, Outcome, picture};
use crate::app;
use crate::epcis::Timestamp;
use crate::trace::evaluate::{Direction, Window};
use crate::trace::{Common, ResponsibleView, Traced};

/// Traces.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything upstream, with the history of the thing itself and of its containers.
    Back(Way),
    /// Everything that can be affected downstream.
    Forward(Way),
    /// Where it is.
    Where {
        /// The identifier, in any form.
        id: String,
        /// At this time (RFC 3339); now unless given.
        #[arg(long)]
        at: Option<Timestamp>,
    },
    /// What several things have in common upstream: a hint at a cause, never a scope by itself.
    Common {
        /// The identifiers, in any form.
        #[arg(required = true, num_args = 2..)]
        ids: Vec<String>,
        /// Evaluate at this position: the object that `position` prints.
        #[arg(long, value_name = "JSON")]
        position: Option<String>,
    },
    /// Draw its chain as SVG, from left to right.
    Picture(picture::TraceArgs),
    /// Who had it, who owns it, who answers for what was done to it.
    Who {
        /// The identifier, in any form.
        id: String,
    },
}

#[derive(Debug, clap::Args)]
struct Way {
    /// The identifier, in any form.
    id: String,
    /// Nothing earlier counts (RFC 3339).
    #[arg(long)]
    from: Option<Timestamp>,
    /// Nothing later counts (RFC 3339).
    #[arg(long)]
    until: Option<Timestamp>,
    /// Evaluate at this position: the object that `position` prints.
    #[arg(long, value_name = "JSON")]
    position: Option<String>,
}

pub(super) fn run(context: &mut Context, args: Args) -> Outcome {
    match args.command {
        Command::Back(way) => run_way(context, Direction::Backward, &way),
        Command::Forward(way) => run_way(context, Direction::Forward, &way),
        Command::Where { id, at } => {
            let app = context.app()?;
            let at = at.unwrap_or_else(|| app.clock.now());
            let found = app::where_is(&app, &Context::operator(None), &id, at)?;
            context.print(&found, || {
                let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
                let mut text = found.id.clone();
                // A lot is where its parts are.
                if found.parts.is_empty() {
                    text.push_str(&format!(
                        "\n{} at {}, with {} ({})",
                        found.status.as_str(),
                        or(&found.place),
                        or(&found.holder),
                        found.certainty
                    ));
                }
                if let Some(owner) = found.owner.as_ref().filter(|_| found.parts.is_empty()) {
                    text.push_str(&format!("\nowned by {owner}"));
                }
                for container in &found.containers {
                    text.push_str(&format!("\ninside {container}"));
                }
                for part in &found.parts {
                    let held = &part.holding;
                    text.push_str(&format!(
                        "\n{}: {} at {}, with {}",
                        part.quantity,
                        held.status.as_str(),
                        or(&held.place),
                        held.holder
                    ));
                    if let Some(owner) = &held.owner {
                        text.push_str(&format!(", owned by {owner}"));
                    }
                }
                for other in &found.others {
                    let place = or(&other.place);
                    text.push_str(&format!("\nbut also: {} at {place}", other.status.as_str()));
                }
                text
            })?;
            Ok(Exit::Done)
        }
        Command::Common { ids, position } => {
            let app = context.app()?;
            let caller = Context::operator(None);
            let found = app::common(&app, &caller, &ids, position.as_deref())?;
            context.print(&found, || common_lines(&found))?;
            Ok(if found.candidates.is_empty() {
                Exit::Finding
            } else {
                Exit::Done
            })
        }
        Command::Picture(args) => picture::of_thing(context, &args),
        Command::Who { id } => {
            let app = context.app()?;
            let found = app::who(&app, &Context::operator(None), &id)?;
            context.print(&found, || {
                let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
                let (custody, owner) = (or(&found.custody), or(&found.owner));
                let mut text = format!("{}\ncustody {custody}\nowner {owner}", found.id);
                for answer in &found.responsible {
                    text.push_str(&responsible(answer));
                }
                text
            })?;
            Ok(Exit::Done)
        }
    }
}

fn common_lines(found: &Common) -> String {
    let mut text = format!(
        "{} things have {} things and places in common upstream",
        found.ids.len(),
        found.candidates.len()
    );
    for candidate in &found.candidates {
        let downstream = candidate.downstream_units.zip(candidate.downstream_lots);
        let downstream =
            downstream.map(|(units, lots)| format!("  {units} units and {lots} lots downstream"));
        text.push_str(&format!(
            "\n{:>4} of {}  {}  {}{}",
            candidate.covers,
            found.ids.len(),
            candidate.kind,
            candidate.id,
            downstream.unwrap_or_default()
        ));
    }
    text
}

/// Somebody's part in an event, with how it stood then.
fn responsible(answer: &ResponsibleView) -> String {
    let mut text = format!("\n{}  {}  {}", answer.role, answer.org, answer.event);
    if let Some(recorder) = &answer.recorded_by {
        text.push_str(&format!("  recorded by {recorder}"));
    }
    let standing = &answer.standing;
    for person in &standing.people {
        text.push_str(&format!("\n    {}", person_line(person)));
    }
    for credential in standing.licences.iter().chain(&standing.credentials) {
        text.push_str(&format!("\n    {}", brief(credential)));
    }
    for lapsed in &standing.lapsed {
        text.push_str(&format!("\n    {}", brief(&lapsed.credential)));
        if let Some(other) = &lapsed.replaced_by {
            text.push_str(&format!("  (valid: {other})"));
        }
    }
    text
}

fn run_way(context: &Context, direction: Direction, way: &Way) -> Outcome {
    let app = context.app()?;
    let window = Window {
        from: way.from,
        until: way.until,
    };
    let caller = Context::operator(None);
    let position = way.position.as_deref();
    let traced = app::trace(&app, &caller, direction, &way.id, window, position)?;
    context.print(&traced, || sentences(&traced))?;
    Ok(Exit::Done)
}

fn sentences(traced: &Traced) -> String {
    let mut text = format!(
        "{} from {}: {} things, {} events{}",
        traced.query.direction,
        traced.query.id,
        traced.nodes.len(),
        traced.events.len(),
        if traced.complete { "" } else { ", with gaps" }
    );
    for node in &traced.nodes {
        text.push_str(&format!("\n{}  {}  {}", node.kind, node.certainty, node.id));
    }
    for (number, event) in (1..).zip(&traced.events) {
        text.push_str(&format!("\n{number:>6}  {event}"));
    }
    for edge in &traced.dark_edges {
        let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
        let how_much = match (&edge.quantity, edge.count) {
            (Some(quantity), _) => quantity.to_string(),
            (None, Some(1) | None) => String::new(),
            (None, Some(count)) => format!("and {} more", count - 1),
        };
        let ask = if edge.ask.is_empty() {
            String::new()
        } else {
            format!("; ask {}", edge.ask.join(", "))
        };
        let line = format!("\ngap: {} {} {how_much}", edge.kind.as_str(), edge.id);
        text.push_str(line.trim_end());
        text.push_str(&format!(", {} → {}{ask}", or(&edge.from), or(&edge.to)));
    }
    text
}
