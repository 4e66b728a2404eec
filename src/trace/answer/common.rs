//! What several things have in common upstream: a hint at a cause when complaints come in about several of
//! them, and never a scope by itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use crate::codes::{Address, Block, Dictionary};
use crate::db::Conn;
use crate::events;
use crate::ledger::Position;
use crate::trace::Error;
use crate::trace::evaluate::{Direction, Evaluation, Rules, Seed, Units, Window};
use crate::trace::position::NamedPosition;
use crate::trace::store::StoreSource;
use crate::trace::subject::{Wanted, subject};

/// Things one question may name: reports of one cluster.
const THINGS_MAX: usize = 200;

/// Candidates whose downstream is counted, best first: each takes an evaluation.
const COUNTED_MAX: usize = 50;

/// What several things have in common.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TraceCommon)]
pub struct Common {
    /// What was asked about, canonical, none twice.
    pub ids: Vec<String>,
    /// What of the ledger counted.
    pub position: NamedPosition,
    /// What is upstream of at least two of them: of most of them first, then with the least downstream.
    pub candidates: Vec<Candidate>,
}

/// Something upstream of several things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TraceCandidate)]
pub struct Candidate {
    /// Its identifier.
    pub id: String,
    /// `unit`, `lot`, `process` or `place`.
    pub kind: &'static str,
    /// Of how many of the things it is upstream.
    pub covers: usize,
    /// How many units a recall of it would reach; for the first candidates, and never for places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downstream_units: Option<u64>,
    /// How many lots it would reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downstream_lots: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Lot,
    Process,
    Unit,
    Place,
}

/// What these things have in common upstream, at a position. Call inside a snapshot.
pub fn common(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    texts: &[String],
    (position, named): (Position, NamedPosition),
) -> Result<Common, Error> {
    if texts.len() < 2 || THINGS_MAX < texts.len() {
        return Err(Error::Common {
            given: texts.len(),
            most: THINGS_MAX,
        });
    }
    let mut source = StoreSource::new(conn, position)?;
    let mut ids = BTreeSet::new();
    let mut covers: BTreeMap<(Kind, Address), usize> = BTreeMap::new();
    for text in texts {
        let subject = subject(&mut source, dictionary, text, Wanted::Anything)?;
        if !ids.insert(subject.id.clone()) {
            continue;
        }
        let seeds = subject.seeds(Window::default());
        for found in upstream(&mut source, &seeds, subject.address)? {
            *covers.entry(found).or_default() += 1;
        }
    }
    if ids.len() < 2 {
        return Err(Error::Common {
            given: ids.len(),
            most: THINGS_MAX,
        });
    }
    covers.retain(|_, count| 2 <= *count);
    let addresses: BTreeSet<Address> = covers.keys().map(|(_, address)| *address).collect();
    let spelled = dictionary.spell(source.conn(), &addresses)?;
    let mut found: Vec<((Kind, Address), Candidate)> = covers
        .into_iter()
        .map(|((kind, address), covers)| {
            let candidate = Candidate {
                id: spelled.get(&address).cloned().unwrap_or_default(),
                kind: kind.word(),
                covers,
                downstream_units: None,
                downstream_lots: None,
            };
            ((kind, address), candidate)
        })
        .collect();
    found.sort_by(|(a, one), (b, other)| {
        (other.covers, a.0, &one.id).cmp(&(one.covers, b.0, &other.id))
    });
    for ((kind, address), candidate) in found.iter_mut().take(COUNTED_MAX) {
        count_downstream(&mut source, *kind, *address, candidate)?;
    }
    found.sort_by(|(a, one), (b, other)| {
        let size = |of: &Candidate| {
            of.downstream_units
                .zip(of.downstream_lots)
                .map_or(u64::MAX, |(units, lots)| units.saturating_add(lots))
        };
        (other.covers, size(one), a.0, &one.id).cmp(&(one.covers, size(other), b.0, &other.id))
    });
    Ok(Common {
        ids: ids.into_iter().collect(),
        position: named,
        candidates: found.into_iter().map(|(_, candidate)| candidate).collect(),
    })
}

/// Everything upstream of a thing but itself, and the places where the events of it happened.
fn upstream(
    source: &mut StoreSource<'_>,
    seeds: &[Seed],
    own: Address,
) -> Result<BTreeSet<(Kind, Address)>, Error> {
    let mut evaluation = Evaluation::new(source);
    let reach = evaluation.reach(Direction::Backward, seeds, &Rules::default())?;
    let history = evaluation.history(&reach)?;
    let mut found = BTreeSet::new();
    for units in &reach.units {
        found.extend(units.members.iter().map(|member| {
            let block = units.block;
            (Kind::Unit, Address { block, member })
        }));
    }
    let lone = |block: Block| Address { block, member: 0 };
    found.extend(reach.lots().into_iter().map(|lot| (Kind::Lot, lone(lot))));
    let processes = reach.processes.iter();
    found.extend(processes.map(|process| (Kind::Process, lone(process.process))));
    for entry in events::by_keys(source.conn(), &history.events)? {
        found.extend(entry.happened_at().map(|place| (Kind::Place, lone(place))));
    }
    found.retain(|(_, address)| *address != own);
    Ok(found)
}

fn count_downstream(
    source: &mut StoreSource<'_>,
    kind: Kind,
    address: Address,
    candidate: &mut Candidate,
) -> Result<(), Error> {
    let window = Window::default();
    let units =
        |block: Block| -> Units { [(block, crate::codes::MemberSet::one(address.member))].into() };
    let seed = match kind {
        Kind::Place | Kind::Process => return Ok(()),
        Kind::Lot => Seed::Lot {
            lot: address.block,
            place: None,
            window,
        },
        Kind::Unit => Seed::Units {
            units: units(address.block),
            window,
        },
    };
    let mut evaluation = Evaluation::new(source);
    let reach = evaluation.reach(Direction::Forward, &[seed], &Rules::default())?;
    candidate.downstream_units = Some(reach.unit_count());
    candidate.downstream_lots = u64::try_from(reach.lots().len()).ok();
    Ok(())
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Lot => "lot",
            Self::Process => "process",
            Self::Unit => "unit",
            Self::Place => "place",
        }
    }
}
