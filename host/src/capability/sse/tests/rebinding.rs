//! A stream is opened again at a name that leads somewhere else since: where it leads then is judged anew.

use super::*;
use crate::capability::http::tests::rebinding::Rebinding;

#[tokio::test]
async fn a_stream_whose_name_leads_elsewhere_since_it_was_opened_is_not_opened_again() {
    let url = stream_of(&[&chunk("retry: 1\n\n"), &chunk("data: one\n\n")]).await;
    let rebinding = Rebinding::of(&url).await;
    let (http, mut told) = rebinding.client();
    let recorder = http.recorder().clone();
    let context = Context::new(&http, recorder);
    let stream = context.open(get(&rebinding.url), options(1)).await.unwrap();
    let mut items = Vec::new();
    while !items.iter().any(|item| item == "denied" || item == "end") && items.len() < 10 {
        items.push(next(&stream).await);
    }
    assert_eq!(items, ["retry 1", "message one", "denied"]);
    rebinding.assert_refused(&mut told).await;
}
