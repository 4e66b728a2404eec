//! The look-up behind a scan: from a key to everything that is told about it.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use super::held::{Held, held};
use super::journey::{Journey, Step};
use super::life::Life;
use super::region::{Region, region};
use super::subject::Subject;
use super::verdict::{Facts, SerialFact, Verdict};
use crate::codes::{
    self, Address, Block, ComputedSerial, Derived, Dictionary, MemberSet, SerialVerdict,
};
use crate::credentials::Things;
use crate::db::Conn;
use crate::gs1::{Gtin, Identifier, Key, Lot};
use crate::ledger;
use crate::parties::{self, Organisation, Product, ProductMode};
use crate::recall::{self, Affected, Covering};
use crate::trace::store::StoreSource;
use crate::trace::{self, LotUnits, Source as _};

/// A product, as everybody may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductView {
    /// Its GTIN.
    pub gtin: Gtin,
    /// Its name.
    pub name: String,
    /// Its name in English.
    pub name_en: Option<String>,
    /// Its brand.
    pub brand: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// The standard its maker declares.
    pub standard: Option<String>,
}

/// Who answers for a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maker {
    /// Its name.
    pub name: String,
    /// Its name in English.
    pub name_en: Option<String>,
    /// Its unified social credit code.
    pub credit_code: Option<String>,
    /// Its telephone.
    pub phone: Option<String>,
    /// Its city.
    pub region: Option<Region>,
}

/// Everything that is told about a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// What was scanned; a serial typed by hand is corrected.
    pub subject: Subject,
    /// What can be said of the code.
    pub verdict: Verdict,
    /// The product.
    pub product: Option<ProductView>,
    /// Who answers for it.
    pub maker: Option<Maker>,
    /// Its lot, from its batch or from what its maker said.
    pub lot: Option<String>,
    /// What its maker said of it.
    pub life: Life,
    /// What happened to it, each step with its city.
    pub steps: Vec<(Step, Option<Region>)>,
    /// Steps that are not told.
    pub steps_left_out: usize,
    /// What its maker held when it was made.
    pub held: Vec<Held>,
    /// The recalls it is affected by, newest first.
    pub recalls: Vec<Covering>,
    /// For a place: where it is.
    pub place: Option<Region>,
}

impl Scan {
    fn bare(subject: Subject) -> Self {
        Self {
            subject,
            verdict: Verdict::Unrecorded,
            product: None,
            maker: None,
            lot: None,
            life: Life::default(),
            steps: Vec::new(),
            steps_left_out: 0,
            held: Vec::new(),
            recalls: Vec::new(),
            place: None,
        }
    }
}

/// Looks up what a key is about. Nothing is looked up for a code that its producer did not issue but the
/// product it pretends to be. Call inside one snapshot.
pub fn look_up(conn: &mut Conn, dictionary: Dictionary<'_>, key: &Key) -> Result<Scan, Error> {
    let mut scan = Scan::bare(Subject::of(key));
    let mut key = key.clone();
    let mut facts = Facts {
        is_registered: false,
        serial: SerialFact::Silent,
        is_seen: false,
        is_of_other_lot: false,
    };
    // Of a lot: its items, as far as they are known.
    let mut items: BTreeMap<Block, MemberSet> = BTreeMap::new();
    let (mode, maker) = match scan.subject.gtin() {
        Some(gtin) => add_product(conn, &mut scan, gtin)?.unzip(),
        None => (None, None),
    };
    facts.is_registered = mode.is_some();
    if let Subject::Place(gln) = &scan.subject {
        let place = parties::places_of(conn, gln.as_str())?.into_iter().next();
        facts.is_registered = place.is_some();
        scan.place = place.and_then(|place| region(&place.region?));
    }
    match scan.subject.clone() {
        Subject::Item { gtin, serial } if facts.is_registered => {
            facts.serial = check_serial(conn, dictionary, &mut scan, &mut key, gtin, &serial)?;
            if facts.serial == SerialFact::Silent && mode == Some(ProductMode::Computed) {
                facts.serial = SerialFact::Foreign;
            }
        }
        Subject::Lot { gtin, lot } if facts.is_registered => {
            scan.lot = Some(lot.clone());
            let batches = codes::batches_of_lot(conn, gtin, &lot)?;
            if !batches.is_empty() {
                facts.serial = SerialFact::Issued;
            }
            for (block, first, last) in batches.iter().flat_map(codes::Batch::blocks) {
                let members = items.entry(block).or_default();
                members.insert_run(first, last);
            }
        }
        _ => {}
    }
    let has_journey = matches!(
        scan.subject,
        Subject::Item { .. } | Subject::Lot { .. } | Subject::Unit(_)
    );
    let is_forged = facts.serial == SerialFact::NotIssued;
    let is_foreign = scan.subject.gtin().is_some() && !facts.is_registered;
    if has_journey && !is_forged && !is_foreign {
        let thing = address(conn, dictionary, &key)?;
        if let Some(thing) = thing {
            facts.is_seen = add_journey(conn, dictionary, &mut scan, thing)?;
        }
        let mut affected = affected(conn, dictionary, &scan, thing.filter(|_| facts.is_seen))?;
        if let (Subject::Lot { .. }, Some(lot)) = (&scan.subject, thing) {
            add_units(&mut items, lot_units(conn, lot)?);
        }
        facts.is_seen |= are_seen(conn, &items)?;
        affected.items = items;
        scan.recalls = recall::covering(conn, &affected)?;
    }
    facts.is_of_other_lot = match (key.serial(), key.lot(), scan.lot.as_deref()) {
        (Some(_), Some(named), Some(recorded)) => named != recorded,
        _ => false,
    };
    scan.verdict = Verdict::of(&scan.subject, facts);
    if let (Verdict::Known, Some(maker)) = (scan.verdict, maker) {
        add_held(conn, dictionary, &mut scan, &maker)?;
    }
    Ok(scan)
}

