//! What is counted of a run, as a scraper reads it; and that names and labels keep to the conventions, whatever suites call things.

use assay_load::samples::Percentiles;
use assay_report::{
    event::{EventKind, MetricSnapshot, MetricValue, Phase},
    verdict::Verdict,
};
use assay_telemetry::prometheus::{Figures, Format, MAX_SERIES};

use super::{
    programs::{promtool, promtool_check},
    recording::{Recording, SUITE, exchange, source},
    whole::whole,
};

fn heard<'a>(events: impl IntoIterator<Item = &'a assay_report::event::Event>) -> Figures {
    let mut figures = Figures::default();
    events.into_iter().for_each(|event| figures.event(event));
    figures
}

fn text(figures: &Figures) -> String {
    Format::Prometheus.text(figures.registry())
}

fn has(text: &str, line: &str) {
    let name = line.split(['{', ' ']).next().unwrap();
    let alike = text.lines().filter(|line| line.starts_with(name));
    let alike: Vec<_> = alike.collect();
    assert!(alike.contains(&line), "{line}\n{alike:#?}");
}

#[test]
fn a_run_is_told_with_everything_that_it_had() {
    let text = text(&heard(whole().all()));
    for line in [
        "assay_run_info{contract=\"assay:suite@0.1.0\",environment=\"embedded\",profile=\"default\",run_id=\"20260102-030405-abcd\",version=\"0.1.0\"} 1",
        "assay_run_start_time_seconds 1767323045",
        "assay_run_duration_seconds 9.5",
        "assay_run_finished 1",
        "assay_run_result{run_id=\"20260102-030405-abcd\",verdict=\"failed\"} 1",
        "assay_run_exit_code 1",
        "assay_cases_planned{suite=\"jobs\"} 6",
        "assay_cases_running{suite=\"jobs\"} 0",
        "assay_cases_total{suite=\"jobs\",verdict=\"passed\"} 3",
        "assay_cases_total{suite=\"jobs\",verdict=\"degraded\"} 1",
        "assay_cases_total{suite=\"jobs\",verdict=\"flaky\"} 0",
        "assay_cases_total{suite=\"jobs\",verdict=\"skipped\"} 1",
        "assay_case_result{case=\"it-fails\",suite=\"jobs\",verdict=\"failed\"} 1",
        "assay_case_duration_seconds_bucket{suite=\"jobs\",le=\"0.25\"} 5",
        "assay_case_last_duration_seconds{case=\"it-fails\",suite=\"jobs\"} 0.24",
        "assay_attempts_total{suite=\"jobs\",verdict=\"failed\"} 2",
        "assay_retries_total{suite=\"jobs\"} 1",
        "assay_checks_total{result=\"passed\",suite=\"jobs\"} 18",
        "assay_checks_total{result=\"failed\",suite=\"jobs\"} 2",
        "assay_log_lines_total{level=\"warn\",suite=\"jobs\"} 2",
        "assay_refusals_total{capability=\"http\",suite=\"jobs\"} 2",
        "assay_suite_duration_seconds{suite=\"jobs\"} 9",
        "assay_regressions 1",
        "assay_regression_change_ratio{metric=\"request get job\",percentile=\"99.9\",suite=\"jobs\"} 0.5",
    ] {
        has(&text, line);
    }
}

