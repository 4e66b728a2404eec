//! Why one thing is affected by a recall, or why not: the scope is evaluated again at its own position and
//! asked for the chain of causes, so that a person can read them step by step.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::assumed::Ruling;
use super::definition::Definition;
use super::kept_why::{KeptWhy, kept};
use super::named::{Named, named_seeds};
use super::saying::{Saying, Step};
use super::view::MoveView;
use super::words::{self, Language};
use super::{Error, store, store_versions};
use crate::codes::{Address, Block, Dictionary};
use crate::db::Conn;
use crate::trace::evaluate::{
    Cause, CauseId, Certainty, Direction, Evaluation, Excluded, Reach, ReachedStock, Rules, Window,
};
use crate::trace::store::StoreSource;
use crate::trace::{self, Until, Wanted, certainty_word, subject};

/// Why something is affected, or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallExplanation)]
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
    /// Why it is not, in a word: why it was left out, or `released`; none when nothing that was looked at has to do
    /// with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The version that does not find it any more and proposes to remove it: it is affected until somebody
    /// releases that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed_in: Option<i32>,
    /// A person left it out: nothing but a gap in the records leads to it, and the recall leaves that out.
    pub left_out: bool,
    /// When that version was frozen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed_at: Option<String>,
    /// The order that released it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released: Option<MoveView>,
    /// The steps from what the recall names to it; of a lot, to the place where it is most certain. When its removal
    /// is proposed: why it is not found any more, and the events that had led to it.
    pub steps: Vec<Step>,
    /// Of a lot that is affected at several places: each of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<WhyPlace>,
    /// All of it in sentences.
    pub text: String,
}

/// One place where a lot lies, with why its stock there is affected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallWhyPlace)]
pub struct WhyPlace {
    /// The place or container; none where nobody says.
    pub place: Option<String>,
    /// How certain it is that the stock there is affected.
    pub certainty: &'static str,
    /// From when on it can be affected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The steps from what the recall names to it.
    pub steps: Vec<Step>,
}

/// Why a thing is affected by a version of a recall, or why not; without a version, by the scope in effect.
/// Call inside a snapshot.
pub fn why(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    recall: &str,
    version: Option<i32>,
    text: &str,
    language: Language,
) -> Result<Explanation, Error> {
    let case = store::case(conn, recall)?;
    let ruling = case.assumed.filter(|_| version.is_none());
    let kept = kept(conn, dictionary, &case, version, text, language)?;
    let version = store_versions::version(conn, recall, version.unwrap_or(case.version))?;
    let mut explanation = Explanation {
        recall: case.id,
        version: version.number,
        id: trace::identifier(text)?.canonical().into_owned(),
        affected: true,
        certainty: None,
        since: None,
        reason: None,
        proposed_in: None,
        left_out: false,
        proposed_at: None,
        released: None,
        steps: Vec::new(),
        places: Vec::new(),
        text: String::new(),
    };
    if let Some(kept) = kept {
        let certainty = kept.certainty;
        let is_in = kept.is_in;
        explanation.keep(kept, language);
        explanation.leave_out(ruling.filter(|_| is_in), certainty, language);
        explanation.write_steps(language);
        return Ok(explanation);
    }
    let position = version.position.numbered(conn)?;
    let mut source = StoreSource::new(conn, position.clone()).map_err(trace::Error::from)?;
    let subject = subject(&mut source, dictionary, text, Wanted::Anything)
        .map_err(|error| error.until(Until::Version(version.number)))?;
    explanation.id.clone_from(&subject.id);
    let (reach, rules, named) = reach(&mut source, dictionary, &version.definition)?;
    let found = found(&reach, subject.address);
    let mut said = Saying {
        conn: source.conn(),
        dictionary,
        position: &position,
        language,
        named: &named,
    };
    explanation.affected = found.is_some();
    explanation.certainty = found.map(|(certainty, _)| certainty_word(certainty));
    words::verdict(found.map(|(certainty, _)| certainty), language)
        .clone_into(&mut explanation.text);
    if let Some((certainty, cause)) = found {
        explanation.leave_out(ruling, certainty, language);
        explanation.since = reach.causes.get(cause).and_then(since);
        explanation.steps = said.steps(&reach.causes.chain(cause))?;
        explanation.places = places(&mut said, &reach, subject.address)?;
    } else if let Some(left_out) = excluded(&reach, subject.address) {
        explanation.reason = Some(left_out.reason.as_str());
        let why = words::reason(left_out.reason, language).to_owned();
        explanation.steps = vec![said.event_step(left_out.event, why)?];
    } else {
        let mut evaluation = Evaluation::new(&mut source);
        let back = evaluation.reach(
            Direction::Backward,
            &subject.seeds(Window::default()),
            &rules.without_kill_steps(),
        )?;
        let mut said = Saying {
            conn: source.conn(),
            dictionary,
            position: &position,
            language,
            named: &named,
        };
        explanation.steps = not_reached(&mut said, &reach, &back)?;
    }
    explanation.write_steps(language);
    Ok(explanation)
}

