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

/// What says how a body is to be read and where it ends: nobody else may.
const OF_EACH_BODY: [HeaderName; 4] = [
    CONTENT_TYPE,
    CONTENT_LENGTH,
    CONTENT_ENCODING,
    TRANSFER_ENCODING,
];

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
    /// What is sent decides it.
    #[error("the header `{0}` is not for others to set")]
    Ours(HeaderName),
    /// There are more than [`MAX_HEADERS`].
    #[error("more than {MAX_HEADERS} headers are given")]
    TooMany,
}

impl HeaderError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Name | Self::Value(_) => "headers are of ASCII characters that can be seen",
            Self::Ours(_) => "leave it out: what is sent decides it",
            Self::TooMany => "give fewer",
        }
    }
}

impl Headers {
    /// Sets one.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), HeaderError> {
        self.set_beside(&[], name, value)
    }

    /// Sets one, unless it is among `ours`, of which the protocol says that nobody else may set them.
    pub(crate) fn set_beside(
        &mut self,
        ours: &[HeaderName],
        name: &str,
        value: &str,
    ) -> Result<(), HeaderError> {
        let name = HeaderName::try_from(name.trim()).map_err(|_| HeaderError::Name)?;
        if OF_EACH_BODY.contains(&name) || ours.contains(&name) {
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
    pub(crate) fn map(&self) -> &HeaderMap {
        &self.0
    }

    /// A text of the receiver, without values that it says back: the whole of them, and their words (`Bearer` and what follows it).
    pub(crate) fn take_out_of(&self, text: &str) -> String {
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
    fn what_a_protocol_keeps_for_itself_is_refused() {
        let ours = [HeaderName::from_static("x-version")];
        let mut headers = Headers::default();
        let refused = headers.set_beside(&ours, "X-Version", "2");
        assert_eq!(refused, Err(HeaderError::Ours(ours[0].clone())));
        assert_eq!(headers.set("x-version", "2"), Ok(()));
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
