//! Health as the services answer it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What a service says of itself.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// The name of the service.
    #[serde(alias = "service_name")]
    pub service: String,
    /// Its version.
    pub version: String,
    /// `healthy`, `degraded` or `unhealthy`.
    pub status: String,
    /// The port it listens on; none in one of the original's services.
    #[serde(default)]
    pub port: Option<u16>,
    /// Since it started.
    #[serde(default, alias = "uptime_seconds")]
    pub uptime_seconds: Option<f64>,
    /// What it depends on, by name.
    #[serde(default)]
    pub dependencies: BTreeMap<String, Dependency>,
}

/// What a service says of something it depends on.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Dependency {
    /// `up` or `down`.
    pub status: String,
    /// Where it was asked.
    #[serde(default)]
    pub url: Option<String>,
    /// Whether the service cannot work without it.
    #[serde(default)]
    pub required: bool,
    /// How long it took to answer, in milliseconds.
    #[serde(default, alias = "latency_ms")]
    pub latency_ms: Option<f64>,
    /// Why it is down.
    #[serde(default)]
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use assay_sdk::http::Response;

    use super::*;
    use crate::answer;

    #[test]
    fn health_is_read_in_both_shapes() {
        let reference = r#"{"success":true,"data":{"service":"project-service","version":"0.1.0","status":"healthy","port":8001,
            "uptimeSeconds":1.5,"dependencies":{"cache":{"status":"up","url":"redis://h","required":false,"latencyMs":0.2,"error":null}}}}"#;
        let original = r#"{"success":true,"data":{"service_name":"project-service","status":"healthy","version":"1.0.0","details":{}}}"#;
        for (body, dependencies) in [(reference, 1), (original, 0)] {
            let health: Health = answer::data(&Response::for_tests(200, &[], body)).unwrap();
            assert_eq!(
                (health.service.as_str(), health.dependencies.len()),
                ("project-service", dependencies)
            );
        }
    }
}