impl Explanation {
    /// Says that a person left it out, if one did.
    fn leave_out(&mut self, ruling: Option<Ruling>, certainty: Certainty, language: Language) {
        self.left_out = Ruling::leaves_out(ruling, certainty);
        if self.left_out {
            self.text.push_str(words::left_out(language));
        }
    }

    /// Tells of something whose removal was proposed.
    fn keep(&mut self, kept: KeptWhy, language: Language) {
        let proposed_at = kept.proposed_at.to_string();
        let proposed = (kept.proposed_in, proposed_at.as_str());
        self.text = match &kept.released {
            None => words::kept(kept.proposed_in, language),
            Some(by) if kept.is_in => words::kept_then(self.version, proposed, by, language),
            Some(by) => words::released(proposed, by, language),
        };
        self.affected = kept.is_in;
        self.certainty = kept.is_in.then(|| certainty_word(kept.certainty));
        self.reason = (!kept.is_in).then_some("released");
        self.proposed_in = Some(kept.proposed_in);
        self.proposed_at = Some(proposed_at);
        self.released = kept.released;
        self.steps = kept.steps;
    }

    /// Adds the steps to the sentences: of a lot that lies at several places, those of each place.
    fn write_steps(&mut self, language: Language) {
        if self.places.is_empty() {
            self.text.extend(self.steps.iter().map(Step::line));
        }
        for place in &self.places {
            let at = place.place.as_deref();
            let at = at.unwrap_or_else(|| words::elsewhere(language));
            let class = words::class(place.certainty, language);
            self.text.push_str(&format!("\n{at}  {class}"));
            self.text.extend(place.steps.iter().map(Step::line));
        }
    }
}

fn reach(
    source: &mut StoreSource<'_>,
    dictionary: Dictionary<'_>,
    definition: &Definition,
) -> Result<(Reach, Rules, Vec<Named>), Error> {
    let (seeds, named) = named_seeds(source, dictionary, definition)?;
    let hazard = definition.hazard.as_deref();
    let rules = definition
        .policies
        .rules(source.conn(), dictionary, hazard)?;
    let reach = Evaluation::new(source).reach(Direction::Forward, &seeds, &rules)?;
    Ok((reach, rules, named))
}

/// Every place where a lot lies that is affected at more than one.
fn places(said: &mut Saying<'_>, reach: &Reach, thing: Address) -> Result<Vec<WhyPlace>, Error> {
    let stock: Vec<&ReachedStock> = reach
        .lot(thing.block)
        .filter(|_| thing.block.is_quantified())
        .collect();
    let mut places = Vec::new();
    for at in stock.iter().filter(|_| 1 < stock.len()) {
        places.push(WhyPlace {
            place: said.spot(at.spot)?,
            certainty: certainty_word(at.certainty),
            since: reach.causes.get(at.cause).and_then(since),
            steps: said.steps(&reach.causes.chain(at.cause))?,
        });
    }
    Ok(places)
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
fn not_reached(said: &mut Saying<'_>, reach: &Reach, back: &Reach) -> Result<Vec<Step>, Error> {
    let mut upstream: BTreeSet<Block> = back.units.iter().map(|units| units.block).collect();
    upstream.extend(back.stock.iter().map(|stock| stock.lot));
    upstream.extend(back.processes.iter().map(|process| process.process));
    let language = said.language;
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
        let affected = reach.lots();
        let shared: BTreeSet<Block> = back.stock.iter().map(|stock| stock.lot).collect();
        for lot in shared.intersection(&affected) {
            let id = said.thing(Address {
                block: *lot,
                member: 0,
            })?;
            let words = if reach.entries.is_by_items(*lot) {
                words::other_items
            } else {
                words::other_stock
            };
            steps.push(Step::said(words(&id, language)));
        }
    }
    if steps.is_empty() {
        steps.push(Step::said(words::nothing_shared(language).to_owned()));
    }
    Ok(steps)
}