/// Adds product and maker; tells how the product's codes are made, and the maker's id.
fn add_product(
    conn: &mut Conn,
    scan: &mut Scan,
    gtin: Gtin,
) -> Result<Option<(ProductMode, String)>, Error> {
    let Some(product) = parties::product(conn, gtin.as_str())? else {
        return Ok(None);
    };
    let told = (product.mode, product.org.clone());
    let maker = parties::organisation(conn, &product.org)?;
    scan.maker = maker.map(maker_view);
    scan.product = Some(product_view(gtin, product));
    Ok(Some(told))
}

/// Adds what the maker held when the journey began, where it began.
fn add_held(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    scan: &mut Scan,
    maker: &str,
) -> Result<(), Error> {
    let (Some((first, _)), Some(gtin)) = (scan.steps.first(), scan.subject.gtin()) else {
        return Ok(());
    };
    let at = first.at;
    let place: BTreeSet<Address> = first
        .place
        .map(|block| Address { block, member: 0 })
        .into_iter()
        .collect();
    let place = dictionary.spell(conn, &place)?.into_values().next();
    let lot = scan.lot.as_deref().and_then(|lot| Lot::parse(lot).ok());
    let product = scan.product.as_ref();
    let things = Things {
        gtin: Some(gtin.as_str().to_owned()),
        lots: lot
            .map(|lot| Key::of_lot(gtin, &lot).canonical())
            .into_iter()
            .collect(),
        category: product.and_then(|product| product.category.clone()),
    };
    scan.held = held(conn, maker, things, place.as_deref(), at)?;
    Ok(())
}

fn product_view(gtin: Gtin, product: Product) -> ProductView {
    ProductView {
        gtin,
        name: product.name,
        name_en: product.name_en,
        brand: product.brand,
        category: product.category,
        standard: product.standard,
    }
}

fn maker_view(maker: Organisation) -> Maker {
    Maker {
        name: maker.name,
        name_en: maker.name_en,
        credit_code: maker.credit_code,
        phone: maker.phone,
        region: maker.region.and_then(|code| region(&code)),
    }
}

