//! What is so before any load: where the services are, and how large each of them is.

use std::collections::BTreeMap;

use assay_client::Api;
use assay_sdk::prelude::*;
use serde::{Deserialize, Serialize};

/// Services whose memory is measured, if the environment has them.
pub(crate) const MEASURED: [&str; 4] = [
    "project-service",
    "generation-service",
    "vector-store",
    "cache",
];

/// What the setup found.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Ground {
    /// Where the services are.
    pub(crate) api: Api,
    /// The memory of each service before any load of this suite, in bytes; none where it cannot be measured.
    pub(crate) memory: BTreeMap<String, u64>,
    /// The longest that the measurement of one of them took.
    measurement_ms: u64,
}

impl Ground {
    /// How long a measurement of memory takes.
    pub(crate) const fn measurement(&self) -> Duration {
        Duration::from_millis(self.measurement_ms)
    }
}

/// Finds the services, sees that both answer, and how large they are
#[setup]
async fn found() -> Result<Ground> {
    let api = Api::reached().await?;
    let mut memory = BTreeMap::new();
    let mut longest = Duration::ZERO;
    for service in MEASURED {
        if context::optional_service_url(service).is_none() {
            continue;
        }
        let began = std::time::Instant::now();
        let usage = chaos::service(service).usage().await;
        longest = longest.max(began.elapsed());
        match usage {
            Ok(usage) => drop(memory.insert(service.to_owned(), usage.resident_bytes)),
            Err(chaos::Error::Unsupported(reason)) => info!("{service}: {reason}"),
            Err(error) => return Err(error.into()),
        }
    }
    let measurement_ms = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
    Ok(Ground {
        api,
        memory,
        measurement_ms,
    })
}
