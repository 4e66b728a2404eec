//! Problems (RFC 9457): every public refusal is one line of this table. HTTP answers with it, the
//! command line prints it with `--json`, `OpenAPI` lists it.

use serde::Serialize;

use crate::capture::EventFault;

macro_rules! problems {
    ($($(#[doc = $doc:literal])+ $code:ident = $slug:literal, $status:literal, $exit:literal, $title:literal $(, $epcis:literal)?;)*) => {
        /// The code of a problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $code),* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$code),*];

            /// The stable short name.
            pub const fn slug(self) -> &'static str { match self { $(Self::$code => $slug),* } }
            /// The HTTP status.
            pub const fn status(self) -> u16 { match self { $(Self::$code => $status),* } }
            /// The exit code of the command line.
            pub const fn exit(self) -> u8 { match self { $(Self::$code => $exit),* } }
            /// The title.
            pub const fn title(self) -> &'static str { match self { $(Self::$code => $title),* } }
            /// The exception of the EPCIS 2.0 REST binding, where it has one.
            pub const fn epcis(self) -> Option<&'static str> { match self { $(Self::$code => problems!(@epcis $($epcis)?)),* } }
        }
    };
    (@epcis) => { None };
    (@epcis $epcis:literal) => { Some($epcis) };
}

problems! {
    // code                 slug                        status exit title                                   EPCIS exception
    /// Not JSON, or not an EPCIS document, or an event breaks a rule.
    InvalidDocument       = "invalid-document",         400, 3, "The document is not valid EPCIS 2.0",      "epcisException:ValidationException";
    /// A parameter is unknown, missing or wrong.
    InvalidParameter      = "invalid-parameter",        400, 2, "A parameter is wrong",                     "epcisException:QueryParameterException";
    /// A body is not what the operation takes.
    InvalidBody           = "invalid-body",             400, 3, "The request body is wrong",                "epcisException:ValidationException";
    /// An identifier was not understood.
    InvalidIdentifier     = "invalid-identifier",       400, 2, "The identifier is not understood",         "epcisException:ValidationException";
    /// A table (CSV) has wrong rows or columns.
    InvalidTable          = "invalid-table",            400, 3, "The table was refused";
    /// No or no valid key.
    Unauthenticated       = "unauthenticated",          401, 3, "An API key is needed",                     "epcisException:SecurityException";
    /// The role may not do this, or not to this.
    Forbidden             = "forbidden",                403, 3, "This is not allowed",                      "epcisException:SecurityException";
    /// Nothing there under this name.
    NotFound              = "not-found",                404, 4, "Not found",                                "epcisException:NoSuchResourceException";
    /// The method does not exist here.
    MethodNotAllowed      = "method-not-allowed",       405, 2, "The method is not allowed here";
    /// The answer does not exist in the form asked for.
    NotAcceptable         = "not-acceptable",           406, 2, "No such representation",                   "epcisException:NotAcceptableException";
    /// A second event under a known id says otherwise.
    EventConflict         = "event-conflict",           409, 3, "An event with this id says otherwise",     "epcisException:ResourceAlreadyExistsException";
    /// The state does not allow this move.
    IllegalMove           = "illegal-move",             409, 3, "The state does not allow this";
    /// Something stands against it that the caller must settle first.
    Conflict              = "conflict",                 409, 3, "This contradicts what is recorded";
    /// The body has too many bytes, events or identifiers.
    TooLarge              = "too-large",                413, 3, "The request is too large",                 "epcisException:CaptureLimitExceededException";
    /// The address is too long.
    UriTooLong            = "uri-too-long",             414, 2, "The address is too long",                  "epcisException:URITooLongException";
    /// The body's media type is not taken.
    UnsupportedMediaType  = "unsupported-media-type",   415, 2, "The media type is not supported",          "epcisException:UnsupportedMediaTypeException";
    /// A scope that holds nothing.
    EmptyScope            = "empty-scope",              422, 1, "The scope is empty";
    /// An extension that would say nothing new.
    NothingDiffers        = "nothing-differs",          422, 1, "Nothing differs";
    /// A setting is wrong.
    Configuration         = "configuration",            500, 2, "The configuration is wrong";
    /// Something failed that should not.
    Internal              = "internal",                 500, 5, "Internal error",                           "epcisException:ImplementationException";
    /// The database or Kafka cannot be reached.
    Unavailable           = "unavailable",              503, 5, "A service behind this one is not reachable", "epcisException:ImplementationException";
}

/// One fault among several.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Fault {
    /// Where: a JSON pointer, a parameter, a column.
    pub pointer: String,
    /// The broken rule's stable name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rule: String,
    /// What is wrong.
    pub detail: String,
    /// The file it came from, on the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Which event of the document, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// The event's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
}

