//! How evidence becomes part of an event: text as it is, anything else as base64, both cut to the limit of the contract.

use assay_report::event::Attachment;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::capability::recorder::{MAX_ATTACHMENT_BYTES, cut};

/// Bytes of a name or a media type that are kept.
const MAX_NAME_BYTES: usize = 256;

/// Evidence as an event has it.
pub(crate) fn make(name: &str, media_type: &str, body: &[u8]) -> Attachment {
    let (content, base64) = if let Ok(text) = std::str::from_utf8(body) {
        (cut(text, MAX_ATTACHMENT_BYTES).to_owned(), false)
    } else {
        let kept = &body[..body.len().min(MAX_ATTACHMENT_BYTES)];
        (STANDARD.encode(kept), true)
    };
    Attachment {
        name: cut(name, MAX_NAME_BYTES).to_owned(),
        media_type: cut(media_type, MAX_NAME_BYTES).to_owned(),
        content,
        base64,
        size: body.len() as u64,
        truncated: body.len() > MAX_ATTACHMENT_BYTES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text_and_other_bytes_become_base64() {
        let text = make("page", "text/html", "é".as_bytes());
        assert_eq!((&*text.content, text.base64, text.size), ("é", false, 2));
        let bytes = make("shot", "image/png", b"\x89PNG");
        assert_eq!((&*bytes.content, bytes.base64), ("iVBORw==", true));
    }

    #[test]
    fn a_body_at_the_limit_is_whole_and_one_beyond_it_is_cut_and_marked() {
        for (extra, truncated) in [(0, false), (1, true)] {
            let text = make("t", "text/plain", &vec![b'a'; MAX_ATTACHMENT_BYTES + extra]);
            assert_eq!(text.content.len(), MAX_ATTACHMENT_BYTES);
            assert_eq!(text.truncated, truncated);
            assert_eq!(text.size, (MAX_ATTACHMENT_BYTES + extra) as u64);
            let bytes = make("b", "", &vec![0xff; MAX_ATTACHMENT_BYTES + extra]);
            let kept = STANDARD.decode(bytes.content).unwrap();
            assert_eq!(
                (kept.len(), bytes.truncated),
                (MAX_ATTACHMENT_BYTES, truncated)
            );
        }
    }

    #[test]
    fn names_are_cut() {
        assert_eq!(make(&"n".repeat(300), "", b"").name.len(), MAX_NAME_BYTES);
    }
}
