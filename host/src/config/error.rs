//! What is wrong with the configuration, where, and what to do.

use assay_report::hint::{Hinted, nearest};

use crate::{config::origin::Origin, redact::Redactor};

/// A value that is unreadable, unknown or contradicts another one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: {message}")]
pub struct ConfigError {
    /// Where the value came from.
    pub origin: Origin,
    /// What is wrong with it.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl ConfigError {
    /// An error at a place.
    pub fn new(origin: &Origin, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            origin: origin.clone(),
            message: message.into(),
            hint: Some(hint.into()),
        }
    }

    /// The same without secrets.
    #[must_use]
    pub fn redacted(self, redactor: &Redactor) -> Self {
        let clean = |text: String| redactor.text(&text).into_owned();
        Self {
            origin: match self.origin {
                Origin::Argument(argument) => Origin::Argument(clean(argument)),
                other => other,
            },
            message: clean(self.message),
            hint: self.hint.map(clean),
        }
    }

    /// A name that does not exist; the hint has the nearest that does, and else all of them.
    pub fn unknown<'a>(
        origin: &Origin,
        what: &str,
        given: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<_> = known.into_iter().collect();
        let hint = match nearest(given, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("there is no {what} at all; remove it"),
            None => format!("there is: {}", known.join(", ")),
        };
        Self::new(origin, format!("`{given}` is no {what}"), hint)
    }
}

impl Hinted for ConfigError {
    fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}
