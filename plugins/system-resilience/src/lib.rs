//! The system while parts of it are missing, and afterwards: services that are stopped, killed and frozen, links that are cut, slow
//! or lossy. What must still work works, what cannot work says so and when to come back, nothing is lost and nothing is made twice.
//!
//! A case that breaks something runs alone. Each recovery is measured from the heal to the first request that succeeds after it,
//! and judged. What the suite must see with each defect of the reference system is written down in `plugins/defects.toml`.

mod backoff;
mod cache;
mod cuts;
mod faults;
mod jobs;
mod keys;
mod links;
mod lost;
mod once;
mod partition;
mod promises;
mod queue;
mod reading;
mod refusal;
mod restarts;
mod streams;
mod truth;
mod vectors;

use assay_client::{Api, Service};
use assay_sdk::prelude::*;

suite! {
    summary: "The system while services and links are broken, and after: keys, retries, streams, restarts, a partition",
    baselines: [
        Baseline::at_most("cache-recovery", "ms", 1_000.0, 10_000.0)
            .summary("from the heal of the cache to the first request that succeeds"),
        Baseline::at_most("vector-store-recovery", "ms", 5_000.0, 20_000.0)
            .summary("from the heal of the vector store to the first request that succeeds"),
        Baseline::at_most("project-service-recovery", "ms", 1_000.0, 10_000.0)
            .summary("from the heal of the project service to the first request that succeeds"),
        Baseline::at_most("generation-service-recovery", "ms", 1_000.0, 10_000.0)
            .summary("from the heal of the generation service to the first request that succeeds"),
        Baseline::at_most("link-recovery", "ms", 500.0, 5_000.0)
            .summary("from the heal of a link to the first request that succeeds"),
        Baseline::at_most("stream-recovery", "ms", 500.0, 5_000.0)
            .summary("from the heal of the link to the first event of the stream that was cut"),
        Baseline::at_most("answer-without-cache", "ms", 500.0, 2_000.0)
            .summary("the slowest answer while the cache is stopped or frozen"),
    ],
    wants: {
        services: ["cache", "vector-store", "project-service", "generation-service"],
        links: [
            "client->project-service", "client->generation-service",
            "generation-service->project-service", "project-service->vector-store",
        ],
        faults: [
            "stop", "kill", "pause", "disconnect",
            "latency", "blackhole", "reset", "cut-after-bytes", "slow-close",
        ],
        settings: [
            "reference.step-ms", "reference.heartbeat-ms", "reference.dependency-timeout-ms",
            "reference.retry-base-ms", "reference.retry-attempts",
        ],
    },
}

/// Finds the services and sees that both answer.
#[setup]
async fn services() -> Result<Api> {
    let api = Api::of_environment()?;
    for service in [Service::Project, Service::Generation] {
        let url = format!("{}/livez", api.base(service));
        http::get(url)
            .send()
            .await
            .with_context(|| format!("{} answers", service.name()))?;
    }
    Ok(api)
}
