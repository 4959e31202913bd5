//! The monitoring of the episodes, put to the proof: what is broken on purpose is found, as exactly that and in exactly that place; what
//! is healthy raises no alarm; and every figure is that of what the suite did.
//!
//! The cases work on a project service of their own (`project-service-monitored`), so that nobody else moves its figures. Those
//! that look at figures of the whole service run alone. What the suite must see with each defect of the reference system is
//! written down in `plugins/defects.toml`.
#![expect(
    clippy::float_cmp,
    reason = "counts, thresholds and shares of few operations are exact, and have to be met exactly"
)]

mod alerts;
mod counters;
mod episodes;
mod exposition;
mod feed;
mod integrity;
mod performance;
mod prometheus;
mod rates;
mod rules;

use assay_client::{Api, Service};
use assay_sdk::prelude::*;

suite! {
    summary: "The monitoring of episodes: integrity, alerts, metrics, performance and the live feed, each against what really happened",
    wants: {
        services: ["project-service", "generation-service", "project-service-monitored", "prometheus"],
    },
}

/// Finds the service that is watched, and sees that it answers.
#[setup]
async fn services() -> Result<Api> {
    let api = Api::of_environment()?;
    let watched = context::service_url("project-service-monitored")?;
    http::get(format!("{watched}/health"))
        .send()
        .await
        .context("project-service-monitored answers")?;
    Ok(Api::new(watched, api.base(Service::Generation)))
}
