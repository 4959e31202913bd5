//! Standard output and standard error: data on the one, everything else on the other, and no panic when nobody reads.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use assay_report::{exit::Exit, hint::Hinted};

use crate::cli::Color;

/// Decides for all that is written from here on.
pub fn choose_color(color: Color) {
    match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

/// Writes data to standard output. A reader that went away (`host list | head`) wants no more, which is no failure.
pub fn data(text: &str) -> Exit {
    let mut stdout = anstream::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            note(&format!("error: cannot write to standard output: {error}"));
            Exit::Report
        }
        _ => Exit::Success,
    }
}

/// Writes a line for people to standard error. If that is gone there is nobody to tell.
pub fn note(line: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = writeln!(stderr, "{line}");
}

/// Tells an error and what to do about it, and answers `exit`.
pub fn fail(error: &dyn Hinted, exit: Exit) -> Exit {
    let (red, cyan) = (bold(AnsiColor::Red), bold(AnsiColor::Cyan));
    note(&format!("{red}error{red:#}: {error}"));
    if let Some(hint) = error.hint() {
        note(&format!("{cyan}hint{cyan:#}: {hint}"));
    }
    if let Some(details) = error.details() {
        note(&details);
    }
    exit
}

/// What clap has to say: help and version are data, a wrong command line is an error.
pub(crate) fn clap_message(error: &clap::Error) -> Exit {
    if error.use_stderr() {
        // If standard error is gone there is nobody to tell.
        let _ = error.print();
        return Exit::Usage;
    }
    data(&error.render().ansi().to_string())
}

fn bold(color: AnsiColor) -> Style {
    color.on_default().bold()
}
