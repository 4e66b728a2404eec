//! `suyuan bench truth`: lets worlds run into databases of their own, asks the recall's question of each, and
//! holds the answer against the hidden truth: sensitivity, precision, and what was put elsewhere. With events
//! lost on the way it also tells of how much of what was missed the records themselves show a gap.

mod feed;
mod hints;

use std::collections::{BTreeMap, BTreeSet};

use super::database::{self, Fresh};
use super::machine::Machine;
use super::report::{Report, as_number};
use crate::app::{Code, Problem};
use crate::cli::judge::{self, Answer, Found, Judgement};
use crate::cli::{Context, Exit, Outcome};
use crate::epcis::Timestamp;
use crate::recall::CertaintyCounts;
use crate::scenario::{PlainSerials, Scenario, Truth};
use crate::trace::DarkEdge;
use hints::Hints;

/// 2020-01-05T16:00:00Z, a Monday in China: when the worlds begin, so that large ones end in the past, too.
const START: Timestamp = Timestamp::from_micros(1_578_240_000_000_000);
/// The organisation that runs the recall, in every world.
const REGULATOR: &str = "regulator";
/// Every scenario.
const ALL: &str = "all";
/// Faults of one kind that are named.
const NAMED_MAX: usize = 5;

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trial<'a> {
    /// A scenario's name, or `all`.
    pub(super) scenario: &'a str,
    /// Units of each world.
    pub(super) units: u32,
    /// The seed of each world.
    pub(super) seed: u64,
    /// So many of a hundred events are lost.
    pub(super) drop_percent: u8,
}

pub(super) fn run(context: &Context, name: &'static str, trial: Trial<'_>) -> Outcome {
    let names: Vec<&str> = match trial.scenario {
        ALL => Scenario::NAMES.to_vec(),
        one => vec![one],
    };
    // All of them can be made before the first is.
    let made = names.into_iter().map(|name| {
        Scenario::named(name, trial.units, trial.seed, START)
            .map_err(|error| Problem::new(Code::InvalidParameter, error.to_string()))
    });
    let scenarios: Vec<Scenario> = made.collect::<Result<_, _>>()?;
    let mut report: Option<Report> = None;
    let mut is_found = true;
    for scenario in &scenarios {
        let fresh = Fresh::make(&context.config, crate::app::Clock::System.now())?;
        let report = match &mut report {
            Some(report) => report,
            none => {
                let version = database::version(&mut fresh.connect()?)?;
                none.insert(Report::new(name, Machine::this(version)))
            }
        };
        let found = judge(context, &fresh, scenario, trial, report)?;
        is_found &= found || 0 < trial.drop_percent;
    }
    if let Some(report) = report {
        context.print(&report, || report.sentences())?;
    }
    Ok(if is_found { Exit::Done } else { Exit::Finding })
}

/// Judges one world; whether everything that is truly affected was found.
fn judge(
    context: &Context,
    fresh: &Fresh,
    scenario: &Scenario,
    trial: Trial<'_>,
    report: &mut Report,
) -> Result<bool, Problem> {
    let app = fresh.app();
    let world = scenario.world();
    feed::import(app, &world)?;
    let bar = context.progress(None, "messages");
    bar.set_message(scenario.name());
    let stream = scenario
        .stream(PlainSerials::default())
        .losing(trial.drop_percent);
    let (truth, fed) = feed::feed(app, stream, &bar)?;
    bar.finish_and_clear();
    let caller = Context::operator(Some(REGULATOR));
    let reason = "what is affected, and where is it?";
    let (answer, certainty, gaps) = match judge::open(app, &caller, &truth.question, reason) {
        Ok(view) => {
            let recall = view.recall.as_deref().unwrap_or_default();
            (
                judge::list(app, &caller, recall)?,
                view.certainty,
                view.dark_edges,
            )
        }
        // Everything that would lead there was lost.
        Err(problem) if 0 < trial.drop_percent && problem.code == Code::EmptyScope => {
            (Answer::default(), None, Vec::new())
        }
        Err(problem) => return Err(problem),
    };
    let judgement = Judgement::of(&truth, &answer);
    name_faults(context, scenario, &judgement);
    let mut say = Said {
        scenario: scenario.name(),
        report,
    };
    say.count("units made", truth.unit_count, "units");
    say.count("events recorded", fed.recorded, "events");
    say.count("events lost", truth.dropped_count, "events");
    say.judged(&truth, &answer, &judgement);
    if 0 < trial.drop_percent {
        say.doubted(certainty.unwrap_or_default(), &answer, &judgement);
        say.gaps(&gaps);
        let named: BTreeSet<String> = gaps.into_iter().map(|gap| gap.id).collect();
        let missing = hints::of(app, &caller, &answer, &named, &judgement.missing)?;
        say.hinted("units", missing);
        let missing = hints::of(app, &caller, &answer, &named, &judgement.missing_lots)?;
        say.hinted("lots", missing);
    }
    Ok(judgement.missing.is_empty()
        && judgement.missing_lots.is_empty()
        && judgement.lot_faults.iter().all(|fault| fault.missing == 0))
}

