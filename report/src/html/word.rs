//! A word for how something stands: it is also the name of its colour, and has a sign beside it, so that nothing is told by colour alone.

use std::fmt;

use crate::verdict::Verdict;

/// A word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word(pub(super) &'static str);

impl Word {
    /// None if nothing told how it ended.
    pub(super) fn of(verdict: Option<Verdict>) -> Self {
        Self(verdict.map_or("no end", Verdict::word))
    }

    /// The name of the class in the style sheet.
    pub(super) fn class(self) -> String {
        self.0.replace(' ', "-")
    }

    /// Whether there is nothing to look at.
    pub(super) fn is_good(self) -> bool {
        matches!(self.0, "passed" | "skipped")
    }

    /// A sign of its own.
    pub(super) fn sign(self) -> &'static str {
        match self.0 {
            "passed" | "target" | "ended" => "✓",
            "failed" | "missed" => "✗",
            "errored" | "no end" | "no outcome" => "!",
            "degraded" | "critical" | "aborted" => "▾",
            "flaky" => "~",
            "running" => "●",
            _ => "–",
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}
