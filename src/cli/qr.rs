//! `suyuan qr LINK|EPC`.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Serialize;

use super::output::{write_file, write_stdout};
use super::{Context, Exit, Outcome};
use crate::app::{Code, Problem};
use crate::codes::PublicUrl;
use crate::codes::qr::{EcLevel, Qr, QrError, Terminal};
use crate::gs1::{CANONICAL_HOST, Identifier};

/// Pixels a module of a PNG: a label's symbol is 300 pixels wide.
const PNG_SCALE: u32 = 8;

/// Draw the QR symbol of a link, or of the link that is printed for an identifier.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A link, drawn as it is; or an identifier: EPC URN, element string, canonical Digital Link.
    #[arg(value_name = "LINK|EPC")]
    text: String,
    /// The picture (default: by the name of the file, else for a terminal).
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
    let link = printed(&args.text, &public_url)?;
    let qr = Qr::of(&link, EcLevel::M).map_err(refused)?;
    let format = args.format.unwrap_or_else(|| named(args.output.as_deref()));
    let to_terminal = args.output.is_none() && io::stdout().is_terminal();
    let picture = match format {
        Format::Svg => qr.to_svg().into_bytes(),
        Format::Png => qr.to_png(PNG_SCALE).map_err(refused)?,
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

/// What the symbol holds: of a key the link we print, of any other link or URI itself. A link on
/// another host is somebody's choice and stays.
fn printed(text: &str, public_url: &PublicUrl) -> Result<String, Problem> {
    let parsed = Identifier::parse(text)
        .map_err(|fault| Problem::new(Code::InvalidIdentifier, format!("{text}: {fault}")))?;
    match parsed.identifier {
        Identifier::Gs1(key) if is_ours(text, public_url) => Ok(public_url.link(&key)),
        Identifier::Gs1(_) | Identifier::Private(_) => Ok(text.to_owned()),
    }
}

/// Whether a key in this spelling is printed with our own address: it names no web address, or the one
/// of identifiers as such, or ours.
fn is_ours(text: &str, public_url: &PublicUrl) -> bool {
    let lower = text.to_ascii_lowercase();
    let Some((scheme, rest)) = lower.split_once("://") else {
        return true;
    };
    let below = |address: &str| {
        rest.strip_prefix(address)
            .is_some_and(|path| path.starts_with('/'))
    };
    let ours = public_url.as_str().to_ascii_lowercase();
    let our_address = ours.split_once("://").map_or("", |(_, address)| address);
    !matches!(scheme, "http" | "https") || below(CANONICAL_HOST) || below(our_address)
}

fn named(output: Option<&Path>) -> Format {
    let ending = output.and_then(Path::extension);
    if ending.is_some_and(|ending| ending.eq_ignore_ascii_case("svg")) {
        Format::Svg
    } else if ending.is_some_and(|ending| ending.eq_ignore_ascii_case("png")) {
        Format::Png
    } else {
        Format::Term
    }
}

fn refused(error: QrError) -> Problem {
    match error {
        QrError::TooLong { .. } => Problem::new(Code::InvalidParameter, error.to_string()),
        QrError::Encode(_) | QrError::Scale(_) | QrError::Png(_) => {
            Problem::new(Code::Internal, "the symbol cannot be drawn").because(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_become_printed_links_and_links_of_others_stay() {
        let url = PublicUrl::parse("https://id.example.cn").unwrap();
        let ours = "https://ID.EXAMPLE.CN/01/09521234543213/21/A1";
        for (text, drawn) in [
            ("urn:epc:id:sgtin:9521234.054321.A1", ours),
            ("(01)09521234543213(21)A1", ours),
            ("https://id.gs1.org/01/09521234543213/21/A1", ours),
            ("https://id.example.cn/01/09521234543213/21/A1", ours),
            (
                "https://a.cn/01/09521234543213/21/A1",
                "https://a.cn/01/09521234543213/21/A1",
            ),
            (
                "https://id.example.cn.evil/01/09521234543213",
                "https://id.example.cn.evil/01/09521234543213",
            ),
            ("urn:uuid:1", "urn:uuid:1"),
        ] {
            assert_eq!(printed(text, &url).unwrap(), drawn);
        }
    }

    #[test]
    fn a_wrong_check_digit_is_not_drawn() {
        let url = PublicUrl::parse("https://id.example.cn").unwrap();
        for text in [
            "https://a.cn/01/09521234543214/21/A1",
            "(01)09521234543214",
            "milk",
        ] {
            let refused = printed(text, &url).unwrap_err();
            assert_eq!(refused.code, Code::InvalidIdentifier, "{text}");
        }
    }
}
