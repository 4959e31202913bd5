//! A run in a real Prometheus: scraped and written to at the same time, and then asked what every panel of every dashboard asks.

use std::{
    fs,
    net::SocketAddr,
    process::Command,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use assay_report::event::Event;
use assay_telemetry::prometheus::{
    Destination, Histograms, Listen, Listeners, RemoteWrite, Settings, listeners,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    dashboards::{Query, queries},
    http,
    programs::{self, Running},
    whole::whole,
};

/// How long something may take to show in Prometheus.
const PATIENCE: Duration = Duration::from_mins(1);
/// The job of what was scraped, and of what was written.
const JOBS: [&str; 2] = ["scraped", "written"];

/// A Prometheus that has seen a run.
struct Watched {
    prometheus: Running,
    began: f64,
    _folder: TempDir,
}

fn now() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap().as_secs_f64()
}

/// One that takes remote writes, and has these features switched on beside.
fn started(folder: &TempDir, features: &[&str]) -> Option<Running> {
    let program = programs::prometheus()?;
    let config = json!({
        "global": {"scrape_interval": "100ms", "scrape_timeout": "100ms"},
        "scrape_configs": [{
            "job_name": JOBS[0],
            "file_sd_configs": [{"files": [folder.path().join("targets.json")], "refresh_interval": "1s"}],
        }],
    });
    // JSON is YAML, too.
    let file = folder.path().join("prometheus.yml");
    fs::write(&file, config.to_string()).unwrap();
    let data = folder.path().join("data");
    let mut command = Command::new(program);
    command
        .arg(format!("--config.file={}", file.display()))
        .arg(format!("--storage.tsdb.path={}", data.display()))
        .arg("--web.listen-address=127.0.0.1:0")
        .arg("--web.enable-remote-write-receiver")
        .args(features);
    let prometheus = Running::start(&mut command);
    let begun = Instant::now();
    // It listens before it has read its data.
    while !http::ask(prometheus.address, "GET /-/ready", "")
        .0
        .contains(" 200 ")
    {
        assert!(begun.elapsed() < PATIENCE, "it does not get ready");
    }
    Some(prometheus)
}

fn settings(prometheus: &Running) -> Settings {
    let url = prometheus.url("/api/v1/write");
    Settings {
        listen: Some(Listen {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            linger: PATIENCE,
        }),
        remote_write: Some(RemoteWrite {
            destination: Destination::new("remote-write", &url, []).unwrap(),
            interval: Duration::from_millis(200),
            histograms: Histograms::Both,
        }),
        job: JOBS[1].to_owned(),
        instance: Some("here".to_owned()),
        timeout: Duration::from_secs(20),
        ..Settings::default()
    }
}

impl Watched {
    /// None where there is no Prometheus.
    fn run() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let prometheus = started(&folder, &["--enable-feature=native-histograms"])?;
        let began = now();
        let mut listeners = listeners(&settings(&prometheus)).unwrap();
        let target = json!([{"targets": [listeners.listening.unwrap().to_string()]}]);
        fs::write(folder.path().join("targets.json"), target.to_string()).unwrap();
        let watched = Self {
            prometheus,
            began,
            _folder: folder,
        };
        let whole = whole();
        tell(&mut listeners, &whole.first);
        for job in JOBS {
            // Two samples make a rate.
            watched.eventually(&format!(
                "count_over_time(assay_run_finished{{job=\"{job}\"}}[1m]) >= 2"
            ));
        }
        tell(&mut listeners, &whole.second);
        // The end of a target is the end of its series: what is shown as it is has to be there for some steps of a course.
        watched.eventually(&format!(
            "sum_over_time(assay_run_finished{{job=\"{}\"}}[1m]) >= 3",
            JOBS[0]
        ));
        for reporter in &mut listeners.reporters {
            reporter.finish().unwrap();
        }
        for job in JOBS {
            watched.eventually(&format!(
                "max_over_time(assay_run_finished{{job=\"{job}\"}}[1m]) == 1"
            ));
        }
        Some(watched)
    }

    fn ask(&self, path: &str, parameters: &[(&str, &str)]) -> Vec<Value> {
        let answer = http::json(self.prometheus.address, path, parameters);
        assert_eq!(answer["status"], "success", "{parameters:?}: {answer:#}");
        answer["data"]["result"].as_array().unwrap().clone()
    }

    fn eventually(&self, query: &str) {
        let begun = Instant::now();
        while self.ask("/api/v1/query", &[("query", query)]).is_empty() {
            assert!(begun.elapsed() < PATIENCE, "{query}");
        }
    }

    /// The numbers that a query of a panel gives after the run, as Grafana would ask it.
    fn numbers(&self, query: &Query, job: &str) -> Vec<f64> {
        // A zero where there is nothing would hide that there is nothing.
        let expression = &query.expression;
        let expression = expression.strip_suffix(" or vector(0)");
        let expression = expression
            .unwrap_or(&query.expression)
            .replace("$job", job)
            .replace("$suite", "jobs")
            .replace("$__rate_interval", "30s")
            .replace("$__range", "10m");
        let results = if query.instant {
            self.ask("/api/v1/query", &[("query", &expression)])
        } else {
            let (start, end) = (self.began.to_string(), (now() + 1.0).to_string());
            let course = [
                ("query", &*expression),
                ("start", &start),
                ("end", &end),
                ("step", "0.05"),
            ];
            self.ask("/api/v1/query_range", &course)
        };
        let samples = results.iter().flat_map(|series| {
            let course = series["values"].as_array().cloned().unwrap_or_default();
            course.into_iter().chain([series["value"].clone()])
        });
        let numbers = samples.filter_map(|sample| sample[1].as_str()?.parse().ok());
        numbers.filter(|number: &f64| !number.is_nan()).collect()
    }

    /// The queries that give nothing.
    fn empty(&self, queries: &[Query]) -> Vec<String> {
        let mut empty = Vec::new();
        for query in queries {
            for job in JOBS {
                if self.numbers(query, job).is_empty() {
                    empty.push(format!("{job}: {}: {}", query.panel, query.expression));
                }
            }
        }
        empty
    }

    fn number(&self, query: &str) -> f64 {
        let results = self.ask("/api/v1/query", &[("query", query)]);
        assert_eq!(results.len(), 1, "{query}: {results:?}");
        results[0]["value"][1].as_str().unwrap().parse().unwrap()
    }
}

