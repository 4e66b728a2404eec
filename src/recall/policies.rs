//! Policies of a recall: as people ask for them, as they are recorded, and as rules of the evaluation.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Error;
use super::request::{read_object, seconds, sentence};
use super::strict::{objects, optional};
use crate::codes::{Block, Dictionary};
use crate::db::Conn;
use crate::trace;
use crate::trace::evaluate::{Contact, KillSteps, Mixing, Rules, Starts};

/// Policies of one scope: a case names few vessels and steps.
const POLICIES_MAX: usize = 1_000;

/// The lists of policies that name places.
const VESSELS: &str = "policies.vessels";
const KILL_STEPS: &str = "policies.kill_steps";
const CONTACT_PLACES: &str = "policies.contact.places";

/// Policies as they are asked for. What is left out is the cautious choice.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestedPolicies {
    /// Times of inputs and outputs are sound up to this tolerance of clocks (`2m`): what was finished before
    /// something tainted went in is clean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_order: Option<String>,
    /// Places in which what is left of one process gets into later ones.
    #[serde(
        default,
        deserialize_with = "objects",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub vessels: Vec<RequestedVessel>,
    /// Places whose processes stop hazards.
    #[serde(
        default,
        deserialize_with = "objects",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub kill_steps: Vec<RequestedKillStep>,
    /// Where being together is enough.
    #[serde(
        default,
        deserialize_with = "optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub contact: Option<RequestedContact>,
    /// `previous` (a process with one time began when the work before it at its place ended) or `stamped`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts: Option<String>,
}

/// A mixing vessel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestedVessel {
    /// The place.
    pub vessel: String,
    /// `until_cleaned`, `well_mixed` or `plug_flow`.
    pub mixing: String,
    /// With `plug_flow`: how long something still comes out (`30m`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<String>,
}

/// A step that stops hazards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestedKillStep {
    /// The place.
    pub place: String,
    /// The hazards it is validated for.
    pub stops: Vec<String>,
}

/// Contact.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestedContact {
    /// In containers: siblings and later loads.
    #[serde(default)]
    pub containers: bool,
    /// At these places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// How long a place or container stays dangerous afterwards (`1h`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linger: Option<String>,
}

/// Policies as they are recorded: canonical, sorted. The field names are for ever.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema,
)]
#[schema(as = RecallPolicies)]
pub struct Policies {
    /// Tolerance of clocks within which times of inputs and outputs are sound, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_order_seconds: Option<i64>,
    /// Mixing vessels, by the canonical identifier of the place.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vessels: BTreeMap<String, MixingPolicy>,
    /// Hazards that are stopped, by the canonical identifier of the place.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kill_steps: BTreeMap<String, BTreeSet<String>>,
    /// Where being together is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactPolicy>,
    /// A process with one time began when the work before it at its place ended, and one with several times
    /// ran between them; without it a process has happened at its times alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub previous_starts: bool,
}

/// How a vessel mixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "mixing")]
#[schema(as = RecallMixing)]
pub enum MixingPolicy {
    /// Only a cleaning ends it.
    UntilCleaned,
    /// It ends, too, when all of it has come out.
    WellMixed,
    /// First in, first out.
    PlugFlow {
        /// How long something still comes out, in seconds.
        band_seconds: i64,
    },
}

/// Where being together is enough.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema,
)]
#[schema(as = RecallContact)]
pub struct ContactPolicy {
    /// In containers.
    pub containers: bool,
    /// At these places, by canonical identifier.
    pub places: BTreeSet<String>,
    /// How long a place or container stays dangerous afterwards, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linger_seconds: Option<i64>,
}

impl RequestedContact {
    /// Whether it says for how long, and not where.
    const fn reaches_nothing(&self) -> bool {
        self.linger.is_some() && !self.containers && self.places.is_empty()
    }
}

impl RequestedPolicies {
    /// The field of such a list that names this place.
    pub(super) fn field_of(&self, list: &str, known: &str) -> Option<String> {
        let is_it = |asked: &String| place(list, asked).is_ok_and(|read| read == known);
        let number = match list {
            VESSELS => self.vessels.iter().position(|asked| is_it(&asked.vessel)),
            KILL_STEPS => self.kill_steps.iter().position(|asked| is_it(&asked.place)),
            _ => self.contact.as_ref()?.places.iter().position(is_it),
        };
        let member = match list {
            VESSELS => ".vessel",
            KILL_STEPS => ".place",
            _ => "",
        };
        Some(format!("{list}[{}]{member}", number?))
    }

    /// Reads the JSON of `--policies FILE`.
    pub fn read(json: &[u8]) -> Result<Self, Error> {
        read_object("policies", json)
    }