impl From<&EventFault> for Fault {
    fn from(fault: &EventFault) -> Self {
        Self {
            pointer: fault.pointer.clone(),
            rule: fault.rule.clone(),
            detail: fault.detail.clone(),
            file: None,
            index: fault.index,
            event_id: fault.event_id.clone(),
        }
    }
}

/// What is wrong with JSON that was sent, without the names of our types.
pub fn json_fault(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let Some((found, rest)) = text.rsplit_once(", expected ") else {
        return text;
    };
    let (expected, place) = rest.split_at(rest.rfind(" at line ").unwrap_or(rest.len()));
    let expected = match expected.split(' ').next() {
        Some("struct" | "map") => "an object",
        Some("u8" | "u16" | "u32" | "u64" | "i32" | "i64" | "usize") => "a whole number",
        _ if expected == "a sequence" => "a list",
        _ => expected,
    };
    format!("{found}, expected {expected}{place}")
}

/// "1 fault", "2 faults".
pub fn faults(count: usize) -> String {
    match count {
        1 => "1 fault".to_owned(),
        _ => format!("{count} faults"),
    }
}

/// A refusal or failure, as it is told outside.
#[derive(Debug)]
pub struct Problem {
    /// Which.
    pub code: Code,
    /// The sentence for this case.
    pub detail: String,
    /// The single faults, when there are several.
    pub errors: Vec<Fault>,
    /// The cause, for the log and the command line; HTTP does not tell it.
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    errors: &'a [Fault],
}

impl Problem {
    /// A problem with its sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            cause: None,
        }
    }

    /// A problem with one parameter or field.
    pub(super) fn parameter(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::at(Code::InvalidParameter, pointer, detail)
    }

    /// The same of another kind.
    pub(super) fn at(code: Code, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let fault = Fault {
            pointer: pointer.into(),
            detail: detail.clone(),
            ..Fault::default()
        };
        Self::new(code, detail).with_errors(vec![fault])
    }

    /// A problem with its single faults.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<Fault>) -> Self {
        self.errors = errors;
        self
    }

    /// A problem with its cause.
    #[must_use]
    pub fn because(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    /// The problem object as HTTP gives it: without the causes.
    pub fn to_json(&self) -> String {
        self.object(&self.detail)
    }

    /// The problem object as the command line prints it: `detail` is the sentence and its causes.
    pub fn to_json_with_causes(&self) -> String {
        self.object(&self.chain())
    }

    /// `type` is the EPCIS exception where the binding has one, else `urn:suyuan:problem:{slug}`.
    fn object(&self, detail: &str) -> String {
        let body = Body {
            r#type: self.code.epcis().map_or_else(
                || format!("urn:suyuan:problem:{}", self.code.slug()),
                str::to_owned,
            ),
            title: self.code.title(),
            status: self.code.status(),
            detail,
            errors: &self.errors,
        };
        serde_json::to_string(&body).unwrap_or_else(|_| String::from("{}"))
    }

    /// The sentence and its causes, for logs and terminals.
    pub fn chain(&self) -> String {
        let mut text = self.detail.clone();
        let mut next: Option<&dyn std::error::Error> =
            self.cause.as_deref().map(|cause| cause as _);
        while let Some(cause) = next {
            let sentence = cause.to_string();
            if !text.ends_with(&sentence) {
                text = format!("{text}: {sentence}");
            }
            next = cause.source();
        }
        text
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.title(), self.detail)
    }
}

impl std::error::Error for Problem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{Code, Problem, json_fault};

    #[derive(Debug, Deserialize)]
    struct Request {
        #[serde(rename = "count")]
        _count: u64,
        #[serde(rename = "names")]
        _names: Vec<String>,
    }

    #[test]
    fn what_is_wrong_with_json_is_said_without_names_of_types() {
        for (json, said) in [
            (
                "[]",
                "invalid length 0, expected an object at line 1 column 2",
            ),
            (
                "3",
                "invalid type: integer `3`, expected an object at line 1 column 1",
            ),
            (
                r#"{"count":"3"}"#,
                "invalid type: string \"3\", expected a whole number at line 1 column 12",
            ),
            (
                r#"{"names":{}}"#,
                "invalid type: map, expected a list at line 1 column 9",
            ),
            (
                r#"{"count":3}"#,
                "missing field `names` at line 1 column 11",
            ),
            ("{", "EOF while parsing an object at line 1 column 1"),
        ] {
            let error = serde_json::from_str::<Request>(json).unwrap_err();
            assert_eq!(json_fault(&error), said);
        }
    }

    #[test]
    fn causes_are_told_at_the_command_line_alone() {
        let problem = Problem::new(Code::Unavailable, "no database")
            .because(std::io::Error::other("no file x.db"));

        assert!(!problem.to_json().contains("x.db"));
        let told = problem.to_json_with_causes();
        assert!(
            told.contains(r#""detail":"no database: no file x.db""#),
            "{told}"
        );
    }
}
