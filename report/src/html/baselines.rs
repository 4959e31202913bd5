//! The figures that were promised, each against its levels, the worst first.

use super::{Word, bullet::Bullet};
use crate::{
    event::Grade,
    json::document::{JudgedBaseline, Report, Suite},
    outcomes,
    words::{clean, figure},
};

/// Baselines that are shown.
const MAX_BASELINES: usize = 200;

/// A baseline and how it stands.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) summary: String,
    pub(super) value: String,
    pub(super) target: String,
    pub(super) critical: String,
    pub(super) grade: Word,
    pub(super) bullet: Option<Bullet>,
}

/// Each baseline by the judgement by which it stands, and how many are left out.
pub(super) fn figures(report: &Report) -> (Vec<Figure>, usize) {
    let mut figures: Vec<_> = report.suites.iter().flat_map(of_suite).collect();
    figures.sort_by_key(|(grade, _)| std::cmp::Reverse(*grade));
    let hidden = figures.len().saturating_sub(MAX_BASELINES);
    let shown = figures.into_iter().take(MAX_BASELINES);
    (shown.map(|(_, figure)| figure).collect(), hidden)
}

fn of_suite(suite: &Suite) -> impl Iterator<Item = (Option<Grade>, Figure)> {
    suite
        .baselines
        .iter()
        .map(|judged| of_baseline(&suite.name, judged))
}

fn of_baseline(suite: &str, judged: &JudgedBaseline) -> (Option<Grade>, Figure) {
    let baseline = &judged.baseline;
    let level = |level| figure(level, &baseline.unit);
    let standing = outcomes::standing(judged);
    let figure = Figure {
        name: clean(&format!("{suite}/{}", baseline.name)),
        summary: clean(&baseline.summary),
        value: standing.map_or_else(|| "none".to_owned(), |standing| level(standing.value)),
        target: format!("{} {}", baseline.direction.words(), level(baseline.target)),
        critical: format!(
            "{} {}",
            baseline.direction.words(),
            level(baseline.critical)
        ),
        grade: Word(standing.map_or("not judged", |standing| standing.grade.word())),
        bullet: standing.and_then(|standing| Bullet::new(baseline, standing.value)),
    };
    (standing.map(|standing| standing.grade), figure)
}
