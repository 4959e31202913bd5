//! The text that Prometheus scrapes: its own format, version 0.0.4, and `OpenMetrics` 1.0, by what the scraper accepts.

use std::fmt::Write as _;

use super::{
    histogram::as_f64,
    labels::Labels,
    metric::{Kind, Metric},
    registry::{Family, Registry, Summary, Value},
};

/// A format of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Prometheus' own, version 0.0.4.
    Prometheus,
    /// `OpenMetrics`, version 1.0.0.
    OpenMetrics,
}

impl Format {
    /// The one that a header `Accept` prefers: `OpenMetrics` where it is named with a weight that is not smaller.
    pub fn accepted(accept: &str) -> Self {
        let mut open_metrics = 0.0;
        let mut others: f64 = 0.0;
        for part in accept.split(',') {
            let mut parameters = part.split(';').map(str::trim);
            let kind = parameters.next().unwrap_or_default();
            let weight = parameters.find_map(|parameter| parameter.strip_prefix("q="));
            let weight = weight.and_then(|weight| weight.parse().ok()).unwrap_or(1.0);
            match kind {
                "application/openmetrics-text" => open_metrics = weight,
                "text/plain" | "text/*" => others = others.max(weight),
                _ => {}
            }
        }
        if open_metrics > 0.0 && open_metrics >= others {
            Self::OpenMetrics
        } else {
            Self::Prometheus
        }
    }

    /// Its `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// All families of a registry.
    pub fn text(self, registry: &Registry) -> String {
        let mut text = Text {
            format: self,
            text: String::new(),
        };
        for family in registry.families() {
            text.family(family);
        }
        if self == Self::OpenMetrics {
            text.text.push_str("# EOF\n");
        }
        text.text
    }
}

struct Text {
    format: Format,
    text: String,
}

impl Text {
    fn family(&mut self, family: &Family) {
        self.head(&family.metric);
        let name = &*family.metric.name;
        for (labels, value) in &family.series {
            match value {
                Value::Number(number) => self.line(name, "", labels, None, *number),
                Value::Summary(summary) => self.summary(name, labels, summary),
                Value::Histogram(histogram) => {
                    for (end, count) in histogram.classic() {
                        let end = number(end);
                        let end = Some(("le", &*end));
                        self.line(name, "_bucket", labels, end, as_f64(count));
                    }
                    self.line(name, "_sum", labels, None, histogram.sum());
                    self.line(name, "_count", labels, None, as_f64(histogram.count()));
                }
            }
        }
    }

    fn head(&mut self, metric: &Metric) {
        let open_metrics = self.format == Format::OpenMetrics;
        let name = match metric.kind {
            Kind::Counter if open_metrics => metric.name.trim_end_matches("_total"),
            Kind::Info if open_metrics => metric.name.trim_end_matches("_info"),
            _ => &metric.name,
        };
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Info if open_metrics => "info",
            Kind::Gauge | Kind::Info => "gauge",
            Kind::Histogram => "histogram",
            Kind::Summary => "summary",
        };
        let quotes = if open_metrics { "\\\"" } else { "\"" };
        let help = metric.help.replace('\\', "\\\\").replace('\n', "\\n");
        let help = help.replace('"', quotes);
        // Writing into a text does not fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        let unit = unit(name).filter(|_| open_metrics && metric.kind != Kind::Info);
        if let Some(unit) = unit {
            let _ = writeln!(self.text, "# UNIT {name} {unit}");
        }
    }

    fn summary(&mut self, name: &str, labels: &Labels, summary: &Summary) {
        for (quantile, value) in &summary.quantiles {
            let quantile = number(*quantile);
            let quantile = Some(("quantile", &*quantile));
            self.line(name, "", labels, quantile, *value);
        }
        self.line(name, "_sum", labels, None, summary.sum);
        self.line(name, "_count", labels, None, as_f64(summary.count));
    }

    fn line(
        &mut self,
        name: &str,
        suffix: &str,
        labels: &Labels,
        more: Option<(&str, &str)>,
        value: f64,
    ) {
        self.text.push_str(name);
        self.text.push_str(suffix);
        let mut separator = '{';
        for (name, value) in labels.iter().chain(more) {
            self.text.push(separator);
            self.text.push_str(name);
            self.text.push_str("=\"");
            escape(&mut self.text, value);
            self.text.push('"');
            separator = ',';
        }
        if separator == ',' {
            self.text.push('}');
        }
        self.text.push(' ');
        self.text.push_str(&number(value));
        self.text.push('\n');
    }
}

/// The unit at the end of a name, for `# UNIT`.
fn unit(name: &str) -> Option<&'static str> {
    let units = ["seconds", "bytes", "ratio"];
    units.into_iter().find(|unit| {
        name.strip_suffix(unit)
            .is_some_and(|rest| rest.ends_with('_'))
    })
}

fn escape(text: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            other => text.push(other),
        }
    }
}

/// As both formats have it: what is read back is the same number.
pub(crate) fn number(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
    } else {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMETHEUS_2: &str = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

    fn registry() -> Registry {
        let mut registry = Registry::default();
        let tries = Metric::new(Kind::Counter, "assay_tries_total", "Tries,\nof \"all\" \\.");
        let labels = Labels::new([("name", "a \"b\"\\\n")]);
        registry.add(&tries, labels, 3.0);
        let info = Metric::new(Kind::Info, "assay_run_info", "The run.");
        registry.set(&info, Labels::new([("id", "1")]), 1.0);
        let wait = Metric::new(Kind::Histogram, "assay_wait_seconds", "Wait.");
        registry.observe(&wait, Labels::default(), 0.75, 2);
        let level = Metric::new(Kind::Gauge, "assay_level", "Level.");
        registry.set(&level, Labels::default(), f64::NAN);
        registry
    }

    #[test]
    fn the_text_has_everything_in_both_formats() {
        let text = Format::Prometheus.text(&registry());
        for line in [
            "# HELP assay_tries_total Tries,\\nof \"all\" \\\\.",
            "# TYPE assay_tries_total counter",
            "assay_tries_total{name=\"a \\\"b\\\"\\\\\\n\"} 3",
            "# TYPE assay_run_info gauge",
            "assay_wait_seconds_bucket{le=\"0.5\"} 0",
            "assay_wait_seconds_bucket{le=\"1\"} 2",
            "assay_wait_seconds_bucket{le=\"+Inf\"} 2",
            "assay_wait_seconds_sum 1.5",
            "assay_wait_seconds_count 2",
            "assay_level NaN",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}\n{text}");
        }
        let text = Format::OpenMetrics.text(&registry());
        for line in [
            "# HELP assay_tries Tries,\\nof \\\"all\\\" \\\\.",
            "# TYPE assay_tries counter",
            "assay_tries_total{name=\"a \\\"b\\\"\\\\\\n\"} 3",
            "# TYPE assay_run info",
            "assay_run_info{id=\"1\"} 1",
            "# UNIT assay_wait_seconds seconds",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn the_scraper_chooses_the_format() {
        for (accept, format) in [
            (PROMETHEUS_2, Format::OpenMetrics),
            ("", Format::Prometheus),
            ("*/*", Format::Prometheus),
            ("text/plain;version=0.0.4", Format::Prometheus),
            (
                "application/openmetrics-text;q=0.2,text/plain;q=0.5",
                Format::Prometheus,
            ),
            ("application/openmetrics-text;q=0", Format::Prometheus),
        ] {
            assert_eq!(Format::accepted(accept), format, "{accept}");
        }
    }
}
