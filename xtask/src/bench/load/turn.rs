//! One load that was made once: what its program says of it, what the kernel and the server say, and whether they agree.

use std::time::Duration;

use serde_json::{Value, json};

use super::told::Told;

/// A load that was made once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    pub(super) told: Told,
    /// Of the whole process that made it, from its start to its end.
    pub(super) processor_time: Duration,
    /// Bytes.
    pub(super) peak: u64,
    pub(super) elapsed: Duration,
    /// What the server counted.
    pub(super) answered: u64,
    /// What the server took of its core meanwhile.
    pub(super) server: Duration,
    /// Requests that the server may have answered and that are told by nobody: the first on each connection, and those that were under way at
    /// the end.
    pub(super) allowance: u64,
}

impl Turn {
    /// What is wrong with it, if anything is.
    pub(super) fn doubt(&self) -> Option<String> {
        let Told {
            requests, failed, ..
        } = self.told;
        if failed > 0 {
            return Some(format!("{failed} requests failed"));
        }
        let most = requests + self.allowance;
        if (requests..=most).contains(&self.answered) {
            return None;
        }
        Some(format!(
            "told {requests} requests, and the server answered {}",
            self.answered
        ))
    }

    pub(super) fn per_second(&self) -> f64 {
        self.told.per_second
    }

    /// Microseconds of processor time for each request that the server answered.
    pub(super) fn cost(&self) -> f64 {
        self.processor_time.as_secs_f64() * 1e6 / float(self.answered)
    }

    pub(super) fn megabytes(&self) -> f64 {
        float(self.peak) / 1e6
    }

    /// Percent of its core that the server was busy: near 100, it was the limit.
    pub(super) fn server_share(&self) -> f64 {
        self.server.as_secs_f64() / self.elapsed.as_secs_f64() * 100.0
    }

    pub(super) fn raw(&self) -> Value {
        json!({
            "requests": self.told.requests, "per_second": self.told.per_second,
            "p50_us": self.told.p50, "p99_us": self.told.p99,
            "answered": self.answered, "processor_s": self.processor_time.as_secs_f64(),
            "peak_bytes": self.peak, "elapsed_s": self.elapsed.as_secs_f64(),
            "server_processor_s": self.server.as_secs_f64(),
        })
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "bytes and requests that are measured are far below 2^52"
)]
fn float(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(requests: u64, failed: u64, answered: u64) -> Turn {
        Turn {
            told: Told {
                requests,
                failed,
                ..Told::default()
            },
            processor_time: Duration::from_secs(2),
            peak: 3_000_000,
            elapsed: Duration::from_secs(4),
            answered,
            server: Duration::from_secs(1),
            allowance: 128,
        }
    }

    #[test]
    fn a_turn_is_believed_if_the_server_answered_as_many() {
        for answered in [1_000, 1_128] {
            assert_eq!(turn(1_000, 0, answered).doubt(), None, "{answered}");
        }
        for answered in [999, 1_129] {
            let doubt = turn(1_000, 0, answered).doubt().unwrap();
            assert!(doubt.contains(&answered.to_string()), "{doubt}");
        }
    }

    #[test]
    fn a_turn_with_failures_is_not_believed() {
        let doubt = turn(1_000, 7, 1_007).doubt();
        assert_eq!(doubt.as_deref(), Some("7 requests failed"));
    }

    #[test]
    fn costs_are_those_of_a_request() {
        let turn = turn(1_000, 0, 1_000);
        let figures = [turn.cost(), turn.megabytes(), turn.server_share()];
        for (figure, wanted) in figures.into_iter().zip([2_000.0, 3.0, 25.0]) {
            assert!((figure - wanted).abs() < 1e-9, "{figure} is not {wanted}");
        }
    }
}
