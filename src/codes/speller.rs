//! Writing identifiers out: everything that is read from the database is read at once, for whole blocks;
//! then any number of threads spell.

use std::collections::{BTreeMap, BTreeSet};

use super::dictionary::gtin_of;
use super::{
    Address, BaseError, Block, BlockKind, ComputedBlock, Dictionary, KeyEpoch, MemberSet,
    SerialBook, Spelled, store,
};
use crate::db::{self, Conn};
use crate::gs1::Gtin;

/// The identifiers of some members of some blocks, ready to be written out.
#[derive(Debug, Default)]
pub struct Speller {
    forms: BTreeMap<Block, Form>,
    books: BTreeMap<(Gtin, KeyEpoch), SerialBook>,
}

#[derive(Debug)]
enum Form {
    /// Serials are computed, and all identifiers of the block begin so.
    Computed(ComputedBlock, String),
    /// The base says it all.
    Based(BlockKind, String),
    /// One by one.
    Interned(BTreeMap<u16, String>),
}

impl Dictionary<'_> {
    /// Reads what spelling these members needs; blocks and members that are not known stay unspelled.
    pub fn speller(
        &self,
        conn: &mut Conn,
        wanted: &BTreeMap<Block, MemberSet>,
    ) -> Result<Speller, db::Error> {
        let bases = store::bases(conn, wanted.keys())?;
        let gtins: BTreeSet<Gtin> = bases
            .values()
            .filter_map(|(kind, base)| gtin_of(*kind, base))
            .collect();
        let tenants = store::tenants(conn, &gtins)?;
        let mut speller = Speller::default();
        for (block, (kind, base)) in bases {
            let form = match (kind, ComputedBlock::from_base(&base)) {
                (BlockKind::Computed, Some(computed)) => {
                    let (gtin, epoch) = (computed.gtin(), computed.epoch());
                    let Some(tenant) = tenants.get(&gtin) else {
                        continue;
                    };
                    speller
                        .books
                        .entry((gtin, epoch))
                        .or_insert_with(|| self.serial_book(tenant, gtin, epoch));
                    Form::Computed(computed, format!("https://id.gs1.org/01/{gtin}/21/"))
                }
                (BlockKind::Interned, _) => {
                    let Some(members) = wanted.get(&block) else {
                        continue;
                    };
                    Form::Interned(store::units_of(conn, block, members)?)
                }
                (kind, _) => Form::Based(kind, base),
            };
            speller.forms.insert(block, form);
        }
        Ok(speller)
    }

    /// Writes the canonical identifiers of addresses out again; unknown addresses are left out.
    pub fn spell(
        &self,
        conn: &mut Conn,
        addresses: &BTreeSet<Address>,
    ) -> Result<BTreeMap<Address, String>, db::Error> {
        let mut wanted: BTreeMap<Block, MemberSet> = BTreeMap::new();
        for address in addresses {
            let members = wanted.entry(address.block).or_default();
            members.insert(address.member);
        }
        let speller = self.speller(conn, &wanted)?;
        let mut spelled = BTreeMap::new();
        for address in addresses {
            if let Some(text) = speller.spell(*address)? {
                spelled.insert(*address, text);
            }
        }
        Ok(spelled)
    }
}

impl Speller {
    /// Writes the canonical identifier of an address, if it is known.
    pub fn spell(&self, address: Address) -> Result<Option<String>, db::Error> {
        let Some(block) = self.of_block(address.block) else {
            return Ok(None);
        };
        let mut text = String::new();
        let is_known = block.spell_into(address.member, &mut text)?;
        Ok(is_known.then_some(text))
    }

    /// For many members of one block.
    pub fn of_block(&self, block: Block) -> Option<BlockSpeller<'_>> {
        let form = self.forms.get(&block)?;
        let book = match form {
            Form::Computed(computed, _) => self.books.get(&(computed.gtin(), computed.epoch())),
            Form::Based(..) | Form::Interned(_) => None,
        };
        Some(BlockSpeller { form, book })
    }
}

/// Writes out the identifiers of one block.
#[derive(Debug, Clone, Copy)]
pub struct BlockSpeller<'a> {
    form: &'a Form,
    book: Option<&'a SerialBook>,
}

impl BlockSpeller<'_> {
    /// Adds the canonical identifier of a member to the text; false when it is not known.
    pub fn spell_into(&self, member: u16, text: &mut String) -> Result<bool, db::Error> {
        let damaged = |error: BaseError| db::Error::Corrupt {
            table: "blocks",
            what: error.to_string(),
        };
        match self.form {
            Form::Computed(computed, stem) => {
                let serial = self.book.and_then(|book| computed.serial(book, member));
                if let Some(serial) = &serial {
                    text.push_str(stem);
                    text.push_str(serial.as_str());
                }
                Ok(serial.is_some())
            }
            Form::Based(kind, base) => match super::spell(*kind, base, member).map_err(damaged)? {
                Spelled::Identifier(identifier) => {
                    text.push_str(&identifier);
                    Ok(true)
                }
                Spelled::Computed(_) | Spelled::InUnits => Ok(false),
            },
            Form::Interned(units) => {
                let identifier = units.get(&member);
                text.extend(identifier.map(String::as_str));
                Ok(identifier.is_some())
            }
        }
    }
}
