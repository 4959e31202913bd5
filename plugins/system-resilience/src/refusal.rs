//! What an answer has to be when something that it needs is missing.

use assay_client::Refusal;
use assay_sdk::http::Response;
use assay_sdk::prelude::*;

/// The vector store is missing.
pub(crate) const NO_VECTOR_STORE: &str = "VECTOR_STORE_UNAVAILABLE";
/// The project service is missing.
pub(crate) const NO_PROJECT_SERVICE: &str = "PROJECT_SERVICE_UNAVAILABLE";

/// Checks that an answer is 503, names what is missing, and says in whole seconds when to come back.
pub(crate) fn check_unavailable(what: &str, response: &Response, code: &str) {
    let refusal = Refusal::of(response);
    let named = refusal.as_ref().and_then(|refusal| refusal.code.as_deref());
    check_eq!(
        (response.status(), named),
        (503, Some(code)),
        "{what} is refused for what is missing"
    );
    let after = response.header("retry-after");
    let seconds = after.and_then(|text| text.parse::<u64>().ok());
    check!(
        seconds.is_some_and(|seconds| (1..=60).contains(&seconds)),
        "{what}: it says when to come back, within a minute: {after:?}"
    );
}
