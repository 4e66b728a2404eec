//! Dead letters, operated: listed, shown, submitted again.

use serde::Serialize;

use super::capture::{is_malformed, read, record_here};
use super::{App, Code, Fault, Problem};
use crate::capture::{self, Authority, Letter, LetterBytes, LetterId, LetterQuery, Part, Receipt};
use crate::db;
use crate::epcis::{self, Timestamp};
use crate::ledger::{self, ShardName};
use crate::parties::{self, Action, Caller, Role};

/// Letters that are read at once.
const PAGE: usize = 100;

/// Which letters are asked for.
#[derive(Debug, Clone, Default)]
pub struct LetterList<'a> {
    /// Only of this shard.
    pub shard: Option<&'a str>,
    /// Also those that were replayed.
    pub all: bool,
    /// Only those after this one.
    pub after: Option<LetterId>,
    /// At most so many.
    pub limit: usize,
}

/// What became of a letter that was submitted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplayOutcome {
    /// Its events count now, or some do and the others were known.
    Recorded,
    /// Its events were known already, word for word.
    Duplicate,
    /// It is refused again, and stays as it is.
    Refused,
    /// It had been replayed before.
    Already,
}

/// A letter that was submitted again.
#[derive(Debug, Clone, Serialize)]
pub struct Replayed {
    /// `SHARD:OFFSET:PART`.
    pub id: String,
    /// What became of it.
    pub outcome: ReplayOutcome,
    /// Whether it was only tried.
    pub dry_run: bool,
    /// The organisation it was submitted for.
    pub submitter: String,
    /// Events of it that count now.
    pub recorded: usize,
    /// Events of it that were known already.
    pub duplicates: usize,
    /// Why it is refused now.
    pub errors: Vec<Fault>,
}

/// How letters are replayed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Replay<'a> {
    /// Submit, tell, and leave everything as it was.
    pub dry_run: bool,
    /// For whom, where a letter does not say.
    pub otherwise_for: Option<&'a str>,
}

/// Letters in their order, as far as the caller may read them: the operator and an admin all, an
/// organisation what was captured for it.
pub fn list_letters(
    app: &App,
    caller: &Caller,
    list: &LetterList<'_>,
) -> Result<Vec<Letter>, Problem> {
    parties::may(caller, Action::ReadDeadLetters)?;
    let submitter = match caller {
        Caller::Operator { .. }
        | Caller::Key {
            role: Role::Admin, ..
        } => None,
        Caller::Anyone | Caller::Key { .. } => Some(caller.org().unwrap_or_default()),
    };
    let query = LetterQuery {
        shard: list.shard,
        submitter,
        all: list.all,
        after: list.after.as_ref(),
        rows: i64::try_from(list.limit).unwrap_or(i64::MAX),
        ..LetterQuery::default()
    };
    let found = app.db.read(|conn| capture::letters(conn, query));
    found.map_err(|error| match error {
        capture::Error::Ledger(ledger::Error::NoShard(name)) if Some(&*name) == list.shard => {
            let detail = ledger::Error::NoShard(name).to_string();
            Problem::at(Code::NotFound, "shard", detail)
        }
        error => error.into(),
    })
}

/// Each letter of a list, page by page.
pub fn each_letter(
    app: &App,
    caller: &Caller,
    list: &LetterList<'_>,
    each: &mut dyn FnMut(&Letter) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut left = list.limit;
    let mut after = list.after.clone();
    while 0 < left {
        let page = LetterList {
            after: after.take(),
            limit: left.min(PAGE),
            ..list.clone()
        };
        let letters = list_letters(app, caller, &page)?;
        for letter in &letters {
            each(letter)?;
        }
        left -= letters.len().min(left);
        after = match letters.last() {
            Some(last) if letters.len() == page.limit => Some(id_of(last)),
            _ => return Ok(()),
        };
    }
    Ok(())
}

fn id_of(letter: &Letter) -> LetterId {
    LetterId {
        shard: letter.shard.clone(),
        offset: letter.offset,
        part: letter.part,
    }
}

/// The letters of a record, or the one of its part, with their bytes.
pub fn show_letters(
    app: &App,
    shard: &str,
    offset: i64,
    part: Option<i32>,
) -> Result<Vec<(Letter, LetterBytes)>, Problem> {
    app.db.read(|conn| {
        let query = LetterQuery {
            shard: Some(shard),
            offset: Some(offset),
            part,
            all: true,
            rows: i64::MAX,
            ..LetterQuery::default()
        };
        let letters = capture::letters(conn, query)?;
        if letters.is_empty() {
            let part = part.map(|part| format!(" part {part}")).unwrap_or_default();
            let detail = format!("no dead letter at {shard} offset {offset}{part}");
            return Err(Problem::new(Code::NotFound, detail));
        }
        let with_bytes = letters.into_iter().map(|letter| {
            let bytes = capture::letter_bytes(conn, &letter)?;
            Ok((letter, bytes))
        });
        with_bytes
            .collect::<Result<_, capture::Error>>()
            .map_err(Problem::from)
    })
}