#[test]
fn requests_and_streams_are_told_by_name_and_how_they_ended() {
    let text = text(&heard(whole().all()));
    for line in [
        "assay_http_requests_total{method=\"GET\",name=\"get job\",outcome=\"answered\",phase=\"baseline\",status_class=\"5xx\",suite=\"jobs\"} 2",
        "assay_http_requests_total{method=\"GET\",name=\"get job\",outcome=\"connect\",phase=\"fault\",status_class=\"none\",suite=\"jobs\"} 2",
        "assay_http_request_duration_seconds_bucket{method=\"GET\",name=\"get job\",phase=\"baseline\",suite=\"jobs\",le=\"0.005\"} 2",
        "assay_http_request_duration_seconds_count{method=\"GET\",name=\"get job\",phase=\"baseline\",suite=\"jobs\"} 4",
        "assay_http_sent_bytes_total{name=\"get job\",suite=\"jobs\"} 60",
        "assay_http_received_bytes_total{name=\"get job\",suite=\"jobs\"} 8000",
        "assay_http_first_byte_seconds_count{name=\"get health\",suite=\"jobs\"} 2",
        "assay_http_connect_duration_seconds_count{name=\"get health\",suite=\"jobs\"} 2",
        "assay_sse_streams_total{end=\"broken\",name=\"job events\",suite=\"jobs\"} 2",
        "assay_sse_streams_total{end=\"ended\",name=\"job events\",suite=\"jobs\"} 2",
        "assay_sse_events_total{name=\"job events\",suite=\"jobs\"} 48",
        "assay_sse_reconnects_total{name=\"job events\",suite=\"jobs\"} 4",
        "assay_sse_first_event_seconds_bucket{name=\"job events\",suite=\"jobs\",le=\"0.01\"} 4",
        "assay_sse_longest_gap_seconds_count{name=\"job events\",suite=\"jobs\"} 4",
    ] {
        has(&text, line);
    }
    assert!(!text.contains("http://"), "no URL is a label");
}

#[test]
fn faults_and_services_are_told_as_they_are_now() {
    let text = text(&heard(whole().all()));
    for line in [
        "assay_faults_injected_total{action=\"latency\",suite=\"jobs\",target=\"client->project\"} 2",
        "assay_faults_active{action=\"latency\",target=\"client->project\"} 1",
        "assay_faults_healed_total{action=\"latency\",suite=\"jobs\",target=\"client->project\"} 1",
        "assay_fault_duration_seconds_sum{action=\"latency\",target=\"client->project\"} 1.25",
        "assay_fault_recovery_seconds_count{action=\"latency\",target=\"client->project\"} 1",
        "assay_fault_last_recovery_seconds{action=\"latency\",target=\"client->project\"} 0.012",
        "assay_fault_first_success_seconds_sum{action=\"latency\",target=\"client->project\"} 0.018",
        "assay_service_up{service=\"project\"} 0",
        "assay_service_up{service=\"generation\"} 1",
        "assay_service_state{service=\"project\",state=\"running\"} 1",
        "assay_service_state{service=\"project\",state=\"stopped\"} 0",
        "assay_service_ready_seconds{service=\"project\"} 0.4",
        "assay_environment_ready_seconds 0.812",
        "assay_environment_problems_total{kind=\"left\"} 0",
    ] {
        has(&text, line);
    }
}

#[test]
fn a_second_in_which_nothing_succeeds_has_no_percentile_of_the_one_before() {
    let whole = whole();
    let mut events = whole.first.clone();
    let went = events
        .iter_mut()
        .rev()
        .find_map(|event| match &mut event.kind {
            EventKind::LoadWent { point, .. } => Some(point),
            _ => None,
        });
    let point = went.unwrap();
    point.iteration_times = Percentiles::default();
    point.failed_iterations = point.iterations;
    let told = text(&heard(whole.first.iter().chain(&events)));
    for (name, value) in [("iteration", "NaN"), ("request", "0.02")] {
        let labels = "case=\"it-is-fast\",percentile=\"95\",scenario=\"browse\",suite=\"jobs\"";
        let line = format!("assay_load_{name}_percentile_seconds{{{labels}}} {value}");
        has(&told, &line);
    }
}

