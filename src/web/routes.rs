//! Every address there is: who may call it, what its query and body are, what it answers. Whatever is not
//! here is not there, and whoever is not named may not.

use actix_web::web;

use super::api::{
    batches, credentials, keys, ledger, letters, master, pictures, quality, reasons,
    recall_versions, recalls, symbols, traces, webhooks,
};
use super::epcis::{capture, discovery, events};
use super::route::{Content, Parameters, Policy, Route};
use super::{health, openapi, page, scan};
use crate::parties::Action;

macro_rules! routes {
    ($($method:ident $path:literal $policy:ident $parameters:tt
        $takes:ident$(($in:literal))? => $status:literal $gives:ident$(($out:literal))?
        $summary:literal $handler:path;)*) => {
        &[$(Route {
            method: stringify!($method),
            path: $path,
            policy: routes!(@policy $policy),
            parameters: routes!(@parameters $parameters),
            takes: Content::$takes$(($in))?,
            status: $status,
            gives: Content::$gives$(($out))?,
            summary: $summary,
            name: stringify!($handler),
            handler: || web::to($handler),
        }),*]
    };
    (@policy Open) => { Policy::Open };
    (@policy $action:ident) => { Policy::May(Action::$action) };
    (@parameters link) => { Parameters::DigitalLink };
    (@parameters []) => { Parameters::Only(&[]) };
    (@parameters ($names:path)) => { Parameters::Only($names) };
}

