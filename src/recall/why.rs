//! Why one thing is affected by a recall, or why not: the scope is evaluated again at its own position and
//! asked for the chain of causes, so that a person can read them step by step.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::definition::Definition;
use super::seeds::seeds;
use super::words::{self, Language, Told};
use super::{Error, store, store_versions};
use crate::codes::{Address, Block, Dictionary};
use crate::db::Conn;
use crate::ledger::Position;
use crate::parties;
use crate::trace::evaluate::{
    Cause, CauseId, Certainty, Direction, Evaluation, Excluded, Reach, Rules, Spot, Why, Window,
};
use crate::trace::store::StoreSource;
use crate::trace::{self, EventKey, Names, Wanted, certainty_word, event_ids, subject};

/// Why something is affected, or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallWhy)]
pub struct Explanation {
    /// The recall.
    pub recall: String,
    /// The version of its scope.
    pub version: i32,
    /// The canonical identifier.
    pub id: String,
    /// Whether it is affected.
    pub affected: bool,
    /// How certain that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certainty: Option<&'static str>,
    /// From when on it can be affected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Why it is not, in a word; none when nothing that was looked at has to do with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The steps from what the recall names to it.
    pub steps: Vec<Step>,
    /// All of it in sentences.
    pub text: String,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallStep)]
pub struct Step {
    /// The event that says so.
    pub event: Option<String>,
    /// Its time.
    pub time: Option<String>,
    /// What happened, in words.
    pub text: String,
}

/// Why a thing is affected by a version of a recall, or why not. Call inside a snapshot.
pub fn why(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    recall: &str,
    version: Option<i32>,
    text: &str,
    language: Language,
) -> Result<Explanation, Error> {
    let case = store::case(conn, recall)?;
    let version = store_versions::version(conn, recall, version.unwrap_or(case.version))?;
    let position = version.position.numbered(conn)?;
    let mut source = StoreSource::new(conn, position.clone()).map_err(trace::Error::from)?;
    let subject = subject(&mut source, dictionary, text, Wanted::Anything)?;
    let (reach, rules) = reach(&mut source, dictionary, &version.definition)?;
    let found = found(&reach, subject.address);
    let mut said = Saying {
        conn: source.conn(),
        dictionary,
        position: &position,
        language,
    };
    let mut explanation = Explanation {
        recall: case.id,
        version: version.number,
        id: subject.id.clone(),
        affected: found.is_some(),
        certainty: found.map(|(certainty, _)| certainty_word(certainty)),
        since: None,
        reason: None,
        steps: Vec::new(),
        text: words::verdict(found.map(|(certainty, _)| certainty), language).to_owned(),
    };
    if let Some((_, cause)) = found {
        explanation.since = reach.causes.get(cause).and_then(since);
        explanation.steps = said.steps(&reach.causes.chain(cause))?;
    } else if let Some(left_out) = excluded(&reach, subject.address) {
        explanation.reason = Some(left_out.reason.as_str());
        let why = words::reason(left_out.reason, language).to_owned();
        explanation.steps = vec![said.event_step(left_out.event, why)?];
    } else {
        let mut evaluation = Evaluation::new(&mut source);
        let back = evaluation.reach(
            Direction::Backward,
            &subject.seeds(Window::default()),
            &rules,
        )?;
        explanation.steps =
            not_reached(&mut source, dictionary, &position, language, &reach, &back)?;
    }
    for step in &explanation.steps {
        let when = step.time.as_deref().map(|time| format!("{time}  "));
        let event = step.event.as_deref().map(|event| format!("  ({event})"));
        explanation.text.push_str(&format!(
            "\n- {}{}{}",
            when.unwrap_or_default(),
            step.text,
            event.unwrap_or_default()
        ));
    }
    Ok(explanation)
}

fn reach(
    source: &mut StoreSource<'_>,
    dictionary: Dictionary<'_>,
    definition: &Definition,
) -> Result<(Reach, Rules), Error> {
    let seeds = seeds(source, dictionary, definition)?;
    let hazard = definition.hazard.as_deref();
    let rules = definition
        .policies
        .rules(source.conn(), dictionary, hazard)?;
    let reach = Evaluation::new(source).reach(Direction::Forward, &seeds, &rules)?;
    Ok((reach, rules))
}

/// The class and cause of a thing that is reached.
fn found(reach: &Reach, thing: Address) -> Option<(Certainty, CauseId)> {
    if thing.block.is_quantified() {
        let stock = reach.lot(thing.block);
        let first = stock.min_by_key(|stock| (stock.certainty, stock.time))?;
        return Some((first.certainty, first.cause));
    }
    let units = reach.unit(thing)?;
    Some((units.certainty, units.cause))
}

fn excluded(reach: &Reach, thing: Address) -> Option<&Excluded> {
    let mut all = reach.excluded.iter();
    all.find(|left_out| left_out.block == thing.block && left_out.members.contains(thing.member))
}

/// The time from which on something can be affected; none when that is always.
fn since(cause: &Cause) -> Option<String> {
    let time = cause.time;
    (i64::MIN + 1 < time.micros()).then(|| time.to_string())
}

