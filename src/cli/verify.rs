//! `suyuan verify` and `suyuan rebuild`.

use super::{Context, Exit, Outcome};
use crate::app::{self, Problem, VerifyOptions};
use crate::ledger::{self, ShardName};

/// Derive everything again and name each row that differs.
#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {
    /// One shard only (topic/partition): its leaves, chain and payloads.
    #[arg(long, value_name = "SHARD")]
    shard: Option<ShardName>,
    /// From this leaf on.
    #[arg(long, value_name = "SEQ", requires = "shard", default_value_t = 0)]
    from: i64,
}

/// Make every projection anew from the ledger.
#[derive(Debug, clap::Args)]
pub(super) struct RebuildArgs {
    /// Change nothing; exit 1 when a projection differs from what the ledger makes.
    #[arg(long)]
    check: bool,
}

pub(super) fn verify(context: &mut Context, args: VerifyArgs) -> Outcome {
    let app = context.app()?;
    let leaves = app.db.read(ledger::position).map_err(Problem::from)?;
    let total: i64 = leaves.0.values().sum();
    let bar = context.progress(Some(total.unsigned_abs() * 2), "leaves");
    bar.set_message("verifying");
    let options = VerifyOptions {
        shard: args.shard,
        from: args.from,
    };
    let report = app
        .db
        .read(|conn| app::verify(&app, conn, &options, &mut |n| bar.inc(n.unsigned_abs())))?;
    bar.finish_and_clear();
    context.print(&report, || {
        let mut lines: Vec<String> = report
            .shards
            .iter()
            .map(|shard| {
                format!(
                    "{}  {} leaves  chain {}",
                    shard.shard, shard.size, shard.chain_hash
                )
            })
            .collect();
        lines.push(match (report.bad.len(), &options.shard) {
            (0, None) => format!(
                "ok: {} leaves, every projection as the ledger makes it",
                report.entries
            ),
            (0, Some(shard)) => format!("ok: {} leaves of {shard} alone", report.entries),
            (1, _) => "NOT ok: 1 row differs".to_owned(),
            (n, _) => format!("NOT ok: {n} rows differ"),
        });
        lines.join("\n")
    })?;
    for bad in &report.bad {
        let key: Vec<String> = bad
            .key
            .iter()
            .map(|(column, value)| format!("{column}={value}"))
            .collect();
        let column = bad
            .column
            .as_deref()
            .map(|column| format!(".{column}"))
            .unwrap_or_default();
        eprintln!(
            "{}{column} [{}]: expected {}, found {}",
            bad.table,
            key.join(" "),
            bad.expected,
            bad.found
        );
    }
    Ok(if report.ok { Exit::Done } else { Exit::Finding })
}

pub(super) fn rebuild(context: &mut Context, args: &RebuildArgs) -> Outcome {
    let app = context.app()?;
    let leaves = app.db.read(ledger::position).map_err(Problem::from)?;
    let bar = context.progress(
        Some(leaves.0.values().sum::<i64>().unsigned_abs()),
        "leaves",
    );
    bar.set_message("replaying");
    let mut progress = |n: i64| bar.inc(n.unsigned_abs());
    let report = if args.check {
        app.db
            .read(|conn| app::check_rebuild(&app, conn, &mut progress))?
    } else {
        app.db
            .write(|conn| app::rebuild(&app, conn, &mut progress))?
    };
    bar.finish_and_clear();
    context.print(&report, || {
        let names = report.tables.iter().map(|table| table.table.len());
        let width = names.max().unwrap_or_default();
        let mut lines: Vec<String> = report
            .tables
            .iter()
            .map(|table| {
                let sign = if table.digest_before == table.digest_after {
                    "="
                } else {
                    "DIFFERS"
                };
                format!(
                    "{:<width$} {:>10} rows  {}  {sign}",
                    table.table, table.rows, table.digest_after
                )
            })
            .collect();
        let outcome = match (report.equal, args.check) {
            (true, _) => "equal",
            (false, true) => "NOT equal",
            (false, false) => "were NOT equal; every table is now as the ledger makes it",
        };
        lines.push(outcome.to_owned());
        lines.join("\n")
    })?;
    Ok(if report.equal {
        Exit::Done
    } else {
        Exit::Finding
    })
}
