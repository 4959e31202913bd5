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
}

/// Finds the services, sees that both answer, and how large they are
#[setup]
async fn found() -> Result<Ground> {
    let api = Api::reached().await?;
    let mut memory = BTreeMap::new();
    for service in MEASURED {
        if context::optional_service_url(service).is_none() {
            continue;
        }
        match chaos::service(service).usage().await {
            Ok(usage) => drop(memory.insert(service.to_owned(), usage.resident_bytes)),
            Err(chaos::Error::Unsupported(reason)) => info!("{service}: {reason}"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Ground { api, memory })
}