/// Names the first faults of each kind on standard error.
fn name_faults(context: &Context, scenario: &Scenario, judgement: &Judgement) {
    let say = |what: &str, id: &str| context.say(&format!("{}: {what}: {id}", scenario.name()));
    for id in judgement.missing.iter().take(NAMED_MAX) {
        say("missing", id);
    }
    for id in judgement.missing_lots.iter().take(NAMED_MAX) {
        say("missing lot", id);
    }
    for fault in judgement.lot_faults.iter().take(NAMED_MAX) {
        let (missing, misplaced) = (fault.missing, fault.misplaced);
        let of = fault.expected;
        let amounts = format!("{missing} missing, {misplaced} misplaced of {of} thousandths");
        say("lot", &format!("{}: {amounts}", fault.id));
    }
    let misplaced = judgement.misplaced.iter().take(NAMED_MAX);
    let contested = judgement.contested.iter().take(NAMED_MAX);
    for (what, unit) in misplaced
        .map(|unit| ("misplaced", unit))
        .chain(contested.map(|unit| ("contested", unit)))
    {
        let (id, truth, answer) = (&unit.id, &unit.truth, &unit.answer);
        say(
            what,
            &format!("{id}: truly {truth}, the answer says {answer}"),
        );
    }
    let extra = judgement.unexplained.iter().take(NAMED_MAX);
    for id in extra {
        say("not affected, and in the answer without a reason", id);
    }
}

/// Figures of one world.
struct Said<'r> {
    scenario: &'static str,
    report: &'r mut Report,
}

impl Said<'_> {
    fn count(&mut self, what: &str, count: u64, unit: &'static str) {
        self.report
            .add_count(format!("{}: {what}", self.scenario), count, unit);
    }

    /// A part of a whole, cut after the sixth digit; 1 of nothing.
    fn share(&mut self, what: &str, part: usize, whole: usize) {
        let share = if whole == 0 {
            1.0
        } else {
            as_number(part as u64) / as_number(whole as u64)
        };
        let cut = (share * 1e6).floor() / 1e6;
        self.report
            .add(format!("{}: {what}", self.scenario), cut, "of 1");
    }

    fn judged(&mut self, truth: &Truth, answer: &Answer, judgement: &Judgement) {
        let expected = judgement.expected;
        let found = expected - judgement.missing.len();
        self.count("units affected", expected as u64, "units");
        self.count("units in the answer", answer.units.len() as u64, "units");
        self.count("units missing", judgement.missing.len() as u64, "units");
        self.count("units misplaced", judgement.misplaced.len() as u64, "units");
        self.count("units contested", judgement.contested.len() as u64, "units");
        self.count("units extra", judgement.extra_count() as u64, "units");
        self.share("sensitivity, units", found, expected);
        self.share("precision, units", found, answer.units.len());
        let lots = truth.lots.len();
        let found = lots - judgement.missing_lots.len();
        self.count("lots affected", lots as u64, "lots");
        self.count("lots in the answer", answer.lots.len() as u64, "lots");
        let faults = &judgement.lot_faults;
        let short = faults.iter().filter(|fault| 0 < fault.missing).count();
        self.count("lots short of an amount", short as u64, "lots");
        self.count(
            "lots with an amount misplaced",
            faults.iter().filter(|fault| 0 < fault.misplaced).count() as u64,
            "lots",
        );
        self.share("sensitivity, lots", found - short, lots);
        self.share("precision, lots", found, answer.lots.len());
    }

    /// What the answer itself says that it is not sure of.
    fn doubted(&mut self, certainty: CertaintyCounts, answer: &Answer, judgement: &Judgement) {
        self.count("answer: asserted", certainty.asserted, "units");
        self.count("answer: inferred", certainty.inferred, "units");
        self.count("answer: by a policy", certainty.policy, "units");
        self.count("answer: assumed", certainty.assumed, "units");
        let count =
            |is: fn(&Found) -> bool| answer.units.values().filter(|found| is(found)).count();
        let contradicted = count(|found| !found.others.is_empty());
        let under_way = count(Found::is_under_way);
        self.count("answer: records contradict", contradicted as u64, "units");
        self.count("answer: sent and not received", under_way as u64, "units");
        let doubted = judgement.misplaced.iter().filter(|unit| {
            let found = answer.units.get(&unit.id);
            found.is_some_and(|found| !found.others.is_empty() || found.is_under_way())
        });
        self.count(
            "misplaced, and the answer has doubts",
            doubted.count() as u64,
            "units",
        );
    }

    /// The gaps that the answer names, by kind.
    fn gaps(&mut self, gaps: &[DarkEdge]) {
        let mut by_kind: BTreeMap<&str, u64> = BTreeMap::new();
        for gap in gaps {
            *by_kind.entry(gap.kind.as_str()).or_default() += 1;
        }
        for (kind, count) in by_kind {
            self.count(&format!("answer: {kind}"), count, "gaps");
        }
    }

    fn hinted(&mut self, unit: &'static str, hints: Hints) {
        let Hints {
            by_gaps,
            by_lot,
            by_records,
            silent,
        } = hints;
        self.count("missing, and made of a gap named", by_gaps, unit);
        self.count("missing, and their records have a gap", by_records, unit);
        self.count("missing, and their lot is in the answer", by_lot, unit);
        self.count("missing in silence", silent, unit);
    }
}
