//! What suites were refused, also where nothing went bad of it: who asked for what, why not, and the line that would grant it.

use askama::{Template, filters::HtmlSafe};

use crate::{
    account,
    json::document::Report,
    refused::{self, Refused},
    words::{clip, duration, one_line},
};

/// Refusals that are shown: the first ones in time.
const MAX_REFUSALS: usize = 100;
/// Characters of what was asked for, of why not, and of a name.
const MAX_TEXT: usize = 300;
/// Characters of the line that would grant it, which is for copying: as many as it can have.
const MAX_GRANT: usize = 4_096;
/// Bytes of all refusals in the page. What comes later is in `report.json`, and the page says so.
const MAX_BYTES: usize = 128 << 10;

/// What is shown, without a heading: below whichever there is.
#[derive(Clone, Debug, Template)]
#[template(path = "refusals.html")]
pub(super) struct Refusals {
    rows: Vec<Row>,
    hidden: usize,
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
    grant: String,
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
        })
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
            grant: account::grant(refusal, MAX_GRANT),
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
            grant,
        } = self;
        let texts = [capability, subject, message, who, first, grant];
        texts.into_iter().map(|text| super::bytes_of(text)).sum()
    }
}
