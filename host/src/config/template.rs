//! The words of a service's command and of a compose file's variables, with places for what is only known when something starts.

use std::fmt::Write;

/// A word of a command. `{{` and `}}` stand for braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// As it is.
    Text(String),
    /// `{data}`: a folder of the service's own, new in each run.
    Data,
    /// `{port}`: the port to listen on, the same at each start; 0 at the first if the service chooses and tells it.
    Port,
    /// `{exe-dir}`: the folder of the running host.
    ExeDir,
    /// `{url:NAME}`: the base URL of a service that starts earlier.
    Url(String),
    /// `{address:NAME}`: its `HOST:PORT`.
    Address(String),
    /// `{setting:NAME}`: a value of `[settings]`, such as `reference.step-ms`.
    Setting(String),
    /// `{link:FROM->TO}`: the base URL of a link that a container is to connect over; nothing if there is no such link.
    Link(String),
}

/// What may stand in braces.
pub const PLACES: &str =
    "`{data}`, `{port}`, `{exe-dir}`, `{url:SERVICE}`, `{address:SERVICE}`, `{setting:NAME}`";

impl Template {
    /// Reads a word; the error says what is wrong with it.
    pub fn parse(word: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = word;
        while let Some(at) = rest.find(['{', '}']) {
            text.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                text.push_str(brace);
                rest = after;
            } else if brace == "}" {
                return Err(format!("`{word}` has a `}}` that closes nothing"));
            } else {
                let (place, after) = rest
                    .split_once('}')
                    .ok_or_else(|| format!("`{word}` has a `{{` that is never closed"))?;
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(Part::parse(place).ok_or_else(|| format!("`{{{place}}}` is unknown"))?);
                rest = after;
            }
        }
        text.push_str(rest);
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Self {
            text: word.to_owned(),
            parts,
        })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its pieces, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The word with every place filled by `fill`, which is not asked for plain text.
    pub fn fill<E>(&self, mut fill: impl FnMut(&Part) -> Result<String, E>) -> Result<String, E> {
        self.parts.iter().try_fold(String::new(), |mut word, part| {
            match part {
                Part::Text(text) => word.push_str(text),
                place => word.push_str(&fill(place)?),
            }
            Ok(word)
        })
    }
}

impl Part {
    fn parse(place: &str) -> Option<Self> {
        let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        match place.split_once(':') {
            Some(("url", name)) => named(name).map(Self::Url),
            Some(("address", name)) => named(name).map(Self::Address),
            Some(("setting", name)) => named(name).map(Self::Setting),
            Some(("link", name)) => named(name).map(Self::Link),
            Some(_) => None,
            None => match place {
                "data" => Some(Self::Data),
                "port" => Some(Self::Port),
                "exe-dir" => Some(Self::ExeDir),
                _ => None,
            },
        }
    }
}

/// A setting as it stands in a command: texts bare, lists joined by commas, tables not at all.
pub fn setting_text(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(value) => Some(value.to_string()),
        serde_json::Value::Array(list) => {
            let mut joined = String::new();
            for (index, value) in list.iter().enumerate() {
                let comma = if index == 0 { "" } else { "," };
                // Writing to a string cannot fail.
                let _ = write!(joined, "{comma}{}", setting_text(value)?);
            }
            Some(joined)
        }
        serde_json::Value::Object(_) | serde_json::Value::Null => None,
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use serde_json::json;

    use super::*;

    fn filled(word: &str) -> Result<String, String> {
        let filled = Template::parse(word)?.fill(|part| Ok::<_, Infallible>(format!("<{part:?}>")));
        Ok(filled.expect("nothing can fail"))
    }

    #[test]
    fn every_place_is_filled_and_the_rest_stays_as_it_is() {
        for (word, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("{data}/store", "<Data>/store"),
            ("127.0.0.1:{port}", "127.0.0.1:<Port>"),
            ("{exe-dir}/{url:cache}", r#"<ExeDir>/<Url("cache")>"#),
            ("--a={setting:a.b}", r#"--a=<Setting("a.b")>"#),
            ("{address:cache}", r#"<Address("cache")>"#),
            ("{link:web->cache}", r#"<Link("web->cache")>"#),
            (r#"{{"a": {{}}}}"#, r#"{"a": {}}"#),
        ] {
            assert_eq!(filled(word), Ok(expected.to_owned()), "{word}");
        }
    }

    #[test]
    fn a_wrong_brace_is_named() {
        for (word, expected) in [
            ("{data", "`{data` has a `{` that is never closed"),
            ("data}", "`data}` has a `}` that closes nothing"),
            ("{date}", "`{date}` is unknown"),
            ("{url:}", "`{url:}` is unknown"),
            ("{link:}", "`{link:}` is unknown"),
            ("{}", "`{}` is unknown"),
            ("{data:x}", "`{data:x}` is unknown"),
        ] {
            assert_eq!(filled(word), Err(expected.to_owned()), "{word}");
        }
    }

    #[test]
    fn a_setting_is_written_as_a_person_would() {
        assert_eq!(setting_text(&json!(["D1", 5])), Some("D1,5".to_owned()));
        assert_eq!(setting_text(&json!("")), Some(String::new()));
        assert_eq!(setting_text(&json!(true)), Some("true".to_owned()));
        assert_eq!(setting_text(&json!({"a": 1})), None);
    }
}
