//! Attributes as they are put together: a name, and a value of a limited size.

use super::protocol::{AnyValue, KeyValue, Value};

/// Bytes of a text in an attribute, of a message of a status and of a name; what is longer is cut. OTLP has no limit, and receivers do.
pub(super) const MAX_TEXT_BYTES: usize = 1 << 10;

/// Attributes of a span, an event, a link or a resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Attributes(Vec<KeyValue>);

impl Attributes {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds one. A name comes once.
    pub(super) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.push(KeyValue {
            key: key.to_owned(),
            value: Some(AnyValue {
                value: Some(value.into()),
            }),
        });
        self
    }

    /// Adds one, if there is a value.
    pub(super) fn with_some(self, key: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// Adds some more.
    pub(super) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    pub(super) fn into_inner(self) -> Vec<KeyValue> {
        self.0
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(cut(text).to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<f64> for Value {
    fn from(figure: f64) -> Self {
        Self::Figure(figure)
    }
}

impl From<u64> for Value {
    fn from(count: u64) -> Self {
        Self::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Value {
    fn from(count: u32) -> Self {
        Self::Integer(count.into())
    }
}

impl From<u16> for Value {
    fn from(count: u16) -> Self {
        Self::Integer(count.into())
    }
}

/// The longest start of at most [`MAX_TEXT_BYTES`] that ends between two characters.
pub(super) fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT_BYTES)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_at_the_limit_is_whole_and_a_longer_one_is_cut_between_two_characters() {
        let whole = "x".repeat(MAX_TEXT_BYTES);
        assert_eq!(cut(&whole), whole);
        assert_eq!(cut(&(whole.clone() + "x")), whole);
        let wide = "x".repeat(MAX_TEXT_BYTES - 1) + "é";
        assert_eq!(Value::from(&wide), Value::Text(wide[..1_023].to_owned()));
    }

    #[test]
    fn a_count_beyond_what_otlp_holds_is_the_greatest_that_it_does() {
        assert_eq!(Value::from(u64::MAX), Value::Integer(i64::MAX));
        let greatest = i64::MAX.cast_unsigned();
        assert_eq!(Value::from(greatest), Value::Integer(i64::MAX));
    }
}
