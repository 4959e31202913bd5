//! What is wrong with an entry of a grant, and how it is written.

use assay_report::hint::Hinted;
use thiserror::Error;

use crate::limits::{MAX_SHOWN, MAX_TEXT};

/// An entry that grants nothing, because it is written wrongly.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` {problem}")]
pub struct Invalid {
    text: String,
    problem: String,
    hint: String,
}

impl Invalid {
    pub(crate) fn new(text: &str, problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            text: shown(text),
            problem: problem.into(),
            hint: hint.into(),
        }
    }

    /// The error and what to do on one line, for whoever tells errors as texts alone.
    pub(crate) fn on_one_line(&self) -> String {
        format!("{self}: {}", self.hint)
    }
}

impl Hinted for Invalid {
    fn hint(&self) -> Option<String> {
        Some(self.hint.clone())
    }
}

/// As much of a text as a message has room for, on one line.
pub(crate) fn shown(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_SHOWN);
    let more = if end < text.len() { "…" } else { "" };
    let visible = |character: char| {
        if character.is_control() {
            '\u{fffd}'
        } else {
            character
        }
    };
    text[..end].chars().map(visible).collect::<String>() + more
}

/// A text that is short enough, has no control characters, and is not empty or in spaces.
pub(crate) fn checked(text: &str, example: &str) -> Result<(), Invalid> {
    let problem = if text.is_empty() {
        "is empty"
    } else if text.len() > MAX_TEXT {
        "is over 400 bytes"
    } else if text.chars().any(char::is_control) {
        "has control characters"
    } else if text.trim() != text {
        "begins or ends with a space"
    } else {
        return Ok(());
    };
    Err(Invalid::new(
        text,
        problem,
        format!("write a name, such as `{example}`"),
    ))
}
