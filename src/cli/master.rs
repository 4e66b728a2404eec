//! `suyuan party|place|product|alias import FILE|-`.

use std::path::PathBuf;

use clap::Subcommand;

use super::context::read_input;
use super::{Context, Exit, Outcome};
use crate::app::{self, App, Problem};
use crate::codes;
use crate::db::Conn;
use crate::ledger::{Giver, Ledger};
use crate::parties::{self, Imported};

/// Organisations.
#[derive(Debug, clap::Args)]
pub(super) struct PartyArgs {
    #[command(subcommand)]
    command: PartyCommand,
}

#[derive(Debug, Subcommand)]
enum PartyCommand {
    /// Import a CSV table (UTF-8): id, name, `name_en`, role, `credit_code`, region, `gcp_length`, phone.
    Import(Table),
}

/// Places.
#[derive(Debug, clap::Args)]
pub(super) struct PlaceArgs {
    #[command(subcommand)]
    command: PlaceCommand,
}

#[derive(Debug, Subcommand)]
enum PlaceCommand {
    /// Import a CSV table (UTF-8): gln, name, `name_en`, org, region, lat, lon.
    Import(Table),
}

/// Products.
#[derive(Debug, clap::Args)]
pub(super) struct ProductArgs {
    #[command(subcommand)]
    command: ProductCommand,
}

#[derive(Debug, Subcommand)]
enum ProductCommand {
    /// Import a CSV table (UTF-8): gtin, name, `name_en`, org, brand, mode, category, standard.
    Import(Table),
}

/// Lots that are one under two names.
#[derive(Debug, clap::Args)]
pub(super) struct AliasArgs {
    #[command(subcommand)]
    command: AliasCommand,
}

#[derive(Debug, Subcommand)]
enum AliasCommand {
    /// Import a CSV table (UTF-8): id, `same_as`, org, valid (yes or no).
    Import(Table),
}

#[derive(Debug, clap::Args)]
pub(super) struct Table {
    /// The file, or - for standard input. Columns may come in any order.
    file: PathBuf,
    /// Check and count; change nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn party(context: &mut Context, args: PartyArgs) -> Outcome {
    let PartyCommand::Import(table) = args.command;
    import(context, &table, recorded(parties::import_organisations))
}

pub(super) fn place(context: &mut Context, args: PlaceArgs) -> Outcome {
    let PlaceCommand::Import(table) = args.command;
    import(context, &table, recorded(parties::import_places))
}

pub(super) fn product(context: &mut Context, args: ProductArgs) -> Outcome {
    let ProductCommand::Import(table) = args.command;
    import(context, &table, recorded(parties::import_products))
}

pub(super) fn alias(context: &mut Context, args: AliasArgs) -> Outcome {
    let AliasCommand::Import(table) = args.command;
    import(context, &table, recorded(codes::import_aliases))
}

type Import = fn(&mut Conn, &Ledger, &Giver, &[u8], bool) -> Result<Imported, parties::Error>;

/// An import as the local operator, in a transaction of its own.
fn recorded(import: Import) -> impl FnOnce(&App, &[u8], bool) -> Result<Imported, Problem> {
    move |app, csv, dry_run| {
        let giver = Context::giver(None, app.clock.now());
        let done = app
            .db
            .write(|conn| import(conn, &app.ledger, &giver, csv, dry_run))?;
        Ok(done)
    }
}

/// Imports a table, and tells what that did or what is wrong with it.
pub(super) fn import(
    context: &Context,
    table: &Table,
    import: impl FnOnce(&App, &[u8], bool) -> Result<Imported, Problem>,
) -> Outcome {
    let csv = read_input(&table.file)?;
    let app = context.app()?;
    let done = import(&app, &csv, table.dry_run)?;
    context.print(&done, || {
        if done.refused.is_empty() {
            let would = if table.dry_run { "would be " } else { "" };
            format!(
                "{} {would}created, {} updated, {} unchanged",
                done.created, done.updated, done.unchanged
            )
        } else {
            format!("nothing imported: {}", app::faults(done.refused.len()))
        }
    })?;
    for fault in &done.refused {
        eprintln!(
            "{}:{}: {}: {}",
            table.file.display(),
            fault.line,
            fault.field,
            fault.detail
        );
    }
    Ok(if done.refused.is_empty() {
        Exit::Done
    } else {
        Exit::Refused
    })
}
