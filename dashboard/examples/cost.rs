//! What a look at a long run costs: `cargo run --release -p assay-dashboard --example cost -- [CASES] [MINUTES]`.
//!
//! Gathers a run of a thousand cases, every tenth of which fails, beside which a load goes on for ten minutes; then makes the parts of its page
//! twenty times, as a second of the run passes between each two, and prints how much of a processor each took, as the kernel has it, and how
//! large the parts are.

use std::{
    error::Error,
    fs,
    io::{self, Write as _},
};

use assay_report::{
    event::Event,
    html::live::{Live, Moment},
};
use serde_json::{Value, json};

/// Cases of a suite.
const CASES_OF_A_SUITE: u64 = 100;
/// Looks that are measured.
const LOOKS: u32 = 20;
const MILLISECOND: u64 = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let cases: u64 = arguments.next().map_or(Ok(1_000), |text| text.parse())?;
    let minutes: u64 = arguments.next().map_or(Ok(10), |text| text.parse())?;
    let mut run = Run::default();
    run.start(cases)?;
    let load = json!({"suite": "suite-0", "entry": "setup", "attempt": 1});
    run.load_starts(&load)?;
    let seconds = minutes * 60;
    for number in 0..cases {
        run.at_ns = seconds * 1_000 * MILLISECOND * number / cases.max(1);
        run.case(number)?;
    }
    for second in 0..seconds {
        run.at_ns = (second + 1) * 1_000 * MILLISECOND;
        run.load_goes(&load, second)?;
    }
    let before = processor_ms();
    let mut sizes = Vec::new();
    for look in 0..LOOKS {
        let parts = run.live.fragments(Moment::Running(
            run.at_ns + u64::from(look) * 1_000 * MILLISECOND,
        ))?;
        sizes = parts
            .iter()
            .map(|fragment| format!("{} {} KiB", fragment.part.name(), fragment.html.len() >> 10))
            .collect();
    }
    let each = (processor_ms() - before) / f64::from(LOOKS);
    writeln!(
        io::stdout(),
        "{cases} cases, a load of {minutes} min, {} events: {:.1} ms a look; {}",
        run.sequence,
        each,
        sizes.join(", ")
    )?;
    Ok(())
}

/// Milliseconds that this thread has had of a processor; none where the kernel does not tell it.
fn processor_ms() -> f64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told
        .split(' ')
        .next()
        .and_then(|text| text.parse::<f64>().ok());
    nanoseconds.unwrap_or(f64::NAN) / 1e6
}

/// What has been told.
#[derive(Default)]
struct Run {
    live: Live,
    sequence: u64,
    at_ns: u64,
}

impl Run {
    fn tell(&mut self, mut kind: Value) -> Result<(), serde_json::Error> {
        kind["sequence"] = self.sequence.into();
        kind["at_ns"] = self.at_ns.into();
        self.sequence += 1;
        let event: Event = serde_json::from_value(kind)?;
        self.live.event(&event);
        Ok(())
    }

    fn start(&mut self, cases: u64) -> Result<(), serde_json::Error> {
        let case = |number: u64| json!({"name": format!("case-{number}"), "summary": "one of many", "tags": [], "location": null});
        let suites = (0..cases.div_ceil(CASES_OF_A_SUITE)).map(|suite| {
            let first = suite * CASES_OF_A_SUITE;
            let names = first..cases.min(first + CASES_OF_A_SUITE);
            json!({
                "file": "many.wasm", "digest": "", "size": 1, "suite": format!("suite-{suite}"), "version": "0.1.0",
                "summary": "many", "cases": names.map(case).collect::<Vec<_>>(), "baselines": [],
            })
        });
        self.tell(json!({
            "event": "run_started", "run_id": "many", "started_at": "2026-01-02T03:04:05Z", "host_version": "0.1.0", "contract": "",
            "environment": "none", "profile": "default", "seed": 1, "jobs": 4, "plugins": suites.collect::<Vec<_>>(),
        }))
    }

    fn case(&mut self, number: u64) -> Result<(), serde_json::Error> {
        let suite = format!("suite-{}", number / CASES_OF_A_SUITE);
        let name = format!("case-{number}");
        let source = json!({"suite": suite, "entry": name, "attempt": 1});
        let begun_ns = self.at_ns;
        self.tell(json!({"event": "case_started", "suite": suite, "case": name, "attempts": 1}))?;
        self.tell(
            json!({"event": "attempt_started", "suite": suite, "entry": name, "attempt": 1}),
        )?;
        for step in 0..30 {
            self.at_ns = begun_ns + step * 10 * MILLISECOND;
            self.tell(json!({"event": "checked", "source": source, "check": {
                "name": format!("check {step} holds"), "passed": true, "expected": null, "actual": null, "location": "src/lib.rs:12",
            }}))?;
            self.tell(json!({"event": "exchanged", "source": source, "exchange": {
                "name": format!("request {}", step % 20), "method": "GET", "url": "http://127.0.0.1:8001/api/projects/42/episodes",
                "status": 200, "error": null, "sent_bytes": 0, "received_bytes": 1_234, "first_byte_ns": 500_000 + step,
                "duration_ns": (1 + (step * number) % 97) * MILLISECOND,
            }}))?;
            self.tell(json!({"event": "log", "source": source, "level": "info", "message": format!("line {step} says what it does")}))?;
        }
        let outcome = outcome(number);
        let duration_ns = self.at_ns - begun_ns;
        let counts = json!({
            "checks_passed": 30, "checks_failed": 0, "baselines": 0, "requests": 30, "streams": 0, "dropped_logs": 0,
            "dropped_attachments": 0,
        });
        self.tell(json!({
            "event": "attempt_finished", "source": source, "outcome": outcome, "duration_ns": duration_ns, "counts": counts,
        }))?;
        self.tell(json!({
            "event": "case_finished", "suite": suite, "case": name, "outcome": outcome, "attempts": 1, "duration_ns": duration_ns,
        }))
    }

    fn load_starts(&mut self, source: &Value) -> Result<(), serde_json::Error> {
        let mut attempt = source.clone();
        attempt["event"] = "attempt_started".into();
        self.tell(attempt)?;
        self.tell(json!({"event": "load_started", "source": source, "load": {
            "load": 1, "scenario": "browse", "executor": "50 virtual users", "vus": 50, "isolated": false, "threads": 2, "planned_ns": null,
        }}))
    }

    fn load_goes(&mut self, source: &Value, second: u64) -> Result<(), serde_json::Error> {
        let wave = second % 17;
        let times = json!({"p50": (5 + wave) * MILLISECOND, "p95": (20 + wave * 3) * MILLISECOND, "p99": (60 + wave * 5) * MILLISECOND});
        self.tell(json!({"event": "load_went", "source": source, "load": 1, "point": {
            "at_ms": second * 1_000, "length_ms": 1_000, "iterations": 1_000 + wave * 9, "failed_iterations": wave % 3,
            "iteration_times": times, "requests": 3_000 + wave * 31, "failed_requests": wave % 3, "request_times": times, "events": wave,
            "vus": 50, "open_streams": 3,
        }}))
    }
}

fn outcome(case: u64) -> Value {
    if !case.is_multiple_of(10) {
        return json!({"verdict": "passed", "reason": null});
    }
    json!({"verdict": "failed", "reason": {
        "kind": "check", "message": "it is not as it must be", "expected": "4", "actual": "5", "location": "src/lib.rs:12",
        "backtrace": [],
    }})
}
