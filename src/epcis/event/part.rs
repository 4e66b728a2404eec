//! The parts of an event that are objects of their own: quantities, transactions, places and parties.

use super::super::fault::At;
use super::super::json::Value;
use super::super::vocabulary::{self, Vocabulary};
use super::value::Reading;
use super::{BizTransaction, Decimal, Endpoint, PersistentDisposition, Place, QuantityElement};

/// The two texts of a typed entry, each absent when it has a fault.
type TypedUri = (Option<String>, Option<String>);

impl Reading<'_> {
    pub(super) fn quantities(&mut self, value: &Value<'_>, at: &At<'_>) -> Vec<QuantityElement> {
        self.list(value, at, Self::quantity_element)
    }

    pub(super) fn quantity_element(
        &mut self,
        value: &Value<'_>,
        at: &At<'_>,
    ) -> Option<QuantityElement> {
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

    pub(super) fn uom(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<String> {
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

    pub(super) fn biz_transaction(
        &mut self,
        value: &Value<'_>,
        at: &At<'_>,
    ) -> Option<BizTransaction> {
        let (kind, id) =
            self.typed_uri(value, at, "bizTransaction", &vocabulary::BIZ_TRANSACTION)?;
        Some(BizTransaction {
            transaction_type: kind,
            biz_transaction: id?,
        })
    }

    pub(super) fn endpoints(
        &mut self,
        value: &Value<'_>,
        at: &At<'_>,
        key: &'static str,
    ) -> Vec<Endpoint> {
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
    pub(super) fn typed_uri(
        &mut self,
        value: &Value<'_>,
        at: &At<'_>,
        name: &'static str,
        vocabulary: &Vocabulary,
    ) -> Option<TypedUri> {
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

    pub(super) fn place(&mut self, value: &Value<'_>, at: &At<'_>) -> Option<Place> {
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

    pub(super) fn persistent_disposition(
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
}
