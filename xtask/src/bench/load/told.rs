//! What each program says of the load that it made, read from what it prints.

use serde_json::Value;

/// What a program says of its load.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Told {
    /// Those that succeeded.
    pub(super) requests: u64,
    /// Those that did not.
    pub(super) failed: u64,
    /// Requests that succeeded, each second.
    pub(super) per_second: f64,
    /// Microseconds from the start of a request to its end: the median, and what 99 % are at most.
    pub(super) p50: f64,
    pub(super) p99: f64,
}

/// The outcome of a load in a report of `host run`; the times are those of its requests.
pub(super) fn host(outcome: &Value) -> Option<Told> {
    let requests = outcome["requests"].get(0)?;
    let succeeded = &requests["latency"]["succeeded"];
    let count = succeeded["count"].as_u64()?;
    let failed = requests["latency"]["failed"]["count"].as_u64()?;
    Some(Told {
        requests: count,
        // An iteration fails with its request, or for a reason of its own.
        failed: failed.max(outcome["failed"].as_u64()?),
        per_second: float(count) / (outcome["elapsed_ns"].as_f64()? / 1e9),
        p50: succeeded["p50"].as_f64()? / 1e3,
        p99: succeeded["p99"].as_f64()? / 1e3,
    })
}

/// `transport drive`, which ends at the first failure.
pub(super) fn native(output: &str) -> Option<Told> {
    let driven: Value = serde_json::from_str(output).ok()?;
    let requests = driven["requests"].as_u64()?;
    Some(Told {
        requests,
        failed: 0,
        per_second: float(requests) / driven["seconds"].as_f64()?,
        p50: driven["p50_ns"].as_f64()? / 1e3,
        p99: driven["p99_ns"].as_f64()? / 1e3,
    })
}

/// `wrk --latency`.
pub(super) fn wrk(output: &str) -> Option<Told> {
    let after = |name: &str| {
        let line = output
            .lines()
            .find_map(|line| line.trim().strip_prefix(name))?;
        Some(line.trim())
    };
    let count = |line: &str, word: &str| {
        let (_, rest) = line.split_once(word)?;
        rest.trim_start_matches(':')
            .trim()
            .split([',', ' '])
            .next()?
            .parse::<u64>()
            .ok()
    };
    let errors = ["connect", "read", "write", "timeout"];
    let of_sockets = after("Socket errors:").map_or(Some(0), |line| {
        errors
            .iter()
            .map(|word| count(line, word))
            .sum::<Option<u64>>()
    })?;
    let of_statuses =
        after("Non-2xx or 3xx responses:").map_or(Some(0), |number| number.parse().ok())?;
    let line = output.lines().find(|line| line.contains(" requests in "))?;
    let all: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(Told {
        requests: all.checked_sub(of_statuses)?,
        failed: of_sockets + of_statuses,
        per_second: after("Requests/sec:")?.parse().ok()?,
        p50: microseconds(after("50%")?)?,
        p99: microseconds(after("99%")?)?,
    })
}

/// A time as wrk writes it: `1.06ms`.
fn microseconds(text: &str) -> Option<f64> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let in_one = match &text[digits.len()..] {
        "us" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        _ => return None,
    };
    Some(digits.parse::<f64>().ok()? * in_one)
}

/// `oha --output-format json`.
pub(super) fn oha(output: &str) -> Option<Told> {
    let told: Value = serde_json::from_str(output).ok()?;
    let sum = |name: &str, good: bool| {
        let counts = told[name].as_object()?.iter();
        let counts = counts.filter(|(status, _)| status.starts_with('2') == good);
        counts.map(|(_, count)| count.as_u64()).sum::<Option<u64>>()
    };
    let requests = sum("statusCodeDistribution", true)?;
    Some(Told {
        requests,
        failed: sum("statusCodeDistribution", false)? + sum("errorDistribution", false)?,
        per_second: float(requests) / told["summary"]["total"].as_f64()?,
        p50: told["latencyPercentiles"]["p50"].as_f64()? * 1e6,
        p99: told["latencyPercentiles"]["p99"].as_f64()? * 1e6,
    })
}

/// `hey`: its latencies are in steps of 100 µs.
pub(super) fn hey(output: &str) -> Option<Told> {
    let after = |name: &str| {
        let line = output
            .lines()
            .find_map(|line| line.trim().strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<f64>().ok()
    };
    let (mut requests, mut failed) = (0, 0);
    // `[200]	45015 responses`, and `[17210]	Get "http://...": ...` for errors.
    for line in output.lines() {
        let Some((number, rest)) = line
            .trim()
            .strip_prefix('[')
            .and_then(|line| line.split_once(']'))
        else {
            continue;
        };
        match rest.trim().strip_suffix(" responses") {
            Some(count) if number.starts_with('2') => requests += count.parse::<u64>().ok()?,
            Some(count) => failed += count.parse::<u64>().ok()?,
            None => failed += number.parse::<u64>().ok()?,
        }
    }
    Some(Told {
        requests,
        failed,
        per_second: float(requests) / after("Total:")?,
        p50: after("50% in").unwrap_or(0.0) * 1e6,
        p99: after("99% in").unwrap_or(0.0) * 1e6,
    })
}

/// The summary that `k9 run --summary-export` writes.
pub(super) fn k9(summary: &str) -> Option<Told> {
    let told: Value = serde_json::from_str(summary).ok()?;
    let metrics = &told["metrics"];
    // A rate of failures: what `passes` it has failed.
    let of = |name: &str| metrics["http_req_failed"][name].as_u64();
    let (requests, failed) = (of("fails")?, of("passes")?);
    let all = metrics["http_reqs"]["count"].as_f64()?;
    Some(Told {
        requests,
        failed,
        per_second: metrics["http_reqs"]["rate"].as_f64()? * float(requests) / all,
        p50: metrics["http_req_duration"]["med"].as_f64()? * 1e3,
        p99: metrics["http_req_duration"]["p(99)"].as_f64()? * 1e3,
    })
}

/// `locust --json`: its latencies are in steps of a millisecond.
pub(super) fn locust(output: &str) -> Option<Told> {
    let told: Value = serde_json::from_str(output).ok()?;
    let entry = told.get(0)?;
    let (all, failed) = (
        entry["num_requests"].as_u64()?,
        entry["num_failures"].as_u64()?,
    );
    let mut times = Vec::new();
    for (milliseconds, count) in entry["response_times"].as_object()? {
        times.push((milliseconds.parse::<f64>().ok()?, count.as_u64()?));
    }
    times.sort_by(|one, other| one.0.total_cmp(&other.0));
    let time = entry["last_request_timestamp"].as_f64()? - entry["start_time"].as_f64()?;
    let requests = all.checked_sub(failed)?;
    Some(Told {
        requests,
        failed,
        per_second: float(requests) / time,
        p50: quantile(&times, all.div_ceil(2)) * 1e3,
        p99: quantile(&times, (all * 99).div_ceil(100)) * 1e3,
    })
}

/// The value of this rank, from 1, among values with their counts.
fn quantile(sorted: &[(f64, u64)], rank: u64) -> f64 {
    let mut seen = 0;
    for (value, count) in sorted {
        seen += count;
        if seen >= rank {
            return *value;
        }
    }
    0.0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a number of requests far below 2^52"
)]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
