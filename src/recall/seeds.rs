//! From a definition to what an evaluation starts from.

use super::Error;
use super::attributes::{UntoldAttribute, with_attribute};
use super::definition::{Definition, Span};
use super::ranges::units_of;
use super::request::time;
use crate::codes::{Address, Dictionary};
use crate::credentials::{self, State};
use crate::epcis::Timestamp;
use crate::trace::evaluate::{Seed, Units, Window};
use crate::trace::store::StoreSource;
use crate::trace::{self, Births, Subject, Until, Wanted, subject};

/// After everything: a lapse that has not ended.
const END: Timestamp = Timestamp::from_micros(i64::MAX);

/// What an evaluation starts from.
#[derive(Debug, Default)]
pub(super) struct Seeds {
    pub(super) list: Vec<Seed>,
    /// Attributes that were asked for and that no event tells.
    pub(super) untold: Vec<UntoldAttribute>,
}

/// The seeds of a definition at the position of the source.
pub(super) fn seeds(
    source: &mut StoreSource<'_>,
    dictionary: Dictionary<'_>,
    definition: &Definition,
) -> Result<Seeds, Error> {
    let (mut seeds, mut untold) = (Vec::new(), Vec::new());
    for lot in &definition.lots {
        let subject = subject(source, dictionary, lot, Wanted::Lot)?;
        seeds.extend(subject.seeds(Window::default()));
    }
    let mut units = Units::new();
    for unit in trace::named_units(source, dictionary, &definition.units)? {
        let Address { block, member } = unit.seen()?;
        units.entry(block).or_default().insert(member);
    }
    if !units.is_empty() {
        seeds.push(Seed::Units {
            units,
            window: Window::default(),
        });
    }
    for range in &definition.ranges {
        seeds.push(Seed::Units {
            units: units_of(source, dictionary, range)?,
            window: Window::default(),
        });
    }
    for asked in &definition.containers {
        let subject = subject(source, dictionary, &asked.unit, Wanted::Unit)?;
        seeds.extend(subject.seeds(window(&asked.span)?));
    }
    for asked in &definition.products {
        let subject = subject(source, dictionary, &asked.product, Wanted::Lot)?;
        let births = Births::read(source, &subject)?;
        seeds.extend(births.within(window(&asked.span)?).seeds());
    }
    for asked in &definition.attributes {
        let (births, nothing) = with_attribute(source, dictionary, asked)?;
        seeds.extend(births.seeds());
        untold.extend(nothing);
    }
    for id in &definition.credentials {
        seeds.extend(lapsed(source, dictionary, id)?);
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
    Ok(Seeds {
        list: seeds,
        untold,
    })
}

/// What was made or done under a credential while it was not valid: lots it is about as a whole where it was revoked or
/// never good, else, as of products, what began meanwhile; places by what happened there. What no event names adds nothing.
fn lapsed(
    source: &mut StoreSource<'_>,
    dictionary: Dictionary<'_>,
    id: &str,
) -> Result<Vec<Seed>, Error> {
    let position = source.position().clone();
    let found = credentials::lapses(source.conn(), id, &position, END)?;
    let found = found.ok_or_else(|| Error::NoCredential {
        field: "credentials".to_owned(),
        id: id.to_owned(),
        until: Until::Now,
    })?;
    let mut seeds = Vec::new();
    for lapse in found.lapses {
        let scope = lapse.scope;
        if scope.lots.is_empty() && scope.products.is_empty() && scope.places.is_empty() {
            return Err(Error::AboutNothing { id: id.to_owned() });
        }
        let last = Timestamp::from_micros(lapse.until.micros().saturating_sub(1));
        let window = Window {
            from: Some(lapse.from),
            until: Some(last).filter(|_| lapse.until != END),
        };
        for lot in &scope.lots {
            let Some(subject) = seen(subject(source, dictionary, lot, Wanted::Lot))? else {
                continue;
            };
            // What it said of the lot is void, or it was never good: all of the lot. Else it said so while it was
            // valid, and what of the lot began later is without it.
            if lapse.state == State::Revoked || lapse.is_from_beginning {
                seeds.extend(subject.seeds(Window::default()));
            } else {
                let births = Births::read(source, &subject)?;
                seeds.extend(births.within(window).seeds());
            }
        }
        for gtin in &scope.products {
            let product = format!("(01){gtin}");
            if let Some(subject) = seen(subject(source, dictionary, &product, Wanted::Lot))? {
                let births = Births::read(source, &subject)?;
                seeds.extend(births.within(window).seeds());
            }
        }
        for place in &scope.places {
            let place = trace::place_identifier(place)?;
            let blocks = trace::place_blocks(source.conn(), dictionary, &place)?;
            seeds.extend(blocks.into_iter().map(|place| Seed::Place {
                place,
                window,
                guard: 0,
            }));
        }
    }
    Ok(seeds)
}

/// What was found, or nothing where no event names it.
fn seen(found: Result<Subject, trace::Error>) -> Result<Option<Subject>, Error> {
    match found {
        Ok(subject) => Ok(Some(subject)),
        Err(trace::Error::NeverSeen { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn window(span: &Span) -> Result<Window, Error> {
    let read =
        |field, text: &Option<String>| text.as_deref().map(|text| time(field, text)).transpose();
    Ok(Window {
        from: read("from", &span.from)?,
        until: read("until", &span.until)?,
    })
}
