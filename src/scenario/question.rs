//! A recall's question as data: the JSON that `recall open --scope FILE` reads.

use serde::Serialize;

use super::truth::Window;

/// What a recall is asked to find.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Question {
    /// Lots.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lots: Vec<String>,
    /// Single things.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
    /// Ranges of serials.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<SerialRange>,
    /// Places with windows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<PlaceWindow>,
    /// Containers with windows: what was inside then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<ContainerWindow>,
    /// What the danger is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hazard: Option<String>,
    /// What is known of the plant's vessels and steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policies: Option<Policies>,
}

/// Serials from one to another, both among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SerialRange {
    /// The first, a canonical Digital Link.
    pub from: String,
    /// The last.
    pub to: String,
}

/// A place in a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaceWindow {
    /// The place.
    pub place: String,
    /// The window's start (RFC 3339).
    pub from: String,
    /// The window's end.
    pub until: String,
    /// How far beyond the window to look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guard: Option<String>,
}

/// A container in a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContainerWindow {
    /// The container.
    pub unit: String,
    /// The window's start (RFC 3339).
    pub from: String,
    /// The window's end.
    pub until: String,
}

/// What is known of the plant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Policies {
    /// Vessels in which something stays behind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vessels: Vec<Vessel>,
    /// Steps that stop a hazard.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kill_steps: Vec<KillStep>,
    /// When a process with one time began: `stamped` where a stamp is all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts: Option<&'static str>,
}

/// A vessel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vessel {
    /// Its place.
    pub vessel: String,
    /// How its content mixes.
    pub mixing: &'static str,
}

/// A step that stops hazards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KillStep {
    /// Its place.
    pub place: String,
    /// The hazards, as `hazard` names them.
    pub stops: Vec<&'static str>,
}

impl Question {
    /// Of these lots.
    pub(super) fn of_lots(lots: Vec<String>, hazard: &str) -> Self {
        Self {
            lots,
            hazard: Some(hazard.to_owned()),
            ..Self::default()
        }
    }

    /// Of a place in a window.
    pub(super) fn of_window(window: &Window, guard: &str) -> Self {
        Self {
            places: vec![PlaceWindow {
                place: window.place.clone(),
                from: window.from.to_string(),
                until: window.until.to_string(),
                guard: Some(guard.to_owned()),
            }],
            hazard: Some(window.hazard.clone()),
            // A tray of this world is filled in the moment that is stamped.
            policies: Some(Policies {
                starts: Some("stamped"),
                ..Policies::default()
            }),
            ..Self::default()
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> Vec<u8> {
        // Nothing in these types can fail to become JSON: they are texts and lists of texts.
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }
}