/// Asks whether the serial was issued: as it stands, and then as it was probably meant when typed.
fn check_serial(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    scan: &mut Scan,
    key: &mut Key,
    gtin: Gtin,
    serial: &str,
) -> Result<SerialFact, Error> {
    let mut verdict = codes::verify_serial(conn, dictionary, gtin, serial)?;
    if !matches!(verdict, SerialVerdict::Issued { .. })
        && let Some(meant) = ComputedSerial::parse_typed(serial)
        && meant.as_str() != serial
    {
        let typed = codes::verify_serial(conn, dictionary, gtin, meant.as_str())?;
        if let (SerialVerdict::Issued { .. }, Ok(corrected)) = (
            &typed,
            Key::new("01", gtin.as_str(), &[("21", meant.as_str())]),
        ) {
            *key = corrected;
            scan.subject = Subject::of(key);
            verdict = typed;
        } else if verdict == SerialVerdict::NotComputed {
            verdict = typed;
        }
    }
    Ok(match verdict {
        SerialVerdict::Issued { batch, .. } => {
            scan.lot = Some(batch.lot.as_str().to_owned());
            SerialFact::Issued
        }
        SerialVerdict::NotIssued => SerialFact::NotIssued,
        SerialVerdict::NotComputed => SerialFact::Silent,
    })
}

/// The items that events say are of a lot.
fn lot_units(conn: &mut Conn, lot: Address) -> Result<BTreeMap<Block, MemberSet>, Error> {
    let position = ledger::position(conn)?;
    let mut source = StoreSource::new(conn, position)?;
    Ok(LotUnits::united(source.lot_units(&[lot.block])?))
}

fn add_units(to: &mut BTreeMap<Block, MemberSet>, more: BTreeMap<Block, MemberSet>) {
    for (block, members) in more {
        to.entry(block).or_default().union_with(&members);
    }
}

/// Whether an event names something in the blocks of these items.
fn are_seen(conn: &mut Conn, items: &BTreeMap<Block, MemberSet>) -> Result<bool, Error> {
    let blocks: Vec<Block> = items.keys().copied().collect();
    Ok(!trace::seen_blocks(conn, &blocks)?.is_empty())
}

/// Where a key lives, if it has an address.
fn address(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    key: &Key,
) -> Result<Option<Address>, Error> {
    let derived = Derived::of_thing(&Identifier::Gs1(key.clone()));
    Ok(dictionary
        .find(conn, &[derived])?
        .into_iter()
        .flatten()
        .next())
}

/// What recalls can name or reach: the thing, its lot, its product.
fn affected(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    scan: &Scan,
    thing: Option<Address>,
) -> Result<Affected, Error> {
    let mut affected = Affected {
        thing,
        ..Affected::default()
    };
    let Some(gtin) = scan.subject.gtin() else {
        return Ok(affected);
    };
    affected.names.push(Key::of_class(gtin).canonical());
    if let Some(lot) = scan.lot.as_deref().and_then(|lot| Lot::parse(lot).ok()) {
        let lot = Key::of_lot(gtin, &lot);
        affected.lot = address(conn, dictionary, &lot)?;
        affected.names.push(lot.canonical());
    }
    Ok(affected)
}

/// Adds what happened to it; tells whether anything did.
fn add_journey(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    scan: &mut Scan,
    address: Address,
) -> Result<bool, Error> {
    let journey = journey(conn, address)?;
    let places = places(conn, dictionary, &journey.places())?;
    scan.life = Life::of(conn, &journey)?;
    if scan.lot.is_none() {
        scan.lot.clone_from(&scan.life.lot);
    }
    let is_seen = !journey.steps.is_empty();
    scan.steps_left_out = journey.left_out;
    scan.steps = journey
        .steps
        .into_iter()
        .map(|step| {
            let place = step.place.and_then(|block| places.get(&block).cloned());
            (step, place)
        })
        .collect();
    Ok(is_seen)
}

/// The journey of what is at an address, now.
fn journey(conn: &mut Conn, address: Address) -> Result<Journey, Error> {
    let position = ledger::position(conn)?;
    let mut source = StoreSource::new(conn, position)?;
    Ok(Journey::of(&mut source, address)?)
}

/// The cities of places.
fn places(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    blocks: &BTreeSet<Block>,
) -> Result<BTreeMap<Block, Region>, Error> {
    let addresses: BTreeSet<Address> = blocks
        .iter()
        .map(|block| Address {
            block: *block,
            member: 0,
        })
        .collect();
    let spelled = dictionary.spell(conn, &addresses)?;
    let ids: Vec<String> = spelled.values().cloned().collect();
    let known = parties::places(conn, &ids)?;
    Ok(spelled
        .into_iter()
        .filter_map(|(address, id)| {
            let code = known.get(&id)?.region.as_deref()?;
            Some((address.block, region(code)?))
        })
        .collect())
}
