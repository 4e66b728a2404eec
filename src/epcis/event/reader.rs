//! From a JSON value to an [`Event`]: the shape of every field. What fields say together is checked in
//! `rule`.

use std::sync::Arc;

use super::super::context::{Context, is_uri};
use super::super::fault::{At, Findings};
use super::super::json::Value;
use super::super::rule;
use super::super::time::Timestamp;
use super::super::vocabulary::{self, NoTerm, Term, Vocabulary};
use super::{
    Action, BizTransaction, Decimal, Endpoint, ErrorDeclaration, Event, EventType, Member, Moment,
    Offset, PersistentDisposition, Place, QuantityElement, sensor,
};
use crate::gs1::Identifier;

/// Attributes that converters from EPCIS 1.2 XML write without their prefix. Every other bare key that
/// the standard does not know is refused: its meaning is lost.
const BARE_MASTER_DATA: [&str; 7] = [
    "harvestEndDate",
    "harvestStartDate",
    "landingEndDate",
    "landingStartDate",
    "transshipEndDate",
    "transshipStartDate",
    "transshipmentCountry",
];

/// What reading needs at hand: the prefixes in force, and where to put what is found.
pub(in super::super) struct Reading<'a> {
    pub(in super::super) context: &'a Context,
    pub(in super::super) findings: &'a mut Findings,
}

/// Reads an event. Faults are in `findings`; without any, the event is there.
pub(in super::super) fn read(
    value: &Value<'_>,
    document: &Arc<Context>,
    at: &At<'_>,
    findings: &mut Findings,
) -> Option<Event> {
    let Value::Object(members) = value else {
        findings.fault(
            at,
            "event-not-an-object",
            format_args!("found {}", value.kind()),
        );
        return None;
    };
    let context = event_context(members, document, at, findings);
    let mut reading = Reading {
        context: &context,
        findings,
    };
    let event_type = reading.event_type(value.get("type"), &at.key("type"))?;
    let mut draft = blank();
    for (key, value) in members {
        let at = at.key(key);
        if rule::is_standard_field(key) && !rule::allows(&event_type, key) {
            reading.findings.fault(
                &at,
                "field-not-allowed",
                format_args!("{} has no {key}", event_type.as_str()),
            );
            continue;
        }
        reading.field(&mut draft, key, value, &at);
    }
    reading.nested_keys(value, at);
    reading.required(value, at, "eventTime", "event-time-missing");
    reading.required(
        value,
        at,
        "eventTimeZoneOffset",
        "event-time-zone-offset-missing",
    );
    let mut event = draft;
    event.event_type = event_type;
    event.context = Arc::clone(&context);
    rule::check(&event, value, at, findings);
    Some(event)
}

/// The document's context, or with an event's own on top.
fn event_context(
    members: &[(std::borrow::Cow<'_, str>, Value<'_>)],
    document: &Arc<Context>,
    at: &At<'_>,
    findings: &mut Findings,
) -> Arc<Context> {
    let is_context = |key: &str| key == "@context" || key.starts_with("@xmlns:");
    if !members.iter().any(|(key, _)| is_context(key)) {
        return Arc::clone(document);
    }
    let mut context = Context::clone(document);
    for (key, value) in members {
        if key == "@context" {
            context.add(value, &at.key(key), findings);
        } else if let Some(prefix) = key.strip_prefix("@xmlns:") {
            context.declare(prefix, value, &at.key(key), findings);
        }
    }
    Arc::new(context)
}

/// An event without anything in it, to be filled field by field.
fn blank() -> Event {
    let text = String::new();
    Event {
        event_type: EventType::Object,
        event_time: Moment {
            at: Timestamp::default(),
            text: text.clone(),
        },
        event_time_zone_offset: Offset { minutes: 0, text },
        record_time: None,
        event_id: None,
        certification_info: Vec::new(),
        error_declaration: None,
        action: None,
        epc_list: Vec::new(),
        quantity_list: Vec::new(),
        parent_id: None,
        child_epcs: Vec::new(),
        child_quantity_list: Vec::new(),
        input_epc_list: Vec::new(),
        input_quantity_list: Vec::new(),
        output_epc_list: Vec::new(),
        output_quantity_list: Vec::new(),
        transformation_id: None,
        biz_transaction_list: Vec::new(),
        biz_step: None,
        disposition: None,
        persistent_disposition: None,
        read_point: None,
        biz_location: None,
        source_list: Vec::new(),
        destination_list: Vec::new(),
        sensor_element_list: Vec::new(),
        ilmd: Vec::new(),
        extensions: Vec::new(),
        context: Arc::default(),
    }
}

