//! Lines for the operator, on standard error.

use std::fmt::Display;
use std::io::{Write, stderr};

/// Writes `service: text`. A closed standard error is no reason to stop serving, so a failed write is dropped.
pub fn line(service: &str, text: impl Display) {
    let _ = writeln!(stderr().lock(), "{service}: {text}");
}
