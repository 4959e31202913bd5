//! What is slower than in former runs, by more than its bound, and with what the run was compared.

use askama::{Template, filters::HtmlSafe};

use crate::{
    event::{MAX_REGRESSIONS, Regression, RegressionCheck},
    words::{clean, clip, value},
};

/// Characters of a name.
const MAX_NAME: usize = 160;
/// Characters of what came of it.
const MAX_WORDS: usize = 1_000;

/// What is shown.
#[derive(Clone, Debug, Template)]
#[template(path = "regressions.html")]
pub(super) struct Regressions {
    words: String,
    rows: Vec<Row>,
    hidden: u64,
}

impl HtmlSafe for Regressions {}

/// A percentile that is greater than it was.
#[derive(Clone, Debug)]
struct Row {
    name: String,
    before: String,
    after: String,
    change: String,
    interval: String,
    bound: String,
    samples: String,
}

impl Regressions {
    pub(super) fn new(check: &RegressionCheck) -> Self {
        let rows = check.regressions.iter().take(MAX_REGRESSIONS);
        let rows: Vec<Row> = rows.map(Row::new).collect();
        Self {
            words: clip(&check.words(), MAX_WORDS),
            hidden: check.beyond.saturating_sub(rows.len() as u64),
            rows,
        }
    }
}

impl Row {
    fn new(regression: &Regression) -> Self {
        let Regression {
            low_percent,
            high_percent,
            ..
        } = regression;
        Self {
            name: clip(&clean(&regression.name()), MAX_NAME),
            before: value(regression.before, &regression.unit),
            after: value(regression.after, &regression.unit),
            change: format!("{:.1} %", regression.change_percent),
            interval: format!("{low_percent:.1} % to {high_percent:.1} %"),
            bound: format!("{} %", regression.bound_percent),
            samples: format!(
                "{}, {}",
                regression.samples_before, regression.samples_after
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regressions_beyond_the_limit_are_counted() {
        let one = Regression {
            suite: "jobs".to_owned(),
            metric: "iteration".to_owned(),
            percentile: 99.9,
            unit: "seconds".to_owned(),
            against: "a".to_owned(),
            before: 0.01,
            after: 2.0,
            change_percent: 19_900.0,
            low_percent: 19_000.0,
            high_percent: 20_000.0,
            bound_percent: 12.5,
            adjusted_probability: 0.0,
            samples_before: 10,
            samples_after: 20,
        };
        let with = |number: usize| {
            Regressions::new(&RegressionCheck {
                beyond: number as u64,
                regressions: vec![one.clone(); number],
                ..RegressionCheck::default()
            })
        };
        assert_eq!(with(MAX_REGRESSIONS).hidden, 0);
        let more = with(MAX_REGRESSIONS + 1);
        assert_eq!((more.rows.len(), more.hidden), (MAX_REGRESSIONS, 1));
        assert_eq!(
            (&*more.rows[0].before, &*more.rows[0].after),
            ("10 ms", "2 s")
        );
    }
}