fn tell(listeners: &mut Listeners, events: &[Event]) {
    for event in events {
        for reporter in &mut listeners.reporters {
            reporter.event(event).unwrap();
        }
    }
}

#[test]
fn every_query_of_every_panel_gives_something_after_a_run() {
    let Some(watched) = Watched::run() else {
        return;
    };
    let queries = queries();
    assert!(queries.len() > 70, "{}", queries.len());
    let empty = watched.empty(&queries);
    assert!(empty.is_empty(), "{empty:#?}");

    for end in ["", " or vector(0)"] {
        let wrong = Query {
            panel: "planted".to_owned(),
            expression: format!("assay_no_such_metric{{job=~\"$job\"}}{end}"),
            instant: false,
        };
        let found = watched.empty(&[wrong]).len();
        assert_eq!(found, JOBS.len(), "what is not there is found");
    }
}

#[test]
fn the_first_and_only_request_without_an_answer_is_shown() {
    let Some(watched) = Watched::run() else {
        return;
    };
    let titled = |query: &&Query| query.panel.contains("Requests without an answer");
    let mut query = queries().iter().find(titled).unwrap().clone();
    // The others have more than one.
    let only = "suite=~\"$suite\", name=\"get health\"";
    query.expression = query.expression.replace("suite=~\"$suite\"", only);
    for job in JOBS {
        let numbers = watched.numbers(&query, job);
        assert!(numbers.contains(&1.0), "{job}: {numbers:?}");
    }
}

#[test]
fn what_was_written_is_what_was_scraped_and_native_histograms_have_all_of_it() {
    let Some(watched) = Watched::run() else {
        return;
    };
    for metric in [
        "assay_cases_total{verdict=\"passed\",JOB}",
        "assay_http_requests_total{outcome=\"connect\",name=\"get job\",JOB}",
        "assay_load_iterations_total{result=\"failed\",JOB}",
        "assay_http_request_duration_seconds_count{name=\"get job\",phase=\"baseline\",JOB}",
        "assay_figure_wait_seconds{quantile=\"0.95\",JOB}",
    ] {
        let of = |job| {
            let series = metric.replace("JOB", &format!("job=\"{job}\""));
            watched.number(&format!("last_over_time({series}[5m])"))
        };
        let (scraped, written) = (of(JOBS[0]), of(JOBS[1]));
        assert!(
            (scraped - written).abs() < 1e-9,
            "{metric}: {scraped} {written}"
        );
        assert!(written > 0.0, "{metric}");
    }
    let series = "assay_load_iteration_duration_seconds{job=\"written\"}";
    let count = watched.number(&format!("histogram_count({series})"));
    assert!((count - 96.0).abs() < 1e-9, "{count}");
    // 1 to 96 ms, each once: the middle is 48 ms, and a bucket a twelfth wide.
    let middle = watched.number(&format!("histogram_quantile(0.5, {series})"));
    assert!((0.045..0.051).contains(&middle), "{middle}");
    let labels = watched.ask(
        "/api/v1/query",
        &[("query", "assay_run_info{job=\"written\"}")],
    );
    assert_eq!(labels[0]["metric"]["instance"], "here");
}

#[test]
fn what_is_written_by_default_is_taken_where_native_histograms_are_off() {
    let folder = TempDir::new().unwrap();
    let Some(prometheus) = started(&folder, &[]) else {
        return;
    };
    for (histograms, is_taken) in [(Histograms::default(), true), (Histograms::Both, false)] {
        let mut settings = settings(&prometheus);
        settings.listen = None;
        let remote = settings.remote_write.as_mut().unwrap();
        remote.histograms = histograms;
        let mut listeners = listeners(&settings).unwrap();
        whole()
            .all()
            .for_each(|event| tell(&mut listeners, std::slice::from_ref(event)));
        let ended = listeners
            .reporters
            .iter_mut()
            .map(|one| one.finish().is_ok());
        assert_eq!(
            ended.collect::<Vec<_>>(),
            [true, is_taken],
            "{histograms:?}"
        );
    }
}
