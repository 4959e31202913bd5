//! Bodies that are refused before anybody reads their fields: at every endpoint that takes one, and without any effect.

use assay_client::Api;
use assay_sdk::prelude::*;

use crate::refusal::{Expected, MALFORMED, check_refusal};
use crate::subject::Subject;

/// The most bytes that a body may have.
const LIMIT: usize = 1 << 20;
/// How long a body may take if the settings do not say.
const BODY_TIMEOUT_MS: u64 = 5_000;
const TOO_LARGE: Expected = (413, "PAYLOAD_TOO_LARGE");
const OTHER_TYPE: Expected = (415, "UNSUPPORTED_MEDIA_TYPE");
const TOO_SLOW: Expected = (408, "REQUEST_TIMEOUT");

/// A body that is no JSON is refused: broken off, empty, with something after it, or not UTF-8
#[case(tags = ["errors"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_body_that_is_no_json_is_refused(api: Api) -> Result<()> {
    let subject = Subject::new(&api, "malformed").await?;
    for endpoint in subject.endpoints() {
        let good = endpoint.good.to_string();
        for (what, body) in [
            ("broken off", good.as_bytes()[..good.len() - 1].to_vec()),
            ("empty", Vec::new()),
            ("followed by more", format!("{good} {{").into_bytes()),
            ("not UTF-8", b"{\"name\": \"\xff\"}".to_vec()),
        ] {
            let response = subject
                .request(&endpoint)
                .header("content-type", "application/json")
                .body(body)
                .send()
                .await?;
            let what = format!("{}, {what}", endpoint.name);
            check_refusal(&what, &response, MALFORMED);
        }
    }
    subject.check_unchanged().await
}

/// A body of another type is refused even if it is good JSON; a parameter and another case make no other type
#[case(tags = ["errors"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_body_of_another_type_is_refused(api: Api) -> Result<()> {
    let subject = Subject::new(&api, "another type").await?;
    for endpoint in subject.endpoints() {
        for kind in [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("application/jsonp"),
        ] {
            let request = subject
                .request(&endpoint)
                .body(endpoint.good.to_string().into_bytes());
            let request = match kind {
                Some(kind) => request.header("content-type", kind),
                None => request,
            };
            let what = format!("{}, {}", endpoint.name, kind.unwrap_or("no type"));
            check_refusal(&what, &request.send().await?, OTHER_TYPE);
        }
    }
    subject.check_unchanged().await?;
    let [_, change, ..] = subject.endpoints();
    let response = subject
        .request(&change)
        .header("content-type", "Application/JSON; charset=utf-8")
        .json(&change.good)
        .send()
        .await?;
    check_eq!(response.status(), 200, "a parameter makes no other type");
    Ok(())
}

/// A body of over 1 MiB is refused, and one of exactly 1 MiB is taken
#[case(tags = ["errors"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_body_over_the_limit_is_refused(api: Api) -> Result<()> {
    let subject = Subject::new(&api, "oversize").await?;
    for endpoint in subject.endpoints() {
        let body = padded(&endpoint.good.to_string(), LIMIT + 1);
        let response = subject
            .request(&endpoint)
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await?;
        check_refusal(endpoint.name, &response, TOO_LARGE);
    }
    subject.check_unchanged().await?;
    let [_, change, ..] = subject.endpoints();
    let response = subject
        .request(&change)
        .header("content-type", "application/json")
        .body(padded(&change.good.to_string(), LIMIT))
        .send()
        .await?;
    check_eq!(response.status(), 200, "a body at the limit is taken");
    Ok(())
}

/// A client that does not send its body in time is told so, and not waited for
#[case(tags = ["errors"], timeout = "60s", needs = ["project-service", "generation-service"])]
async fn a_slow_client_is_not_waited_for(api: Api) -> Result<()> {
    let allowed = context::optional_setting("reference.body-timeout-ms")?;
    let allowed = Duration::from_millis(allowed.unwrap_or(BODY_TIMEOUT_MS));
    let subject = Subject::new(&api, "slow client").await?;
    let endpoints = subject.endpoints();
    let tries = endpoints.iter().map(|endpoint| {
        let good = endpoint.good.to_string();
        let (start, rest) = good.split_at(good.len() / 2);
        let pieces = [start.to_owned(), rest.to_owned()];
        subject
            .request(endpoint)
            .header("content-type", "application/json")
            .paced(pieces, allowed * 4)
            .timeout(allowed * 4)
            .send()
    });
    let answers = try_join_all(tries).await?;
    for (endpoint, response) in endpoints.iter().zip(&answers) {
        check_refusal(endpoint.name, response, TOO_SLOW);
        let took = response.timings().total;
        check!(
            took >= allowed && took < allowed * 3,
            "{}: it is told after {allowed:?}: {took:?}",
            endpoint.name
        );
    }
    subject.check_unchanged().await
}

/// JSON with white space before it, so that it has so many bytes.
fn padded(json: &str, bytes: usize) -> Vec<u8> {
    let mut body = vec![b' '; bytes.saturating_sub(json.len())];
    body.extend_from_slice(json.as_bytes());
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_padded_body_has_the_size_and_the_value() {
        let body = padded("{\"a\":1}", 20);
        assert_eq!(body.len(), 20);
        let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(value["a"], 1);
    }
}
