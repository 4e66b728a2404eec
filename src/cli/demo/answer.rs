//! The recall's question, asked of the trace.

use std::collections::BTreeSet;

use super::judge::{Answer, Found, Reason};
use crate::app::{App, Code, Problem};
use crate::codes::{Address, Block, Derived, Dictionary};
use crate::gs1::Identifier;
use crate::ledger;
use crate::parties;
use crate::scenario;
use crate::trace::evaluate::{
    Certainty, Direction, Evaluation, Reach, Rules, Seed, Status, Why, Window,
};
use crate::trace::store::StoreSource;

pub(super) fn ask(
    app: &App,
    question: &scenario::Window,
) -> Result<Answer, Problem> {
    let dictionary = Dictionary {
        master: &app.master,
        seal: &app.ledger.seal,
    };
    let now = app.clock.now();
    app.db.read(|conn| {
        let id = Identifier::parse(&question.place)
            .map_err(|f| Problem::new(Code::Internal, format!("{f}")))?
            .identifier;
        let place = dictionary
            .find(conn, &[Derived::of_place(&id)])?
            .pop()
            .flatten();
        let place = place
            .ok_or_else(|| Problem::new(Code::EmptyScope, "nothing happened there"))?
            .block;
        let position = ledger::position(conn)?;
        let mut source = StoreSource::new(conn, position)?;
        let mut evaluation = Evaluation::new(&mut source);
        let window = Window {
            from: Some(question.from),
            until: Some(question.until),
        };
        let seeds = [Seed::Place {
            place,
            window,
            guard: 0,
        }];
        let reach = evaluation.reach(Direction::Forward, &seeds, &Rules::default())?;
        let units = reach.unit_sets();
        let wheres = evaluation.whereabouts(&units, now)?;
        let mut answer = Answer::default();
        let mut addresses = BTreeSet::new();
        for (block, members) in &units {
            for member in members.iter() {
                addresses.insert(Address {
                    block: *block,
                    member,
                });
            }
        }
        let place_of = |status: Status| match status {
            Status::Here(p) => ("held", p),
            Status::InTransit { to, .. } => ("in_transit", to),
            Status::Sold(p) => ("sold", p),
            Status::Destroyed(p) => ("destroyed", p),
            Status::Consumed(_) => ("consumed", None),
            Status::Stolen(p) => ("stolen", p),
            Status::Ended(p) => ("ended", p),
            Status::Unknown => ("unknown", None),
        };
        let at = |block: Block| Address { block, member: 0 };
        let mut places = BTreeSet::new();
        for standing in &wheres.standings {
            places.extend(place_of(standing.answer.status).1.map(at));
        }
        let places = dictionary.spell(conn, &places)?;
        let ids = dictionary.spell(conn, &addresses)?;
        for (address, id) in ids {
            let standing = wheres.of(address);
            let (status, place) = standing.map_or(("unknown", None), |s| place_of(s.answer.status));
            let place = place.and_then(|p| places.get(&at(p)).cloned());
            let holder = match &place {
                Some(p) if status == "held" => parties::places(conn, std::slice::from_ref(p))?
                    .remove(p)
                    .map(|p| p.org)
                    .unwrap_or_default(),
                _ => String::new(),
            };
            answer.units.insert(
                id,
                Found {
                    status: status.to_owned(),
                    place,
                    holder,
                    reason: reason(&reach, address),
                },
            );
        }
        let lots: BTreeSet<Address> = reach.lots().into_iter().map(at).collect();
        answer.lots = dictionary.spell(conn, &lots)?.into_values().collect();
        Ok(answer)
    })
}

fn reason(reach: &Reach, unit: Address) -> Option<Reason> {
    let group = reach.unit(unit)?;
    match group.certainty {
        Certainty::Policy => return Some(Reason::Guard),
        Certainty::Assumed => return Some(Reason::Gap),
        _ => {}
    }
    let chain = reach.causes.chain(group.cause);
    let blended = chain.iter().any(|cause| {
        matches!(
            cause.why,
            Why::Left(_) | Why::Entered { .. } | Why::Moved { .. }
        )
    });
    let last = chain.last()?;
    Some(match last.why {
        _ if blended && chain.len() > 1 => Reason::Blended,
        Why::Inside(_) => Reason::Inside,
        _ => Reason::AtPlace,
    })
}
