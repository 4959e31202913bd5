//! An answer over HTTP/1.1: the same however its bytes come, and with a body that another reading of its framing gives too.

use assay_load::transport::{Whole, whole};

/// Bytes that come at once.
const PIECES: [usize; 4] = [1, 3, 64, usize::MAX];

/// Reads bytes as what a server sent before it ended the connection, to `GET` and to `HEAD`.
pub fn answer(data: &[u8]) {
    for is_head in [false, true] {
        let at_once = whole(data, is_head, usize::MAX);
        for piece in PIECES {
            let answer = whole(data, is_head, piece);
            match (&answer, &at_once) {
                (Ok(answer), Ok(at_once)) => assert_eq!(answer, at_once, "{piece}"),
                (Err(answer), Err(at_once)) => {
                    assert_eq!(
                        answer.kind(),
                        at_once.kind(),
                        "{piece}: {answer}; {at_once}"
                    );
                }
                _ => panic!("{piece}: {answer:?}, and at once {at_once:?}"),
            }
        }
        match at_once {
            Ok(answer) => is_sound(&answer, is_head, data),
            Err(error) => {
                let text = error.to_string();
                assert!(!text.chars().any(char::is_control), "{text:?}");
            }
        }
    }
}

fn is_sound(answer: &Whole, is_head: bool, data: &[u8]) {
    let Whole {
        head,
        body,
        keeps,
        rest,
    } = answer;
    assert!((200..=999).contains(&head.status), "{}", head.status);
    assert!(body.len() + rest <= data.len());
    assert!(!keeps || *rest == 0);
    if is_head || matches!(head.status, 204 | 304) {
        assert!(body.is_empty(), "{body:?}");
        return;
    }
    let values = |wanted: &str| -> Vec<&str> {
        let headers = head.headers.iter().filter(|(name, _)| name == wanted);
        headers.map(|(_, value)| value.as_str()).collect()
    };
    let end = &data[..data.len() - rest];
    let coding = values("transfer-encoding");
    if coding.is_empty() {
        // What has no chunks stands in the bytes as it is.
        assert!(end.ends_with(body));
        if let [length] = values("content-length")[..] {
            let mut numbers = length.split(',').map(|number| number.trim().parse());
            assert!(numbers.all(|number| number == Ok(body.len())), "{length}");
        }
    } else if coding
        .last()
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("chunked"))
    {
        let starts = (0..end.len()).filter(|at| end[..*at].ends_with(b"\n"));
        let mut found = starts.map(|start| dechunked(&end[start..]));
        assert!(found.any(|other| other.as_ref() == Some(body)), "{body:?}");
    }
}

/// The data of chunks that are the whole of these bytes, read in the simplest way.
fn dechunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    loop {
        let (line, rest) = line(bytes)?;
        let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit());
        let digits = std::str::from_utf8(&line[..digits.count()]).ok()?;
        let size = usize::from_str_radix(digits, 16).ok()?;
        if size == 0 {
            bytes = rest;
            break;
        }
        data.extend_from_slice(rest.get(..size)?);
        bytes = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
    loop {
        let (trailer, rest) = line(bytes)?;
        bytes = rest;
        if trailer.is_empty() {
            return bytes.is_empty().then_some(data);
        }
    }
}

fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.windows(2).position(|window| window == b"\r\n")?;
    Some((&bytes[..at], &bytes[at + 2..]))
}
