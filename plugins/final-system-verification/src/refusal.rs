//! What an answer that says no has to be, wherever it comes from.

use assay_client::Refusal;
use assay_sdk::http::Response;
use assay_sdk::prelude::*;
use serde::Deserialize;
use serde_json::Value;

/// The envelope with all its fields.
#[derive(Deserialize)]
struct Envelope {
    success: bool,
    message: String,
    data: Value,
    error: Value,
}

/// A refusal as it is expected: its status and its code.
pub(crate) type Expected = (u16, &'static str);

/// The body is not JSON.
pub(crate) const MALFORMED: Expected = (400, "MALFORMED_JSON");
/// Fields or parameters are wrong.
pub(crate) const INVALID: Expected = (422, "VALIDATION_FAILED");
/// No project has the id.
pub(crate) const NO_PROJECT: Expected = (404, "PROJECT_NOT_FOUND");
/// The project has no such episode.
pub(crate) const NO_EPISODE: Expected = (404, "EPISODE_NOT_FOUND");
/// No generation has the id.
pub(crate) const NO_GENERATION: Expected = (404, "GENERATION_JOB_NOT_FOUND");
/// Nothing is at the path.
pub(crate) const NO_ROUTE: Expected = (404, "ROUTE_NOT_FOUND");

/// Checks status, code, envelope and trace of a refusal, and answers what is said about fields.
pub(crate) fn check_refusal(what: &str, response: &Response, expected: Expected) -> Vec<String> {
    let refusal = Refusal::of(response);
    let code = refusal.as_ref().and_then(|refusal| refusal.code.as_deref());
    check_eq!(
        (response.status(), code),
        (expected.0, Some(expected.1)),
        "{what} is refused"
    );
    let Some(refusal) = refusal else {
        return Vec::new();
    };
    check!(!refusal.message.is_empty(), "{what}: it says why");
    check_envelope(what, response);
    check!(
        refusal.trace_id.is_some() && refusal.trace_id.as_deref() == response.header("x-trace-id"),
        "{what}: the trace in the body {:?} is the one in the head {:?}",
        refusal.trace_id,
        response.header("x-trace-id")
    );
    let fields: Vec<String> = refusal
        .details
        .into_iter()
        .map(|detail| detail.field)
        .collect();
    if expected != INVALID {
        check!(
            fields.is_empty(),
            "{what}: it is about no field, and names none: {fields:?}"
        );
    }
    fields
}

fn check_envelope(what: &str, response: &Response) {
    let envelope = response.json::<Envelope>();
    let is_right = envelope.as_ref().is_ok_and(|envelope| {
        !envelope.success
            && envelope.data.is_null()
            && envelope.error["message"].as_str() == Some(&envelope.message)
    });
    check!(
        is_right,
        "{what}: the envelope says no, without data, and in the words of the error"
    );
}

/// Checks that a refusal says in whole seconds when to come back.
pub(crate) fn check_retry_after(what: &str, response: &Response) {
    let seconds = response
        .header("retry-after")
        .and_then(|text| text.parse::<u64>().ok());
    check!(
        seconds.is_some_and(|seconds| (1..=60).contains(&seconds)),
        "{what}: it says when to come back, within a minute: {:?}",
        response.header("retry-after")
    );
}
