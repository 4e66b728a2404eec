//! `suyuan qr LINK|EPC`.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Serialize;

use super::output::{write_file, write_stdout};
use super::{Context, Exit, Outcome};
use crate::app::{Code, Problem};
use crate::codes::PublicUrl;
use crate::codes::qr::{EcLevel, PNG_SCALE, Qr, Terminal};

/// Draw the QR symbol of a link, or of the link that is printed for an identifier.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A link, drawn as it is; or an identifier: EPC URN, element string, canonical Digital Link.
    #[arg(value_name = "LINK|EPC")]
    text: String,
    /// The picture (default: by the file's ending, .svg, .png or .txt; else for a terminal).
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The file to write.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Svg,
    Png,
    Term,
}

#[derive(Serialize)]
struct Report {
    version: u8,
    ec_level: char,
    modules: usize,
}

pub(super) fn run(context: &mut Context, args: &Args) -> Outcome {
    let public_url = PublicUrl::parse(&context.config.http.public_url)
        .map_err(|error| Problem::new(Code::Configuration, format!("http.{error}")))?;
    let link = public_url.printed(&args.text).map_err(|fault| {
        Problem::new(Code::InvalidIdentifier, format!("{}: {fault}", args.text))
    })?;
    let qr = Qr::of(&link, EcLevel::M)?;
    let format = match args.format {
        Some(format) => format,
        None => named(args.output.as_deref())?,
    };
    let to_terminal = args.output.is_none() && io::stdout().is_terminal();
    let picture = match format {
        Format::Svg => qr.to_svg().into_bytes(),
        Format::Png => qr.to_png(PNG_SCALE)?,
        Format::Term if to_terminal => qr.to_terminal(Terminal::Coloured).into_bytes(),
        Format::Term => qr.to_terminal(Terminal::Plain).into_bytes(),
    };
    if let Some(path) = &args.output {
        write_file(path, &picture)?;
    } else if !context.json() {
        write_stdout(&picture)?;
        context.say(&link);
        return Ok(Exit::Done);
    }
    let report = Report {
        version: qr.version(),
        ec_level: qr.ec_level().letter(),
        modules: qr.modules(),
    };
    context.print(&report, || {
        format!(
            "{link}: version {}-{}, {} modules",
            report.version, report.ec_level, report.modules
        )
    })?;
    Ok(Exit::Done)
}

/// The format that the ending of the file's name stands for; a terminal's without an ending.
fn named(output: Option<&Path>) -> Result<Format, Problem> {
    let Some(ending) = output.and_then(Path::extension) else {
        return Ok(Format::Term);
    };
    match ending.to_string_lossy().to_ascii_lowercase().as_str() {
        "svg" => Ok(Format::Svg),
        "png" => Ok(Format::Png),
        "txt" => Ok(Format::Term),
        other => Err(Problem::new(
            Code::InvalidParameter,
            format!(
                "-o: .{other} is none of .svg, .png, .txt; --format svg, png or term says which it is"
            ),
        )),
    }
}
