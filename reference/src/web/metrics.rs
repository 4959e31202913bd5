//! Counters, gauges and histograms of a service, and their text for Prometheus.

use std::time::Duration;

use axum::http::{HeaderMap, Method, StatusCode, header};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::clock;
use crate::defects::{Defect, Defects};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Upper ends of the buckets of durations, in seconds.
pub const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: String,
}

/// The registry of a service, and what every service counts.
#[derive(Debug)]
pub struct Metrics {
    /// D15 takes what is given and counts nothing.
    stuck: bool,
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram>,
}

impl Metrics {
    /// With what every service has: requests, durations, build, start.
    pub fn new(service: &'static str, defects: Defects) -> Self {
        let mut registry = if defects.has(Defect::MetricsRenamed) {
            Registry::with_prefix(service.replace('-', "_"))
        } else {
            Registry::default()
        };
        registry.register(
            "build",
            "Which build this is",
            Info::new(vec![
                ("service", service),
                ("version", env!("CARGO_PKG_VERSION")),
            ]),
        );
        let started = Gauge::<i64>::default();
        started.set(i64::try_from(clock::now_ms() / 1_000).unwrap_or(i64::MAX));
        registry.register_with_unit(
            "process_start_time",
            "When the process started, since 1970",
            Unit::Seconds,
            started,
        );
        let requests = Family::default();
        registry.register(
            "http_requests",
            "Requests answered, by method, route template and status",
            requests.clone(),
        );
        let durations =
            Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        registry.register_with_unit(
            "http_request_duration",
            "Time from a request's head to its answer's head",
            Unit::Seconds,
            durations.clone(),
        );
        Self {
            stuck: defects.has(Defect::CountersStuck),
            registry,
            requests,
            durations,
        }
    }

    /// For what a service counts besides.
    pub const fn registry(&mut self) -> &mut Registry {
        &mut self.registry
    }

    /// Counts a request. The route is a template, so that ids do not make series.
    pub fn request(&self, method: &Method, route: String, status: StatusCode, took: Duration) {
        if self.stuck {
            return;
        }
        let method = known_method(method);
        self.durations
            .get_or_create(&RouteLabels {
                method,
                route: route.clone(),
            })
            .observe(took.as_secs_f64());
        self.requests
            .get_or_create(&RequestLabels {
                method,
                route,
                status: status.as_u16(),
            })
            .inc();
    }

    /// The content type and the text: `OpenMetrics` for who accepts it, else the older text format.
    pub fn text(&self, headers: &HeaderMap) -> (&'static str, String) {
        let mut open = String::new();
        // Writing into a string does not fail.
        let _ = text::encode(&mut open, &self.registry);
        let accepts = headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("application/openmetrics-text"));
        if accepts {
            (OPEN_METRICS, open)
        } else {
            (PLAIN, older_format(&open))
        }
    }
}

/// Clients can send any method; only the known ones become series.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

/// The text format 0.0.4: there a family has the name of its samples, `_total` and `_info` included, and no unit and no end mark.
fn older_format(open: &str) -> String {
    let mut older = String::with_capacity(open.len());
    let mut help = None;
    for line in open.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ');
        } else if let Some((name, kind)) = line
            .strip_prefix("# TYPE ")
            .and_then(|rest| rest.split_once(' '))
        {
            let (suffix, kind) = match kind {
                "counter" => ("_total", "counter"),
                "info" => ("_info", "gauge"),
                other => ("", other),
            };
            if let Some((_, text)) = help.take() {
                older.extend(["# HELP ", name, suffix, " ", text, "\n"]);
            }
            older.extend(["# TYPE ", name, suffix, " ", kind, "\n"]);
        } else if !line.starts_with('#') {
            older.push_str(line);
            older.push('\n');
        }
    }
    older
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_name_and_type_the_same_samples() {
        let metrics = Metrics::new("project-service", Defects::default());
        let took = Duration::from_millis(3);
        metrics.request(&Method::GET, "/x/{id}".to_owned(), StatusCode::OK, took);
        let (kind, plain) = metrics.text(&HeaderMap::new());
        assert_eq!(kind, PLAIN);
        for line in [
            "# TYPE build_info gauge",
            "# TYPE http_requests_total counter",
            "http_requests_total{method=\"GET\",route=\"/x/{id}\",status=\"200\"} 1",
            "# TYPE http_request_duration_seconds histogram",
            "http_request_duration_seconds_bucket{le=\"0.005\",method=\"GET\",route=\"/x/{id}\"} 1",
        ] {
            assert!(plain.lines().any(|given| given == line), "{line}\n{plain}");
        }
        assert!(!plain.contains("# EOF") && !plain.contains("# UNIT"));
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, OPEN_METRICS.parse().unwrap());
        let (kind, open) = metrics.text(&headers);
        assert_eq!(kind, OPEN_METRICS);
        assert!(open.contains("# TYPE http_requests counter\n") && open.ends_with("# EOF\n"));
    }

    #[test]
    fn invented_methods_are_one_series() {
        assert_eq!(known_method(&Method::from_bytes(b"BREW").unwrap()), "OTHER");
    }
}