impl Reading<'_> {
    fn event_type(&mut self, value: Option<&Value<'_>>, at: &At<'_>) -> Option<EventType> {
        let Some(value) = value else {
            self.findings
                .fault(at, "event-type-missing", "an event names its type");
            return None;
        };
        let text = self.text(value, at)?;
        Some(match text {
            "ObjectEvent" => EventType::Object,
            "AggregationEvent" => EventType::Aggregation,
            "AssociationEvent" => EventType::Association,
            "TransactionEvent" => EventType::Transaction,
            "TransformationEvent" => EventType::Transformation,
            custom if self.context.expand(custom).is_some() || is_uri(custom) => {
                EventType::Custom(custom.to_owned())
            }
            other => {
                self.findings.fault(
                    at,
                    "event-type-unknown",
                    format_args!("{other:?} is no event type; one of your own is a URI or a CURIE"),
                );
                return None;
            }
        })
    }

    fn field(&mut self, event: &mut Event, key: &str, value: &Value<'_>, at: &At<'_>) {
        match key {
            "type" | "@context" => {}
            "eventTime" => {
                if let Some(moment) = self.moment(value, at, "event-time") {
                    event.event_time = moment;
                }
            }
            "eventTimeZoneOffset" => {
                if let Some(offset) = self.offset(value, at) {
                    event.event_time_zone_offset = offset;
                }
            }
            "recordTime" => event.record_time = self.moment(value, at, "record-time"),
            "eventID" => event.event_id = self.event_id(value, at),
            "certificationInfo" => event.certification_info = self.one_or_more_uris(value, at),
            "errorDeclaration" => event.error_declaration = self.error_declaration(value, at),
            "baseExtension" => self.base_extension(event, value, at),
            "action" => event.action = self.action(value, at),
            "epcList" => event.epc_list = self.epcs(value, at),
            "childEPCs" => event.child_epcs = self.epcs(value, at),
            "inputEPCList" => event.input_epc_list = self.epcs(value, at),
            "outputEPCList" => event.output_epc_list = self.epcs(value, at),
            "quantityList" => event.quantity_list = self.quantities(value, at),
            "childQuantityList" => event.child_quantity_list = self.quantities(value, at),
            "inputQuantityList" => event.input_quantity_list = self.quantities(value, at),
            "outputQuantityList" => event.output_quantity_list = self.quantities(value, at),
            "parentID" => event.parent_id = self.identifier(value, at),
            "transformationID" => event.transformation_id = self.transformation_id(value, at),
            "bizStep" => event.biz_step = self.term(&vocabulary::BIZ_STEP, value, at),
            "disposition" => event.disposition = self.term(&vocabulary::DISPOSITION, value, at),
            "persistentDisposition" => {
                event.persistent_disposition = self.persistent_disposition(value, at);
            }
            "readPoint" => event.read_point = self.place(value, at),
            "bizLocation" => event.biz_location = self.place(value, at),
            "bizTransactionList" => {
                event.biz_transaction_list = self.list(value, at, |reading, value, at| {
                    reading.biz_transaction(value, at)
                });
            }
            "sourceList" => event.source_list = self.endpoints(value, at, "source"),
            "destinationList" => event.destination_list = self.endpoints(value, at, "destination"),
            "sensorElementList" => {
                event.sensor_element_list = self.list(value, at, sensor::element);
            }
            "ilmd" => event.ilmd = self.ilmd(value, at),
            key => event.extensions.extend(self.member(key, value, at)),
        }
    }

    fn required(&mut self, value: &Value<'_>, at: &At<'_>, key: &str, rule: &'static str) {
        if value.get(key).is_none() {
            self.findings
                .fault(at, rule, format_args!("{key} is missing"));
        }
    }

    /// The text of a string.
    pub(super) fn text<'v>(&mut self, value: &'v Value<'_>, at: &At<'_>) -> Option<&'v str> {
        let text = value.as_str();
        if text.is_none() {
            self.findings.fault(
                at,
                "not-a-string",
                format_args!("expected a string, found {}", value.kind()),
            );
        }
        text
    }

    /// The members of an object.
    pub(super) fn object<'v, 'b>(
        &mut self,
        value: &'v Value<'b>,
        at: &At<'_>,
    ) -> Option<&'v [(std::borrow::Cow<'b, str>, Value<'b>)]> {
        let members = value.members();
        if members.is_none() {
            self.findings.fault(
                at,
                "not-an-object",
                format_args!("expected an object, found {}", value.kind()),
            );
        }
        members
    }

    /// The elements of an array, each read by `read`; those with faults are left out.
    pub(super) fn list<T>(
        &mut self,
        value: &Value<'_>,
        at: &At<'_>,
        mut read: impl FnMut(&mut Self, &Value<'_>, &At<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(elements) = value.elements() else {
            self.findings.fault(
                at,
                "not-an-array",
                format_args!("expected an array, found {}", value.kind()),
            );
            return Vec::new();
        };
        let mut list = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            list.extend(read(self, element, &at.index(index)));
        }
        list
    }

    /// A URI of any scheme.
    pub(super) fn uri(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<String> {
        let text = self.text(value, at)?;
        if !is_uri(text) {
            self.findings.fault(
                at,
                "not-a-uri",
                format_args!("{text:?} is not a URI; other characters are percent-encoded"),
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// The identifier of a thing, place, party or document: a URI, and if it is a GS1 one, a right one.
    fn identifier(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<String> {
        let text = self.uri(value, at)?;
        match Identifier::parse(&text) {
            Ok(parsed) => {
                if let Some(warning) = parsed.warning {
                    self.findings
                        .warn(at, "identifier-taken-as-private", warning);
                }
                Some(text)
            }
            Err(fault) => {
                self.findings.fault(at, "identifier-invalid", fault);
                None
            }
        }
    }

    fn epcs(&mut self, value: &Value<'_>, at: &At<'_>) -> Vec<String> {
        self.list(value, at, Self::identifier)
    }

    fn one_or_more_uris(&mut self, value: &Value<'_>, at: &At<'_>) -> Vec<String> {
        if let Value::Array(_) = value {
            return self.list(value, at, Self::uri);
        }
        self.uri(value, at).into_iter().collect()
    }

    pub(super) fn moment(
        &mut self,
        value: &Value<'_>,
        at: &At<'_>,
        field: &'static str,
    ) -> Option<Moment> {
        let text = self.text(value, at)?;
        if let Ok(time) = text.parse() {
            return Some(Moment {
                at: time,
                text: text.to_owned(),
            });
        }
        let zoneless = format!("{text}Z").parse::<Timestamp>().is_ok();
        let rule = match (field, zoneless) {
            ("event-time", true) => "event-time-without-zone",
            ("event-time", false) => "event-time-invalid",
            (_, true) => "time-without-zone",
            (_, false) => "time-invalid",
        };
        self.findings.fault(
            at,
            rule,
            format_args!("{text:?} is not an RFC 3339 date-time with a zone"),
        );
        None
    }

    fn offset(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<Offset> {
        let text = self.text(value, at)?;
        let minutes = offset_minutes(text.as_bytes());
        if minutes.is_none() {
            self.findings.fault(
                at,
                "event-time-zone-offset-invalid",
                format_args!("{text:?} is not +hh:mm or -hh:mm up to 14:00"),
            );
        }
        Some(Offset {
            minutes: minutes?,
            text: text.to_owned(),
        })
    }

    fn event_id(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<String> {
        let id = self.uri(value, at)?;
        if !id.starts_with("urn:uuid:") && !id.starts_with("ni:///") {
            self.findings.warn(
                at,
                "event-id-form",
                "an event id is a urn:uuid: or ni:/// URI; taken as it is",
            );
        }
        Some(id)
    }

    fn action(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<Action> {
        match self.text(value, at)? {
            "ADD" => Some(Action::Add),
            "OBSERVE" => Some(Action::Observe),
            "DELETE" => Some(Action::Delete),
            other => {
                self.findings.fault(
                    at,
                    "action-unknown",
                    format_args!("{other:?} is not ADD, OBSERVE or DELETE"),
                );
                None
            }
        }
    }

    /// A value of a vocabulary: the bare CBV word, or one of the sender's own as sent.
    pub(super) fn term(
        &mut self,
        vocabulary: &Vocabulary,
        value: &Value<'_>,
        at: &At<'_>,
    ) -> Option<String> {
        let text = self.text(value, at)?;
        let (rule, detail) = match vocabulary.term(text, self.context) {
            Ok(Term::Word(word)) => return Some(word.to_owned()),
            Ok(Term::Own(own)) => return Some(own.to_owned()),
            Ok(Term::OwnUndeclared(own)) => {
                self.findings.warn(
                    at,
                    "prefix-undeclared",
                    format_args!("no context declares the prefix of {text:?}; taken as it is"),
                );
                return Some(own.to_owned());
            }
            Ok(Term::OldSpelling(word)) => {
                self.findings.warn(
                    at,
                    "cbv-urn",
                    format_args!("{text:?} is the spelling of EPCIS 1.2; taken as {word:?}"),
                );
                return Some(word.to_owned());
            }
            Err(NoTerm::UnknownWord) => ("cbv-word-unknown", "is not a word of the CBV here"),
            Err(NoTerm::NotAUri) => ("not-a-uri", "is neither a CBV word nor a URI"),
        };
        self.findings
            .fault(at, rule, format_args!("{text:?} {detail}"));
        None
    }

    fn terms(&mut self, value: &Value<'_>, at: &At<'_>) -> Vec<String> {
        self.list(value, at, |reading, value, at| {
            reading.term(&vocabulary::DISPOSITION, value, at)
        })
    }

    fn transformation_id(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<String> {
        let text = self.text(value, at)?;
        if text.is_empty() {
            self.findings
                .warn(at, "transformation-id-empty", "taken as absent");
            return None;
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            self.findings.fault(
                at,
                "not-a-uri",
                format_args!("{text:?} is not an identifier"),
            );
            return None;
        }
        if !is_uri(text) {
            self.findings.warn(
                at,
                "transformation-id-not-a-uri",
                format_args!("{text:?} is not a URI; taken as it is"),
            );
        }
        Some(text.to_owned())
    }

    fn quantities(&mut self, value: &Value<'_>, at: &At<'_>) -> Vec<QuantityElement> {
        self.list(value, at, Self::quantity_element)
    }

    fn quantity_element(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<QuantityElement> {
        let mut element = QuantityElement {
            epc_class: String::new(),
            quantity: None,
            quantity_text: None,
            uom: None,
        };
        let mut has_class = false;
        for (key, value) in self.object(value, at)? {
            let at = &at.key(key);
            match key.as_ref() {
                "epcClass" => {
                    has_class = true;
                    element.epc_class = self.identifier(value, at).unwrap_or_default();
                }
                "quantity" => {
                    let Value::Number(text) = value else {
                        self.findings.fault(
                            at,
                            "quantity-not-a-number",
                            format_args!("expected a number, found {}", value.kind()),
                        );
                        continue;
                    };
                    element.quantity = Decimal::parse(text);
                    element.quantity_text = Some(text.to_string());
                    if element.quantity.is_none() {
                        self.findings.fault(
                            at,
                            "quantity-too-long",
                            format_args!("{text} has too many digits"),
                        );
                    }
                }
                "uom" => element.uom = self.uom(value, at),
                other => self.findings.fault(
                    at,
                    "key-unknown",
                    format_args!("a quantity element has no {other:?}"),
                ),
            }
        }
        if !has_class {
            self.findings
                .fault(at, "epc-class-missing", "a quantity is of a class or a lot");
        }
        Some(element)
    }

    fn uom(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<String> {
        let text = self.text(value, at)?;
        let right = (2..=3).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if !right {
            self.findings.fault(
                at,
                "uom-invalid",
                format_args!("{text:?} is not a UN/CEFACT Rec 20 code"),
            );
            return None;
        }
        Some(text.to_owned())
    }

    fn biz_transaction(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<BizTransaction> {
        let (kind, id) =
            self.typed_uri(value, at, "bizTransaction", &vocabulary::BIZ_TRANSACTION)?;
        Some(BizTransaction {
            transaction_type: kind,
            biz_transaction: id?,
        })
    }

    fn endpoints(&mut self, value: &Value<'_>, at: &At<'_>, key: &'static str) -> Vec<Endpoint> {
        self.list(value, at, |reading, value, at| {
            let (kind, id) = reading.typed_uri(value, at, key, &vocabulary::SOURCE_DEST)?;
            if value.get("type").is_none() {
                reading
                    .findings
                    .fault(at, "type-missing", format_args!("a {key} names its type"));
            }
            Some(Endpoint {
                endpoint_type: kind?,
                id: id?,
            })
        })
    }

    /// `{type, key}` with nothing else in it.
    #[expect(
        clippy::type_complexity,
        reason = "two optional texts, taken apart at once"
    )]
    fn typed_uri(
        &mut self,
        value: &Value<'_>,
        at: &At<'_>,
        name: &'static str,
        vocabulary: &Vocabulary,
    ) -> Option<(Option<String>, Option<String>)> {
        let (mut kind, mut id) = (None, None);
        for (key, value) in self.object(value, at)? {
            let at = &at.key(key);
            if key == "type" {
                kind = self.term(vocabulary, value, at);
            } else if key == name {
                id = self.identifier(value, at);
            } else {
                self.findings.fault(
                    at,
                    "key-unknown",
                    format_args!("a {name} entry has no {key:?}"),
                );
            }
        }
        if value.get(name).is_none() {
            self.findings
                .fault(at, "identifier-missing", format_args!("{name} is missing"));
        }
        Some((kind, id))
    }

    fn place(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<Place> {
        let mut id = None;
        let mut extensions = Vec::new();
        for (key, value) in self.object(value, at)? {
            let at = &at.key(key);
            if key == "id" {
                id = self.identifier(value, at);
            } else {
                extensions.extend(self.namespaced(key, value, at));
            }
        }
        if value.get("id").is_none() {
            self.findings
                .fault(at, "identifier-missing", "a place has an id");
        }
        Some(Place {
            id: id?,
            extensions,
        })
    }

    fn persistent_disposition(
        &mut self,
        value: &Value<'_>,
        at: &At<'_>,
    ) -> Option<PersistentDisposition> {
        let mut found = PersistentDisposition::default();
        for (key, value) in self.object(value, at)? {
            let at = &at.key(key);
            match key.as_ref() {
                "set" => found.set = self.terms(value, at),
                "unset" => found.unset = self.terms(value, at),
                other => self.findings.fault(
                    at,
                    "key-unknown",
                    format_args!("persistentDisposition has no {other:?}"),
                ),
            }
        }
        Some(found)
    }

    fn error_declaration(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<ErrorDeclaration> {
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
    fn base_extension(&mut self, event: &mut Event, value: &Value<'_>, at: &At<'_>) {
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

    fn with_zone<'v>(&mut self, declaration: &Value<'v>, at: &At<'_>) -> Value<'v> {
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

    fn ilmd(&mut self, value: &Value<'_>, at: &At<'_>) -> Vec<Member> {
        let mut members = Vec::new();
        for (key, value) in self.object(value, at).unwrap_or_default() {
            members.extend(self.member(key, value, &at.key(key)));
        }
        members
    }

    /// A member of the event or of its ilmd that is not the standard's.
    fn member(&mut self, key: &str, value: &Value<'_>, at: &At<'_>) -> Option<Member> {
        if BARE_MASTER_DATA.contains(&key) {
            self.findings.warn(
                at,
                "master-data-without-prefix",
                format_args!("{key} is written cbvmda:{key}; taken as it is"),
            );
            return Some((key.to_owned(), value.clone().into_owned()));
        }
        self.namespaced(key, value, at)
    }

    /// A member whose key must carry its namespace; comments and keywords are passed over.
    pub(super) fn namespaced(
        &mut self,
        key: &str,
        value: &Value<'_>,
        at: &At<'_>,
    ) -> Option<Member> {
        if key == "comment" || key.starts_with('@') {
            return None;
        }
        if !key.contains(':') {
            self.findings.fault(
                at,
                "key-unknown",
                format_args!("{key:?} is no field here; one of your own needs a prefix"),
            );
            return None;
        }
        Some((key.to_owned(), value.clone().into_owned()))
    }

    /// A prefix no context declares, unless a context we never fetch may do so.
    fn undeclared(&mut self, key: &str, at: &At<'_>) {
        let detail = format!("no context declares the prefix of {key:?}");
        if self.context.has_unknown_urls() {
            self.findings.warn(at, "prefix-undeclared", detail);
        } else {
            self.findings.fault(at, "prefix-undeclared", detail);
        }
    }

    /// Every prefix, at any depth, must be declared: without it a key means nothing.
    fn nested_keys(&mut self, value: &Value<'_>, at: &At<'_>) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    let at = at.key(key);
                    if key == "@context" {
                        continue;
                    }
                    if has_undeclared_prefix(key, self.context) {
                        self.undeclared(key, &at);
                    }
                    self.nested_keys(value, &at);
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    if let Value::Object(_) | Value::Array(_) = element {
                        self.nested_keys(element, &at.index(index));
                    }
                }
            }
            _ => {}
        }
    }
}

fn has_undeclared_prefix(key: &str, context: &Context) -> bool {
    let Some((prefix, local)) = key.split_once(':') else {
        return false;
    };
    let full_uri = prefix == "urn" || local.starts_with("//");
    !key.starts_with('@') && context.namespace(prefix).is_none() && !(full_uri && is_uri(key))
}

/// `+hh:mm` or `-hh:mm`, 00:00 to 14:00, in minutes.
fn offset_minutes(text: &[u8]) -> Option<i16> {
    let [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] = text else {
        return None;
    };
    if ![h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let pair = |a: &u8, b: &u8| i16::from(a - b'0') * 10 + i16::from(b - b'0');
    let (hours, minutes) = (pair(h1, h2), pair(m1, m2));
    let total = hours * 60 + minutes;
    if 59 < minutes || 14 * 60 < total {
        return None;
    }
    Some(if *sign == b'-' { -total } else { total })
}
