//! From what somebody typed to what can be asked about: identifiers that events before a position name.

use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::{Seed, Units, Window};
use super::store::{StoreSource, lots_of_class, places_inside};
use super::{Error, LotUnits, Source};
use crate::codes::{self, Address, Block, BlockKind, Derived, Dictionary, MemberSet};
use crate::db::Conn;
use crate::gs1::{Identifier, Level};
use crate::ledger;

/// What an identifier names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The canonical identifier.
    pub id: String,
    /// Its address.
    pub address: Address,
    /// Whether an event names it as a whole.
    pub is_named: bool,
    /// Of a lot or a class: its single items that were seen.
    pub items: Units,
    /// Of a class: its lots that moved.
    pub lots: Vec<Block>,
}

/// Which kinds of things an identifier may name here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A unit, container or lot.
    Anything,
    /// A single thing.
    Unit,
    /// Something there are quantities of.
    Lot,
}

/// Reads an identifier of any form.
pub fn identifier(text: &str) -> Result<Identifier, Error> {
    let parsed = Identifier::parse(text.trim()).map_err(|fault| Error::Identifier {
        text: text.to_owned(),
        fault: Box::new(fault),
    })?;
    Ok(parsed.identifier)
}

/// Reads the identifier of a place: a GLN alone too.
pub fn place_identifier(text: &str) -> Result<Identifier, Error> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let read = if is_number {
        identifier(&format!("(414){text}"))
    } else {
        identifier(text)
    };
    let read = read.map_err(|error| match error {
        Error::Identifier { text: read, fault } => Error::NoPlace {
            text: if is_number { text.to_owned() } else { read },
            fault,
        },
        other => other,
    })?;
    match read.level() {
        None | Some(Level::Place) => Ok(read),
        Some(_) => Err(Error::OtherKind {
            text: text.to_owned(),
            wanted: "place",
            understood: read.canonical().into_owned(),
        }),
    }
}

/// The blocks of a place and of everything inside it that events name; none when no event does.
pub fn place_blocks(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    place: &Identifier,
) -> Result<Vec<Block>, Error> {
    let mut blocks = places_inside(conn, &place.canonical())?;
    for address in dictionary
        .find(conn, &[Derived::of_place(place)])?
        .into_iter()
        .flatten()
    {
        if !dictionary.spell(conn, &[address].into())?.is_empty() {
            blocks.push(address.block);
        }
    }
    blocks.sort_unstable();
    Ok(blocks)
}

/// Reads an identifier of the wanted kind, and tells it in its canonical form.
fn identifier_of(text: &str, wanted: Wanted) -> Result<(Identifier, String), Error> {
    let identifier = identifier(text)?;
    let id = identifier.canonical().into_owned();
    let wanted = match (wanted, identifier.level()) {
        (_, Some(Level::Place | Level::Party)) => "unit or lot",
        (Wanted::Lot, Some(Level::Instance)) => "lot",
        (Wanted::Unit, Some(Level::Lot | Level::Class)) => "single unit",
        _ => return Ok((identifier, id)),
    };
    Err(Error::OtherKind {
        text: text.to_owned(),
        wanted,
        understood: id,
    })
}

/// What the identifier names at the position of the source.
pub fn subject(
    source: &mut StoreSource<'_>,
    dictionary: Dictionary<'_>,
    text: &str,
    wanted: Wanted,
) -> Result<Subject, Error> {
    let (identifier, id) = identifier_of(text, wanted)?;
    let level = identifier.level();
    let mut derived = Vec::new();
    if wanted != Wanted::Lot {
        derived.push(Derived::of_thing(&identifier));
    }
    if wanted != Wanted::Unit && level != Some(Level::Instance) {
        derived.push(Derived::of_quantity(&identifier));
    }
    let found = dictionary.find(source.conn(), &derived)?;
    let items = items_of(source, &identifier)?;
    let lots = lots_of(source, &identifier)?;
    for address in found.into_iter().flatten() {
        let is_wanted = match wanted {
            Wanted::Anything => true,
            Wanted::Unit => !address.block.is_quantified(),
            Wanted::Lot => address.block.is_quantified(),
        };
        if !is_wanted {
            continue;
        }
        let is_named = is_seen(source, address)?;
        if is_named || items.is_some() || !lots.is_empty() || has_alias(source, address)? {
            return Ok(Subject {
                id,
                address,
                is_named,
                items: items.unwrap_or_default(),
                lots,
            });
        }
    }
    Err(Error::NeverSeen {
        text: text.to_owned(),
        understood: id,
    })
}

/// A single thing that somebody named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedUnit<'t> {
    /// What was typed.
    pub text: &'t str,
    /// The canonical identifier.
    pub id: String,
    /// Its address; none when no event before the position names it.
    pub address: Option<Address>,
}

impl NamedUnit<'_> {
    /// Its address, or that no event names it.
    pub fn seen(self) -> Result<Address, Error> {
        self.address.ok_or_else(|| Error::NeverSeen {
            text: self.text.to_owned(),
            understood: self.id,
        })
    }
}

