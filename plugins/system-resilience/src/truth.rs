//! Health and readiness have to tell the truth, during a fault and after it.

use assay_client::{Api, Health, Service, User, data};
use assay_sdk::http::Response;
use assay_sdk::prelude::*;
use serde_json::Value;

use crate::faults::{CACHE, PROJECT_SERVICE, VECTOR_STORE};

/// How long a service may take to notice. Each answer asks anew; this is for connections that have to be found broken.
const NOTICED: Duration = Duration::from_secs(2);

/// What a service says of itself, in both ways.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    /// The status code of its health, and what it says.
    health: (u16, String),
    /// What it calls down.
    down: Vec<String>,
    /// The status code of its readiness, and what it says.
    ready: (u16, bool),
    /// What it misses.
    missing: Vec<String>,
}

/// How a service is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Condition {
    /// It has all that it uses.
    Well,
    /// It does without something.
    Without(&'static str),
    /// It cannot work without something that is missing.
    Unable(&'static str),
}

impl Condition {
    fn truth(self) -> Told {
        let (status, word, missing, down) = match self {
            Self::Well => (200, "healthy", None, None),
            Self::Without(name) => (200, "degraded", None, Some(name)),
            Self::Unable(name) => (503, "unhealthy", Some(name), Some(name)),
        };
        let names = |name: Option<&str>| name.map(str::to_owned).into_iter().collect();
        Told {
            health: (status, word.to_owned()),
            down: names(down),
            ready: (status, missing.is_none()),
            missing: names(missing),
        }
    }
}

/// Both services have all that they use.
pub(crate) async fn ensure_all_well(api: &Api) -> Result<()> {
    ensure_told(api, Service::Project, Condition::Well).await?;
    ensure_told(api, Service::Generation, Condition::Well).await
}

/// Both services do without the cache.
pub(crate) async fn ensure_without_cache(api: &Api) -> Result<()> {
    ensure_told(api, Service::Project, Condition::Without(CACHE)).await?;
    ensure_told(api, Service::Generation, Condition::Without(CACHE)).await
}

/// The project service cannot work, and so neither can the generation service.
pub(crate) async fn ensure_without_vector_store(api: &Api) -> Result<()> {
    ensure_told(api, Service::Project, Condition::Unable(VECTOR_STORE)).await?;
    ensure_told(api, Service::Generation, Condition::Unable(PROJECT_SERVICE)).await
}

/// Health and readiness of a service soon say how it is, and agree with one another.
pub(crate) async fn ensure_told(api: &Api, service: Service, condition: Condition) -> Result<()> {
    let (user, name) = (api.user("operator"), service.name());
    eventually(NOTICED, || async {
        let told = ask(&user, service).await?;
        ensure_eq!(told, condition.truth(), "{name} tells how it is");
        Ok(())
    })
    .await
}

async fn ask(user: &User, service: Service) -> Result<Told> {
    let (health, readiness) =
        assay_sdk::try_join(get(user, service, "/health"), get(user, service, "/readyz")).await?;
    told(&health, &readiness)
}

async fn get(user: &User, service: Service, path: &str) -> Result<Response> {
    let url = format!("{}{path}", user.api().base(service));
    Ok(user.request_to("GET", url).send().await?)
}

fn told(health: &Response, readiness: &Response) -> Result<Told> {
    let said: Health = data(health)?;
    let ready: Value = data(readiness)?;
    let missing = ready["missing"].as_array().into_iter().flatten();
    let down = said.dependencies.into_iter();
    Ok(Told {
        health: (health.status(), said.status),
        down: down
            .filter(|(_, dependency)| dependency.status != "up")
            .map(|(name, _)| name)
            .collect(),
        ready: (readiness.status(), ready["ready"] == true),
        missing: missing
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(status: u16, word: &str, down: &str) -> Response {
        let body = format!(
            r#"{{"success":true,"data":{{"service":"s","version":"1","status":"{word}","dependencies":{{
                "cache":{{"status":"up"}},"vector-store":{{"status":"{down}"}}}}}}}}"#
        );
        Response::for_tests(status, &[], body)
    }

    fn readiness(status: u16, ready: bool, missing: &str) -> Response {
        let body =
            format!(r#"{{"success":true,"data":{{"ready":{ready},"missing":[{missing}]}}}}"#);
        Response::for_tests(status, &[], body)
    }

    #[test]
    fn the_truth_is_what_both_ways_say() {
        let well = told(&health(200, "healthy", "up"), &readiness(200, true, "")).unwrap();
        assert_eq!(well, Condition::Well.truth());
        let unable = told(
            &health(503, "unhealthy", "down"),
            &readiness(503, false, r#""vector-store""#),
        );
        assert_eq!(unable.unwrap(), Condition::Unable(VECTOR_STORE).truth());
        let without = told(&health(200, "degraded", "down"), &readiness(200, true, "")).unwrap();
        assert_eq!(without, Condition::Without(VECTOR_STORE).truth());
    }

    #[test]
    fn health_that_is_constant_or_contradicts_itself_is_never_the_truth_of_an_outage() {
        let truth = Condition::Unable(VECTOR_STORE).truth();
        for (health, readiness) in [
            (health(200, "healthy", "up"), readiness(200, true, "")),
            (health(503, "unhealthy", "down"), readiness(200, true, "")),
            (
                health(200, "unhealthy", "down"),
                readiness(503, false, r#""vector-store""#),
            ),
            (
                health(503, "unhealthy", "up"),
                readiness(503, false, r#""vector-store""#),
            ),
            (
                health(503, "unhealthy", "down"),
                readiness(503, false, r#""cache""#),
            ),
        ] {
            assert_ne!(told(&health, &readiness).unwrap(), truth);
        }
    }
}
