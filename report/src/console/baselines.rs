//! How the baselines stand, as a table at the end of the console report.

use std::collections::BTreeMap;

use super::text::{INDENT, PLAIN, STRONG, below, grade, line};
use crate::{
    event::Judgement,
    words::{clean, clip, count, figure},
};

/// Baselines that are shown.
const MAX_SHOWN: usize = 30;

/// The last judgements, by the baseline and by the case that judged it.
pub(super) type Judgements = BTreeMap<(String, String), Judgement>;

/// Of several judgements of one baseline the worst is shown, with how many there are. The bad ones come first, if not all can
/// be shown.
pub(super) fn render(judgements: &Judgements, width: usize) -> String {
    if judgements.is_empty() {
        return String::new();
    }
    let mut worst: BTreeMap<&str, (usize, &Judgement)> = BTreeMap::new();
    for ((id, _), judgement) in judgements {
        let (number, shown) = worst.entry(id).or_insert((0, judgement));
        *number += 1;
        if judgement.grade > shown.grade {
            *shown = judgement;
        }
    }
    let mut rows: Vec<(&str, usize, &Judgement)> = worst
        .into_iter()
        .map(|(id, (number, judgement))| (id, number, judgement))
        .collect();
    rows.sort_by_key(|(_, _, judgement)| std::cmp::Reverse(judgement.grade));
    let hidden = rows.len().saturating_sub(MAX_SHOWN);
    rows.truncate(MAX_SHOWN);
    rows.sort_by_key(|(id, ..)| *id);
    let mut text = table(&rows, width);
    if hidden > 0 {
        text.push_str(&below(&format!("and {} more", count(hidden, "baseline"))));
    }
    text
}

/// Name, value, levels and grade, in columns. A name that leaves no room for the rest is clipped.
fn table(rows: &[(&str, usize, &Judgement)], width: usize) -> String {
    let cells: Vec<[String; 4]> = rows
        .iter()
        .map(|(id, _, judgement)| {
            let baseline = &judgement.baseline;
            let way = baseline.direction.words();
            [
                clean(id),
                figure(judgement.value, &baseline.unit),
                format!("{way} {}", figure(baseline.target, &baseline.unit)),
                format!("{way} {}", figure(baseline.critical, &baseline.unit)),
            ]
        })
        .collect();
    let heads = ["baseline", "value", "target", "critical"];
    let mut widths = heads.map(str::len);
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let rest = INDENT.len() + widths[1..].iter().sum::<usize>() + 4 * 2 + "critical".len();
    widths[0] = widths[0].min(width.saturating_sub(rest).max(20));
    let mut text = line(
        "baselines",
        STRONG,
        &row(&heads.map(str::to_owned), &widths, "grade"),
    );
    for (cells, (_, number, judgement)) in cells.iter().zip(rows) {
        let (word, style) = grade(judgement.grade);
        let samples = match judgement.samples {
            0 => " (nothing was measured)",
            _ => "",
        };
        let others = match number {
            1 => String::new(),
            more => format!(" (the worst of {more})"),
        };
        let word = format!("{style}{word}{style:#}{samples}{others}");
        text.push_str(&line("", PLAIN, &row(cells, &widths, &word)));
    }
    text
}

fn row([name, value, target, critical]: &[String; 4], widths: &[usize; 4], grade: &str) -> String {
    let [first, second, third, fourth] = *widths;
    let name = clip(name, first);
    format!("{name:<first$}  {value:>second$}  {target:>third$}  {critical:>fourth$}  {grade}")
}
