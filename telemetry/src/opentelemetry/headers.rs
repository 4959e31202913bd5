//! Headers that are sent along, which may hold what lets somebody in: their values are never shown, neither by us nor by whoever says
//! them back.

use std::fmt;

use reqwest::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    TRANSFER_ENCODING,
};

/// Headers that can be given.
pub const MAX_HEADERS: usize = 64;
/// Bytes of a header's value.
pub const MAX_VALUE_BYTES: usize = 8 << 10;
/// Parts of values that are shorter are not taken out of a text: they may be anything.
const MIN_SECRET_BYTES: usize = 4;

/// Headers of each request. A later one of the same name replaces a former one.
#[derive(Clone, Default)]
pub struct Headers(HeaderMap);

/// Why a header cannot be sent. Tells its name at most.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Its name is none.
    #[error("the name of a header has a character that no name has")]
    Name,
    /// Its value is none, or longer than [`MAX_VALUE_BYTES`].
    #[error(
        "the value of the header `{0}` cannot be sent: it is longer than 8 KiB or has a control character"
    )]
    Value(HeaderName),
    /// OTLP sets it itself.
    #[error("the header `{0}` is not for others to set")]
    Ours(HeaderName),
    /// There are more than [`MAX_HEADERS`].
    #[error("more than {MAX_HEADERS} headers are given")]
    TooMany,
}

impl Headers {
    /// Sets one.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), HeaderError> {
        let name = HeaderName::try_from(name.trim()).map_err(|_| HeaderError::Name)?;
        let ours = [
            CONTENT_TYPE,
            CONTENT_LENGTH,
            CONTENT_ENCODING,
            TRANSFER_ENCODING,
        ];
        if ours.contains(&name) {
            return Err(HeaderError::Ours(name));
        }
        let wrong = |_| HeaderError::Value(name.clone());
        let mut value = HeaderValue::from_str(value).map_err(wrong)?;
        if value.len() > MAX_VALUE_BYTES {
            return Err(HeaderError::Value(name));
        }
        if self.0.len() == MAX_HEADERS && !self.0.contains_key(&name) {
            return Err(HeaderError::TooMany);
        }
        value.set_sensitive(true);
        self.0.insert(name, value);
        Ok(())
    }

    /// To be sent.
    pub(super) fn map(&self) -> &HeaderMap {
        &self.0
    }

    /// A text of the receiver, without values that it says back: the whole of them, and their words (`Bearer` and what follows it).
    pub(super) fn take_out_of(&self, text: &str) -> String {
        let values = self.0.values().filter_map(|value| value.to_str().ok());
        let words = values.flat_map(|value| [value].into_iter().chain(value.split_whitespace()));
        let secrets = words.filter(|word| word.len() >= MIN_SECRET_BYTES);
        secrets.fold(text.to_owned(), |text, secret| {
            text.replace(secret, "[redacted]")
        })
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_shown_and_taken_out_of_what_says_them_back() {
        let mut headers = Headers::default();
        headers.set("Authorization", "Bearer s3cret").unwrap();
        headers.set("x-short", "abc").unwrap();
        let shown = format!("{headers:?} {:?}", headers.map());
        assert!(!shown.contains("s3cret"), "{shown}");
        assert_eq!(
            headers.take_out_of("abc: token s3cret of `Bearer s3cret` is not known"),
            "abc: token [redacted] of `[redacted]` is not known"
        );
    }

    #[test]
    fn a_later_one_replaces_a_former_one() {
        let mut headers = Headers::default();
        headers.set("x-team", "a").unwrap();
        headers.set("X-Team", "b").unwrap();
        let values: Vec<_> = headers.map().values().collect();
        assert_eq!(values, ["b"]);
    }

    #[test]
    fn what_cannot_be_sent_is_refused_without_its_value() {
        let long = "x".repeat(MAX_VALUE_BYTES + 1);
        for (name, value) in [
            ("na me", "s3cret"),
            ("", "s3cret"),
            ("x", "s3cret\n"),
            ("x", &long),
            ("Content-Type", "s3cret"),
        ] {
            let error = Headers::default().set(name, value).unwrap_err().to_string();
            assert!(
                !error.contains("s3cret") && !error.contains("xx"),
                "{error}"
            );
        }
        assert!(Headers::default().set("x", &long[1..]).is_ok());
    }

    #[test]
    fn there_are_headers_up_to_the_limit() {
        let mut headers = Headers::default();
        for number in 0..MAX_HEADERS {
            headers.set(&format!("x-{number}"), "value").unwrap();
        }
        assert_eq!(headers.set("x-0", "another"), Ok(()));
        assert_eq!(headers.set("x-more", "value"), Err(HeaderError::TooMany));
    }
}
