//! Whether a host that makes load for an hour grows: its memory every ten seconds, and how steep the line through it is.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::host::{Executor, Load, Made};
use super::proc::Resident;
use super::section::{Judgement, Section, Table, Wanted, number};
use super::server::Server;
use super::statistics::{Slope, Spread};
use super::{Bench, unexpected};
use crate::Outcome;
use crate::process;

/// Starts each second, of both loads together.
const RATE: f64 = 2_000.0;
/// How often the memory is looked at; a short trial has [`LOOKS`] of them at least.
const LOOK_EVERY: Duration = Duration::from_secs(10);
const LOOKS: u32 = 60;
/// What comes before it counts, the longer one of both: pools, caches and histograms grow to their size.
const WARM_UP_SHARE: u32 = 10;
const WARM_UP: Duration = Duration::from_secs(20);
/// Percent of the memory that it may grow in an hour, as far as that can be shown at all.
const MOST_GROWTH: f64 = 1.0;

/// A host with its load, and the memory it had: seconds since its start, and bytes.
struct Host {
    name: &'static str,
    load: Load,
    points: Vec<(f64, f64)>,
    made: Option<Made>,
}

/// Two hosts at once for so many seconds: virtual users with an instance each and prepared requests, and virtual users that share an
/// instance and send whole requests. What each path leaks shows by itself.
pub(super) fn measure(bench: &Bench) -> Outcome<Section> {
    let server = Server::start(bench.cores)?;
    let mut hosts = [
        host(
            "isolated, prepared requests",
            "fires-alone",
            "hour-isolated",
            &server,
            bench,
        ),
        host(
            "shared, whole requests",
            "sends",
            "hour-shared",
            &server,
            bench,
        ),
    ];
    let time = Duration::from_secs(bench.seconds);
    process::say(&format!(
        "hour: {} starts each second for {} s",
        number(RATE),
        bench.seconds
    ));
    std::thread::scope(|scope| {
        let running = hosts
            .each_mut()
            .map(|host| scope.spawn(|| host.run(bench, time)));
        running.into_iter().try_for_each(|host| {
            let ended = host.join();
            ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })?;
    section(&hosts, time, server.answered()?)
}

fn host(
    name: &'static str,
    scenario: &'static str,
    folder: &'static str,
    server: &Server,
    bench: &Bench,
) -> Host {
    let load = Load {
        scenario,
        vus: 64,
        executor: Executor::Rate(RATE / 2.0, bench.seconds),
        grace: None,
        isolated: false,
        parameter: server.url(),
        folder,
    };
    Host {
        name,
        load,
        points: Vec::new(),
        made: None,
    }
}

impl Host {
    fn run(&mut self, bench: &Bench, time: Duration) -> Outcome<()> {
        let between = LOOK_EVERY.min(time / LOOKS);
        let start = Instant::now();
        let (mut next, points) = (Duration::ZERO, &mut self.points);
        let made = self.load.make(bench.cores, time, |process| {
            let now = start.elapsed();
            if now < next {
                return;
            }
            if let Some(resident) = Resident::of(process) {
                points.push((now.as_secs_f64(), float(resident.now)));
                next = now + between;
            }
        })?;
        self.made = Some(made);
        Ok(())
    }

    /// What counts: after the warm-up and before the end, at which the outcome is gathered.
    fn counted(&self, time: Duration) -> Vec<(f64, f64)> {
        let counts = |point: &&(f64, f64)| {
            point.0 >= warm_up(time).as_secs_f64() && point.0 <= time.as_secs_f64()
        };
        self.points.iter().filter(counts).copied().collect()
    }
}

fn section(hosts: &[Host; 2], time: Duration, answered: u64) -> Outcome<Section> {
    let mut table = Table::new(&[
        "Host",
        "Iterations",
        "Failed",
        "Dropped",
        "Processor, % of a core",
        "RSS after the warm-up, MB: median (least to greatest)",
        "Growth, kB an hour",
        "Growth, % an hour",
    ]);
    let mut judgement = Judgement::new();
    let mut raw = Vec::new();
    for host in hosts {
        let Some(made) = &host.made else {
            return Err(unexpected(format!("the host {} did not end", host.name)));
        };
        let outcome = made.outcome()?;
        let points = host.counted(time);
        let (Some(memory), Some(slope)) = (
            Spread::of(points.iter().map(|point| point.1)),
            Slope::of(&points),
        ) else {
            return Err(unexpected(
                "too short a time: give it more seconds".to_owned(),
            ));
        };
        let hourly = [slope.steepness, slope.margin].map(|bytes| bytes * 3_600.0);
        let percent = hourly.map(|bytes| bytes / memory.median() * 100.0);
        let with_margin = |[value, margin]: [f64; 2]| format!("{value:+.2} ± {margin:.2}");
        table.row(&[
            host.name.to_owned(),
            count(outcome, "iterations"),
            count(outcome, "failed"),
            count(outcome, "dropped"),
            number(made.watched.processor_time.as_secs_f64() / time.as_secs_f64() * 100.0),
            memory.text(|bytes| format!("{:.2}", bytes / 1e6)),
            with_margin(hourly.map(|bytes| bytes / 1e3)),
            with_margin(percent),
        ]);
        judgement.row(
            &format!("growth that is shown, {}", host.name),
            Wanted::AtMost(MOST_GROWTH),
            Some((percent[0] - percent[1]).max(0.0)),
            " % an hour",
        );
        raw.push(json!({
            "name": host.name, "outcome": outcome, "seconds_and_bytes": host.points,
            "bytes_an_hour": hourly[0], "margin": hourly[1],
        }));
    }
    Ok(Section {
        text: format!(
            "Two hosts at once make {} requests a second together for {} s. Their resident memory is looked at every {} s; the first {} s are warm-up. Growth is the steepness of the straight line through it, with the margin of 95 % confidence (if the looks were independent of each other; they are not quite, so the real margin is wider). Growth that is shown is what is left of it without the margin. The server answered {} requests.\n\n{}\n{}",
            number(RATE),
            time.as_secs(),
            number(LOOK_EVERY.min(time / LOOKS).as_secs_f64()),
            warm_up(time).as_secs(),
            number(float(answered)),
            table.text(),
            judgement.text(),
        ),
        raw: json!(raw),
        charts: Vec::new(),
    })
}

fn warm_up(time: Duration) -> Duration {
    WARM_UP.max(time / WARM_UP_SHARE)
}

fn count(outcome: &Value, name: &str) -> String {
    outcome[name]
        .as_u64()
        .map_or_else(|| "?".to_owned(), |count| number(float(count)))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "bytes and counts that are measured are far below 2^52"
)]
fn float(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_the_warm_up_nor_what_comes_after_the_end_counts() {
        let host = Host {
            name: "it",
            load: Load {
                scenario: "fires",
                vus: 1,
                executor: Executor::Constant(1),
                grace: None,
                isolated: false,
                parameter: String::new(),
                folder: "test",
            },
            points: [0.0, 19.9, 20.0, 99.9, 100.0, 100.1, 1_000.0, 1_000.1]
                .map(|second| (second, 1.0))
                .to_vec(),
            made: None,
        };
        let counted = |seconds| {
            let points = host.counted(Duration::from_secs(seconds));
            points.iter().map(|point| point.0).collect::<Vec<_>>()
        };
        assert_eq!(counted(100), [20.0, 99.9, 100.0]);
        assert_eq!(counted(1_000), [100.0, 100.1, 1_000.0]);
    }
}
