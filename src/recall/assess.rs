//! From a definition and a position to a scope: forward reach, then where everything reached is.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use super::digest::digest;
use super::request::{Definition, time};
use super::scope::{Cell, Group, LotPart, Scope, ScopeBlock, ScopeLot};
use super::summary::Tally;
use crate::codes::{Address, BLOCK_SIZE, Block, Dictionary, MemberSet};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::ledger::Position;
use crate::trace::evaluate::{
    Balances, CauseId, Direction, Evaluation, Reach, ReachedUnits, Rules, Seed, Standing, Status,
    Whereabouts, Window,
};
use crate::trace::store::StoreSource;
use crate::trace::{
    self, NamedPosition, Names, Quantity, Share, Wanted, account_blocks, named_blocks, subject,
};

/// After everything that was recorded: scopes tell where things are at their position.
const END: Timestamp = Timestamp::from_micros(i64::MAX);

/// No standing.
const NONE: u32 = u32::MAX;

/// A scope with what it answers and the position it was evaluated at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// What was asked.
    pub definition: Definition,
    /// What of the ledger counted.
    pub position: NamedPosition,
    /// The answer.
    pub scope: Scope,
}

impl Assessment {
    /// Whether nothing is affected.
    pub fn is_empty(&self) -> bool {
        self.scope.summary.unit_count == 0 && self.scope.lots.is_empty()
    }
}

/// Evaluates a definition at a position. The same definition at the same position gives the same
/// assessment for ever. Call inside a snapshot or a write.
pub fn assess(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    definition: Definition,
    (position, named): (Position, NamedPosition),
) -> Result<Assessment, Error> {
    let mut source = StoreSource::new(conn, position.clone()).map_err(trace::Error::from)?;
    let seeds = seeds(&mut source, dictionary, &definition)?;
    let found = find(&mut source, &seeds)?;
    let mut blocks = named_blocks(found.standings.standings.iter());
    blocks.extend(named_blocks(found.containers.standings.iter()));
    blocks.extend(found.named);
    let names = Names::read(source.conn(), dictionary, &blocks, &position)?;

    let mut groups = Groups::default();
    let mut tally = Tally::default();
    let of_standing: Vec<u32> = found
        .standings
        .standings
        .iter()
        .map(|standing| {
            if is_seen(standing) {
                groups.number(group(&names, standing))
            } else {
                NONE
            }
        })
        .collect();
    let scope_blocks = scope_blocks(&found.reach, &found.standings, &of_standing);
    for cell in scope_blocks.iter().flat_map(|block| &block.cells) {
        if let Some(group) = groups.list.get(cell.group as usize) {
            tally.units(group, cell.certainty, cell.members.len());
        }
    }
    let ids: BTreeSet<Address> = found
        .reach
        .lots()
        .into_iter()
        .map(|block| Address { block, member: 0 })
        .collect();
    let ids = dictionary.spell(source.conn(), &ids)?;
    let mut lots = Vec::new();
    for (lot, stock) in trace::by_lot(&found.reach) {
        let Some(first) = stock
            .iter()
            .min_by_key(|stock| (stock.certainty, stock.time))
        else {
            continue;
        };
        let balances = found.balances.get(&lot).map_or(&[][..], Vec::as_slice);
        let mut parts = Vec::new();
        for share in trace::shares(&stock, balances) {
            let group = group_of_share(&names, &found.containers, &share);
            tally.part(&group, &share);
            parts.push(LotPart {
                quantity: Quantity::of(&share),
                group: groups.number(group),
            });
        }
        tally.lot();
        let address = Address {
            block: lot,
            member: 0,
        };
        lots.push(ScopeLot {
            lot,
            id: ids.get(&address).cloned().unwrap_or_default(),
            certainty: first.certainty,
            path: found.reach.causes.path(first.cause),
            parts,
        });
    }
    let mut scope = Scope {
        groups: groups.list,
        blocks: scope_blocks,
        lots,
        summary: tally.finish(),
        digest: String::new(),
    };
    scope.digest = digest(source.conn(), dictionary, &scope)?;
    Ok(Assessment {
        definition,
        position: named,
        scope,
    })
}

/// What the evaluation found.
struct Found {
    reach: Reach,
    standings: Whereabouts,
    balances: BTreeMap<Block, Vec<Balances>>,
    /// Where the containers are that hold parts of lots.
    containers: Whereabouts,
    /// Places and parties that accounts of lots name.
    named: BTreeSet<Block>,
}

fn find(source: &mut StoreSource<'_>, seeds: &[Seed]) -> Result<Found, Error> {
    let mut evaluation = Evaluation::new(source);
    let reach = evaluation.reach(Direction::Forward, seeds, &Rules::default())?;
    let standings = evaluation.whereabouts(&reach.unit_sets(), END)?;
    let balances = evaluation.balances(&reach.lots(), END)?;
    let accounts = balances.values().flatten();
    let accounts = accounts.flat_map(|of_uom| of_uom.accounts.keys().chain(&of_uom.unknown));
    let (named, containers) = account_blocks(accounts);
    let containers = evaluation.whereabouts(&containers, END)?;
    Ok(Found {
        reach,
        standings,
        balances,
        containers,
        named,
    })
}

