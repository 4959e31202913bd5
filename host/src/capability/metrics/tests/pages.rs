//! Pages of metrics and questions to a Prometheus, over real connections.

use assay_test_server as script;

use super::*;

fn answer(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} Whatever\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn a_page_is_asked_for_in_the_text_format_and_is_evidence() {
    let url = script::server(|mut connection| async move {
        let request = connection.request().await.unwrap().to_ascii_lowercase();
        let asked = request.contains("accept: text/plain;version=0.0.4");
        let page = format!("asked {}\n", u8::from(asked));
        connection.send(&answer(200, &page)).await;
    })
    .await
    .url;
    let mut attempt = Attempt::new();
    let families = attempt.scrape(&format!("{url}/metrics")).await.unwrap();
    assert!(families[0].samples[0].value.total_cmp(&1.0).is_eq());
    assert_eq!(attempt.statuses(), [Some(200)]);
}

#[tokio::test]
async fn a_page_that_cannot_be_had_or_read_says_why() {
    let mut attempt = Attempt::new();
    let refused = attempt.scrape("http://127.0.0.1:1/").await.unwrap_err();
    assert!(matches!(refused, Error::Unreachable(text) if text.starts_with("connect: ")));
    let no_url = attempt.scrape("/metrics").await.unwrap_err();
    assert!(matches!(no_url, Error::Invalid(text) if text.contains("`/metrics`")));
    let failing = script::always(answer(503, "a 1\n")).await.url;
    let failing = attempt.scrape(&failing).await.unwrap_err();
    assert!(matches!(failing, Error::Unreachable(text) if text.contains("503")));
    let html = script::always(answer(200, "a 1\n<html>\n")).await.url;
    let html = attempt.scrape(&html).await.unwrap_err();
    assert!(matches!(html, Error::Malformed(text) if text.starts_with("line 2: ")));
    assert_eq!(attempt.statuses(), [None, Some(503), Some(200)]);
}

#[tokio::test]
async fn the_length_of_a_page_is_limited() {
    let attempt = Attempt::new();
    let length = usize::try_from(fetch::MAX_PAGE_BYTES).unwrap();
    let page = format!("#{}\na 1\n", " ".repeat(length - 6));
    assert_eq!(page.len(), 16 << 20);
    let most = script::always(answer(200, &page)).await.url;
    assert_eq!(attempt.scrape(&most).await.unwrap().len(), 1);
    let more = script::always(answer(200, &format!("\n{page}"))).await.url;
    let error = attempt.scrape(&more).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(text) if text.starts_with("too-large: ")));
}

#[tokio::test]
async fn a_query_goes_to_the_prometheus_of_the_environment() {
    let url = script::server(|mut connection| async move {
        let request = connection.request().await.unwrap();
        let line = request.lines().next().unwrap();
        let body = format!(
            r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{"line":"{line}"}},"value":[1,"2.5"]}}]}}}}"#
        );
        connection.send(&answer(200, &body)).await;
    })
    .await.url;
    let shared = Arc::new(Shared::new(Vec::new()));
    let mut attempt = Attempt::of(&shared, Some(format!("{url}/prefix/")));
    let samples = attempt.query("up{a=\"b&c\"} + 1").await.unwrap();
    assert!(samples[0].value.total_cmp(&2.5).is_eq());
    assert_eq!(
        samples[0].labels[0].1,
        "GET /prefix/api/v1/query?query=up%7Ba%3D%22b%26c%22%7D+%2B+1 HTTP/1.1"
    );
    assert_eq!(attempt.statuses(), [Some(200)]);
}

#[tokio::test]
async fn a_query_that_fails_says_why() {
    let error = Attempt::new().query("up").await.unwrap_err();
    assert!(matches!(error, Error::Unsupported(text) if text.contains("`prometheus`")));
    let refusal = r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#;
    let url = script::always(answer(400, refusal)).await.url;
    let shared = Arc::new(Shared::new(Vec::new()));
    let attempt = Attempt::of(&shared, Some(url));
    let error = attempt.query("up{").await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(text) if text.contains("bad_data: parse error")));
}
