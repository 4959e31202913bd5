//! JSON from outside, with errors that show where it went wrong.

use std::fmt;

use serde::de::DeserializeOwned;

use super::response::SHOWN;
use crate::show;

/// What came is not the JSON that was wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    source: String,
    wanted: &'static str,
    path: String,
    reason: String,
    start: String,
}

/// Reads a value; `source` says in messages where the text came from.
pub(crate) fn parse<T: DeserializeOwned>(text: &[u8], source: &str) -> Result<T, JsonError> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let failed = |path: String, reason: String| JsonError {
        source: source.to_owned(),
        wanted: short_name(std::any::type_name::<T>()),
        path,
        reason,
        start: show::cut(&String::from_utf8_lossy(text), SHOWN),
    };
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| failed(error.path().to_string(), error.inner().to_string()))?;
    deserializer
        .end()
        .map_err(|error| failed(".".to_owned(), error.to_string()))?;
    Ok(value)
}

/// The name of a type without the modules it is in; those of its parameters stay.
fn short_name(name: &'static str) -> &'static str {
    let end = name.find('<').unwrap_or(name.len());
    name[..end].rfind("::").map_or(name, |at| &name[at + 2..])
}

impl JsonError {
    /// Where the first mismatch is: `data.episodes[2].number`; `.` is the whole.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source,
            wanted,
            path,
            reason,
            start,
        } = self;
        write!(
            formatter,
            "{source}, which is no `{wanted}` at `{path}`: {reason}; it starts with `{start}`"
        )
    }
}

impl std::error::Error for JsonError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Page {
        #[expect(dead_code, reason = "only its type matters")]
        episodes: Vec<Episode>,
    }

    #[derive(Debug, serde::Deserialize)]
    struct Episode {
        #[expect(dead_code, reason = "only its type matters")]
        number: u32,
    }

    #[test]
    fn an_error_names_the_place_of_the_first_mismatch() {
        let text = br#"{"episodes": [{"number": 1}, {"number": "two"}]}"#;
        let error = parse::<Page>(text, "GET http://test answered 200").unwrap_err();
        assert_eq!(error.path(), "episodes[1].number");
        let message = error.to_string();
        assert!(
            message.starts_with("GET http://test answered 200, which is no `Page` at `episodes[1].number`: invalid type: string \"two\", expected u32"),
            "{message}"
        );
        assert!(
            message.ends_with(
                "it starts with `{\"episodes\": [{\"number\": 1}, {\"number\": \"two\"}]}`"
            ),
            "{message}"
        );
    }

    #[test]
    fn text_after_the_value_is_an_error() {
        assert!(parse::<u32>(b"1 2", "it").is_err());
    }

    #[test]
    fn what_is_no_json_says_so() {
        let error = parse::<Page>(b"<html>", "it").unwrap_err();
        assert!(
            error.to_string().contains("it starts with `<html>`"),
            "{error}"
        );
    }
}
