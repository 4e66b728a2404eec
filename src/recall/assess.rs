//! From a definition and a position to a scope: forward reach, then where everything reached is.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use super::definition::Definition;
use super::digest::digest;
use super::groups::{Groups, NONE, Parting, all_went, group};
use super::ranges::unnamed_codes;
use super::scope::{Cell, Group, LotPart, Scope, ScopeBlock, ScopeExcluded, ScopeLot};
use super::seeds::seeds;
use super::summary::{CountedPart, Tally};
use super::witness::witness;
use crate::codes::{Address, BLOCK_SIZE, Block, Dictionary, MemberSet};
use crate::db::Conn;
use crate::epcis::Timestamp;
use crate::ledger::Position;
use crate::trace::evaluate::{
    Account, Balances, Blank, CauseId, Direction, Evaluation, LotOwners, OwnedUnits, Reach,
    ReachedUnits, Rules, Seed, Standing, UnitGap, Units, Whereabouts,
};
use crate::trace::store::StoreSource;
use crate::trace::{
    self, Along, Evidence, NamedPosition, Names, Quantity, Whither, account_blocks, history_blocks,
    named_blocks,
};

/// After everything that was recorded: scopes tell where things are at their position.
pub(super) const END: Timestamp = Timestamp::from_micros(i64::MAX);

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

    /// Refuses a scope in which nothing is affected, with what was looked at and left out and why, and with the
    /// records that are missing there.
    pub fn check_not_empty(&self) -> Result<(), Error> {
        if !self.is_empty() {
            return Ok(());
        }
        let left_out = self.scope.summary.excluded.iter();
        let left_out: Vec<String> = left_out
            .map(|(reason, count)| format!("{reason} {count}"))
            .collect();
        let left_out = if left_out.is_empty() {
            String::new()
        } else {
            format!("; looked at and left out: {}", left_out.join(", "))
        };
        let missing = self.scope.summary.dark_edges.iter();
        let missing = missing.filter(|edge| edge.is_missing());
        let told: Vec<String> = missing
            .map(|edge| {
                format!(
                    "{} of {}, ask {}",
                    edge.kind.as_str(),
                    edge.id,
                    edge.ask.join(", ")
                )
            })
            .collect();
        let mut gaps = String::new();
        for codes in &self.scope.summary.unnamed {
            gaps.push_str(&format!(
                "; no event names {} issued codes of {}: where they are is known of the lot alone, name it",
                codes.count, codes.lot
            ));
        }
        for untold in &self.scope.summary.untold {
            gaps.push_str(&format!(
                "; no event tells {} of {}",
                untold.field, untold.product
            ));
        }
        if !told.is_empty() {
            gaps.push_str(&format!("; but records are missing: {}", told.join("; ")));
        }
        Err(Error::EmptyScope { left_out, gaps })
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
    let mut scope = scope(conn, dictionary, &definition, &position, END)?;
    let mut source = StoreSource::new(conn, position).map_err(trace::Error::from)?;
    scope.summary.unnamed = unnamed_codes(&mut source, dictionary, &definition)?;
    scope.digest = digest(conn, dictionary, &scope)?;
    Ok(Assessment {
        definition,
        position: named,
        scope,
    })
}