/// What is upstream of it and was left out, or that nothing upstream has to do with the recall.
fn not_reached(
    source: &mut StoreSource<'_>,
    dictionary: Dictionary<'_>,
    position: &Position,
    language: Language,
    reach: &Reach,
    back: &Reach,
) -> Result<Vec<Step>, Error> {
    let mut upstream: BTreeSet<Block> = back.units.iter().map(|units| units.block).collect();
    upstream.extend(back.stock.iter().map(|stock| stock.lot));
    upstream.extend(back.processes.iter().map(|process| process.process));
    let mut said = Saying {
        conn: source.conn(),
        dictionary,
        position,
        language,
    };
    let is_upstream = |left_out: &&Excluded| {
        let members = left_out.members.to_set();
        let mut things = members.iter().map(|member| Address {
            block: left_out.block,
            member,
        });
        let of_units = |thing: Address| back.unit(thing).is_some();
        upstream.contains(&left_out.block)
            && (left_out.block.is_quantified()
                || back
                    .processes
                    .iter()
                    .any(|process| process.process == left_out.block)
                || things.any(of_units))
    };
    let mut steps = Vec::new();
    for left_out in reach.excluded.iter().filter(is_upstream) {
        let thing = Address {
            block: left_out.block,
            member: left_out.members.first().unwrap_or_default(),
        };
        let id = said.thing(thing)?;
        let why = words::reason(left_out.reason, language);
        steps.push(said.event_step(left_out.event, words::upstream(&id, why, language))?);
    }
    if steps.is_empty() {
        steps.push(Step {
            event: None,
            time: None,
            text: words::nothing_shared(language).to_owned(),
        });
    }
    Ok(steps)
}

/// Writes identifiers and names out.
struct Saying<'c> {
    conn: &'c mut Conn,
    dictionary: Dictionary<'c>,
    position: &'c Position,
    language: Language,
}

impl Saying<'_> {
    fn steps(&mut self, chain: &[&Cause]) -> Result<Vec<Step>, Error> {
        let mut steps = Vec::new();
        for cause in chain {
            let text = self.told(cause.why)?.words(self.language);
            steps.push(match cause.event {
                Some(event) => self.event_step(event, text)?,
                None => Step {
                    event: None,
                    time: None,
                    text,
                },
            });
        }
        Ok(steps)
    }

    fn event_step(&mut self, event: EventKey, text: String) -> Result<Step, Error> {
        let entry = crate::events::by_keys(self.conn, &[event])?.pop();
        let ids = event_ids(self.conn, &BTreeSet::from([event]))?;
        Ok(Step {
            event: ids.get(&event).cloned(),
            time: entry.map(|entry| entry.t_lo.to_string()),
            text,
        })
    }

    fn told(&mut self, why: Why) -> Result<Told, Error> {
        Ok(match why {
            Why::Listed => Told::Listed,
            Why::AtPlace(place) => Told::AtPlace(self.place(place)?),
            Why::Inside(container) => Told::Inside(self.thing(container)?),
            Why::Entered { unit, process } => Told::Entered {
                unit: self.thing(unit)?,
                process: self.thing(lone(process))?,
            },
            Why::Left(process) => Told::Left(self.thing(lone(process))?),
            Why::OfLot(lot) => Told::OfLot(self.thing(lone(lot))?),
            Why::Mixed(vessel) => Told::Mixed(self.place(vessel)?),
            Why::Near(place) => Told::Near(self.place(place)?),
            Why::Beside(container) => Told::Beside(self.thing(container)?),
            Why::SameAs(lot) => Told::SameAs(self.thing(lone(lot))?),
            Why::Moved { from, to, .. } => Told::Moved {
                from: self.spot(from)?,
                to: self.spot(to)?,
            },
        })
    }

    fn thing(&mut self, thing: Address) -> Result<String, Error> {
        let spelled = self.dictionary.spell(self.conn, &BTreeSet::from([thing]))?;
        Ok(spelled.get(&thing).cloned().unwrap_or_default())
    }

    fn spot(&mut self, spot: Spot) -> Result<String, Error> {
        match spot {
            Spot::At(place) => self.place(place),
            Spot::In(container, _) => self.thing(container),
            Spot::Unknown => Ok("?".to_owned()),
        }
    }

    /// The name of a place with its identifier.
    fn place(&mut self, place: Block) -> Result<String, Error> {
        let blocks = BTreeSet::from([place]);
        let names = Names::read(self.conn, self.dictionary, &blocks, self.position)?;
        let id = names.text(place).unwrap_or_default().to_owned();
        let known: BTreeMap<String, parties::Place> =
            parties::places(self.conn, std::slice::from_ref(&id)).map_err(Error::Db)?;
        Ok(match (known.get(&id), self.language) {
            (Some(known), Language::Zh) => format!("{}（{id}）", known.name),
            (Some(known), Language::En) => {
                let name = known.name_en.as_ref().unwrap_or(&known.name);
                format!("{name} ({id})")
            }
            (None, _) => id,
        })
    }
}

const fn lone(block: Block) -> Address {
    Address { block, member: 0 }
}