/// Every route.
#[rustfmt::skip]
pub const ROUTES: &[Route] = routes! {
    GET    "/healthz"                      Open             []  Nothing => 200 Text  "Is the process alive?" health::live;
    GET    "/readyz"                       Open             []  Nothing => 200 Text  "Can it work? 503 says why not." health::ready;
    GET    "/metrics"                      Inspect          []  Nothing => 200 Text  "Measurements for Prometheus" health::metrics;
    GET    "/api/v1/openapi.json"          Open             []  Nothing => 200 Json("OpenApi")  "This document" openapi::show;

    GET    "/01/{key:.*}"                  Open             link  Nothing => 200 Page  "What a code of a product, lot or item says" scan::product;
    GET    "/00/{key:.*}"                  Open             link  Nothing => 200 Page  "What the code of a logistic unit says" scan::unit;
    GET    "/414/{key:.*}"                 Open             link  Nothing => 200 Page  "What the code of a place says" scan::place;
    GET    "/.well-known/gs1resolver"      Open             []  Nothing => 200 Json("ResolverDescription")  "What the resolver offers" scan::describe;

    GET    "/epcis"                        Open             []  Nothing => 200 Json("ServiceDescription")  "What the EPCIS service offers" discovery::describe;
    POST   "/epcis/capture"                Capture          []  Epcis => 202 Nothing  "Capture a document or an event; Location is the job" capture::create;
    GET    "/epcis/capture"                Capture          (page::PARAMETERS)  Nothing => 200 Json("CaptureJobs")  "The organisation's captures, newest first" capture::list;
    GET    "/epcis/capture/{captureID}"    Capture          []  Nothing => 200 Json("CaptureJob")  "How a capture went" capture::show;
    POST   "/epcis/events"                 Capture          []  Epcis => 201 Nothing  "Record one event; the same one again is no error" events::create;
    GET    "/epcis/events/{eventID:.+}"    ReadEvents       []  Nothing => 200 Epcis  "An event as it was sent, and the declaration of its error" events::show;

    POST   "/api/v1/parties"               ManageMasterData (master::PARAMETERS)  Csv => 200 Json("ImportReport")  "Import organisations" master::parties;
    POST   "/api/v1/places"                ManageMasterData (master::PARAMETERS)  Csv => 200 Json("ImportReport")  "Import places" master::places;
    POST   "/api/v1/products"              ManageMasterData (master::PARAMETERS)  Csv => 200 Json("ImportReport")  "Import products" master::products;
    POST   "/api/v1/aliases"               ManageMasterData (master::PARAMETERS)  Csv => 200 Json("ImportReport")  "Import other names of lots" master::aliases;
    POST   "/api/v1/credentials"           RecordCredentials (master::PARAMETERS)  Csv => 200 Json("ImportReport")  "Import licences, certificates, declared standards, test reports and insurance: one's own; a laboratory the reports it issues" credentials::import;
    GET    "/api/v1/credentials"           ReadCredentials  (credentials::LIST)  Nothing => 200 Json("Credentials")  "Credentials by number; with at, those that were valid then" credentials::list;
    GET    "/api/v1/credentials/{id}"      ReadCredentials  (credentials::SHOW)  Nothing => 200 Json("CredentialHistory")  "A credential as it stood, with its versions and revocations" credentials::show;
    POST   "/api/v1/credentials/{id}/revoke" RecordCredentials []  Json("RevocationRequest") => 200 Json("CredentialHistory")  "Suspend or withdraw a credential from a time on" credentials::revoke;
    POST   "/api/v1/people"                RecordCredentials (master::PARAMETERS)  Csv => 200 Json("ImportReport")  "Import people in charge: one's own" credentials::import_people;
    GET    "/api/v1/people"                ReadCredentials  (credentials::LIST_PEOPLE)  Nothing => 200 Json("People")  "People in charge by id; with at, those who were so then" credentials::list_people;
    GET    "/api/v1/people/{id}"           ReadCredentials  (credentials::SHOW)  Nothing => 200 Json("Person")  "A person in charge" credentials::show_person;
    POST   "/api/v1/keys"                  ManageKeys       []  Json("KeyRequest") => 201 Json("NewKey")  "Make an API key; its text is told this once" keys::create;
    GET    "/api/v1/keys"                  ManageKeys       []  Nothing => 200 Json("Keys")  "All API keys, newest first" keys::list;
    DELETE "/api/v1/keys/{id}"             ManageKeys       []  Nothing => 200 Json("Key")  "End an API key at once" keys::revoke;
    POST   "/api/v1/batches"               IssueCodes       []  Json("BatchRequest") => 201 Json("Batch")  "Issue codes for a lot of a product" batches::create;
    GET    "/api/v1/batches/{id}"          IssueCodes       []  Nothing => 200 Json("Batch")  "A batch of codes" batches::show;
    GET    "/api/v1/batches/{id}/codes"    IssueCodes       []  Nothing => 200 Csv  "The codes of a batch: serial, link, gtin, lot, index" batches::write_codes;
    GET    "/api/v1/qr"                    IssueCodes       (symbols::PARAMETERS)  Nothing => 200 Image  "The symbol that is printed for an identifier: format svg (default) or png" symbols::draw;
    GET    "/api/v1/position"              Inspect          []  Nothing => 200 Json("Position")  "How far the ledger is: size and chain hash of each shard" ledger::position;
    GET    "/api/v1/dead-letters"          ReadDeadLetters  (letters::LIST)  Nothing => 200 Json("DeadLetters")  "What was refused and not recorded since: an organisation's own, an admin's all; with all, also what was replayed" letters::list;
    GET    "/api/v1/events/{eventID:.+}"   ReadEvents       []  Nothing => 200 Json("EventVersions")  "An event with its place in the ledger" events::show_with_position;

    GET    "/api/v1/trace/back"            Trace            (traces::WAY)  Nothing => 200 Json("Trace")  "Everything upstream of a thing, and its own history" traces::back;
    GET    "/api/v1/trace/forward"         Trace            (traces::WAY)  Nothing => 200 Json("Trace")  "Everything that can be affected downstream" traces::forward;
    POST   "/api/v1/trace/common"          Trace            []  Json("CommonRequest") => 200 Json("TraceCommon")  "What several things have in common upstream: a hint, never a scope by itself" traces::common;
    GET    "/api/v1/trace/where"           Trace            (traces::WHERE)  Nothing => 200 Json("Whereabouts")  "Where something is, or was" traces::where_is;
    GET    "/api/v1/trace/who"             Trace            (traces::WHO)  Nothing => 200 Json("Responsibility")  "Who had something and who answers for it" traces::who;
    GET    "/api/v1/quality"               CheckQuality     (quality::PARAMETERS)  Nothing => 200 Json("QualityPage")  "What in the records does not fit: counts first, then findings, as far as they concern the caller" quality::report;
    GET    "/api/v1/trace/picture"         Trace            (pictures::PICTURE)  Nothing => 200 Svg  "A picture of a thing's chain: direction back, forward or both (default); recall marks a scope; collapse auto (default), never or places; lang en (default) or zh" pictures::draw;

    POST   "/api/v1/recalls"               ConductRecall    []  Json("RecallRequest") => 201 Json("Recall")  "Find what is affected, freeze it, open a case; 200 when tried out only" recalls::open;
    GET    "/api/v1/recalls"               ReadRecalls      []  Nothing => 200 Json("RecallLines")  "The recalls the caller may see, newest first" recalls::list;
    POST   "/api/v1/recalls/preview"       ConductRecall    []  Json("PreviewRequest") => 200 Json("RecallPreview")  "What a scope would find, and what each of its rules costs; records nothing" reasons::preview;
    GET    "/api/v1/recalls/{id}"          ReadRecalls      (recalls::SHOW)  Nothing => 200 Json("Recall")  "A recall with its tasks and history" recalls::show;
    GET    "/api/v1/recalls/{id}/why"      ReadRecalls      (reasons::WHY)  Nothing => 200 Json("RecallExplanation")  "Why something is affected, or why not" reasons::why;
    GET    "/api/v1/recalls/{id}/excluded" ReadRecalls      (reasons::EXCLUDED)  Nothing => 200 Json("RecallExclusions")  "What was looked at and left out, with the reason" reasons::excluded;
    GET    "/api/v1/recalls/{id}/units"    ReadRecalls      (recalls::UNITS)  Nothing => 200 Json("RecallUnits")  "What is affected, in pages of whole blocks" recalls::units;
    GET    "/api/v1/recalls/{id}/units.csv" ReadRecalls     (recalls::TABLE)  Nothing => 200 Csv  "All that is affected, as a table" recalls::write_units;
    GET    "/api/v1/recalls/{id}/units.jsonl" ReadRecalls   (recalls::TABLE)  Nothing => 200 JsonLines  "All that is affected, a JSON object a line" recalls::write_lines;
    GET    "/api/v1/recalls/{id}/picture"  ReadRecalls      (pictures::RECALL)  Nothing => 200 Svg  "A picture of a recall's scope: where it began on the left, who has it on the right; for who sees all of it" pictures::draw_recall;
    POST   "/api/v1/recalls/{id}/decide"   ConductRecall    []  Json("RecallMove") => 200 Json("RecallMoved")  "There will be a recall" recalls::decide;
    POST   "/api/v1/recalls/{id}/notify"   ConductRecall    []  Json("RecallMove") => 200 Json("RecallMoved")  "Every holder gets a task" recalls::notify;
    POST   "/api/v1/recalls/{id}/ack"      AnswerRecall     []  Json("RecallMove") => 200 Json("RecallMoved")  "Answer as a holder" recalls::ack;
    POST   "/api/v1/recalls/{id}/cancel"   ConductRecall    []  Json("RecallMove") => 200 Json("RecallMoved")  "Give it up before anybody is told" recalls::cancel;
    POST   "/api/v1/recalls/{id}/close"    ConductRecall    []  Json("RecallMove") => 200 Json("RecallMoved")  "Close it; announced first while tasks are open" recalls::close;
    POST   "/api/v1/recalls/{id}/extend"   ConductRecall    []  Json("RecallExtensionRequest") => 201 Json("RecallExtension")  "Evaluate again and freeze the next version; 200 when tried out only" recall_versions::extend;
    POST   "/api/v1/recalls/{id}/release"  ConductRecall    []  Json("RecallReleaseRequest") => 200 Json("RecallRelease")  "Approve what a version proposes to remove" recall_versions::release;
    GET    "/api/v1/recalls/{id}/versions" ReadRecalls      []  Nothing => 200 Json("RecallVersions")  "The versions of the scope, oldest first" recall_versions::list;
    GET    "/api/v1/recalls/{id}/versions/{version}" ReadRecalls []  Nothing => 200 Json("Recall")  "A recall with one version of its scope" recall_versions::show;
    GET    "/api/v1/recalls/{id}/diff"     ReadRecalls      (recall_versions::DIFF)  Nothing => 200 Json("RecallDiffPage")  "How two versions differ: counts, and lines in pages" recall_versions::diff;
    GET    "/api/v1/recalls/{id}/diff.csv" ReadRecalls      (recall_versions::TABLE)  Nothing => 200 Csv  "All lines in which two versions differ, as a table" recall_versions::write_diff;

    POST   "/api/v1/webhooks"              RegisterWebhooks []  Json("WebhookRequest") => 201 Json("NewWebhook")  "Have the notices one may read sent to an address; the secret they are signed with is told this once" webhooks::register;
    GET    "/api/v1/webhooks"              ManageWebhooks   []  Nothing => 200 Json("Webhooks")  "The organisation's webhooks, newest first; an admin's all" webhooks::list;
    GET    "/api/v1/webhooks/{id}"         ManageWebhooks   []  Nothing => 200 Json("Webhook")  "A webhook, without its secret" webhooks::show;
    DELETE "/api/v1/webhooks/{id}"         ManageWebhooks   []  Nothing => 200 Json("Webhook")  "Delete a webhook, and what waits for it" webhooks::delete;
    POST   "/api/v1/webhooks/{id}/rotate"  RegisterWebhooks []  Json("RotationRequest") => 200 Json("NewWebhook")  "Make a new secret, told this once; the one before signs too for a while" webhooks::rotate;
    POST   "/api/v1/webhooks/{id}/disable" ManageWebhooks   []  Nothing => 200 Json("Webhook")  "Stop sending; what comes meanwhile waits" webhooks::disable;
    POST   "/api/v1/webhooks/{id}/enable"  ManageWebhooks   []  Nothing => 200 Json("Webhook")  "Send again, and first what waited" webhooks::enable;
    GET    "/api/v1/webhooks/{id}/deliveries" ManageWebhooks (webhooks::DELIVERIES)  Nothing => 200 Json("WebhookDeliveries")  "What was or is to be sent, newest first: state waiting, delivered or failed, tries, last error" webhooks::deliveries;
    POST   "/api/v1/webhooks/{id}/deliveries/{notice}/resend" ManageWebhooks []  Nothing => 200 Json("WebhookDelivery")  "Send a notice again, with the same id" webhooks::resend;
};

/// Every route of the address that `ingest --listen` opens: whoever chooses the address decides who can
/// reach it, so its metrics need no key.
#[rustfmt::skip]
pub(super) const ASIDE: &[Route] = routes! {
    GET    "/healthz"                      Open             []  Nothing => 200 Text  "Is the process alive?" health::live;
    GET    "/readyz"                       Open             []  Nothing => 200 Text  "Can it work? 503 says why not." health::ready;
    GET    "/metrics"                      Open             []  Nothing => 200 Text  "Measurements for Prometheus" health::metrics;
};