    /// The policies, when every field can be read.
    pub(super) fn policies(&self, has_hazard: bool) -> Result<Policies, Error> {
        let contact = self.contact.as_ref();
        let named = self.vessels.len()
            + self.kill_steps.len()
            + contact.map_or(0, |contact| contact.places.len());
        if POLICIES_MAX < named {
            let detail = format!("name {named} places, more than {POLICIES_MAX}");
            return Err(Error::field("policies", detail));
        }
        let mut vessels = BTreeMap::new();
        for (number, asked) in self.vessels.iter().enumerate() {
            let field = |name: &str| format!("policies.vessels[{number}].{name}");
            let place = place(&field("vessel"), &asked.vessel)?;
            let mixing = asked.mixing(&field)?;
            if vessels.insert(place.clone(), mixing).is_some() {
                let detail = format!("{place} has a policy already");
                return Err(Error::field(field("vessel"), detail));
            }
        }
        if !self.kill_steps.is_empty() && !has_hazard {
            let detail = "they stop hazards, and the scope names no hazard";
            return Err(Error::field("policies.kill_steps", detail));
        }
        if contact.is_some_and(RequestedContact::reaches_nothing) {
            let detail = "contact lingers where there is some: name containers or places";
            return Err(Error::field("policies.contact.linger", detail));
        }
        let mut kill_steps: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (number, asked) in self.kill_steps.iter().enumerate() {
            let field = |name: &str| format!("policies.kill_steps[{number}].{name}");
            let place = place(&field("place"), &asked.place)?;
            if asked.stops.is_empty() {
                return Err(Error::field(field("stops"), "names no hazard"));
            }
            let stops = asked
                .stops
                .iter()
                .map(|hazard| sentence("policies.kill_steps.stops", hazard));
            let stops: BTreeSet<String> = stops.collect::<Result<_, _>>()?;
            kill_steps.entry(place).or_default().extend(stops);
        }
        let starts = match self.starts.as_deref() {
            None | Some("previous") => true,
            Some("stamped") => false,
            Some(other) => {
                let detail = format!("{other:?} is not previous or stamped");
                return Err(Error::field("policies.starts", detail));
            }
        };
        let read = |field: &str, text: &Option<String>| {
            let text = text.as_deref();
            text.map(|text| seconds(field, text)).transpose()
        };
        Ok(Policies {
            time_order_seconds: read("policies.time_order", &self.time_order)?,
            vessels,
            kill_steps,
            contact: contact
                .filter(|contact| **contact != RequestedContact::default())
                .map(|contact| {
                    let places = contact.places.iter();
                    let places = places.map(|text| place(CONTACT_PLACES, text));
                    Ok::<_, Error>(ContactPolicy {
                        containers: contact.containers,
                        places: places.collect::<Result<_, _>>()?,
                        linger_seconds: read("policies.contact.linger", &contact.linger)?,
                    })
                })
                .transpose()?,
            previous_starts: starts,
        })
    }
}

impl RequestedVessel {
    fn mixing(&self, field: &dyn Fn(&str) -> String) -> Result<MixingPolicy, Error> {
        match (self.mixing.as_str(), &self.band) {
            ("until_cleaned", None) => Ok(MixingPolicy::UntilCleaned),
            ("well_mixed", None) => Ok(MixingPolicy::WellMixed),
            ("plug_flow", Some(band)) => Ok(MixingPolicy::PlugFlow {
                band_seconds: seconds(&field("band"), band)?,
            }),
            ("plug_flow", None) => Err(Error::field(field("band"), "plug_flow needs a band")),
            ("until_cleaned" | "well_mixed", Some(_)) => {
                Err(Error::field(field("band"), "only plug_flow has a band"))
            }
            (other, _) => {
                let detail = format!("{other:?} is not until_cleaned, well_mixed or plug_flow");
                Err(Error::field(field("mixing"), detail))
            }
        }
    }
}

/// The canonical identifier of a place that a policy names.
fn place(field: &str, text: &str) -> Result<String, Error> {
    let read = trace::place_identifier(text);
    let read = read.map_err(|error| Error::field(field, with_cause(&error)))?;
    Ok(read.canonical().into_owned())
}

fn with_cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

impl Policies {
    /// Whether nothing was said.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The rules of an evaluation for this hazard. A place that no event names is refused: a policy about it
    /// would change nothing, and was meant for another.
    pub(super) fn rules(
        &self,
        conn: &mut Conn,
        dictionary: Dictionary<'_>,
        hazard: Option<&str>,
    ) -> Result<Rules, Error> {
        let mut vessels = BTreeMap::new();
        for (place, mixing) in &self.vessels {
            for block in blocks(conn, dictionary, VESSELS, place)? {
                vessels.insert(block, mixing.rule());
            }
        }
        let mut kill_steps = KillSteps::default();
        for (place, stops) in &self.kill_steps {
            let found = blocks(conn, dictionary, KILL_STEPS, place)?;
            if hazard.is_some_and(|hazard| stops.iter().any(|stopped| same(stopped, hazard))) {
                kill_steps.places.extend(found);
            }
        }
        let mut contact = Contact::default();
        if let Some(policy) = &self.contact {
            contact.containers = policy.containers;
            contact.linger = policy.linger_seconds.map(micros);
            for place in &policy.places {
                let found = blocks(conn, dictionary, CONTACT_PLACES, place)?;
                contact.places.extend(found);
            }
        }
        Ok(Rules {
            time_order: self.time_order_seconds.map(micros),
            kill_steps,
            vessels,
            contact,
            starts: if self.previous_starts {
                Starts::Previous
            } else {
                Starts::Stamped
            },
            limit: None,
        })
    }
}

impl MixingPolicy {
    const fn rule(self) -> Mixing {
        match self {
            Self::UntilCleaned => Mixing::UntilCleaned,
            Self::WellMixed => Mixing::WellMixed,
            Self::PlugFlow { band_seconds } => Mixing::PlugFlow {
                band: micros(band_seconds),
            },
        }
    }
}

const fn micros(seconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000)
}

/// Whether two people mean the same hazard: whatever the case of letters and the blanks around.
fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn blocks(
    conn: &mut Conn,
    dictionary: Dictionary<'_>,
    list: &'static str,
    place: &str,
) -> Result<Vec<Block>, Error> {
    let identifier = trace::place_identifier(place)?;
    let found = trace::place_blocks(conn, dictionary, &identifier)?;
    if found.is_empty() {
        let place = place.to_owned();
        return Err(Error::PolicyPlace { list, place });
    }
    Ok(found)
}
