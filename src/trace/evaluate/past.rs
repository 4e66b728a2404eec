//! The past that an answer asks for: where a container was when something was taken out of it, or seen apart.

use std::collections::BTreeSet;

use crate::codes::{Address, MemberSet};
use crate::epcis::Timestamp;
use crate::trace::{Flow, Source};

use super::cause::Certainty;
use super::reader::{Reader, Units, add_unit};
use super::slots::Slots;
use super::standing::{Answer, Status};

/// Where one container was at a time: its own records, else those of the containers it was in, outwards,
/// whichever is nearest. Conflicts are not looked for.
pub(super) fn position<S: Source>(
    reader: &mut Reader<'_, S>,
    unit: Address,
    time: Timestamp,
) -> Result<Answer, S::Error> {
    let mut seen = BTreeSet::new();
    let mut unit = unit;
    let mut best = Answer::UNKNOWN;
    while seen.insert(unit) {
        let mut alone = Units::new();
        add_unit(&mut alone, unit);
        reader.load(&alone)?;
        let log = reader.log(&unit.block);
        let members = MemberSet::one(unit.member);
        let slots = Slots::fold(log, &members, time);
        let Some(slot) = slots.get(unit.member).copied() else {
            break;
        };
        if let Some(record) = log.get(slot.seen as usize) {
            let stood = log.get(slot.stood as usize).and_then(|record| record.place);
            let status = match record.flow {
                Flow::Ship => Status::InTransit {
                    from: stood,
                    to: record.place,
                    sender: None,
                },
                _ => Status::Here(record.place.or(stood)),
            };
            let answer = Answer {
                status,
                party: None,
                certainty: Certainty::Asserted,
                event: Some((record.shard, record.seq)),
                time: Some(record.t_lo),
            };
            if answer.time >= best.time {
                best = answer;
            }
        }
        match log.get(slot.inside as usize).and_then(|record| record.peer) {
            Some(outer) => unit = outer,
            None => break,
        }
    }
    Ok(best)
}
