//! The truth while it grows.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::epcis::Timestamp;

use super::truth::{Affected, AffectedLot, Cause, Fate, Fates, LotPart, Uom};

/// What the simulation writes down.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) affected: Vec<Affected>,
    pub(super) lots: Vec<AffectedLot>,
    pub(super) needed: BTreeSet<String>,
    pub(super) unit_count: u64,
    pub(super) fates: Fates,
}

/// A lot under way. What is affected goes into the book when the lot is closed.
#[derive(Debug)]
pub(super) struct Lot {
    pub(super) link: Arc<str>,
    uom: Uom,
    made: u64,
    left: u64,
    taint: Option<(Timestamp, Cause)>,
    parts: Vec<LotPart>,
}

impl Lot {
    /// A new lot of so many grams or pieces.
    pub(super) fn new(link: String, uom: Uom, made: u64) -> Self {
        Self {
            link: Arc::from(link),
            uom,
            made,
            left: made,
            taint: None,
            parts: Vec::new(),
        }
    }

    /// It is affected from now on; what is known already stays.
    pub(super) fn spoil(&mut self, at: Timestamp, cause: Cause) {
        self.taint.get_or_insert((at, cause));
    }

    pub(super) const fn is_affected(&self) -> bool {
        self.taint.is_some()
    }

    /// What is made from it is affected because of it, if it is.
    pub(super) fn passes_on(&self) -> Option<Cause> {
        self.taint.as_ref().map(|_| Cause::FromLot {
            lot: self.link.clone(),
        })
    }

    /// How much is left of it.
    pub(super) const fn left(&self) -> u64 {
        self.left
    }

    /// Takes so much, or what is left.
    pub(super) fn take(&mut self, amount: u64) -> u64 {
        let taken = amount.min(self.left);
        self.left -= taken;
        taken
    }

    /// So much of what was taken ended so.
    pub(super) fn ended(&mut self, fate: Fate, amount: u64) {
        if amount == 0 {
            return;
        }
        match self.parts.iter_mut().find(|part| part.fate == fate) {
            Some(part) => part.amount += amount,
            None => self.parts.push(LotPart { fate, amount }),
        }
    }

    /// So much more of it was made.
    pub(super) const fn grow(&mut self, amount: u64) {
        self.made += amount;
        self.left += amount;
    }

    /// Takes so much and uses it up.
    pub(super) fn use_up(&mut self, amount: u64, into: &Arc<str>) -> u64 {
        let taken = self.take(amount);
        self.ended(Fate::Consumed { into: into.clone() }, taken);
        taken
    }

    /// Its story ends; what is left of it stays somewhere.
    pub(super) fn close(mut self, rest: Fate, book: &mut Book) {
        let left = self.take(u64::MAX);
        self.ended(rest, left);
        let Some((since, cause)) = self.taint else {
            return;
        };
        book.lots.push(AffectedLot {
            id: self.link,
            since,
            cause,
            uom: self.uom,
            made: self.made,
            parts: self.parts,
        });
    }
}
