//! Bodies: read whole before anything is done with them, so that half a body does nothing.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{FromRequest, HttpMessage, HttpRequest, rt, web};
use serde::de::DeserializeOwned;

use super::problem::Refused;
use super::route::{Content, Route};
use crate::app::{Code, Fault, Problem, json_fault};
use crate::epcis::BODY_BYTES_MAX;
use crate::recall::{Object, member_at};

/// Bytes of a JSON body of the product's own operations: names and lists of a few thousand codes.
const JSON_BYTES_MAX: usize = 1024 * 1024;

/// Longest a body may take to arrive: [`BODY_BYTES_MAX`] at a quarter of a megabyte a second.
const BODY_TIME_MAX: Duration = Duration::from_secs(128);

/// A body, whole.
#[derive(Debug)]
pub(super) struct Body(pub(super) Vec<u8>);

impl Body {
    /// The JSON object in it.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let read: Result<Object<T>, _> = serde_json::from_slice(&self.0);
        read.map(|Object(body)| body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let mut detail = json_fault(&error);
            let mut pointer = format!("line {line} column {column}");
            let member = member_at(&self.0, line, column);
            if !member.is_empty() {
                detail = format!("{member}: {detail}");
                pointer = member;
            }
            let fault = Fault {
                pointer,
                detail: detail.clone(),
                ..Fault::default()
            };
            Problem::new(Code::InvalidBody, detail).with_errors(vec![fault])
        })
    }
}

impl FromRequest for Body {
    type Error = Refused;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refused>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = match request
            .extensions()
            .get::<&'static Route>()
            .map(|route| route.takes)
        {
            Some(Content::Epcis | Content::Csv) => BODY_BYTES_MAX,
            _ => JSON_BYTES_MAX,
        };
        let announced = request
            .headers()
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async move {
            let payload = payload.await.map_err(|error| {
                Problem::new(
                    Code::InvalidBody,
                    format!("the body cannot be read: {error}"),
                )
            })?;
            let bytes = rt::time::timeout(BODY_TIME_MAX, read(payload, announced, limit))
                .await
                .map_err(|_elapsed| {
                    Problem::new(Code::InvalidBody, "the body took too long to arrive")
                })??;
            Ok(Self(bytes))
        })
    }
}

async fn read(
    payload: web::Payload,
    announced: Option<usize>,
    limit: usize,
) -> Result<Vec<u8>, Problem> {
    let too_large = || {
        Problem::new(
            Code::TooLarge,
            format!("the body has more than {limit} bytes"),
        )
    };
    if announced.is_some_and(|size| limit < size) {
        return Err(too_large());
    }
    match payload.to_bytes_limited(limit).await {
        Ok(Ok(bytes)) => Ok(bytes.to_vec()),
        Ok(Err(error)) => {
            let whole = !matches!(
                error.as_error::<PayloadError>(),
                Some(PayloadError::Incomplete(_))
            );
            let detail = if whole {
                format!("the body cannot be read: {error}")
            } else {
                "the body ended before its announced length".to_owned()
            };
            Err(Problem::new(Code::InvalidBody, detail))
        }
        Err(_over) => Err(too_large()),
    }
}
