//! The way from a project to its episodes: one generation in full, sixty at once, their streams, their numbers, and what is left after
//! a deletion.
//!
//! Each case makes its own project, deletes it at its end, and checks that it is gone. What the suite must see with each defect
//! of the reference system is written down in `plugins/defects.toml`.

mod crowd;
mod flow;
mod numbering;
mod removal;
mod script;
mod streams;

use assay_client::Api;
use assay_sdk::prelude::*;

suite! {
    summary: "From a project to its numbered episodes: generations, their streams and texts, alone and sixty at a time",
    wants: {
        services: ["project-service", "generation-service", "generation-service-paced"],
        settings: ["reference.step-ms", "reference.heartbeat-ms"],
    },
}

/// Finds the services and sees that both answer; how healthy they are is another question.
#[setup]
async fn services() -> Result<Api> {
    Api::reached().await
}
