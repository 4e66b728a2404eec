//! Recalls as they are shown.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::assess::Assessment;
use super::assumed::{AssumedView, Ruling};
use super::attributes::UntoldAttribute;
use super::ranges::UnnamedCodes;
use super::request::Request;
use super::state::State;
use super::store::{self, Case, MoveRow};
use super::store_versions;
use super::summary::{CertaintyCounts, HolderRow, OwnerRow, PlaceRow, Summary};
use super::versions::open_removals;
use super::view_versions::{RemovalView, Watch, in_effect};
use super::{Definition, Error};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::trace::{DarkEdge, NamedPosition, Quantity};

/// A recall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Recall)]
pub struct RecallView {
    /// Its id; none when it was only tried out.
    pub recall: Option<String>,
    /// Which version of the scope.
    pub version: i32,
    /// The state of the case.
    pub state: &'static str,
    /// Who conducts it.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub org: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was asked, as a scope file has it, with every choice spelled out: it can be asked again.
    pub definition: Request,
    /// What of the ledger counted.
    pub position: NamedPosition,
    /// The instant that holders, places, owners, quantities and gaps are told for; as of the position unless one was
    /// asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Affected units that the version finds, each counted once; a holder sees how many it holds.
    pub unit_count: u64,
    /// Units of the scope in effect: those, and the ones whose removal is proposed and not released.
    pub in_effect: u64,
    /// Units by how certain it is that they are affected; not told to holders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certainty: Option<CertaintyCounts>,
    /// Affected lots; not told to holders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_count: Option<u64>,
    /// Lots by the best certainty of what is affected of each; not told to holders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot_certainty: Option<CertaintyCounts>,
    /// Quantities of lots, one for each unit of measure.
    pub quantity: Vec<Quantity>,
    /// What of the scope in effect is affected only across a gap in the records, if anything is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed: Option<AssumedView>,
    /// What a person said becomes of that; none while nobody has said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruling: Option<RulingView>,
    /// By holder and place.
    pub holders: Vec<HolderRow>,
    /// By place.
    pub places: Vec<PlaceRow>,
    /// By owner, as far as events name owners; not told to holders.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<OwnerRow>,
    /// How many things were looked at and left out, by reason; not told to holders.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub excluded: BTreeMap<String, u64>,
    /// Gaps in the records, with whom to ask; not told to holders.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dark_edges: Vec<DarkEdge>,
    /// Codes of the ranges asked for that were issued and that no event names, by lot: they are no units of the scope,
    /// and where they are is known of their lots alone; not told to holders.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unnamed: Vec<UnnamedCodes>,
    /// Attributes that were asked for and that no event tells of their products; not told to holders.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<UntoldAttribute>,
    /// The digest of what the version finds.
    pub digest: String,
    /// What is not found any more and stays until somebody releases it, by the version that proposes it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proposed_removals: Vec<RemovalView>,
    /// Whether an extension is due; told of the newest version, to those who can extend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<Watch>,
    /// Tasks without an answer.
    pub open_tasks: usize,
    /// The tasks of holders.
    pub tasks: Vec<TaskView>,
    /// Every move of the case, in order.
    pub history: Vec<MoveView>,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallTask)]
pub struct TaskView {
    /// Whose.
    pub holder: String,
    /// Its state.
    pub state: &'static str,
    /// How many units the scope says it has, is to get, has sent or may have.
    pub unit_count: u64,
    /// How much of lots.
    pub quantity: Vec<Quantity>,
    /// How many it found.
    pub found: Option<i64>,
    /// How many it set aside.
    pub quarantined: Option<i64>,
    /// What it said, or why the task was written off, opened again or released.
    pub reason: Option<String>,
    /// When it last changed.
    pub changed_at: String,
}

/// What a person said of what is affected only across a gap in the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallRulingGiven)]
pub struct RulingView {
    /// What becomes of it.
    pub assumed: Ruling,
    /// Who said it.
    pub by: String,
    /// For whom.
    #[serde(rename = "as")]
    pub org: Option<String>,
    /// When.
    pub at: String,
    /// Why.
    pub reason: String,
    /// The leaf in `control/0` that says so.
    pub seq: i64,
}