/// Why a replay left everything as it was.
enum Stop {
    Back(Receipt),
    Already,
    Failed(capture::Error),
}

impl From<db::Error> for Stop {
    fn from(error: db::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Submits the bytes of a letter again, for whom they came, into `http/0`: all of it is recorded under the
/// rules of now and the letter marked, in one transaction, or nothing is and the letter stays as it is.
pub fn replay_letter(app: &App, letter: &Letter, replay: Replay<'_>) -> Result<Replayed, Problem> {
    let submitter = match (letter.submitter.as_str(), replay.otherwise_for) {
        ("", None) => {
            let detail = format!(
                "{}: it is not noted for whom it came; say --as ORG",
                letter.id
            );
            return Err(Problem::new(Code::InvalidParameter, detail));
        }
        ("", Some(org)) => org,
        (submitter, _) => submitter,
    };
    let mut replayed = Replayed {
        id: letter.id.clone(),
        outcome: ReplayOutcome::Already,
        dry_run: replay.dry_run,
        submitter: submitter.to_owned(),
        recorded: 0,
        duplicates: 0,
        errors: Vec::new(),
    };
    if letter.replayed_at.is_some() {
        return Ok(replayed);
    }
    if app
        .db
        .read(|conn| parties::organisation(conn, submitter))?
        .is_none()
    {
        return Err(capture::Error::NoOrganisation(submitter.to_owned()).into());
    }
    let bytes = app.db.read(|conn| capture::letter_bytes(conn, letter))?;
    match submit(app, letter, &bytes, submitter, replay.dry_run) {
        Ok(receipt) => replayed.tell(&receipt, true),
        Err(Stop::Back(receipt)) => {
            let is_good = receipt.conflicts + receipt.refused == 0;
            replayed.tell(&receipt, is_good);
        }
        Err(Stop::Already) => {}
        Err(Stop::Failed(error)) => return Err(error.into()),
    }
    Ok(replayed)
}

impl Replayed {
    fn tell(&mut self, receipt: &Receipt, is_good: bool) {
        self.outcome = match (is_good, receipt.recorded, receipt.duplicates) {
            (false, _, _) => ReplayOutcome::Refused,
            (true, 0, 1..) => ReplayOutcome::Duplicate,
            (true, _, _) => ReplayOutcome::Recorded,
        };
        if is_good {
            self.recorded = receipt.recorded;
            self.duplicates = receipt.duplicates;
        }
        self.errors = receipt.errors.iter().map(Fault::from).collect();
    }
}

fn submit(
    app: &App,
    letter: &Letter,
    bytes: &LetterBytes,
    submitter: &str,
    dry_run: bool,
) -> Result<Receipt, Stop> {
    let now = app.clock.now();
    let records = read(letter_body(bytes, now), now);
    let is_malformed = is_malformed(&records);
    app.db.write_in_turn(|conn| {
        let failed = |error: capture::Error| Stop::Failed(error);
        let part = Part {
            submitter,
            authority: authority(app, letter, submitter),
            records,
        };
        let recorded = record_here(app, conn, vec![part]).map_err(failed)?;
        let receipt = recorded.whole();
        if is_malformed || receipt.conflicts + receipt.refused != 0 {
            return Err(Stop::Back(receipt));
        }
        if !capture::mark_replayed(conn, letter, now).map_err(failed)? {
            return Err(Stop::Already);
        }
        if dry_run {
            return Err(Stop::Back(receipt));
        }
        Ok(receipt)
    })
}

/// What an unsigned record of a topic says is trusted, as it was when it came; of what was signed, is nobody's, or came
/// over HTTP, the submitter must be allowed to say it now.
fn authority(app: &App, letter: &Letter, submitter: &str) -> Authority {
    let of_topic = letter.shard != ShardName::http().to_string();
    let is_known = !letter.submitter.is_empty();
    if of_topic && is_known && letter.submitter == app.config.kafka.submitter {
        Authority::Any
    } else {
        Authority::Of(submitter.to_owned())
    }
}

/// The body to submit: what stands behind the frame, if there is one. An event of a document goes by itself,
/// under the context of that document; when that cannot be made out, it goes as it is and is refused for
/// what it lacks.
pub fn letter_body(bytes: &LetterBytes, now: Timestamp) -> Vec<u8> {
    match &bytes.envelope {
        None => epcis::unframed(&bytes.bytes).to_vec(),
        Some(envelope) => {
            epcis::alone(envelope, &bytes.bytes, now).unwrap_or_else(|_| bytes.bytes.clone())
        }
    }
}