/// What a definition starts from.
pub(super) fn seeds(
    source: &mut StoreSource<'_>,
    dictionary: Dictionary<'_>,
    definition: &Definition,
) -> Result<Vec<Seed>, Error> {
    let mut seeds = Vec::new();
    for lot in &definition.lots {
        let subject = subject(source, dictionary, lot, Wanted::Lot)?;
        seeds.extend(subject.seeds(Window::default()));
    }
    for unit in &definition.units {
        let subject = subject(source, dictionary, unit, Wanted::Unit)?;
        seeds.extend(subject.seeds(Window::default()));
    }
    for asked in &definition.places {
        let place = trace::place_identifier(&asked.place)?;
        let blocks = trace::place_blocks(source.conn(), dictionary, &place)?;
        if blocks.is_empty() {
            return Err(trace::Error::NeverSeen {
                text: asked.place.clone(),
                understood: asked.place.clone(),
            }
            .into());
        }
        let window = Window {
            from: Some(time("from", &asked.from)?),
            until: Some(time("until", &asked.until)?),
        };
        let guard = asked.guard_seconds.saturating_mul(1_000_000);
        seeds.extend(blocks.into_iter().map(|place| Seed::Place {
            place,
            window,
            guard,
        }));
    }
    Ok(seeds)
}

/// Groups by number, in the order of first sight.
#[derive(Debug, Default)]
struct Groups {
    list: Vec<Group>,
    numbers: BTreeMap<Group, u32>,
}

impl Groups {
    fn number(&mut self, group: Group) -> u32 {
        if let Some(number) = self.numbers.get(&group) {
            return *number;
        }
        let number = u32::try_from(self.list.len()).unwrap_or(NONE);
        self.list.push(group.clone());
        self.numbers.insert(group, number);
        number
    }
}

/// Units of listed ranges that no event names are no part of a scope.
fn is_seen(standing: &Standing) -> bool {
    standing.answer.status != Status::Unknown || standing.answer.event.is_some()
}

fn group(names: &Names, standing: &Standing) -> Group {
    let mut others: Vec<_> = standing
        .others
        .iter()
        .map(|answer| names.holding(answer))
        .collect();
    others.sort();
    others.dedup();
    let holding = names.holding(&standing.answer);
    others.retain(|other| *other != holding);
    Group { holding, others }
}

fn group_of_share(names: &Names, containers: &Whereabouts, share: &Share) -> Group {
    let holding = names.account(&share.account, |unit| {
        containers.of(unit).map(|standing| standing.answer)
    });
    Group {
        holding,
        others: Vec::new(),
    }
}

/// Cuts what was reached by where it is, block by block.
fn scope_blocks(reach: &Reach, standings: &Whereabouts, of_standing: &[u32]) -> Vec<ScopeBlock> {
    let mut blocks = Vec::new();
    let mut reached = reach.units.as_slice();
    let mut placed = standings.groups.as_slice();
    let mut group_of = vec![NONE; BLOCK_SIZE as usize];
    while let Some(first) = reached.first() {
        let block = first.block;
        let count = reached
            .iter()
            .take_while(|units| units.block == block)
            .count();
        let (here, rest) = reached.split_at(count);
        reached = rest;
        let skipped = placed
            .iter()
            .take_while(|units| units.block < block)
            .count();
        placed = &placed[skipped..];
        let count = placed
            .iter()
            .take_while(|units| units.block == block)
            .count();
        let (standing_here, rest) = placed.split_at(count);
        placed = rest;
        group_of.fill(NONE);
        for units in standing_here {
            let number = of_standing
                .get(units.standing as usize)
                .copied()
                .unwrap_or(NONE);
            for member in units.members.iter() {
                group_of[usize::from(member)] = number;
            }
        }
        let found = scope_block(reach, block, here, &group_of);
        if !found.cells.is_empty() {
            blocks.push(found);
        }
    }
    blocks
}

fn scope_block(reach: &Reach, block: Block, here: &[ReachedUnits], group_of: &[u32]) -> ScopeBlock {
    let mut found = ScopeBlock {
        block,
        paths: Vec::new(),
        cells: Vec::new(),
    };
    let mut path_of: BTreeMap<CauseId, u32> = BTreeMap::new();
    for units in here {
        let mut by_group: BTreeMap<u32, MemberSet> = BTreeMap::new();
        for member in units.members.iter() {
            let group = group_of[usize::from(member)];
            if group != NONE {
                by_group.entry(group).or_default().insert(member);
            }
        }
        if by_group.is_empty() {
            continue;
        }
        let path = *path_of.entry(units.cause).or_insert_with(|| {
            let number = u32::try_from(found.paths.len()).unwrap_or(NONE);
            found.paths.push(reach.causes.path(units.cause));
            number
        });
        found
            .cells
            .extend(by_group.into_iter().map(|(group, members)| Cell {
                certainty: units.certainty,
                path,
                group,
                members,
            }));
    }
    found
}