/// The scope of a definition at a position, without its digest; things stand as they did at an instant.
pub(super) fn scope(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    definition: &Definition,
    position: &Position,
    at: Timestamp,
) -> Result<Scope, Error> {
    let mut source = StoreSource::new(conn, position.clone()).map_err(trace::Error::from)?;
    let seeds = seeds(&mut source, dictionary, definition)?;
    let hazard = definition.hazard.as_deref();
    let rules = definition
        .policies
        .rules(source.conn(), dictionary, hazard)?;
    let found = find(&mut source, &seeds.list, &rules, at)?;
    let mut blocks = named_blocks(found.standings.standings.iter());
    blocks.extend(named_blocks(found.containers.standings.iter()));
    blocks.extend(&found.named);
    let names = Names::read(source.conn(), dictionary, &blocks, position)?;

    let mut groups = Groups::default();
    let mut tally = Tally::default();
    let of_standing: Vec<u32> = found
        .standings
        .standings
        .iter()
        .map(|standing| {
            // Units of listed ranges that no event names are no part of a scope. At an instant, what is not there
            // yet is told as unknown.
            if standing.is_told() || at < END {
                groups.number(group(&names, standing))
            } else {
                NONE
            }
        })
        .collect();
    let whither = Whither {
        names: &names,
        containers: &found.containers,
        lot_owners: &found.lot_owners,
    };
    let parting = Parting {
        whither,
        owned: &found.owned,
        along: &found.along,
    };
    let scope_blocks = scope_blocks(&found, &of_standing, &parting, &mut groups);
    for cell in scope_blocks.iter().flat_map(|block| &block.cells) {
        if let Some(group) = groups.list.get(cell.group as usize) {
            tally.units(group, cell.certainty, cell.members.len());
        }
    }
    let lots = found.reach.lots().into_iter();
    let mut ids: BTreeSet<Address> = lots.map(|block| Address { block, member: 0 }).collect();
    ids.extend(found.inside.iter().flat_map(|(block, members)| {
        let members = members.iter();
        members.map(|member| Address {
            block: *block,
            member,
        })
    }));
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
        let shares = trace::shares(&found.reach, lot, balances);
        // Items that could be among it are known to be elsewhere, or where all of it went.
        let items = found
            .reach
            .entries
            .items(lot)
            .filter(|_| found.reach.entries.is_by_items(lot));
        if items.is_some_and(|items| shares.parts.is_empty() || all_went(&found.along, items)) {
            continue;
        }
        let mut counted = Vec::new();
        for share in &shares.parts {
            let inside = match share.account {
                Account::Inside(container) => container,
                _ => None,
            };
            let group = Group {
                is_inferred: inside.is_some(),
                ..Group::at(whither.owned_account(&share.account, lot))
            };
            let of_part = witness(&stock, &share.account).unwrap_or(first);
            parts.push(LotPart {
                quantity: Quantity::of(share),
                certainty: of_part.certainty,
                path: found.reach.causes.path(of_part.cause),
                group: groups.number(group.clone()),
                inside: inside.and_then(|container| ids.get(&container).cloned()),
            });
            counted.push(CountedPart {
                group,
                certainty: of_part.certainty,
                share: share.clone(),
            });
        }
        tally.lot(first.certainty, &shares.reached, &counted);
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
    let excluded = excluded(&found.reach);
    for left_out in &excluded {
        tally.excluded(left_out.reason, left_out.members.len());
    }
    let evidence = Evidence {
        reach: &found.reach,
        standings: &found.standings,
        balances: &found.balances,
        containers: &found.containers,
        histories: &found.histories,
        blanks: &found.blanks,
        names: &names,
    };
    let mut summary = tally.finish();
    summary.dark_edges = trace::dark_edges(source.conn(), dictionary, &evidence)?;
    summary.untold = seeds.untold;
    Ok(Scope {
        groups: groups.list,
        blocks: scope_blocks,
        lots,
        excluded,
        summary,
        digest: String::new(),
    })
}

/// What the evaluation found.
struct Found {
    reach: Reach,
    standings: Whereabouts,
    balances: BTreeMap<Block, Vec<Balances>>,
    /// Containers that hold parts of lots.
    inside: Units,
    /// Where they are.
    containers: Whereabouts,
    /// What is missing in the histories of the units, and of the containers that they and the lots were in.
    histories: Vec<UnitGap>,
    /// What no record says of what was reached.
    blanks: Vec<Blank>,
    /// Places and parties that accounts of lots, gaps in histories, and ownership name.
    named: BTreeSet<Block>,
    /// Units that somebody is named to own, block by block.
    owned: Vec<OwnedUnits>,
    lot_owners: BTreeMap<Block, LotOwners>,
    /// Units that can have gone along with their lot, block by block.
    along: Vec<Along>,
    /// Units that no event ever names.
    never: Units,
}

