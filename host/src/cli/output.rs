//! Standard output and standard error: data on the one, everything else on the other, and no panic when nobody reads.

use std::{
    borrow::Cow,
    convert::Infallible,
    io::{self, Write},
    sync::OnceLock,
    time::Duration,
};

use anstyle::{AnsiColor, Style};
use assay_report::{exit::Exit, hint::Hinted, words::clean};

use crate::{cli::Color, redact::Redactor};

/// Takes out of all that is written what is secret.
static REDACTOR: OnceLock<Redactor> = OnceLock::new();

/// Decides for all that is written from here on.
pub fn choose_color(color: Color) {
    match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

/// Keeps to itself what is secret of all that is written from here on. The first one holds: a process has one configuration.
pub(super) fn redact(redactor: &Redactor) {
    let _ = REDACTOR.set(redactor.clone());
}

fn redacted(text: &str) -> Cow<'_, str> {
    match REDACTOR.get() {
        Some(redactor) => redactor.text(text),
        None => Cow::Borrowed(text),
    }
}

/// Writes data to standard output. A reader that went away (`host list | head`) wants no more, which is no failure.
pub fn data(text: &str) -> Exit {
    let mut stdout = anstream::stdout().lock();
    match stdout
        .write_all(redacted(text).as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            note(&format!("error: cannot write to standard output: {error}"));
            Exit::Report
        }
        _ => Exit::Success,
    }
}

/// Writes data for programs.
pub(crate) fn json(document: &impl serde::Serialize) -> Exit {
    // Plain data with text for keys always has a JSON form.
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    data(&format!("{text}\n"))
}

/// Writes a line for people to standard error. If that is gone there is nobody to tell.
pub fn note(line: &str) {
    write(&shown(line));
}

/// A text without secrets, and with what of it is not seen made visible: much of it others say, and none of them has a say in what the terminal does.
fn shown(text: &str) -> String {
    clean(&redacted(text))
}

fn write(line: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = writeln!(stderr, "{line}");
}

/// What comes of something; if it takes longer than this, it says what is waited for.
pub(super) async fn with_a_word<T>(
    wordless: Duration,
    word: impl FnOnce() -> String,
    awaited: impl Future<Output = T>,
) -> T {
    with_a_found_word(wordless, async { word() }, awaited).await
}

/// The same, with a word that is looked for no sooner, and may never be found.
pub(super) async fn with_a_found_word<T>(
    wordless: Duration,
    word: impl Future<Output = String>,
    awaited: impl Future<Output = T>,
) -> T {
    let telling = async {
        tokio::time::sleep(wordless).await;
        note(&word.await);
        std::future::pending::<Infallible>().await
    };
    tokio::select! {
        biased;
        done = awaited => done,
        never = telling => match never {},
    }
}

/// Tells an error and what to do about it, and answers `exit`.
pub fn fail(error: &dyn Hinted, exit: Exit) -> Exit {
    let (red, cyan) = (bold(AnsiColor::Red), bold(AnsiColor::Cyan));
    let text = shown(&error.to_string());
    write(&format!("{red}error{red:#}: {text}"));
    if let Some(hint) = error.hint() {
        write(&format!("{cyan}hint{cyan:#}: {}", shown(&hint)));
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::time::sleep;

    use super::*;

    /// Whether it is looked for what to say while something takes so long.
    async fn is_found(after: Duration) -> bool {
        let found = Cell::new(false);
        let word = async {
            found.set(true);
            std::future::pending().await
        };
        with_a_found_word(Duration::from_secs(1), word, sleep(after)).await;
        found.get()
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_looked_for_or_said_of_what_takes_no_time() {
        assert!(!is_found(Duration::from_millis(900)).await);
        assert!(is_found(Duration::from_millis(1100)).await);
    }
}
