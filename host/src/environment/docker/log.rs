//! A container's log as the engine sends it: pieces of both outputs, each behind a head of eight bytes that tells which and how long.

/// Bytes of a head. The first is 0, 1 or 2, three are 0, and four are the length, the greatest first.
const HEAD: usize = 8;

/// The lines of a log. A container with a terminal sends its text without heads.
pub(super) fn lines(log: &[u8]) -> Vec<String> {
    let text = pieces(log).unwrap_or_else(|| log.to_vec());
    let text = String::from_utf8_lossy(&text);
    text.lines().map(str::to_owned).collect()
}

/// The text of all pieces; none if these are no pieces. What is cut off at the end counts as far as it came.
fn pieces(log: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let mut rest = log;
    while !rest.is_empty() {
        let (head, after) = rest.split_at_checked(HEAD)?;
        let [0..=2, 0, 0, 0, length @ ..] = head else {
            return None;
        };
        let length = u32::from_be_bytes(length.try_into().ok()?);
        let length = usize::try_from(length).ok()?.min(after.len());
        text.extend_from_slice(&after[..length]);
        rest = &after[length..];
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(output: u8, text: &str) -> Vec<u8> {
        let length = u32::try_from(text.len()).unwrap().to_be_bytes();
        [&[output, 0, 0, 0][..], &length, text.as_bytes()].concat()
    }

    #[test]
    fn both_outputs_come_in_their_order_and_a_line_may_come_in_pieces() {
        let log = [piece(1, "one\ntw"), piece(1, "o\n"), piece(2, "three\n")].concat();
        assert_eq!(lines(&log), ["one", "two", "three"]);
        assert_eq!(lines(&log[..log.len() - 3]), ["one", "two", "thr"]);
        assert_eq!(lines(&[]), [""; 0]);
    }

    #[test]
    fn a_terminal_has_no_heads() {
        assert_eq!(
            lines(b"listening on 1\nready\n"),
            ["listening on 1", "ready"]
        );
    }
}
