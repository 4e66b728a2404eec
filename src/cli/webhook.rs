//! `suyuan webhook register|list|show|delete|rotate|disable|enable|deliveries|resend`.

use clap::Subcommand;

use super::words::webhook as words;
use super::{Context, Exit, Outcome};
use crate::app::{self, App, NewTarget, Problem};
use crate::webhooks::{DELIVERY_STATES, DeliveryQuery, NewWebhook};

/// Where notices of recalls are sent.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Have an organisation's notices sent to an address; the secret they are signed with is shown once.
    Register {
        /// An https: address of the public internet, or of a network that webhooks.allow names.
        url: String,
        /// Whose webhook it is: what that organisation may read is sent.
        #[arg(long = "as", value_name = "ORG")]
        org: String,
        /// Only notices of this kind, such as recall-task; can be given more than once.
        #[arg(long = "kind", value_name = "KIND")]
        kinds: Vec<String>,
    },
    /// List webhooks, newest first.
    List {
        /// Only those of this organisation.
        #[arg(long = "as", value_name = "ORG")]
        org: Option<String>,
    },
    /// Show a webhook.
    Show {
        /// The webhook's id.
        id: String,
    },
    /// Delete a webhook, and what waits for it.
    Delete {
        /// The webhook's id.
        id: String,
    },
    /// Make a new secret, shown once; the one before signs too for a while.
    Rotate {
        /// The webhook's id.
        id: String,
        /// How many hours the secret before it signs too; 0 ends it at once.
        #[arg(long, value_name = "HOURS", default_value_t = 24)]
        overlap: i64,
    },
    /// Stop sending; what comes meanwhile waits.
    Disable {
        /// The webhook's id.
        id: String,
    },
    /// Send again, and first what waited.
    Enable {
        /// The webhook's id.
        id: String,
    },
    /// List what was or is to be sent, newest first.
    Deliveries {
        /// The webhook's id.
        id: String,
        /// Only those in this state.
        #[arg(long, value_name = "STATE", value_parser = DELIVERY_STATES)]
        state: Option<String>,
        /// At most so many.
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        /// Only those before the one of this notice.
        #[arg(long, value_name = "NOTICE")]
        after: Option<String>,
    },
    /// Send a notice again, with the same id.
    Resend {
        /// The webhook's id.
        id: String,
        /// The notice's id.
        notice: String,
    },
}

pub(super) fn run(context: &Context, args: Args) -> Outcome {
    let app = context.app()?;
    let anybody = Context::operator(None);
    match args.command {
        Command::Register { url, org, kinds } => {
            let caller = Context::acting_for(&app, &org)?;
            let target = NewTarget {
                url: &url,
                kinds: &kinds,
            };
            told_once(context, &app::register_webhook(&app, &caller, target)?)?;
        }
        Command::List { org } => {
            let caller = Context::operator(org.as_deref());
            for webhook in app::list_webhooks(&app, &caller)? {
                context.print(&webhook, || words::webhook(&webhook, context.lang()))?;
            }
        }
        Command::Show { id } => {
            let webhook = app::show_webhook(&app, &anybody, &id)?;
            context.print(&webhook, || words::webhook(&webhook, context.lang()))?;
        }
        Command::Delete { id } => {
            let webhook = app::delete_webhook(&app, &anybody, &id)?;
            context.print(&webhook, || words::deleted(&webhook, context.lang()))?;
        }
        Command::Rotate { id, overlap } => {
            told_once(context, &app::rotate_webhook(&app, &anybody, &id, overlap)?)?;
        }
        Command::Disable { id } => {
            let webhook = app::disable_webhook(&app, &anybody, &id)?;
            context.print(&webhook, || words::webhook(&webhook, context.lang()))?;
        }
        Command::Enable { id } => {
            let webhook = app::enable_webhook(&app, &anybody, &id)?;
            context.print(&webhook, || words::webhook(&webhook, context.lang()))?;
        }
        Command::Deliveries {
            id,
            state,
            limit,
            after,
        } => {
            let query = DeliveryQuery {
                state: state.as_deref(),
                after: after.as_deref(),
                rows: limit.into(),
            };
            list_deliveries(context, &app, &id, query)?;
        }
        Command::Resend { id, notice } => {
            let delivery = app::resend_notice(&app, &anybody, &id, &notice)?;
            context.print(&delivery, || words::delivery(&delivery, context.lang()))?;
        }
    }
    Ok(Exit::Done)
}

fn list_deliveries(
    context: &Context,
    app: &App,
    id: &str,
    query: DeliveryQuery<'_>,
) -> Result<(), Problem> {
    for delivery in app::webhook_deliveries(app, &Context::operator(None), id, query)? {
        context.print(&delivery, || words::delivery(&delivery, context.lang()))?;
    }
    Ok(())
}

fn told_once(context: &Context, made: &NewWebhook) -> Result<(), Problem> {
    context.print(made, || made.secret.reveal())?;
    if !context.json() {
        context.say(&words::with_secret(&made.webhook, context.lang()));
    }
    Ok(())
}
