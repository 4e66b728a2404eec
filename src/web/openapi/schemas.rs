//! The schemas of bodies and answers.

use serde_json::{Value, json};
use utoipa::PartialSchema;
use utoipa::openapi::schema::Components;
use utoipa::openapi::{ComponentsBuilder, RefOr, Schema};

use crate::app::{Code, Preview};
use crate::capture::{Letter, LetterFault};
use crate::credentials::{
    CredentialView, HistoryView, Kind, LapsedView, Outcome, PersonRole, PersonView, RevocationView,
    Scope, Standing, State, TestView, VersionView,
};
use crate::recall::{
    AssumedView, AttributeMatch, CertaintyCounts, Change, Changes, ContactPolicy, ContainerWindow,
    Definition, DiffLine, DiffView, Difference, Due, ExcludedLine, Explanation, ExtensionView,
    GapChanges, HolderChange, HolderRow, Label, MixingPolicy, MoveView, Moved, PlaceRow,
    PlaceWindow, Policies, ProductWindow, QuantityCost, Reasons, RecallLine, RecallView,
    ReleaseView, RemovalView, Request, RequestedAttribute, RequestedContact, RequestedContainer,
    RequestedKillStep, RequestedPlace, RequestedPolicies, RequestedProduct, RequestedRange,
    RequestedVessel, RuleCost, Ruling, RulingView, Span, Step, TaskView, UnitLine, UnitRange,
    VersionLine, Watch, Why, WhyPlace,
};
use crate::trace::quality::{Count, Finding, Kind as FindingKind, Sentence};
use crate::trace::{
    Asked, Candidate, Common, DarkEdge, DarkKind, Fate, Holding, HopView, Mark, NamedPosition,
    Node, PartView, Quantity, ResponsibleView, Traced, Where, WhoView,
};
use crate::web::api::quality::QualityPage;
use crate::web::api::{
    batches, credentials, keys, master, reasons, recall_versions, recalls, traces, webhooks,
};
use crate::web::epcis::job;
use crate::web::scan::{City, HeldCredential, Producer, Product, RecallNotice, ScanView, Stop};
use crate::webhooks::{DeliveryView, NewWebhook, WebhookView};