fn find(
    source: &mut StoreSource<'_>,
    seeds: &[Seed],
    rules: &Rules,
    at: Timestamp,
) -> Result<Found, Error> {
    let mut evaluation = Evaluation::new(source);
    let reach = evaluation.reach(Direction::Forward, seeds, rules)?;
    let units = reach.unit_sets();
    let standings = evaluation.whereabouts(&units, at)?;
    let mut never = Units::new();
    if at < END {
        never = unseen(&evaluation.whereabouts(&units, END)?);
    }
    let mut histories = evaluation.unit_gaps(&reach)?;
    histories.retain(|gap| gap.time <= at);
    let lots = reach.lots();
    let balances = evaluation.balances(&lots, at)?;
    let owned = evaluation.owners(&units, at)?;
    let lot_owners = evaluation.lot_owners(&lots, at)?;
    let along = trace::along_of(&mut evaluation, &standings, &lots, at)?;
    let accounts = balances.values().flatten();
    let accounts = accounts.flat_map(Balances::named);
    let gone = along.iter().flat_map(|along| along.accounts.keys());
    let (mut named, inside) = account_blocks(accounts.chain(gone));
    named.extend(owned.iter().map(|owned| owned.owner));
    named.extend(lot_owners.values().flat_map(LotOwners::all));
    let containers = evaluation.whereabouts(&inside, at)?;
    let mut blanks = evaluation.blanks(&reach, &balances, &containers)?;
    blanks.retain(|blank| blank.time <= at);
    named.extend(history_blocks(&histories, &blanks));
    Ok(Found {
        reach,
        standings,
        balances,
        inside,
        containers,
        histories,
        blanks,
        named,
        owned,
        lot_owners,
        along,
        never,
    })
}

/// The units that no event names.
fn unseen(standings: &Whereabouts) -> Units {
    let mut found = Units::new();
    for of_block in &standings.blocks {
        for together in &of_block.groups {
            let standing = standings.standings.get(together.standing as usize);
            if !standing.is_some_and(Standing::is_told) {
                let members = found.entry(of_block.block).or_default();
                members.union_with(&together.members.to_set());
            }
        }
    }
    found
}

/// What was looked at and left out.
fn excluded(reach: &Reach) -> Vec<ScopeExcluded> {
    let all = reach.excluded.iter();
    all.map(|left_out| ScopeExcluded {
        block: left_out.block,
        members: left_out.members.to_set(),
        reason: left_out.reason,
        event: left_out.event,
    })
    .collect()
}

/// Cuts what was reached by where it is and whose it is, block by block.
fn scope_blocks(
    found: &Found,
    of_standing: &[u32],
    parting: &Parting<'_>,
    groups: &mut Groups,
) -> Vec<ScopeBlock> {
    let (reach, standings) = (&found.reach, &found.standings);
    let mut blocks = Vec::new();
    let mut reached = reach.units.as_slice();
    let mut group_of = vec![NONE; BLOCK_SIZE as usize];
    while let Some(first) = reached.first() {
        let block = first.block;
        let count = reached
            .iter()
            .take_while(|units| units.block == block)
            .count();
        let (here, rest) = reached.split_at(count);
        reached = rest;
        group_of.fill(NONE);
        for units in standings.of_block(block) {
            let number = of_standing
                .get(units.standing as usize)
                .copied()
                .unwrap_or(NONE);
            for member in units.members.iter() {
                group_of[usize::from(member)] = number;
            }
        }
        for member in found
            .never
            .get(&block)
            .into_iter()
            .flat_map(MemberSet::iter)
        {
            group_of[usize::from(member)] = NONE;
        }
        parting.part(block, &mut group_of, groups);
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
