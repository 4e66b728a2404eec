//! A definition as a scope file has it: what was asked, with every choice spelled out, so that it can be asked again.

use super::definition::{
    AttributeMatch, ContainerWindow, Definition, PlaceWindow, ProductWindow, UnitRange,
};
use super::policies::{
    ContactPolicy, MixingPolicy, Policies, RequestedContact, RequestedKillStep, RequestedPolicies,
    RequestedVessel,
};
use super::request::{
    Request, RequestedAttribute, RequestedContainer, RequestedPlace, RequestedProduct,
    RequestedRange,
};

impl Definition {
    /// The scope that this is the definition of.
    pub fn asked(&self) -> Request {
        Request {
            lots: self.lots.iter().cloned().collect(),
            units: self.units.iter().cloned().collect(),
            ranges: self.ranges.iter().map(UnitRange::asked).collect(),
            places: self.places.iter().map(PlaceWindow::asked).collect(),
            containers: self.containers.iter().map(ContainerWindow::asked).collect(),
            products: self.products.iter().map(ProductWindow::asked).collect(),
            attributes: self.attributes.iter().map(AttributeMatch::asked).collect(),
            credentials: self.credentials.iter().cloned().collect(),
            hazard: self.hazard.clone(),
            policies: self.policies.asked(),
        }
    }
}

impl PlaceWindow {
    fn asked(&self) -> RequestedPlace {
        RequestedPlace {
            place: self.place.clone(),
            from: self.from.clone(),
            until: self.until.clone(),
            guard: (0 < self.guard_seconds).then(|| span(self.guard_seconds)),
        }
    }
}

impl UnitRange {
    fn asked(&self) -> RequestedRange {
        RequestedRange {
            from: self.from.clone(),
            to: self.to.clone(),
        }
    }
}

impl ContainerWindow {
    fn asked(&self) -> RequestedContainer {
        RequestedContainer {
            unit: self.unit.clone(),
            from: self.span.from.clone(),
            until: self.span.until.clone(),
        }
    }
}

impl ProductWindow {
    fn asked(&self) -> RequestedProduct {
        RequestedProduct {
            product: self.product.clone(),
            from: self.span.from.clone(),
            until: self.span.until.clone(),
        }
    }
}

impl AttributeMatch {
    fn asked(&self) -> RequestedAttribute {
        RequestedAttribute {
            product: self.product.clone(),
            field: self.field.clone(),
            equals: self.equals.clone(),
            from: self.from.clone(),
            until: self.until.clone(),
        }
    }
}

impl Policies {
    fn asked(&self) -> RequestedPolicies {
        let vessels = self.vessels.iter().map(|(vessel, mixing)| {
            let (mixing, band) = match mixing {
                MixingPolicy::UntilCleaned => ("until_cleaned", None),
                MixingPolicy::WellMixed => ("well_mixed", None),
                MixingPolicy::PlugFlow { band_seconds } => ("plug_flow", Some(span(*band_seconds))),
            };
            RequestedVessel {
                vessel: vessel.clone(),
                mixing: mixing.to_owned(),
                band,
            }
        });
        let kill_steps = self
            .kill_steps
            .iter()
            .map(|(place, stops)| RequestedKillStep {
                place: place.clone(),
                stops: stops.iter().cloned().collect(),
            });
        let starts = if self.previous_starts {
            "previous"
        } else {
            "stamped"
        };
        RequestedPolicies {
            time_order: self.time_order_seconds.map(span),
            vessels: vessels.collect(),
            kill_steps: kill_steps.collect(),
            contact: self.contact.as_ref().map(ContactPolicy::asked),
            starts: Some(starts.to_owned()),
        }
    }
}

impl ContactPolicy {
    fn asked(&self) -> RequestedContact {
        RequestedContact {
            containers: self.containers,
            places: self.places.iter().cloned().collect(),
            linger: self.linger_seconds.map(span),
        }
    }
}