/// Every schema that a route names.
pub(super) fn components() -> ComponentsBuilder {
    ComponentsBuilder::from(Components::new())
        .schema("Problem", written(&problem()))
        .schema("OpenApi", written(&json!({"type": "object"})))
        .schema("Epcis", written(&epcis()))
        .schema("ServiceDescription", written(&json!({"type": "object"})))
        .schema("ResolverDescription", written(&json!({"type": "object"})))
        .schema("Linkset", written(&json!({"type": "object"})))
        .schema("Scan", ScanView::schema())
        .schema("Product", Product::schema())
        .schema("Producer", Producer::schema())
        .schema("Stop", Stop::schema())
        .schema("HeldCredential", HeldCredential::schema())
        .schema("City", City::schema())
        .schema("RecallNotice", RecallNotice::schema())
        .schema("CaptureJob", job::View::schema())
        .schema("EventProblem", job::EventProblem::schema())
        .schema("CaptureJobs", written(&list("CaptureJob")))
        .schema("ImportReport", master::ImportReport::schema())
        .schema("Credential", CredentialView::schema())
        .schema("CredentialScope", Scope::schema())
        .schema("TestResult", TestView::schema())
        .schema("Credentials", written(&list("Credential")))
        .schema("CredentialHistory", HistoryView::schema())
        .schema("CredentialVersion", VersionView::schema())
        .schema("Revocation", RevocationView::schema())
        .schema(
            "RevocationRequest",
            credentials::RevocationRequest::schema(),
        )
        .schema("LapsedCredential", LapsedView::schema())
        .schema("Person", PersonView::schema())
        .schema("People", written(&list("Person")))
        .schema("CredentialKind", Kind::schema())
        .schema("TestOutcome", Outcome::schema())
        .schema("PersonRole", PersonRole::schema())
        .schema("CredentialState", State::schema())
        .schema("Standing", Standing::schema())
        .schema("KeyRequest", keys::KeyRequest::schema())
        .schema("NewKey", keys::NewKey::schema())
        .schema("Key", keys::Key::schema())
        .schema("Keys", written(&list("Key")))
        .schema("WebhookRequest", webhooks::WebhookRequest::schema())
        .schema("RotationRequest", webhooks::RotationRequest::schema())
        .schema("Webhook", WebhookView::schema())
        .schema("Webhooks", written(&list("Webhook")))
        .schema("NewWebhook", NewWebhook::schema())
        .schema("WebhookDelivery", DeliveryView::schema())
        .schema("WebhookDeliveries", written(&list("WebhookDelivery")))
        .schema("BatchRequest", batches::BatchRequest::schema())
        .schema("Batch", batches::Batch::schema())
        .schema("DeadLetter", Letter::schema())
        .schema("DeadLetterFault", LetterFault::schema())
        .schema("DeadLetters", written(&list("DeadLetter")))
        .schema("Position", NamedPosition::schema())
        .schema("PositionMark", Mark::schema())
        .schema("Trace", Traced::schema())
        .schema("TraceQuery", Asked::schema())
        .schema("TraceNode", Node::schema())
        .schema("DarkEdge", DarkEdge::schema())
        .schema("DarkKind", DarkKind::schema())
        .schema("QualityPage", QualityPage::schema())
        .schema("FindingCount", Count::schema())
        .schema("FindingKind", FindingKind::schema())
        .schema("Finding", Finding::schema())
        .schema("Sentence", Sentence::schema())
        .schema("Quantity", Quantity::schema())
        .schema("CommonRequest", traces::CommonRequest::schema())
        .schema("TraceCommon", Common::schema())
        .schema("TraceCandidate", Candidate::schema())
        .schema("Whereabouts", Where::schema())
        .schema("LotPart", PartView::schema())
        .schema("Holding", Holding::schema())
        .schema("Fate", Fate::schema())
        .schema("Responsibility", WhoView::schema())
        .schema("Responsible", ResponsibleView::schema())
        .schema("Hop", HopView::schema())
        .schema("RecallRequest", recalls::RecallRequest::schema())
        .schema("RequestedPlace", RequestedPlace::schema())
        .schema("RequestedRange", RequestedRange::schema())
        .schema("RequestedContainer", RequestedContainer::schema())
        .schema("RequestedProduct", RequestedProduct::schema())
        .schema("RequestedAttribute", RequestedAttribute::schema())
        .schema("RequestedPolicies", RequestedPolicies::schema())
        .schema("RequestedVessel", RequestedVessel::schema())
        .schema("RequestedKillStep", RequestedKillStep::schema())
        .schema("RequestedContact", RequestedContact::schema())
        .schema("RequestedScope", Request::schema())
        .schema("PreviewRequest", reasons::PreviewRequest::schema())
        .schema("RecallPreview", Preview::schema())
        .schema("RuleCost", RuleCost::schema())
        .schema("RecallExplanation", Explanation::schema())
        .schema("RecallStep", Step::schema())
        .schema("RecallWhyPlace", WhyPlace::schema())
        .schema("RecallExcluded", ExcludedLine::schema())
        .schema("RecallExclusions", written(&exclusions()))
        .schema("RecallMove", recalls::MoveRequest::schema())
        .schema("Recall", RecallView::schema())
        .schema("RecallDefinition", Definition::schema())
        .schema("PlaceWindow", PlaceWindow::schema())
        .schema("UnitRange", UnitRange::schema())
        .schema("TimeSpan", Span::schema())
        .schema("ContainerWindow", ContainerWindow::schema())
        .schema("ProductWindow", ProductWindow::schema())
        .schema("AttributeMatch", AttributeMatch::schema())
        .schema("RecallPolicies", Policies::schema())
        .schema("RecallMixing", MixingPolicy::schema())
        .schema("RecallContact", ContactPolicy::schema())
        .schema("CertaintyCounts", CertaintyCounts::schema())
        .schema("QuantityCost", QuantityCost::schema())
        .schema("HolderRow", HolderRow::schema())
        .schema("PlaceRow", PlaceRow::schema())
        .schema("RecallDue", Due::schema())
        .schema("RecallAssumed", AssumedView::schema())
        .schema("RecallRuling", Ruling::schema())
        .schema("RecallRulingGiven", RulingView::schema())
        .schema("RecallTask", TaskView::schema())
        .schema("RecallMoveMade", MoveView::schema())
        .schema("RecallLine", RecallLine::schema())
        .schema("RecallLines", written(&list("RecallLine")))
        .schema("RecallMoved", Moved::schema())
        .schema("RecallUnit", UnitLine::schema())
        .schema("RecallUnits", written(&units()))
        .schema(
            "RecallExtensionRequest",
            recall_versions::ExtensionRequest::schema(),
        )
        .schema(
            "RecallReleaseRequest",
            recall_versions::ReleaseRequest::schema(),
        )
        .schema("RecallExtension", ExtensionView::schema())
        .schema("RecallRelease", ReleaseView::schema())
        .schema("RecallRemoval", RemovalView::schema())
        .schema("RecallWatch", Watch::schema())
        .schema("RecallVersion", VersionLine::schema())
        .schema("RecallVersions", written(&list("RecallVersion")))
        .schema("RecallDiff", DiffView::schema())
        .schema("RecallDiffPage", recall_versions::RecallDiffPage::schema())
        .schema("RecallDiffLine", DiffLine::schema())
        .schema("RecallLabel", Label::schema())
        .schema("RecallDifference", Difference::schema())
        .schema("RecallHolderChange", HolderChange::schema())
        .schema("RecallChange", Change::schema())
        .schema("RecallChanges", Changes::schema())
        .schema("RecallGapChanges", GapChanges::schema())
        .schema("RecallReasons", Reasons::schema())
        .schema("RecallWhy", Why::schema())
        .schema("EventVersions", written(&event_versions()))
}

