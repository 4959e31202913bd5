//! How the save of a generation stands, as tests look at it.

use serde_json::Value;

use crate::client::{Client, Reply};
use crate::system::eventually;

/// A generation.
pub(crate) async fn job(client: &Client, id: &str) -> Value {
    let reply = client.get(&format!("/api/v1/generations/{id}")).await;
    reply.body["data"].clone()
}

/// How its save stands.
pub(crate) async fn report(client: &Client, id: &str) -> Value {
    let reply = client.get(&format!("/api/v1/retry/jobs/{id}")).await;
    reply.body["data"].clone()
}

/// What is in the retry queue.
pub(crate) async fn queue(client: &Client) -> Value {
    let reply = client.get("/api/v1/retry/queue/stats").await;
    reply.body["data"].clone()
}

/// Asks for a save by hand.
pub(crate) async fn save_again(client: &Client, id: &str) -> Reply {
    let path = format!("/api/v1/retry/generations/{id}/save");
    client.call("POST", &path, &[], None).await
}

/// The attempts that a report, or a generation, tells of.
pub(crate) fn attempts(report: &Value) -> &[Value] {
    report["saveAttempts"].as_array().unwrap()
}

/// Waits until so many attempts ended.
pub(crate) async fn attempted(client: &Client, id: &str, count: usize) {
    eventually("it was tried as often", || async {
        attempts(&report(client, id).await).len() >= count
    })
    .await;
}

/// Milliseconds of the day, of an RFC 3339 time.
fn ms_of_day(time: &Value) -> u64 {
    let (_, clock) = time.as_str().unwrap().split_once('T').unwrap();
    let digits: Vec<u64> = clock
        .trim_end_matches('Z')
        .split([':', '.'])
        .map(|part| part.parse().unwrap())
        .collect();
    ((digits[0] * 60 + digits[1]) * 60 + digits[2]) * 1_000 + digits[3]
}

/// Milliseconds from one time to a later one, midnight or not.
pub(crate) fn ms_between(from: &Value, to: &Value) -> u64 {
    (ms_of_day(to) + 86_400_000 - ms_of_day(from)) % 86_400_000
}
