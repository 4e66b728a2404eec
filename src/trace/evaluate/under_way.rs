//! Stock of a lot that was shipped to a named place, as far as nothing has been received of it yet.

use crate::epcis::Timestamp;
use crate::trace::{LotMove, LotRole};

use super::amount::Amount;
use super::book::key;
use super::flows::Departure;
use super::stages::{Stage, Stages, amount, is_within_a_day};
use super::stock::Spot;

/// A shipment, or what is left of it.
#[derive(Clone)]
struct Open {
    left: Departure,
    to: Spot,
    uom: Option<String>,
    /// How much; none when nobody says.
    rest: Option<Amount>,
}

/// One stage of a departure or an arrival.
struct Telling {
    role: LotRole,
    here: Spot,
    uom: Option<String>,
    amount: Option<Amount>,
    time: Timestamp,
    stage: Stage,
}

/// What is under way.
#[derive(Default)]
pub(super) struct UnderWay {
    open: Vec<Open>,
    tellings: Vec<Telling>,
}

impl UnderWay {
    /// Something set out.
    pub(super) fn ship(&mut self, left: Departure, to: Spot, lot_move: &LotMove, stages: &Stages) {
        if !self.is_told_again(left.from, lot_move, stages) {
            self.open.push(Open {
                left,
                to,
                uom: lot_move.quantity.uom.clone(),
                rest: amount(lot_move),
            });
        }
    }

    /// Whether all of what arrives was on its way there, or was told to have arrived before.
    pub(super) fn receive(
        &mut self,
        from: Spot,
        to: Spot,
        lot_move: &LotMove,
        stages: &Stages,
    ) -> bool {
        if self.is_told_again(to, lot_move, stages) {
            return true;
        }
        let fits = |open: &Open| open.to == to && (from == Spot::Unknown || open.left.from == from);
        let Some(mut rest) = amount(lot_move) else {
            return self.open.iter().any(fits);
        };
        let is_alike = |open: &Open| open.uom == lot_move.quantity.uom && open.rest.is_some();
        if self.open.iter().any(|open| fits(open) && !is_alike(open)) {
            // Nobody can tell how much of it there was.
            return true;
        }
        for open in self.open.iter_mut().filter(|open| fits(open)) {
            let held = open.rest.unwrap_or_default();
            let part = held.min(rest);
            rest = rest.minus(part);
            open.rest = Some(held.minus(part));
        }
        self.open.retain(|open| open.rest != Some(Amount::ZERO));
        !rest.is_positive()
    }

    /// What is on its way to elsewhere.
    pub(super) fn to_elsewhere(&self, here: Spot) -> Vec<(Departure, Spot)> {
        let open = self.open.iter().filter(|open| open.to != here);
        open.map(|open| (open.left, open.to)).collect()
    }

    /// Whether a stage of the same goods was told of within a day.
    fn is_told_again(&mut self, here: Spot, lot_move: &LotMove, stages: &Stages) -> bool {
        let Some(stage) = stages.get(&key(lot_move)).copied() else {
            return false;
        };
        let telling = Telling {
            role: lot_move.role,
            here,
            uom: lot_move.quantity.uom.clone(),
            amount: amount(lot_move),
            time: lot_move.t_lo,
            stage,
        };
        let is_again = self.tellings.iter().any(|known| {
            (known.role, known.here, &known.uom, known.amount)
                == (telling.role, telling.here, &telling.uom, telling.amount)
                && known.stage != telling.stage
                && is_within_a_day(known.time, telling.time)
        });
        self.tellings.push(telling);
        is_again
    }
}
