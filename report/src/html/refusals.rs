//! What suites were refused, also where nothing went bad of it: who asked for what, why not, and the table that would grant it all.

use askama::{Template, filters::HtmlSafe};

use crate::{
    event::Proposal,
    json::document::Report,
    proposed,
    refused::{self, Refused},
    words::{clip, duration, one_line},
};

/// Refusals that are shown: the first ones in time.
const MAX_REFUSALS: usize = 100;
/// Characters of what was asked for, of why not, and of a name.
const MAX_TEXT: usize = 300;
/// Bytes of all refusals in the page. What comes later is in `report.json`, and the page says so.
const MAX_BYTES: usize = 128 << 10;
/// Bytes of all tables that would grant something in the page.
const MAX_TABLES: usize = 128 << 10;
/// Suites of which it is said what would grant them what they were refused.
const MAX_PROPOSED: usize = 100;

/// What is shown, without a heading: below whichever there is.
#[derive(Clone, Debug, Template)]
#[template(path = "refusals.html")]
pub(super) struct Refusals {
    rows: Vec<Row>,
    hidden: usize,
    proposed: Vec<Proposed>,
}

impl HtmlSafe for Refusals {}

/// Something that a suite was refused.
#[derive(Clone, Debug)]
struct Row {
    capability: String,
    subject: String,
    message: String,
    who: String,
    first: String,
}

/// What would grant a suite all that it was refused. The texts are empty where there is nothing to say.
#[derive(Clone, Debug)]
struct Proposed {
    suite: String,
    head: &'static str,
    table: String,
    notes: Vec<String>,
}

impl Refusals {
    /// None if nothing was refused.
    pub(super) fn new(report: &Report) -> Option<Self> {
        let refused = refused::by_suite(report);
        let mut room = MAX_BYTES;
        let rows: Vec<_> = refused
            .iter()
            .take(MAX_REFUSALS)
            .map(Row::new)
            .map_while(|row| {
                room = room.checked_sub(row.bytes())?;
                Some(row)
            })
            .collect();
        (!refused.is_empty()).then(|| Self {
            hidden: refused.len() - rows.len(),
            rows,
            proposed: proposed(report),
        })
    }
}

fn proposed(report: &Report) -> Vec<Proposed> {
    let mut room = MAX_TABLES;
    let shown = proposed::all(report).take(MAX_PROPOSED);
    shown
        .map(|(suite, proposal)| {
            let proposed = Proposed::new(suite, proposal, room);
            room -= super::bytes_of(&proposed.table);
            proposed
        })
        .collect()
}

impl Proposed {
    /// With its table, if that takes no more than so many bytes of the page.
    fn new(suite: &str, proposal: &Proposal, room: usize) -> Self {
        let table = proposed::table(proposal, room);
        let table = table.filter(|table| super::bytes_of(table) <= room);
        Self {
            suite: clip(&one_line(suite), MAX_TEXT),
            head: proposed::IF_IT_MAY,
            notes: proposed::notes(proposal, table.is_some()),
            table: table.unwrap_or_default(),
        }
    }
}

impl Row {
    fn new(refused: &Refused<'_>) -> Self {
        let text = |text: &str| clip(&one_line(text), MAX_TEXT);
        let refusal = refused.refusal;
        Self {
            capability: text(&refusal.capability),
            subject: text(&refusal.subject),
            message: text(&refusal.message),
            who: text(&refused.who()),
            first: duration(refused.first_at_ns),
        }
    }

    /// How many bytes of the page it takes.
    fn bytes(&self) -> usize {
        let Self {
            capability,
            subject,
            message,
            who,
            first,
        } = self;
        let texts = [capability, subject, message, who, first];
        texts.into_iter().map(|text| super::bytes_of(text)).sum()
    }
}
