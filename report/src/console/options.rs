//! Where the report for people goes, and how it looks.

use std::{
    fmt,
    io::{self, Write},
    path::PathBuf,
};

use anstream::{AutoStream, ColorChoice};

/// Characters of a line where the width of the terminal is unknown.
pub const DEFAULT_WIDTH: usize = 120;

/// Where the report goes and how it looks.
pub struct ConsoleOptions {
    /// Where the report goes.
    pub writer: Box<dyn Write + Send>,
    /// Whether the writer gets colours. `Auto` gives none to a writer that is not standard output.
    pub color: ColorChoice,
    /// Characters of a line, for tables and the progress. What is meant for copying is never cut or broken.
    pub width: usize,
    /// Whether progress is drawn on standard error while that is a terminal.
    pub progress: bool,
    /// The files that the end names.
    pub reports: Vec<PathBuf>,
}

impl ConsoleOptions {
    /// The report on standard output, progress on standard error. `Auto` is colours on a terminal unless `NO_COLOR` says otherwise,
    /// or what `anstream`'s own setting says.
    pub fn stdout(color: ColorChoice, progress: bool, reports: Vec<PathBuf>) -> Self {
        let color = match color {
            ColorChoice::Auto => AutoStream::choice(&io::stdout()),
            chosen => chosen,
        };
        let width =
            terminal_size::terminal_size().map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0));
        Self {
            writer: Box::new(io::stdout()),
            color,
            width,
            progress,
            reports,
        }
    }
}

impl fmt::Debug for ConsoleOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ConsoleOptions")
            .field("color", &self.color)
            .field("width", &self.width)
            .field("progress", &self.progress)
            .field("reports", &self.reports)
            .finish_non_exhaustive()
    }
}
