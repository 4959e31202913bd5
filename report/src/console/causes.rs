//! Why what is not good is so: a line for each cause, the first one in time first.

use super::text::{BAD, PLAIN, below, line};
use crate::{
    analysis::{Analysis, CauseGroup},
    words::{clean, count, duration},
};

/// Causes that are shown.
const MAX_SHOWN: usize = 10;

/// The lines, and below the first one what to look at.
pub(super) fn render(analysis: &Analysis) -> String {
    let mut text = String::new();
    for (place, group) in analysis.causes.iter().take(MAX_SHOWN).enumerate() {
        text.push_str(&render_group(place, group));
    }
    let hidden = analysis.causes.len().saturating_sub(MAX_SHOWN);
    if hidden > 0 {
        text.push_str(&below(&format!("and {} more", count(hidden, "cause"))));
    }
    text
}

fn render_group(place: usize, group: &CauseGroup) -> String {
    let CauseGroup {
        cause,
        first_at_ns,
        count: number,
        failures,
    } = group;
    let first = failures.first().map(|failure| {
        let name = clean(&failure.name());
        format!("{name} at {}", duration(*first_at_ns))
    });
    let number = usize::try_from(*number).unwrap_or(usize::MAX);
    let failed = match (number, first) {
        (1, Some(first)) => first,
        (_, Some(first)) => format!("{}, first {first}", count(number, "failure")),
        (_, None) => count(number, "failure"),
    };
    let text = format!("{}: {} ({failed})", cause.kind.words(), cause.summary);
    let (word, style) = match place {
        0 => ("cause", BAD),
        _ => ("", PLAIN),
    };
    let shown = line(word, style, &text);
    if place == 0 {
        shown + &below(&format!("hint: {}", cause.advice))
    } else {
        shown
    }
}
