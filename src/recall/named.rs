//! What a recall names, and what an evaluation starts from because of each: so that a chain of causes can tell
//! where it begins.

use super::Error;
use super::definition::{
    AttributeMatch, ContainerWindow, Definition, PlaceWindow, ProductWindow, UnitRange,
};
use super::seeds::seeds;
use crate::codes::{Address, Dictionary, MemberSet};
use crate::trace;
use crate::trace::evaluate::{Seed, Window};
use crate::trace::store::StoreSource;

/// One thing that a recall names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    Lot(String),
    Unit(String),
    Range(UnitRange),
    Container(ContainerWindow),
    Product(ProductWindow),
    Attribute(AttributeMatch),
    Credential(String),
    Place(PlaceWindow),
}

/// The seeds of a definition at the position of the source, each with what it is the seed of. What is named
/// and no event that still counts knows is the seed of nothing.
pub(super) fn named_seeds(
    source: &mut StoreSource<'_>,
    dictionary: Dictionary<'_>,
    definition: &Definition,
) -> Result<(Vec<Seed>, Vec<Named>), Error> {
    let (mut all, mut named) = (Vec::new(), Vec::new());
    for unit in trace::named_units(source, dictionary, &definition.units)? {
        let Some(Address { block, member }) = unit.address else {
            continue;
        };
        named.push(Named::Unit(unit.text.to_owned()));
        all.push(Seed::Units {
            units: [(block, MemberSet::one(member))].into(),
            window: Window::default(),
        });
    }
    for (name, part) in parts(definition) {
        let found = match seeds(source, dictionary, &part) {
            Err(Error::Trace(trace::Error::NeverSeen { .. })) => continue,
            found => found?.list,
        };
        named.extend(std::iter::repeat_n(name, found.len()));
        all.extend(found);
    }
    Ok((all, named))
}

/// A definition for each thing that one names, single units aside.
fn parts(definition: &Definition) -> Vec<(Named, Definition)> {
    let Definition {
        lots,
        units: _,
        places,
        ranges,
        containers,
        products,
        attributes,
        credentials,
        hazard: _,
        policies: _,
    } = definition;
    let mut parts = Vec::new();
    let mut part = |named: Named, add: &dyn Fn(&mut Definition)| {
        let mut alone = Definition::default();
        add(&mut alone);
        parts.push((named, alone));
    };
    for lot in lots {
        part(Named::Lot(lot.clone()), &|alone| {
            alone.lots.insert(lot.clone());
        });
    }
    for range in ranges {
        part(Named::Range(range.clone()), &|alone| {
            alone.ranges.insert(range.clone());
        });
    }
    for container in containers {
        part(Named::Container(container.clone()), &|alone| {
            alone.containers.insert(container.clone());
        });
    }
    for product in products {
        part(Named::Product(product.clone()), &|alone| {
            alone.products.insert(product.clone());
        });
    }
    for attribute in attributes {
        part(Named::Attribute(attribute.clone()), &|alone| {
            alone.attributes.insert(attribute.clone());
        });
    }
    for credential in credentials {
        part(Named::Credential(credential.clone()), &|alone| {
            alone.credentials.insert(credential.clone());
        });
    }
    for place in places {
        part(Named::Place(place.clone()), &|alone| {
            alone.places.insert(place.clone());
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thing_that_is_named_becomes_a_definition_of_its_own() {
        let definition = Definition {
            lots: ["(01)1(10)A".to_owned(), "(01)1(10)B".to_owned()].into(),
            credentials: ["SC1".to_owned()].into(),
            ..Definition::default()
        };
        let parts = parts(&definition);
        let named: Vec<&Named> = parts.iter().map(|(named, _)| named).collect();
        assert_eq!(
            named,
            [
                &Named::Lot("(01)1(10)A".to_owned()),
                &Named::Lot("(01)1(10)B".to_owned()),
                &Named::Credential("SC1".to_owned()),
            ]
        );
        let mut whole = Definition::default();
        for (_, part) in parts {
            whole.lots.extend(part.lots);
            whole.credentials.extend(part.credentials);
        }
        assert_eq!(whole, definition);
    }
}