/// A schema written as JSON.
fn written(schema: &Value) -> RefOr<Schema> {
    RefOr::T(serde_json::from_value(schema.clone()).unwrap_or_default())
}

fn list(of: &str) -> Value {
    json!({"type": "array", "items": {"$ref": format!("#/components/schemas/{of}")}})
}

/// A page of what is affected.
fn units() -> Value {
    json!({
        "type": "object",
        "required": ["lines"],
        "properties": {"lines": list("RecallUnit")}
    })
}

/// A page of what was left out.
fn exclusions() -> Value {
    json!({
        "type": "object",
        "required": ["lines"],
        "properties": {"lines": list("RecallExcluded")}
    })
}

/// Problems with every type there is.
fn problem() -> Value {
    let mut types: Vec<String> = Vec::new();
    for code in Code::ALL {
        let name = code.epcis().map_or_else(
            || format!("urn:suyuan:problem:{}", code.slug()),
            str::to_owned,
        );
        if !types.contains(&name) {
            types.push(name);
        }
    }
    json!({
        "type": "object",
        "description": "RFC 9457",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "enum": types},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "detail"],
                    "properties": {
                        "pointer": {"type": "string", "description": "A JSON pointer, a parameter, or line and column of a table"},
                        "rule": {"type": "string"},
                        "detail": {"type": "string"},
                        "index": {"type": "integer", "description": "Which event of the document, from 0"},
                        "event_id": {"type": "string"}
                    }
                }
            }
        }
    })
}

fn epcis() -> Value {
    json!({
        "type": "object",
        "description": "An EPCIS 2.0 document, query document or event (JSON)",
        "required": ["type"],
        "properties": {"type": {"type": "string"}}
    })
}

fn event_versions() -> Value {
    json!({
        "type": "array",
        "description": "The event and, after it, the declaration of its error",
        "items": {
            "type": "object",
            "required": ["event", "shard", "seq", "recorded_at", "submitter", "is_declaration"],
            "properties": {
                "event": {"type": "object", "description": "Byte for byte as it was sent"},
                "shard": {"type": "string"},
                "seq": {"type": "integer"},
                "recorded_at": {"type": "string"},
                "submitter": {"type": "string"},
                "submitter_key": {
                    "type": "string",
                    "description": "The key that the record's signature names: the first 8 bytes of its thumbprint"
                },
                "is_declaration": {"type": "boolean"}
            }
        }
    })
}