/// Seconds in the largest unit that tells them exactly.
fn span(seconds: i64) -> String {
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
        if 0 < seconds && seconds % length == 0 {
            return format!("{}{unit}", seconds / length);
        }
    }
    format!("{seconds}s")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A scope of every kind, with some of its choices.
    fn scope(spans: [i64; 4], choices: [bool; 5], mixing: usize) -> Request {
        let places = [
            "https://id.gs1.org/414/9521234000013",
            "https://id.gs1.org/414/9521234000020",
        ];
        let lot = "https://id.gs1.org/01/09521234543213/10/L1".to_owned();
        let time = |hour: u32| format!("2026-09-20T{hour:02}:00:00Z");
        let given = |choice: usize, text: String| Some(text).filter(|_| choices[choice]);
        Request {
            lots: vec![lot.clone()],
            units: vec!["https://id.gs1.org/01/09521234543213/21/1".to_owned()],
            ranges: vec![RequestedRange {
                from: "https://id.gs1.org/01/09521234543213/21/2".to_owned(),
                to: "https://id.gs1.org/01/09521234543213/21/9".to_owned(),
            }],
            places: vec![RequestedPlace {
                place: places[0].to_owned(),
                from: time(8),
                until: time(9),
                guard: given(0, format!("{}s", spans[0])),
            }],
            containers: vec![RequestedContainer {
                unit: "https://id.gs1.org/00/195212340000000010".to_owned(),
                from: given(1, time(7)),
                until: given(2, time(8)),
            }],
            products: vec![RequestedProduct {
                product: lot.clone(),
                from: given(2, time(7)),
                until: None,
            }],
            attributes: vec![RequestedAttribute {
                product: lot,
                field: "bestBeforeDate".to_owned(),
                equals: given(3, "2027-01-01".to_owned()),
                from: Some("2027-01-01".to_owned()).filter(|_| !choices[3]),
                until: None,
            }],
            credentials: vec!["SC1".to_owned()],
            hazard: Some("listeria".to_owned()),
            policies: RequestedPolicies {
                time_order: given(1, format!("{}s", spans[1])),
                vessels: vec![RequestedVessel {
                    vessel: places[0].to_owned(),
                    mixing: ["until_cleaned", "well_mixed", "plug_flow"][mixing].to_owned(),
                    band: (mixing == 2).then(|| format!("{}s", spans[2])),
                }],
                kill_steps: vec![RequestedKillStep {
                    place: places[1].to_owned(),
                    stops: vec!["listeria".to_owned()],
                }],
                contact: Some(RequestedContact {
                    containers: choices[4],
                    places: vec![places[1].to_owned()],
                    linger: given(2, format!("{}s", spans[3])),
                }),
                starts: given(4, "stamped".to_owned()),
            },
        }
    }

    proptest! {
        #[test]
        fn what_was_asked_is_asked_again_with_every_choice(
            spans in [0_i64..=86_400, 0_i64..=86_400, 0_i64..=86_400, 0_i64..=86_400],
            choices in proptest::array::uniform5(any::<bool>()),
            mixing in 0_usize..3,
        ) {
            let definition = scope(spans, choices, mixing).definition().unwrap();
            let asked = definition.asked();
            prop_assert_eq!(asked.definition().unwrap(), definition);
            let file = serde_json::to_vec(&asked).unwrap();
            prop_assert_eq!(Request::read(&file).unwrap(), asked);
        }
    }

    #[test]
    fn a_scope_without_choices_tells_those_that_were_made_for_it() {
        let request = Request {
            lots: vec!["https://id.gs1.org/01/09521234543213/10/L1".to_owned()],
            ..Request::default()
        };
        let asked = request.definition().unwrap().asked();
        let json = serde_json::to_string(&asked).unwrap();
        assert_eq!(
            json,
            r#"{"lots":["https://id.gs1.org/01/09521234543213/10/L1"],"policies":{"starts":"previous"}}"#
        );
    }

    #[test]
    fn spans_are_told_in_the_largest_unit_that_fits() {
        let told = [0, 59, 60, 90, 3_600, 86_400].map(span);
        assert_eq!(told, ["0s", "59s", "1m", "90s", "1h", "1d"]);
    }
}