/// What these identifiers of single things name at the position of the source, looked up all at once.
pub fn named_units<'t>(
    source: &mut StoreSource<'_>,
    dictionary: Dictionary<'_>,
    texts: impl IntoIterator<Item = &'t String>,
) -> Result<Vec<NamedUnit<'t>>, Error> {
    let mut named = Vec::new();
    let mut derived = Vec::new();
    for text in texts {
        let (identifier, id) = identifier_of(text, Wanted::Unit)?;
        derived.push(Derived::of_thing(&identifier));
        named.push(NamedUnit {
            text,
            id,
            address: None,
        });
    }
    let found = dictionary.find(source.conn(), &derived)?;
    let mut listed = Units::new();
    let single = |address: &Address| !address.block.is_quantified();
    for address in found.iter().flatten().filter(|address| single(address)) {
        listed
            .entry(address.block)
            .or_default()
            .insert(address.member);
    }
    let seen = seen_units(source, &listed)?;
    for (unit, address) in named.iter_mut().zip(found) {
        unit.address = address.filter(|address| {
            let members = seen.get(&address.block);
            members.is_some_and(|members| members.contains(address.member))
        });
    }
    Ok(named)
}

impl Subject {
    /// Refuses a product of which events name lots and single items only: these are somewhere, and it is nowhere.
    pub fn check_is_thing(&self, text: &str) -> Result<(), Error> {
        let is_product = self.address.block.kind() == Some(BlockKind::Class);
        if !is_product || self.is_named {
            return Ok(());
        }
        Err(Error::Product {
            text: text.to_owned(),
            understood: self.id.clone(),
        })
    }

    /// What an evaluation starts from.
    pub fn seeds(&self, window: Window) -> Vec<Seed> {
        let mut seeds = Vec::new();
        if self.address.block.kind() == Some(BlockKind::Class) && !self.is_named {
            // Its lots and items alone were seen.
        } else if self.address.block.is_quantified() {
            seeds.push(Seed::Lot {
                lot: self.address.block,
                place: None,
                window,
            });
        } else {
            let one = MemberSet::one(self.address.member);
            seeds.push(Seed::Units {
                units: [(self.address.block, one)].into(),
                window,
            });
        }
        seeds.extend(self.lots.iter().map(|lot| Seed::Lot {
            lot: *lot,
            place: None,
            window,
        }));
        if !self.items.is_empty() {
            seeds.push(Seed::Units {
                units: self.items.clone(),
                window,
            });
        }
        seeds
    }
}

fn is_seen(source: &mut StoreSource<'_>, address: Address) -> Result<bool, Error> {
    let wanted = BTreeMap::from([(address.block, MemberSet::one(address.member))]);
    let found = source.load(&wanted)?;
    Ok(found.values().any(|records| !records.is_empty()))
}

/// Whether it is a lot under another name, as imported before the position.
fn has_alias(source: &mut StoreSource<'_>, address: Address) -> Result<bool, Error> {
    if !address.block.is_quantified() {
        return Ok(false);
    }
    Ok(!source.aliases(&[address.block])?.is_empty())
}

/// The single items of a lot or a class that any event before the position names: codes issued for it,
/// items that events say are of it, and of a class every other one too. None when no codes were issued for
/// it and no event names an item.
fn items_of(source: &mut StoreSource<'_>, identifier: &Identifier) -> Result<Option<Units>, Error> {
    let level = identifier.level();
    let key = identifier
        .key()
        .filter(|_| matches!(level, Some(Level::Lot | Level::Class)));
    let Some((gtin, key)) = key.and_then(|key| Some((key.gtin()?, key))) else {
        return Ok(None);
    };
    let batches = match key.lot() {
        Some(lot) => codes::batches_of_lot(source.conn(), gtin, lot)?,
        None => codes::batches_of_product(source.conn(), gtin)?,
    };
    let position = source.position().clone();
    let size = ledger::control_size(source.conn(), &position)?;
    let mut listed = Units::new();
    for batch in batches.iter().filter(|batch| batch.seq < size) {
        for (block, first, last) in batch.blocks() {
            listed.entry(block).or_default().insert_run(first, last);
        }
    }
    if key.lot().is_none() {
        for block in codes::blocks_of_class(source.conn(), gtin)? {
            listed.insert(block, MemberSet::all());
        }
    }
    let mut items = seen_units(source, &listed)?;
    if let Derived::At(lot, _) = Derived::of_quantity(identifier) {
        for (block, members) in LotUnits::united(source.lot_units(&[lot.block])?) {
            items.entry(block).or_default().union_with(&members);
        }
    }
    let is_known = !items.is_empty() || batches.iter().any(|batch| batch.seq < size);
    Ok(is_known.then_some(items))
}

/// Those of these units that any event before the position of the source names.
pub fn seen_units(source: &mut StoreSource<'_>, listed: &Units) -> Result<Units, Error> {
    let mut seen = Units::new();
    if listed.is_empty() {
        return Ok(seen);
    }
    for (block, records) in source.load(listed)? {
        let members = seen.entry(block).or_default();
        for record in &records {
            record.members.add_to(members);
        }
        if let Some(listed) = listed.get(&block) {
            members.intersect_with(listed);
        }
    }
    seen.retain(|_, members| !members.is_empty());
    Ok(seen)
}

/// The lots of a class that have moved before the position.
fn lots_of(source: &mut StoreSource<'_>, identifier: &Identifier) -> Result<Vec<Block>, Error> {
    if identifier.level() != Some(Level::Class) {
        return Ok(Vec::new());
    }
    let lots = lots_of_class(source.conn(), &identifier.canonical())?;
    let moves = source.lot_moves(&lots)?;
    let moved: BTreeSet<Block> = moves.iter().map(|moved| moved.lot).collect();
    Ok(moved.into_iter().collect())
}
