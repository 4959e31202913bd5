//! Times in the unit that the conventions of both Prometheus and OpenTelemetry have for them.

use std::time::Duration;

/// What events tell in nanoseconds, in seconds. A float of them is exact to a microsecond for a century.
pub(crate) fn seconds(nanoseconds: u64) -> f64 {
    Duration::from_nanos(nanoseconds).as_secs_f64()
}
