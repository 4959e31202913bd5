//! What a plugin said when it panicked: through the contract if its SDK does that, or else on standard error.

use crate::capability::recorder::{MAX_CHECK_VALUE_BYTES, MAX_LOG_BYTES, Panic, cut};

/// The panic of an instance that stopped at an `unreachable`; none if it did not say anything.
pub(super) fn find(told: Option<&Panic>, stderr: &str) -> Option<Panic> {
    told.cloned().or_else(|| read(stderr))
}

/// Reads what Rust's standard library writes: `thread 'main' (1) panicked at src/lib.rs:17:48:`, then the message, then a note.
fn read(stderr: &str) -> Option<Panic> {
    let (_, after) = stderr.split_once(" panicked at ")?;
    let (place, rest) = after.split_once('\n').unwrap_or((after, ""));
    let message = rest
        .split_once("\nnote: run with")
        .map_or(rest, |(message, _)| message)
        .trim_end();
    Some(Panic {
        message: cut(message, MAX_LOG_BYTES).to_owned(),
        location: file_and_line(place.trim_end_matches(':'))
            .map(|place| cut(&place, MAX_CHECK_VALUE_BYTES).to_owned()),
    })
}

/// `src/lib.rs:17` of `src/lib.rs:17:48`.
fn file_and_line(place: &str) -> Option<String> {
    let (file_and_line, column) = place.rsplit_once(':')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (_, line) = file_and_line.rsplit_once(':')?;
    (is_number(column) && is_number(line)).then(|| file_and_line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_read_from_standard_error() {
        let stderr = "warming up\n\nthread '<unnamed>' (1) panicked at sync/src/lib.rs:17:48:\n\
                      index out of bounds\nthe len is 3\nnote: run with `RUST_BACKTRACE=1` environment variable\n";
        assert_eq!(
            read(stderr),
            Some(Panic {
                message: "index out of bounds\nthe len is 3".into(),
                location: Some("sync/src/lib.rs:17".into()),
            })
        );
    }

    #[test]
    fn a_place_that_is_none_is_left_out() {
        assert_eq!(file_and_line("somewhere"), None);
        assert_eq!(file_and_line("a:b:c"), None);
        assert_eq!(read("quiet"), None);
    }

    #[test]
    fn what_was_told_counts_before_what_was_written() {
        let told = Panic {
            message: "told".into(),
            location: None,
        };
        assert_eq!(
            find(Some(&told), " panicked at a.rs:1:1:\nwritten"),
            Some(told.clone())
        );
    }
}