#[test]
fn a_load_is_told_by_the_second_and_with_all_of_its_times() {
    let whole = whole();
    let load = "case=\"it-is-fast\",";
    let of = "scenario=\"browse\",suite=\"jobs\"";
    let running = text(&heard(&whole.first));
    for (name, labels, value) in [
        ("assay_loads_running", "", "1"),
        ("assay_load_virtual_users", "", "5"),
        ("assay_load_open_streams", "", "3"),
        ("assay_load_iterations_per_second", "", "50"),
        ("assay_load_iterations_total", "result=\"succeeded\",", "48"),
        ("assay_load_iterations_total", "result=\"failed\",", "2"),
        ("assay_load_requests_total", "result=\"failed\",", "4"),
        ("assay_load_stream_events_total", "", "10"),
        (
            "assay_load_iteration_percentile_seconds",
            "percentile=\"95\",",
            "0.02",
        ),
        (
            "assay_load_request_percentile_seconds",
            "percentile=\"99\",",
            "0.06",
        ),
    ] {
        has(&running, &format!("{name}{{{load}{labels}{of}}} {value}"));
    }
    let over = text(&heard(whole.all()));
    for (name, labels, value) in [
        ("assay_loads_running", "", "0"),
        ("assay_load_virtual_users", "", "0"),
        (
            "assay_load_iteration_percentile_seconds",
            "percentile=\"95\",",
            "NaN",
        ),
        ("assay_load_intended_iterations_per_second", "", "51.5"),
        ("assay_load_achieved_iterations_per_second", "", "50"),
        ("assay_load_dropped_iterations_total", "", "3"),
        ("assay_load_interrupted_iterations_total", "", "1"),
        ("assay_load_failures_total", "failure=\"status 503\",", "4"),
        ("assay_load_checks_total", "result=\"failed\",", "4"),
        ("assay_load_generator_busy_ratio", "", "0.25"),
        ("assay_load_generator_saturated", "", "0"),
    ] {
        has(&over, &format!("{name}{{{load}{labels}{of}}} {value}"));
    }
    let buckets = "phase=\"baseline\",scenario=\"browse\",suite=\"jobs\",le=\"0.1\"";
    has(
        &over,
        &format!("assay_load_iteration_duration_seconds_bucket{{{load}{buckets}}} 96"),
    );
    has(
        &over,
        "assay_load_request_duration_seconds_count{case=\"it-is-fast\",name=\"get page\",phase=\"baseline\",scenario=\"browse\",suite=\"jobs\"} 96",
    );
    has(
        &over,
        "assay_load_stream_wait_seconds_count{case=\"it-is-fast\",phase=\"baseline\",scenario=\"browse\",stage=\"first event\",suite=\"jobs\"} 96",
    );
}

#[test]
fn baselines_and_figures_of_suites_are_in_base_units_which_their_names_have() {
    let text = text(&heard(whole().all()));
    for line in [
        "assay_baseline_value_seconds{baseline=\"page-p95\",suite=\"jobs\"} 0.12",
        "assay_baseline_target_seconds{baseline=\"page-p95\",suite=\"jobs\"} 0.1",
        "assay_baseline_critical_seconds{baseline=\"page-p95\",suite=\"jobs\"} 0.5",
        "assay_baseline_value_per_second{baseline=\"pages\",suite=\"jobs\"} 50",
        "assay_baseline_grade{baseline=\"pages\",grade=\"critical\",suite=\"jobs\"} 1",
        "assay_baseline_grade{baseline=\"pages\",grade=\"target\",suite=\"jobs\"} 0",
        "assay_baseline_judgements_total{baseline=\"pages\",grade=\"critical\",suite=\"jobs\"} 1",
        "assay_figure_service_memory_peak_bytes{service=\"project\",suite=\"jobs\"} 4096",
        "assay_figure_memory_growth_ratio{service=\"project\",suite=\"jobs\"} 0.25",
        "assay_figure_retry_total{service=\"project\",suite=\"jobs\"} 7",
        "assay_figure_wait_seconds{service=\"project\",suite=\"jobs\",quantile=\"0.95\"} 0.03",
        "assay_figure_wait_seconds_sum{service=\"project\",suite=\"jobs\"} 0.08",
        "assay_figure_wait_seconds_count{service=\"project\",suite=\"jobs\"} 4",
    ] {
        has(&text, line);
    }
}

