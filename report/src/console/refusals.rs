//! What attempts are refused, as it happens: a line for each different thing; the same again is only counted. What would grant it is told once
//! at the end, as one table for each suite.

use std::collections::BTreeMap;

use super::text::{WARNING, below, line};
use crate::{
    account,
    event::{MAX_TABLE_BYTES, Proposal, Reason, Refusal},
    json::refusals::{Heard, Refusals},
    proposed,
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
            line("refused", WARNING, &text)
        })
    }

    /// What is shown where the attempt's failure is, but for what the reason says already, and how many times something else was refused.
    pub(super) fn beside(&self, reason: Option<&Reason>) -> (Vec<String>, usize) {
        let is_said = |refusal: &Refusal| {
            let told = format!("{}: {}", refusal.words(), refusal.message);
            reason.is_some_and(|reason| reason.message.contains(&told))
        };
        let others = self.0.kept().iter();
        let others = others.filter(|report| !is_said(&report.refusal));
        let hidden = usize::try_from(self.0.left_out()).unwrap_or(usize::MAX);
        (others.map(account::refusal).collect(), hidden)
    }
}

/// What each suite was refused.
#[derive(Debug, Default)]
pub(super) struct BySuite(BTreeMap<String, Sum>);

/// What a suite was refused.
#[derive(Debug, Default)]
struct Sum {
    times: usize,
    proposal: Option<Proposal>,
}

impl BySuite {
    /// Once more.
    pub(super) fn refused(&mut self, suite: &str) {
        let sum = self.0.entry(suite.to_owned()).or_default();
        sum.times = sum.times.saturating_add(1);
    }

    /// And what would grant all of it.
    pub(super) fn proposed(&mut self, suite: &str, proposal: Option<&Proposal>) {
        if let Some(sum) = self.0.get_mut(suite) {
            sum.proposal = proposal.cloned();
        }
    }

    /// A line for each suite, with the table that would grant it all below. Nothing if none was refused anything.
    pub(super) fn render(&self) -> String {
        let suites = self.0.iter();
        suites
            .map(|(suite, sum)| {
                let text = format!("{} {}", clean(suite), count(sum.times, "time"));
                let proposal = sum.proposal.as_ref().map(propose);
                line("refused", WARNING, &text) + &proposal.unwrap_or_default()
            })
            .collect()
    }
}

fn propose(proposal: &Proposal) -> String {
    let table = proposed::table(proposal, MAX_TABLE_BYTES);
    let notes = proposed::notes(proposal, table.is_some());
    let table = table.map(|table| below(proposed::IF_IT_MAY) + &below(&table));
    let notes = notes.iter().map(|note| below(note));
    table.into_iter().chain(notes).collect()
}
