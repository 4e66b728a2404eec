//! `GET /epcis`: what is here. The headers of every answer, OPTIONS too, say the rest.

use actix_web::HttpResponse;
use serde_json::json;

use crate::epcis::{BODY_BYTES_MAX, EVENTS_MAX};

/// `GET /epcis`
pub(in crate::web) async fn describe() -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "name": "suyuan",
        "version": env!("CARGO_PKG_VERSION"),
        "epcis": "2.0.0",
        "cbv": "2.0.0",
        "mediaTypes": ["application/json", "application/ld+json"],
        "epcFormats": ["Never_Translates", "No_Preference"],
        "captureErrorBehaviours": ["rollback", "proceed"],
        "captureLimit": EVENTS_MAX,
        "captureFileSizeLimit": BODY_BYTES_MAX,
        "links": {
            "capture": "/epcis/capture",
            "events": "/epcis/events",
            "openapi": "/api/v1/openapi.json",
        },
    }))
}
