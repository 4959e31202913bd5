//! Against servers that do what a script says, byte by byte.

mod opening;
mod reading;
mod rebinding;
mod reconnecting;

use std::time::Duration;

use assay_report::event::{EventKind, StreamSummary};
use assay_test_server::{self as script, Connection};

use super::*;
use crate::capability::http::tests::{Told, client, exchanges, get};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\nX-Own: yes\r\n\r\n";
const END: &str = "0\r\n\r\n";
const PATIENCE: Duration = Duration::from_secs(10);

fn options(max_reconnects: u32) -> Options {
    Options {
        last_event_id: None,
        max_reconnects,
    }
}

/// The streams of an attempt, and what its recorder tells.
fn streams() -> (Context, Told) {
    let (http, told) = client();
    let recorder = http.recorder().clone();
    (Context::new(&http, recorder), told)
}

/// A part of a stream, framed.
fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

/// The next item, in short.
async fn next(stream: &EventStream) -> String {
    match stream.next(PATIENCE).await {
        Ok(Item::Event(event)) => {
            let id = event.id.map(|id| format!("#{id}")).unwrap_or_default();
            format!("{}{id} {}", event.name, event.data)
        }
        Ok(Item::Comment(comment)) => format!(": {}", comment.text),
        Ok(Item::Retry(milliseconds)) => format!("retry {milliseconds}"),
        Ok(Item::Reconnected(again)) => {
            format!("again {} {:?}", again.count, again.last_event_id)
        }
        Ok(Item::End) => "end".to_owned(),
        Err(error) => http::kind(&error).to_owned(),
    }
}

/// Each item up to the first `end` or failure, and that what follows is `end`.
async fn all(stream: &EventStream) -> Vec<String> {
    let mut items = Vec::new();
    loop {
        items.push(next(stream).await);
        let last = items.last().map(String::as_str);
        if matches!(last, Some("end" | "closed" | "protocol" | "too-large")) {
            assert_eq!(next(stream).await, "end");
            return items;
        }
    }
}

/// The streams that were told so far.
fn summaries(told: &mut Told) -> Vec<StreamSummary> {
    std::iter::from_fn(|| told.try_recv().ok())
        .filter_map(|happened| match happened.kind {
            EventKind::Streamed { stream, .. } => Some(stream),
            _ => None,
        })
        .collect()
}

/// A server that sends this stream, and then hangs up.
async fn stream_of(parts: &[&str]) -> String {
    let answer = HEAD.to_owned() + &parts.concat();
    script::server(move |mut connection| {
        let answer = answer.clone();
        async move {
            connection.request().await;
            connection.send(&answer).await;
        }
    })
    .await
    .url
}