#[test]
fn every_event_of_a_suite_that_names_without_end_is_counted_in_constant_memory() {
    let mut run = Recording::of(&["it-floods"]);
    let flood = source("it-floods", 1);
    for number in 0..3 * MAX_SERIES {
        run.tell(EventKind::Exchanged {
            source: flood.clone(),
            exchange: exchange(&format!("get job {number}"), 200, 3),
        });
    }
    let figures = heard(&run.take());
    assert!(figures.registry().series() < 6 * MAX_SERIES);
    let text = text(&figures);
    let requests = text
        .lines()
        .filter(|line| line.starts_with("assay_http_requests_total"));
    let all: f64 = requests
        .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
        .sum();
    assert!((all - 3_000.0).abs() < 1e-9, "{all}");
    has(
        &text,
        "assay_series_left_out_total{metric=\"assay_http_requests_total\"} 2000",
    );
}

#[test]
fn what_is_told_of_a_fault_or_a_load_that_nobody_knows_is_counted_as_left_out() {
    let whole = whole();
    let middle = whole.second.iter().filter(|event| {
        matches!(
            event.kind,
            EventKind::LoadWent { .. } | EventKind::FaultHealed { .. }
        )
    });
    let text = text(&heard(middle));
    has(&text, "assay_series_left_out_total{metric=\"other\"} 2");
}

#[test]
fn the_metrics_of_a_run_pass_promtool() {
    let text = text(&heard(whole().all()));
    if let Some(told) = promtool_check(&text) {
        assert_eq!(told, Ok(()));
    }
}

#[test]
fn names_that_suites_give_pass_promtool_whatever_they_are() {
    let names = [
        "latency",
        "latency_ms",
        "gauge",
        "requestCount",
        "my.bytes_total",
        "9lives",
        "a:b",
        "",
        "über",
        "errors percent",
        "wait_s",
        "queue_size_kb",
        "heap-MB",
        "histogram_of_sum",
        "a__b",
    ];
    let units = [
        "",
        "ms",
        "s",
        "%",
        "%/h",
        "/s",
        "MiB",
        "requests/min",
        "Streams",
        "°C",
        "h",
    ];
    let values = [
        MetricValue::Counter { value: 1.0 },
        MetricValue::Gauge { value: f64::NAN },
    ];
    let mut told = Vec::new();
    for name in names {
        // Each is a run of its own: there may be no more names than the budget has.
        let mut run = Recording::of(&["it-names"]);
        let mut metrics = Vec::new();
        for (unit, value) in units
            .iter()
            .flat_map(|unit| values.iter().map(move |value| (unit, value)))
        {
            metrics.push(MetricSnapshot {
                name: name.into(),
                labels: [
                    ("le".to_owned(), "1".to_owned()),
                    ("Zone".to_owned(), "a".to_owned()),
                ]
                .into(),
                unit: (*unit).to_owned(),
                value: value.clone(),
                by_phase: [(Phase::Fault, value.clone())].into(),
            });
        }
        run.tell(EventKind::SuiteFinished {
            suite: SUITE.into(),
            verdict: Verdict::Passed,
            duration_ns: 1,
            metrics,
            proposal: None,
        });
        told.push((name, promtool_check(&text(&heard(&run.take())))));
    }
    for (name, told) in told {
        if let Some(told) = told {
            assert_eq!(told, Ok(()), "{name}");
        }
    }
}

#[test]
fn a_wrong_name_does_not_pass_promtool() {
    if promtool().is_none() {
        return;
    }
    let good = text(&heard(whole().all()));
    for (right, wrong, problem) in [
        (
            "assay_cases_total",
            "assay_cases",
            "should have \"_total\" suffix",
        ),
        (
            "assay_run_duration_seconds",
            "assay_run_duration_milliseconds",
            "use base unit",
        ),
        (
            "assay_faults_active",
            "assay_faults_active_total",
            "should not have \"_total\" suffix",
        ),
        (
            "assay_load_virtual_users",
            "assay_load_virtualUsers",
            "camelCase",
        ),
    ] {
        assert!(good.contains(right));
        let refused = promtool_check(&good.replace(right, wrong))
            .unwrap()
            .unwrap_err();
        assert!(refused.contains(problem), "{wrong}: {refused}");
    }
}
