//! An event stream: the same however its bytes come, and the events that a plain reading of the standard gives
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation>).

use assay_formats::sse::{Decoded, Decoder, Undecodable};
use bytes::Bytes;

/// Bytes that come at once.
const PIECES: [usize; 4] = [1, 2, 7, usize::MAX];

/// Decodes bytes as a stream that has ended.
pub fn sse(data: &[u8]) {
    let at_once = decoded(data, usize::MAX);
    for piece in PIECES {
        let in_pieces = decoded(data, piece);
        assert_eq!(in_pieces, at_once, "{piece}");
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    assert_eq!(
        at_once.end,
        Ok(()),
        "a text below the limits can be decoded"
    );
    let expected = interpreted(text);
    let events = at_once.items.iter().filter_map(|item| match item {
        Decoded::Event { name, data, .. } => Some((name.clone(), data.clone())),
        Decoded::Comment(_) | Decoded::Retry(_) => None,
    });
    assert_eq!(events.collect::<Vec<_>>(), expected.events);
    assert_eq!(
        at_once.last_event_id.unwrap_or_default(),
        expected.last_event_id
    );
    assert_eq!(at_once.reconnection_ms, expected.reconnection_ms);
}

/// What came of a stream.
#[derive(Debug, PartialEq, Eq)]
struct Stream {
    items: Vec<Decoded>,
    end: Result<(), Undecodable>,
    last_event_id: Option<String>,
    reconnection_ms: Option<u64>,
}

fn decoded(data: &[u8], piece: usize) -> Stream {
    let mut decoder = Decoder::default();
    let mut items = Vec::new();
    let mut end = Ok(());
    'pieces: for piece in data.chunks(piece) {
        let mut input = Bytes::copy_from_slice(piece);
        loop {
            match decoder.next(&mut input) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => break,
                Err(undecodable) => {
                    end = Err(undecodable);
                    break 'pieces;
                }
            }
        }
        assert!(input.is_empty(), "what is given is taken");
    }
    Stream {
        items,
        end,
        last_event_id: decoder.last_event_id().map(str::to_owned),
        reconnection_ms: decoder.reconnection_ms(),
    }
}

/// What the standard has of a stream.
#[derive(Debug, Default)]
struct Interpreted {
    events: Vec<(String, String)>,
    last_event_id: String,
    reconnection_ms: Option<u64>,
}

fn interpreted(text: &str) -> Interpreted {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').collect();
    // A line that does not end is none.
    lines.pop();
    let mut found = Interpreted::default();
    let (mut data, mut name, mut id) = (String::new(), String::new(), None::<String>);
    for line in lines {
        if line.is_empty() {
            found.last_event_id = id.clone().unwrap_or(found.last_event_id);
            if let Some(data) = data.strip_suffix('\n') {
                let name = if name.is_empty() { "message" } else { &name };
                found.events.push((name.to_owned(), data.to_owned()));
            }
            data.clear();
            name.clear();
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut name),
            "data" => {
                data.push_str(value);
                data.push('\n');
            }
            "id" if !value.contains('\0') => id = Some(value.to_owned()),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                found.reconnection_ms = value.parse().ok().or(found.reconnection_ms);
            }
            _ => {}
        }
    }
    found
}
