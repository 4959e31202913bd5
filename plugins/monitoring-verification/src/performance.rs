//! The figures of performance against what the suite measured itself.

use std::time::Duration;

use assay_client::{Api, Interference};
use assay_sdk::prelude::*;

use crate::episodes::{create, fail, quiet};

/// By how much each creation is held up: enough to tell its time from none.
const DELAY: Duration = Duration::from_millis(50);
/// Creations that succeed.
const SUCCESSES: usize = 9;

/// Counts and rates are exactly those of what was done; average and P95 lie between the delay and what the client measured
#[case(tags = ["performance"], timeout = "30s", needs = ["project-service-monitored"], exclusive)]
async fn performance_agrees_with_what_was_measured(api: Api) -> Result<()> {
    let user = api.user("operator");
    quiet(&user).await?;
    let empty = user.performance().await?;
    check_eq!(
        (empty.operations, empty.active_operations),
        (0, 0),
        "nothing is in the window"
    );
    check_eq!(
        (
            empty.average_duration_seconds,
            empty.p95_duration_seconds,
            empty.success_rate_percentage
        ),
        (None, None, None),
        "without an operation there is no figure"
    );

    let project = user.temporary_project("measured").await?.id;
    let mut took = vec![fail(&user, &project).await?];
    user.interfere(Interference {
        delay_ms: u64::try_from(DELAY.as_millis())?,
        ..Interference::default()
    })
    .await?;
    for _ in 0..SUCCESSES {
        took.push(create(&user, &project).await?.1);
    }
    let stats = user.performance().await?;
    check_eq!(
        (
            stats.operations,
            stats.succeeded,
            stats.failed,
            stats.conflicts
        ),
        (10, 9, 1, 0)
    );
    check_eq!(stats.success_rate_percentage, Some(90.0));
    check_eq!(stats.window_seconds, 60.0, "the window is as it was set");
    if stats.day == empty.day {
        check_eq!(
            stats.total_operations_today,
            empty.total_operations_today + 10,
            "today's count has moved by what was done"
        );
    }
    let delayed = DELAY.as_secs_f64();
    let average = stats.average_duration_seconds.context("an average")?;
    let measured = mean(&took);
    check!(
        (delayed * 0.9..=measured).contains(&average),
        "the average of {average} s lies between the delay and the client's {measured} s"
    );
    let p95 = stats.p95_duration_seconds.context("a P95")?;
    let slowest = took.iter().max().copied().unwrap_or_default().as_secs_f64();
    check!(
        (delayed..=slowest).contains(&p95),
        "the P95 of {p95} s lies between the delay and the client's slowest, {slowest} s"
    );
    Ok(())
}

/// A creation is an active operation while it runs, and none before and after
#[case(tags = ["performance"], timeout = "30s", needs = ["project-service-monitored"], exclusive)]
async fn an_operation_is_active_while_it_runs(api: Api) -> Result<()> {
    let user = api.user("operator");
    quiet(&user).await?;
    let project = user.temporary_project("active").await?.id;
    check_eq!(
        user.performance().await?.active_operations,
        0,
        "none before"
    );
    user.interfere(Interference {
        delay_ms: 500,
        ..Interference::default()
    })
    .await?;
    let seen = eventually(Duration::from_secs(5), || async {
        let active = user.performance().await?.active_operations;
        ensure_eq!(active, 2, "two are active");
        Ok(active)
    });
    let (one, other, seen) =
        assay_sdk::join3(create(&user, &project), create(&user, &project), seen).await;
    one?;
    other?;
    check_eq!(seen?, 2, "both were seen");
    check_eq!(user.performance().await?.active_operations, 0, "none after");
    Ok(())
}

fn mean(times: &[Duration]) -> f64 {
    let count = u32::try_from(times.len()).unwrap_or(u32::MAX).max(1);
    (times.iter().sum::<Duration>() / count).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_that_of_the_times() {
        let times = [Duration::from_secs(1), Duration::from_secs(2)];
        assert!((mean(&times) - 1.5).abs() < f64::EPSILON);
        assert!(mean(&[]).abs() < f64::EPSILON);
    }
}
