//! What attempts are refused, as it happens: a line for each different thing, with the line of `assay.toml` that would grant it below. The
//! same again is only counted.

use std::collections::BTreeMap;

use super::text::{WARNING, below, line};
use crate::{
    account,
    event::Refusal,
    json::{
        document::RefusalReport,
        refusals::{Heard, Refusals},
    },
    words::{clean, count},
};

/// Different refusals of an attempt that are shown.
const MAX_REFUSALS: usize = 10;

/// The refusals of an attempt.
#[derive(Debug, Default)]
pub(super) struct Refused(Refusals);

impl Refused {
    /// What is printed of one; nothing of what has been before, or of one too many.
    pub(super) fn refused(&mut self, id: &str, at_ns: u64, refusal: &Refusal) -> String {
        match self.0.add(at_ns, refusal, MAX_REFUSALS) {
            Heard::New => {}
            Heard::FirstLeftOut => {
                let text = format!("{id}: and more, which `report.json` tells");
                return line("refused", WARNING, &text);
            }
            Heard::Counted | Heard::LeftOut => return String::new(),
        }
        let kept = self.0.kept().last();
        kept.map_or_else(String::new, |report| {
            let text = format!("{id}: {}", account::refusal(report));
            let refused = line("refused", WARNING, &text);
            match grant(report) {
                Some(grant) => refused + &below(&grant),
                None => refused,
            }
        })
    }

    /// What is shown where the attempt's failure is: each with its grant, and how many times something else was refused.
    pub(super) fn lines(&self) -> (Vec<String>, usize) {
        let lines = self.0.kept().iter().flat_map(|report| {
            let grant = grant(report).map(|grant| format!("  {grant}"));
            [Some(account::refusal(report)), grant]
        });
        let hidden = usize::try_from(self.0.left_out()).unwrap_or(usize::MAX);
        (lines.flatten().collect(), hidden)
    }
}

/// What would grant it; none where no grant would.
fn grant(report: &RefusalReport) -> Option<String> {
    let grant = account::grant(&report.refusal, account::MAX_VALUE);
    (!grant.is_empty()).then(|| format!("grant: {grant}"))
}

/// How often each suite was refused something: a line of the end. Nothing if none was.
pub(super) fn render(suites: &BTreeMap<String, u64>) -> String {
    if suites.is_empty() {
        return String::new();
    }
    let parts: Vec<_> = suites
        .iter()
        .map(|(suite, times)| {
            let times = count(usize::try_from(*times).unwrap_or(usize::MAX), "time");
            format!("{} {times}", clean(suite))
        })
        .collect();
    line("refused", WARNING, &parts.join(", "))
}
