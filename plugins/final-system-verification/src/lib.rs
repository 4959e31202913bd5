//! The whole system as it stands after its start: that each service is up with all it depends on and says so truthfully, that its
//! documentation is complete and right, that what is wrong is refused in the documented way, that the services work with one another
//! and with their stores, and that one user's work comes through all of it from beginning to end.
//!
//! Each case makes its own projects and deletes them at its end. What the suite must see with each defect of the reference system
//! is written down in `plugins/defects.toml`.

mod addresses;
mod bodies;
mod calls;
mod communication;
mod consistency;
mod document;
mod fields;
mod health;
mod idempotency;
mod limits;
mod outage;
mod refusal;
mod routes;
mod sample;
mod startup;
mod subject;
mod validation;
mod vectors;
mod walk;
mod workflow;

use assay_client::Api;
use assay_sdk::prelude::*;

suite! {
    summary: "The system after its start: health, documentation, refusals, what the services do together, and the complete workflow",
    baselines: [
        Baseline::at_most("health-response", "ms", 100.0, 500.0)
            .summary("p95 of the slowest of health and readiness of both services"),
        Baseline::at_least("api-documentation-coverage", "%", 100.0, 95.0)
            .summary("operations that are documented and answer as documented, of all"),
    ],
    wants: {
        services: [
            "project-service", "generation-service", "project-service-detached", "project-service-limited", "vector-store",
        ],
        settings: ["reference.body-timeout-ms"],
    },
}

/// Finds the services and sees that both answer; how healthy they are is another question.
#[setup]
async fn services() -> Result<Api> {
    Api::reached().await
}
