//! JUnit XML, as CI systems read it: a test case for each case and for each baseline. It keeps to the schema of Jenkins' xUnit plugin,
//! and tells of retries as Maven Surefire does.
//!
//! A case that was flaky is a good one with `flakyFailure` or `flakyError` for each bad attempt; one that stayed bad has its last
//! attempt as `failure` or `error`, and the ones before as `rerunFailure` or `rerunError`. A degraded one is good for a CI system,
//! and says so in its output.

use std::{
    borrow::Cow,
    io::{self, Write},
    time::Duration,
};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event as Xml},
};

use crate::{
    account,
    json::document::{Attempt, Report, Run},
    outcomes::{self, Group, Item, Why},
    verdict::Verdict,
};

type Document<'a> = Writer<&'a mut dyn Write>;

/// Writes the file.
pub(crate) fn write(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    let groups = outcomes::groups(report);
    let all = groups.iter().fold(Counts::default(), |sum, group| {
        sum.and(Counts::of(&group.items))
    });
    let duration = report.run.as_ref().map_or(0, |run| run.duration_ns);
    let mut document: Document<'_> = Writer::new_with_indent(writer, b' ', 2);
    document.write_event(Xml::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    document
        .create_element("testsuites")
        .with_attribute(("name", "assay"))
        .with_attribute(("tests", &*all.tests.to_string()))
        .with_attribute(("failures", &*all.failures.to_string()))
        .with_attribute(("errors", &*all.errors.to_string()))
        .with_attribute(("time", &*seconds(duration)))
        .write_inner_content(|document| {
            groups
                .iter()
                .try_for_each(|group| suite(document, report, group))
        })?;
    document.get_mut().write_all(b"\n")
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn of(items: &[Item<'_>]) -> Self {
        let number = |verdict| items.iter().filter(|item| item.verdict == verdict).count();
        Self {
            tests: items.len(),
            failures: number(Verdict::Failed),
            errors: number(Verdict::Errored),
            skipped: number(Verdict::Skipped),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            tests: self.tests + other.tests,
            failures: self.failures + other.failures,
            errors: self.errors + other.errors,
            skipped: self.skipped + other.skipped,
        }
    }
}

fn suite(document: &mut Document<'_>, report: &Report, group: &Group<'_>) -> io::Result<()> {
    let counts = Counts::of(&group.items);
    let duration = match group.suite {
        Some(suite) => suite.duration_ns.unwrap_or_default(),
        None => 0,
    };
    let mut element = document
        .create_element("testsuite")
        .with_attribute(("name", &*allowed(group.name)))
        .with_attribute(("tests", &*counts.tests.to_string()))
        .with_attribute(("failures", &*counts.failures.to_string()))
        .with_attribute(("errors", &*counts.errors.to_string()))
        .with_attribute(("skipped", &*counts.skipped.to_string()))
        .with_attribute(("time", &*seconds(duration)));
    if let Some(run) = &report.run {
        element = element.with_attribute(("timestamp", &*allowed(&run.started_at)));
    }
    element.write_inner_content(|document| {
        let properties = properties(report, group);
        if !properties.is_empty() {
            document
                .create_element("properties")
                .write_inner_content(|document| {
                    properties.iter().try_for_each(|(name, value)| {
                        document
                            .create_element("property")
                            .with_attribute(("name", *name))
                            .with_attribute(("value", &*allowed(value)))
                            .write_empty()
                            .map(drop)
                    })
                })?;
        }
        group
            .items
            .iter()
            .try_for_each(|item| case(document, group, item))
    })?;
    Ok(())
}

/// What the figures of a suite hold for.
fn properties(report: &Report, group: &Group<'_>) -> Vec<(&'static str, String)> {
    let mut properties = Vec::new();
    if let Some(Run {
        run_id,
        host_version,
        contract,
        profile,
        seed,
        jobs,
        shard,
        ..
    }) = &report.run
    {
        properties.extend([
            ("run", run_id.clone()),
            ("host", host_version.clone()),
            ("contract", contract.clone()),
            ("environment", report.environment.name.clone()),
            ("profile", profile.clone()),
            ("seed", seed.to_string()),
            ("jobs", jobs.to_string()),
        ]);
        properties.extend(shard.iter().map(|info| ("shard", info.shard.to_string())));
    }
    if let Some(suite) = group.suite {
        properties.extend([
            ("version", suite.version.clone()),
            ("plugin", suite.plugin.file.clone()),
            ("sha256", suite.plugin.digest.clone()),
        ]);
    }
    properties
}

fn case(document: &mut Document<'_>, group: &Group<'_>, item: &Item<'_>) -> io::Result<()> {
    let class = if item.is_baseline {
        format!("{}.baselines", group.name)
    } else {
        group.name.to_owned()
    };
    let element = document
        .create_element("testcase")
        .with_attribute(("name", &*allowed(&item.name)))
        .with_attribute(("classname", &*allowed(&class)))
        .with_attribute(("time", &*seconds(item.duration_ns)));
    let said = said(item);
    let complained = account::complained(item.attempts);
    let is_plain = matches!(item.verdict, Verdict::Passed | Verdict::Degraded);
    if is_plain && said.is_empty() && complained.is_empty() {
        return element.write_empty().map(drop);
    }
    element.write_inner_content(|document| {
        standing(document, item)?;
        for (name, content) in [("system-out", &said), ("system-err", &complained)] {
            if !content.is_empty() {
                text(document, name, content)?;
            }
        }
        Ok(())
    })?;
    Ok(())
}

/// How a case stands, and what its further attempts were.
fn standing(document: &mut Document<'_>, item: &Item<'_>) -> io::Result<()> {
    let why = item.why.clone();
    let why = why.unwrap_or_else(|| Why::unknown(item.verdict));
    match item.verdict {
        Verdict::Passed | Verdict::Degraded => Ok(()),
        Verdict::Skipped => document
            .create_element("skipped")
            .with_attribute(("message", &*allowed(&why.headline)))
            .write_empty()
            .map(drop),
        Verdict::Flaky => attempts(document, item.attempts, ["flakyFailure", "flakyError"]),
        Verdict::Failed | Verdict::Errored => {
            let name = match item.verdict {
                Verdict::Failed => "failure",
                _ => "error",
            };
            document
                .create_element(name)
                .with_attribute(("type", why.kind))
                .with_attribute(("message", &*allowed(&why.headline)))
                .write_text_content(BytesText::new(&allowed(&why.text)))?;
            let before = item.attempts.len().saturating_sub(1);
            attempts(
                document,
                &item.attempts[..before],
                ["rerunFailure", "rerunError"],
            )
        }
    }
}

/// The bad ones of these attempts, each as an element of its own: the first name for one that failed, the second for one that errored.
fn attempts(
    document: &mut Document<'_>,
    attempts: &[Attempt],
    [failed, errored]: [&'static str; 2],
) -> io::Result<()> {
    for attempt in attempts {
        let Some(outcome) = &attempt.outcome else {
            continue;
        };
        let name = match outcome.verdict {
            Verdict::Failed => failed,
            Verdict::Errored => errored,
            _ => continue,
        };
        let why = match &outcome.reason {
            Some(reason) => Why::of(reason, Some(attempt)),
            None => Why::unknown(outcome.verdict),
        };
        document
            .create_element(name)
            .with_attribute(("type", why.kind))
            .with_attribute(("message", &*allowed(&why.headline)))
            .write_inner_content(|document| text(document, "stackTrace", &why.text))?;
    }
    Ok(())
}

/// What a case was refused and did not go bad of, for JUnit has no place for that, and what it said; a degraded one says first why it is
/// that, for JUnit has no word for it.
fn said(item: &Item<'_>) -> String {
    let refused = account::refused_and_yet_good(item.attempts);
    let said = refused + &account::said(item.attempts);
    match (&item.why, item.verdict) {
        (Some(why), Verdict::Degraded) => format!("degraded: {}\n{said}", why.headline),
        _ => said,
    }
}

fn text(document: &mut Document<'_>, name: &'static str, content: &str) -> io::Result<()> {
    document
        .create_element(name)
        .write_text_content(BytesText::new(&allowed(content)))
        .map(drop)
}

/// The text with a replacement character for each one that XML 1.0 forbids (<https://www.w3.org/TR/xml/#charsets>).
fn allowed(text: &str) -> Cow<'_, str> {
    let forbidden = |character: char| {
        !matches!(character,
            '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
    };
    if text.contains(forbidden) {
        Cow::Owned(text.replace(forbidden, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Seconds to three digits, as Surefire writes them.
fn seconds(nanoseconds: u64) -> String {
    format!("{:.3}", Duration::from_nanos(nanoseconds).as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_is_replaced_and_all_else_stays() {
        for (given, written) in [
            ("plain ä 🦀 \t\n\r", "plain ä 🦀 \t\n\r"),
            ("\0a\u{1b}[2J\u{b}", "\u{fffd}a\u{fffd}[2J\u{fffd}"),
            ("\u{fffe}\u{ffff}\u{fffd}", "\u{fffd}\u{fffd}\u{fffd}"),
            (
                "\u{d7ff}\u{e000}\u{10ffff}\u{7f}",
                "\u{d7ff}\u{e000}\u{10ffff}\u{7f}",
            ),
        ] {
            assert_eq!(allowed(given), written);
        }
    }
}
