//! That every service is up after the start, with everything it depends on.

use std::collections::BTreeMap;

use assay_client::{Api, Health, Service, User};
use assay_sdk::prelude::*;
use serde_json::Value;

use crate::health;

/// A dependency by name, and whether the service needs it.
type Expected = [(&'static str, bool)];

/// The project service is up on its port, with the vector store, which it needs, and the cache, which it can do without
#[case(tags = ["startup"], timeout = "20s", needs = ["project-service"])]
async fn the_project_service_starts_with_its_stores(api: Api) -> Result<()> {
    let expected = [("cache", false), ("vector-store", true)];
    check_started(&api, Service::Project, &expected).await
}

/// The generation service is up on its port, with the project service, which it needs, and the cache, which it can do without
#[case(tags = ["startup"], timeout = "20s", needs = ["generation-service"])]
async fn the_generation_service_starts_with_the_project_service(api: Api) -> Result<()> {
    let expected = [("cache", false), ("project-service", true)];
    check_started(&api, Service::Generation, &expected).await
}

/// The vector store answers by itself, and not only in the words of the project service
#[case(tags = ["startup"], timeout = "20s", needs = ["vector-store"])]
async fn the_vector_store_answers(api: Api) -> Result<()> {
    let user = api.user("operator");
    let base = context::service_url("vector-store")?;
    let beat: BTreeMap<String, u64> = user
        .request_to("GET", format!("{base}/api/v2/heartbeat"))
        .send()
        .await?
        .expect_status(200)?
        .json()?;
    check!(
        beat.contains_key("nanosecond heartbeat"),
        "it says what time it has: {beat:?}"
    );
    let version: String = user
        .request_to("GET", format!("{base}/api/v2/version"))
        .send()
        .await?
        .expect_status(200)?
        .json()?;
    check!(!version.is_empty(), "it says its version");
    Ok(())
}

async fn check_started(api: &Api, service: Service, expected: &Expected) -> Result<()> {
    let user = api.user("operator");
    let base = api.base(service);
    let (status, health) = health::ask(&user, base).await?;
    check_eq!(status, 200, "{} answers that it works", service.name());
    check_eq!(health.status, "healthy");
    check_eq!(health.service, service.name(), "it says its name");
    check_eq!(
        health.version,
        documented_version(&user, base).await?,
        "its health and its documentation say the same version"
    );
    if let Some(port) = port_of(base) {
        check_eq!(health.port, Some(port), "it says its own port");
    }
    check!(
        health.uptime_seconds.is_some(),
        "it says since when it is up"
    );
    check_dependencies(&health, expected);
    Ok(())
}

fn check_dependencies(health: &Health, expected: &Expected) {
    let names: Vec<&str> = health.dependencies.keys().map(String::as_str).collect();
    let expected_names: Vec<&str> = expected.iter().map(|&(name, _)| name).collect();
    check_eq!(names, expected_names, "it names all that it depends on");
    for (name, dependency) in &health.dependencies {
        check_eq!(dependency.status, "up", "{name} is up");
        check_eq!(dependency.error, None, "there is no mistake with {name}");
        check!(
            dependency.latency_ms.is_some_and(|latency| latency >= 0.0),
            "it was asked how long {name} takes: {:?}",
            dependency.latency_ms
        );
        check!(
            dependency.url.as_deref().is_some_and(|url| !url.is_empty()),
            "it says where {name} is: {:?}",
            dependency.url
        );
        let needed = expected.iter().find(|(expected, _)| expected == name);
        check_eq!(
            Some(dependency.required),
            needed.map(|&(_, required)| required),
            "it says whether it needs {name}"
        );
    }
}

/// The version in the service's `OpenAPI` document.
async fn documented_version(user: &User, base: &str) -> Result<String> {
    let document: Value = user
        .request_to("GET", format!("{base}/openapi.json"))
        .send()
        .await?
        .expect_status(200)?
        .json()?;
    let version = document["info"]["version"].as_str();
    version
        .map(str::to_owned)
        .context("the document has the version of the service")
}

/// The port in a base URL; none if it has none of its own.
fn port_of(base: &str) -> Option<u16> {
    let (_, authority) = base.split_once("://")?;
    let (_, port) = authority.split('/').next()?.rsplit_once(':')?;
    port.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_found_where_there_is_one() {
        for (base, port) in [
            ("http://127.0.0.1:8001", Some(8001)),
            ("http://[::1]:80", Some(80)),
            ("http://host:9/path", Some(9)),
            ("http://host", None),
            ("http://[::1]", None),
            ("host:80", None),
        ] {
            assert_eq!(port_of(base), port, "{base}");
        }
    }
}
