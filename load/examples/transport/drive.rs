//! Connections that send one request after the other, as fast as they can or at a rate, and what came of it.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use rustix::time::{ClockId, clock_gettime};
use tokio::time::{Interval, MissedTickBehavior, interval_at};

/// What is kept of the longest request.
const LONGEST: Duration = Duration::from_mins(1);

/// What is to be done.
#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) connections: u32,
    pub(super) time: Duration,
    /// Requests that all connections send together each second; none: as many as they can.
    pub(super) per_second: Option<f64>,
}

/// What came of it.
#[derive(Clone)]
pub(super) struct Driven {
    elapsed: Duration,
    /// Of this process, user and system.
    processor_time: Duration,
    /// From one request's start to its end, in nanoseconds.
    times: Histogram<u64>,
}

impl Driven {
    pub(super) fn per_second(&self) -> f64 {
        self.requests() / self.elapsed.as_secs_f64()
    }

    /// Microseconds of processor time for each request.
    pub(super) fn cost(&self) -> f64 {
        self.processor_time.as_secs_f64() * 1e6 / self.requests()
    }

    pub(super) fn json(&self) -> String {
        format!(
            r#"{{"requests":{},"seconds":{},"p50_ns":{},"p99_ns":{}}}"#,
            self.times.len(),
            self.elapsed.as_secs_f64(),
            self.times.value_at_quantile(0.5),
            self.times.value_at_quantile(0.99),
        )
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a number of requests far below 2^52"
    )]
    fn requests(&self) -> f64 {
        self.times.len() as f64
    }
}

/// Runs a task for each connection. Each has sent one request before it begins.
pub(super) async fn drive<T, F>(
    load: Load,
    connect: impl AsyncFn() -> T,
    mut request: impl FnMut(T) -> F + Copy + Send + 'static,
) -> Driven
where
    T: Send + 'static,
    F: Future<Output = T> + Send,
{
    let mut ready = Vec::new();
    for _ in 0..load.connections {
        ready.push(request(connect().await).await);
    }
    let longest = u64::try_from(LONGEST.as_nanos()).unwrap();
    let times = Histogram::new_with_max(longest, 3).unwrap();
    let times = Arc::new(Mutex::new(times));
    let (start, before) = (Instant::now(), processor_time());
    let end = start + load.time;
    let tasks: Vec<_> = (0..)
        .zip(ready)
        .map(|(number, mut connection)| {
            let times = Arc::clone(&times);
            let mut pace = load.pace(number);
            tokio::spawn(async move {
                let mut began = Instant::now();
                while began < end {
                    if let Some(pace) = &mut pace {
                        pace.tick().await;
                        began = Instant::now();
                    }
                    connection = request(connection).await;
                    // The end of one is the start of the next: one look at the clock for each.
                    let now = Instant::now();
                    let time = u64::try_from((now - began).as_nanos()).unwrap();
                    times.lock().unwrap().record(time).unwrap();
                    began = now;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let processor_time = processor_time().saturating_sub(before);
    let elapsed = start.elapsed();
    let times = times.lock().unwrap().clone();
    Driven {
        elapsed,
        processor_time,
        times,
    }
}

impl Load {
    /// When this connection sends: those of all are spread evenly.
    fn pace(&self, number: u32) -> Option<Interval> {
        let between = Duration::from_secs_f64(1.0 / self.per_second?);
        let first = tokio::time::Instant::now() + between * number;
        let mut ticks = interval_at(first, between * self.connections);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Some(ticks)
    }
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap(),
        time.tv_nsec.try_into().unwrap(),
    )
}
