//! The whole system as it stands after its start: that each service is up with all it depends on and says so truthfully, that its
//! documentation is complete and right, that what is wrong is refused in the documented way, that the services work with one another
//! and with their stores, and that one user's work comes through all of it from beginning to end.
//!
//! Each case makes its own projects and deletes them at its end. What the suite must see is written down as the cases that fail under
//! each defect of the reference system:
//!
#![doc = "```toml"]
#![doc = include_str!("../defects.toml")]
#![doc = "```"]

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

use assay_client::{Api, Service};
use assay_sdk::prelude::*;

suite! {
    summary: "The system after its start: health, documentation, refusals, what the services do together, and the complete workflow",
    baselines: [
        Baseline::at_most("health-response", "ms", 100.0, 500.0)
            .summary("p95 of the slowest of health and readiness of both services"),
        Baseline::at_least("api-documentation-coverage", "%", 100.0, 95.0)
            .summary("operations that are documented and answer as documented, of all"),
    ],
}

/// Finds the services and sees that both answer; how they are is a question of the cases.
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    #[test]
    fn the_table_of_defects_names_cases_that_exist() {
        let table: BTreeMap<String, Vec<String>> =
            toml::from_str(include_str!("../defects.toml")).unwrap();
        let cases = assay_sdk::case_names();
        assert!(!table.is_empty());
        for (defect, names) in &table {
            assert!(!names.is_empty(), "{defect} names no case");
            for name in names {
                assert!(
                    cases.contains(&name.as_str()),
                    "{defect}: no case is called {name}"
                );
            }
        }
    }
}