/// A move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallMoveMade)]
pub struct MoveView {
    /// `open`, `decide`, `notify`, `ack`, `extend`, `release`, `close`, `cancel`.
    pub action: String,
    /// The state after it.
    pub state: String,
    /// Who gave it.
    pub by: String,
    /// For whom.
    #[serde(rename = "as")]
    pub org: Option<String>,
    /// When.
    pub at: String,
    /// Why.
    pub reason: String,
    /// Its leaf in `control/0`.
    pub seq: i64,
    /// What it said becomes of what is affected only across a gap in the records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed: Option<Ruling>,
}

/// What a move came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RecallMoved)]
pub struct Moved {
    /// The recall.
    pub recall: String,
    /// Its state now.
    pub state: &'static str,
    /// Tasks without an answer.
    pub open_tasks: usize,
}

/// A recall in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecallLine {
    /// Its id.
    pub recall: String,
    /// The newest version of its scope.
    pub version: i32,
    /// Its state.
    pub state: &'static str,
    /// Who conducts it.
    #[serde(rename = "as")]
    pub org: Option<String>,
    /// Why.
    pub reason: String,
    /// What the danger is.
    pub hazard: Option<String>,
    /// When it was opened.
    pub opened_at: String,
    /// Affected units that the newest version finds.
    pub unit_count: u64,
    /// Units of the scope in effect.
    pub in_effect: u64,
    /// Quantities of lots.
    pub quantity: Vec<Quantity>,
    /// Tasks without an answer.
    pub open_tasks: usize,
    /// The digest of the scope.
    pub digest: String,
}

impl RecallView {
    /// An assessment as the recall it would be.
    pub fn of(assessment: &Assessment) -> Self {
        let position = assessment.position.clone();
        let scope = &assessment.scope;
        Self::new(
            &assessment.definition,
            position,
            scope.summary.clone(),
            scope.digest.clone(),
        )
    }

    fn new(
        definition: &Definition,
        position: NamedPosition,
        summary: Summary,
        digest: String,
    ) -> Self {
        let assumed = AssumedView::of(&summary, &[]).told();
        Self {
            recall: None,
            version: 1,
            state: State::Assessing.as_str(),
            org: None,
            reason: None,
            definition: definition.asked(),
            position,
            at: None,
            unit_count: summary.unit_count,
            in_effect: summary.unit_count,
            certainty: Some(summary.certainty),
            lot_count: Some(summary.lot_count),
            lot_certainty: Some(summary.lot_certainty),
            quantity: summary.quantity,
            assumed,
            ruling: None,
            holders: summary.holders,
            places: summary.places,
            owners: summary.owners,
            excluded: summary.excluded,
            dark_edges: summary.dark_edges,
            unnamed: summary.unnamed,
            untold: summary.untold,
            digest,
            proposed_removals: Vec::new(),
            extension: None,
            open_tasks: 0,
            tasks: Vec::new(),
            history: Vec::new(),
        }
    }

    /// Only what concerns one holder: its rows, its task, nothing of other holders.
    #[must_use]
    pub fn seen_by(mut self, holder: &str) -> Self {
        self.holders.retain(|row| row.holder == holder);
        self.tasks.retain(|task| task.holder == holder);
        let held = || self.holders.iter().filter(|row| row.role == "holder");
        self.unit_count = held().map(|row| row.count).sum();
        self.quantity = held().flat_map(|row| row.quantity.clone()).collect();
        self.places = held()
            .filter_map(|row| {
                Some(PlaceRow {
                    place: row.place.clone()?,
                    count: row.count,
                    quantity: row.quantity.clone(),
                })
            })
            .collect();
        for removal in &mut self.proposed_removals {
            removal.holders.retain(|row| row.holder == holder);
            let held = || removal.holders.iter().filter(|row| row.role == "holder");
            removal.unit_count = held().map(|row| row.count).sum();
            removal.quantity = held().flat_map(|row| row.quantity.clone()).collect();
            removal.lot_count = None;
        }
        self.proposed_removals
            .retain(|removal| !removal.holders.is_empty());
        let kept = self.proposed_removals.iter();
        self.in_effect = self.unit_count + kept.map(|removal| removal.unit_count).sum::<u64>();
        self.assumed = self.assumed.and_then(|all| all.seen_by(holder).told());
        self.extension = None;
        self.certainty = None;
        self.lot_count = None;
        self.lot_certainty = None;
        self.owners = Vec::new();
        self.excluded = BTreeMap::new();
        self.dark_edges = Vec::new();
        self.unnamed = Vec::new();
        self.untold = Vec::new();
        self.history
            .retain(|row| row.action != "ack" || row.org.as_deref() == Some(holder));
        self.open_tasks = self
            .tasks
            .iter()
            .filter(|task| task.state == "created" || task.state == "sent")
            .count();
        self
    }
}

