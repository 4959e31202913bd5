//! Counters that move by exactly what was done, and gauges that show what is there.

use assay_client::{Api, Service, User};
use assay_sdk::metrics::Page;
use assay_sdk::prelude::*;
use serde_json::json;

use crate::episodes::{conflict, create_many, create_with_key, fail, key, quiet};

/// The route of a creation, as it is counted.
const ROUTE: &str = "/api/v1/projects/{id}/episodes";

/// A series with its labels, and by how much it is to have moved.
type Moved<'a> = (&'a str, &'a [(&'a str, &'a str)], f64);

/// Each counter of creations, by outcome, status and time, has moved by exactly the operations that were done
#[case(tags = ["metrics"], timeout = "30s", needs = ["project-service-monitored"], exclusive)]
async fn counters_move_by_exactly_what_was_done(api: Api) -> Result<()> {
    let user = api.user("author");
    quiet(&user).await?;
    let before = page(&api).await?;
    let begun = std::time::Instant::now();
    let project = user.temporary_project("counted").await?.id;
    let key = key(&user);
    create_many(&user, &project, 4).await?;
    for expected in [201, 200] {
        let answer = create_with_key(&user, &project, &key, "# Once").await?;
        ensure_eq!(answer.status(), expected);
    }
    conflict(&user, &project, &key).await?;
    for _ in 0..2 {
        fail(&user, &project).await?;
    }
    mistake(&user, &project, 422).await?;
    mistake(&user, "proj_00000000-0000-4000-8000-000000000000", 404).await?;
    let took = begun.elapsed().as_secs_f64();
    let after = page(&api).await?;

    let of = |status| [("method", "POST"), ("route", ROUTE), ("status", status)];
    let moved: [Moved<'_>; 14] = [
        ("projects_created_total", &[], 1.0),
        ("episodes_created_total", &[], 5.0),
        ("episode_creations_total", &[("outcome", "succeeded")], 5.0),
        ("episode_creations_total", &[("outcome", "failed")], 2.0),
        ("episode_creations_total", &[("outcome", "conflict")], 1.0),
        ("episode_creation_duration_seconds_count", &[], 7.0),
        (
            "episode_creation_duration_seconds_bucket",
            &[("le", "+Inf")],
            7.0,
        ),
        ("http_requests_total", &of("201"), 5.0),
        ("http_requests_total", &of("200"), 1.0),
        ("http_requests_total", &of("409"), 1.0),
        ("http_requests_total", &of("503"), 2.0),
        ("http_requests_total", &of("422"), 1.0),
        ("http_requests_total", &of("404"), 1.0),
        ("http_request_duration_seconds_count", &of("")[..2], 11.0),
    ];
    for (name, labels, wanted) in moved {
        let delta = after.sum(name, labels) - before.sum(name, labels);
        check_eq!(
            delta,
            wanted,
            "{name} {labels:?} has moved by what was done"
        );
    }
    let sum = "episode_creation_duration_seconds_sum";
    let seconds = after.sum(sum, &[]) - before.sum(sum, &[]);
    check!(
        seconds > 0.0 && seconds < took,
        "{seconds} s of creations are within the {took} s that they took in all"
    );
    Ok(())
}

/// A request that is the client's mistake.
async fn mistake(user: &User, project: &str, expected: u16) -> Result<()> {
    let path = format!("/projects/{project}/episodes");
    let body = match expected {
        404 => json!({"script": {"markdown": "m"}}),
        _ => json!({}),
    };
    let request = user.request("POST", Service::Project, &path).json(&body);
    ensure_eq!(request.send().await?.status(), expected);
    Ok(())
}

/// Gauges show what is there now: projects, episodes, gaps, duplicates and alerts, and again as before when all that is gone
#[case(tags = ["metrics"], timeout = "30s", needs = ["project-service-monitored"], exclusive)]
async fn gauges_show_what_is_there(api: Api) -> Result<()> {
    let user = api.user("author");
    quiet(&user).await?;
    let before = page(&api).await?;
    let project = user.temporary_project("gauged").await?.id;
    create_many(&user, &project, 3).await?;
    user.insert_episode(&project, 5).await?;
    user.insert_episode(&project, 5).await?;
    user.check_alerts().await?;
    check_gauges(&before, &page(&api).await?, [1.0, 5.0, 1.0, 1.0, 1.0]);

    user.fix_gaps(&project, false).await?;
    user.check_alerts().await?;
    check_gauges(&before, &page(&api).await?, [1.0, 5.0, 0.0, 0.0, 0.0]);
    user.delete_project(&project).await?;
    check_gauges(&before, &page(&api).await?, [0.0; 5]);
    Ok(())
}

/// By how much the gauges of projects, episodes, gaps, duplicates and alerts differ.
fn check_gauges(before: &Page, after: &Page, wanted: [f64; 5]) {
    let alert = [("rule", "episode-integrity"), ("severity", "critical")];
    let gauges: [(&str, &[(&str, &str)]); 5] = [
        ("projects", &[]),
        ("episodes", &[]),
        ("episode_number_gaps", &[]),
        ("episode_number_duplicates", &[]),
        ("alerts_active", &alert),
    ];
    for ((name, labels), wanted) in gauges.into_iter().zip(wanted) {
        let now = after.value(name, labels);
        let moved = now
            .zip(before.value(name, labels))
            .map(|(now, then)| now - then);
        check_eq!(moved, Some(wanted), "{name} shows what is there");
    }
}

async fn page(api: &Api) -> Result<Page> {
    Ok(metrics::scrape(format!("{}/metrics", api.base(Service::Project))).await?)
}
