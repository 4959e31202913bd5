//! Minimum, median and maximum of some times.

use std::time::Duration;

use serde_json::{Value, json};

use super::unexpected;
use crate::Outcome;

/// All of them, beside the first.
pub(crate) fn table(figures: &[Figures]) -> String {
    let mut text = "| What | Runs | Minimum | Median | Maximum | Median, times the first |\n|---|---|---|---|---|---|\n".to_owned();
    let baseline = figures.first().map_or(Duration::ZERO, Figures::median);
    for figures in figures {
        text.push_str(&figures.row(baseline));
    }
    text
}

/// Every time of all of them, in nanoseconds, by name.
pub(crate) fn raw(figures: &[Figures]) -> Value {
    figures
        .iter()
        .map(|figures| (figures.name.to_owned(), figures.raw()))
        .collect()
}

/// What was measured of one thing, sorted; at least one time.
pub(crate) struct Figures {
    name: &'static str,
    times: Vec<Duration>,
}

impl Figures {
    /// Fails when nothing was measured.
    pub(crate) fn new(name: &'static str, mut times: Vec<Duration>) -> Outcome<Self> {
        if times.is_empty() {
            return Err(unexpected(format!("no time of {name}")));
        }
        times.sort();
        Ok(Self { name, times })
    }

    /// The middle one; of two in the middle, the greater.
    pub(crate) fn median(&self) -> Duration {
        self.times[self.times.len() / 2]
    }

    /// A row of the table.
    fn row(&self, baseline: Duration) -> String {
        let milliseconds = |time: Duration| format!("{:.3} ms", time.as_secs_f64() * 1e3);
        format!(
            "| {} | {} | {} | {} | {} | {:.2} |\n",
            self.name,
            self.times.len(),
            milliseconds(self.times[0]),
            milliseconds(self.median()),
            milliseconds(self.times[self.times.len() - 1]),
            self.median().as_secs_f64() / baseline.as_secs_f64(),
        )
    }

    /// Every time, in nanoseconds.
    fn raw(&self) -> Value {
        let times: Vec<u64> = self
            .times
            .iter()
            .map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
            .collect();
        json!(times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_holds_minimum_median_maximum_and_ratio() {
        let times = [3, 1, 8].map(Duration::from_millis).to_vec();
        let figures = Figures::new("it", times).unwrap();
        let row = figures.row(Duration::from_millis(2));
        assert_eq!(row, "| it | 3 | 1.000 ms | 3.000 ms | 8.000 ms | 1.50 |\n");
    }
}
