//! Levels of quality that a suite declares in `suite!` and judges by with [`metrics::judge`](crate::metrics::judge).

/// A level of quality with two marks: `target`, which is wanted, and `critical`, beyond which the case fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baseline {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) at_most: bool,
    pub(crate) target: f64,
    pub(crate) critical: f64,
}

impl Baseline {
    /// Good when it is small, such as a latency: at most `target`; over `critical` the case fails, between the two it is degraded.
    pub const fn at_most(
        name: &'static str,
        unit: &'static str,
        target: f64,
        critical: f64,
    ) -> Self {
        Self {
            name,
            summary: "",
            unit,
            at_most: true,
            target,
            critical,
        }
    }

    /// Good when it is large, such as a number of streams: at least `target`; under `critical` the case fails.
    pub const fn at_least(
        name: &'static str,
        unit: &'static str,
        target: f64,
        critical: f64,
    ) -> Self {
        let mut baseline = Self::at_most(name, unit, target, critical);
        baseline.at_most = false;
        baseline
    }

    /// One line for reports.
    #[must_use]
    pub const fn summary(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }
}