impl RulingView {
    /// What a move said, if it said anything of it.
    fn said_by(made: &MoveView) -> Option<Self> {
        Some(Self {
            assumed: made.assumed?,
            by: made.by.clone(),
            org: made.org.clone(),
            at: made.at.clone(),
            reason: made.reason.clone(),
            seq: made.seq,
        })
    }
}

impl TryFrom<MoveRow> for MoveView {
    type Error = Error;

    fn try_from(row: MoveRow) -> Result<Self, Error> {
        let assumed = row.assumed.map(|word| store::ruling("recall_moves", &word));
        Ok(Self {
            action: row.action,
            state: row.state,
            by: row.given_by,
            org: row.org,
            at: Timestamp::from_micros(row.given_at).to_string(),
            reason: row.reason,
            seq: row.seq,
            assumed: assumed.transpose()?,
        })
    }
}

/// A recall with its tasks and history; the newest version of its scope unless another is asked for, and what
/// that keeps.
pub fn show(conn: &mut Conn, recall: &str, version: Option<i32>) -> Result<RecallView, Error> {
    let case = store::case(conn, recall)?;
    let version = store_versions::version(conn, recall, version.unwrap_or(case.version))?;
    let removals = open_removals(conn, recall, version.number)?;
    let tasks = store::tasks(conn, recall)?;
    let history = store::moves(conn, recall)?;
    let history = history.into_iter().map(MoveView::try_from);
    let history = history.collect::<Result<Vec<MoveView>, Error>>()?;
    let assumed = AssumedView::of(&version.summary, &removals);
    Ok(RecallView {
        recall: Some(case.id),
        version: version.number,
        state: case.state.as_str(),
        org: case.org,
        reason: Some(case.reason),
        in_effect: in_effect(version.summary.unit_count, &removals),
        assumed: assumed.told(),
        ruling: history.iter().rev().find_map(RulingView::said_by),
        proposed_removals: removals.into_iter().map(RemovalView::from).collect(),
        open_tasks: tasks.iter().filter(|task| task.state.is_open()).count(),
        tasks: tasks
            .into_iter()
            .map(|task| TaskView {
                holder: task.holder,
                state: task.state.as_str(),
                unit_count: task.unit_count,
                quantity: task.quantity,
                found: task.found,
                quarantined: task.quarantined,
                reason: task.reason,
                changed_at: Timestamp::from_micros(task.changed_at).to_string(),
            })
            .collect(),
        history,
        ..RecallView::new(
            &version.definition,
            version.position,
            version.summary,
            version.digest,
        )
    })
}

/// All recalls, newest first; with an organisation, those that it conducts or has a task in.
pub fn list(conn: &mut Conn, org: Option<&str>) -> Result<Vec<RecallLine>, Error> {
    let mut cases = store::cases(conn)?;
    if let Some(org) = org {
        let own = store::recalls_of(conn, org)?;
        cases.retain(|case| case.org.as_deref() == Some(org) || own.contains(&case.id));
    }
    cases.into_iter().map(|case| line(conn, case)).collect()
}

fn line(conn: &mut Conn, case: Case) -> Result<RecallLine, Error> {
    let version = store_versions::version(conn, &case.id, case.version)?;
    let removals = open_removals(conn, &case.id, case.version)?;
    let tasks = store::tasks(conn, &case.id)?;
    Ok(RecallLine {
        recall: case.id,
        version: case.version,
        state: case.state.as_str(),
        org: case.org,
        reason: case.reason,
        hazard: case.hazard,
        opened_at: Timestamp::from_micros(case.opened_at).to_string(),
        unit_count: version.summary.unit_count,
        in_effect: in_effect(version.summary.unit_count, &removals),
        quantity: version.summary.quantity,
        open_tasks: tasks.iter().filter(|task| task.state.is_open()).count(),
        digest: version.digest,
    })
}
