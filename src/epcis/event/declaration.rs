//! Error declarations, in their own place or in the wrapper that EPCIS 1.2 had for them.

use super::super::fault::At;
use super::super::json::Value;
use super::super::time::Timestamp;
use super::super::vocabulary;
use super::value::Reading;
use super::{ErrorDeclaration, Event};

impl Reading<'_> {
    pub(super) fn error_declaration(
        &mut self,
        value: &Value<'_>,
        at: &At<'_>,
    ) -> Option<ErrorDeclaration> {
        let mut time = None;
        let mut reason = None;
        let mut corrective_event_ids = Vec::new();
        let mut extensions = Vec::new();
        for (key, value) in self.object(value, at)? {
            let at = &at.key(key);
            match key.as_ref() {
                "declarationTime" => time = self.moment(value, at, "declaration-time"),
                "reason" => reason = self.term(&vocabulary::ERROR_REASON, value, at),
                "correctiveEventIDs" => corrective_event_ids = self.list(value, at, Self::uri),
                key => extensions.extend(self.namespaced(key, value, at)),
            }
        }
        if value.get("declarationTime").is_none() {
            self.findings
                .fault(at, "declaration-time-missing", "declarationTime is missing");
        }
        Some(ErrorDeclaration {
            declaration_time: time?,
            reason,
            corrective_event_ids,
            extensions,
        })
    }

    /// The wrapper of EPCIS 1.2 XML around `eventID` and `errorDeclaration`, which some converters keep.
    /// Passing over it would read an error declaration as a plain event, so its members count as the
    /// event's own; there, a declaration time without a zone is taken as UTC.
    pub(super) fn base_extension(&mut self, event: &mut Event, value: &Value<'_>, at: &At<'_>) {
        let Some(members) = self.object(value, at) else {
            return;
        };
        self.findings.warn(
            at,
            "base-extension",
            "a wrapper of EPCIS 1.2; its members are taken as the event's",
        );
        for (key, value) in members {
            let at = &at.key(key);
            match key.as_ref() {
                "eventID" if event.event_id.is_none() => event.event_id = self.event_id(value, at),
                "errorDeclaration" if event.error_declaration.is_none() => {
                    let zoned = self.with_zone(value, at);
                    event.error_declaration = self.error_declaration(&zoned, at);
                }
                other => self.findings.fault(
                    at,
                    "key-unknown",
                    format_args!("{other:?} does not belong here, or stands twice"),
                ),
            }
        }
    }

    pub(super) fn with_zone<'v>(&mut self, declaration: &Value<'v>, at: &At<'_>) -> Value<'v> {
        let mut declaration = declaration.clone();
        if let Value::Object(members) = &mut declaration {
            for (key, value) in members {
                let zoned = value.as_str().map(|text| format!("{text}Z"));
                if key == "declarationTime"
                    && let Some(zoned) = zoned
                    && zoned.parse::<Timestamp>().is_ok()
                {
                    self.findings
                        .warn(&at.key(key), "time-without-zone", "taken as UTC");
                    *value = Value::String(zoned.into());
                }
            }
        }
        declaration
    }
}
