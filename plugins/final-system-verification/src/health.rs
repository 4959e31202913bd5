//! Health, readiness and liveness: fast when all is well, and honest when it is not.

use assay_client::{Api, Health, Refusal, Service, User, data};
use assay_sdk::http::Response;
use assay_sdk::metrics::Unit;
use assay_sdk::prelude::*;
use serde::Deserialize;

/// How often each endpoint is asked for the baseline.
const SAMPLES: u64 = 20;
/// The figure that the baseline is judged by.
const FIGURE: &str = "health_response_seconds";

/// How long two answers may differ for what is late once.
const SETTLED: Duration = Duration::from_secs(5);

/// What `/readyz` says.
#[derive(Debug, Deserialize)]
struct Readiness {
    ready: bool,
    missing: Vec<String>,
}

/// Asks for health: the status of the answer, and what is said with it.
pub(crate) async fn ask(user: &User, base: &str) -> Result<(u16, Health)> {
    let response = get(user, base, "/health").await?;
    Ok((response.status(), data(&response)?))
}

async fn get(user: &User, base: &str, path: &str) -> Result<Response> {
    let url = format!("{base}{path}");
    Ok(user.request_to("GET", url).send().await?)
}

/// Health and readiness of both services answer well and fast: the p95 of the slowest of the four is judged
#[case(tags = ["health", "baseline"], timeout = "60s", needs = ["project-service", "generation-service"], exclusive)]
async fn health_and_readiness_answer_in_time(api: Api) -> Result<()> {
    let user = api.user("operator").keeping_connections();
    let mut slowest: f64 = 0.0;
    for service in [Service::Project, Service::Generation] {
        for path in ["/health", "/readyz"] {
            let p95 = measure(&user, &api, service, path).await?;
            slowest = slowest.max(p95);
        }
    }
    metrics::judge("health-response", slowest * 1e3, SAMPLES)?;
    Ok(())
}

/// The p95 of one endpoint in seconds; each answer has to be a good one.
async fn measure(user: &User, api: &Api, service: Service, path: &str) -> Result<f64> {
    let labels = [("service", service.name()), ("path", path)];
    for _ in 0..SAMPLES {
        let response = get(user, api.base(service), path).await?;
        ensure_eq!(
            response.status(),
            200,
            "{path} of {} is good",
            service.name()
        );
        let took = response.timings().total.as_secs_f64();
        metrics::observe(FIGURE, &labels, took, Unit::Seconds)?;
    }
    let summary = metrics::summarize(FIGURE, &labels);
    Ok(summary.context("there are samples")?.p95)
}

/// What a service is called, how it is and where, as one path tells it.
type Told = (String, String, Option<u16>);

/// What both paths of a service's health say. Each answer asks anew, so that what is late once, on a busy machine, is missing in one
/// answer: they may differ for a moment, and not for long.
async fn both_paths(user: &User, base: &str) -> Result<(Told, Told)> {
    let told = async |path| {
        let health: Health = data(&get(user, base, path).await?)?;
        Ok::<Told, Problem>((health.service, health.status, health.port))
    };
    eventually(SETTLED, || async {
        let (here, there) = (told("/health").await?, told("/api/v1/health").await?);
        ensure_eq!(here, there, "both paths say the same");
        Ok((here, there))
    })
    .await
}

/// A service that lives is live, ready and healthy under both paths of its health, and the former path leads there
#[case(tags = ["health"], timeout = "20s", needs = ["project-service", "generation-service"])]
async fn every_path_of_health_says_the_same(api: Api) -> Result<()> {
    let user = api.user("operator");
    for service in [Service::Project, Service::Generation] {
        let (name, base) = (service.name(), api.base(service));
        let under_api = get(&user, base, "/api/v1/health").await?;
        check_eq!(under_api.status(), 200, "{name} is healthy under the API");
        let (here, there) = both_paths(&user, base).await?;
        check_eq!(here, there, "both paths of {name} say the same");
        let former = user
            .request_to("GET", format!("{base}/healthz"))
            .redirects(0)
            .send()
            .await?;
        check_eq!(
            (former.status(), former.header("location")),
            (307, Some("/health")),
            "the former path of {name} leads to its health"
        );
        let readiness: Readiness = data(&get(&user, base, "/readyz").await?)?;
        check!(readiness.ready, "{name} is ready");
        check_eq!(
            readiness.missing,
            Vec::<String>::new(),
            "{name} misses nothing"
        );
        let live = get(&user, base, "/livez").await?;
        check_eq!(live.status(), 200, "{name} is live");
    }
    Ok(())
}

/// A service whose vector store and cache are not there lives, but is neither ready nor healthy, and says what it misses
#[case(tags = ["health", "outage"], timeout = "20s", needs = ["project-service-detached"])]
async fn a_service_without_its_stores_says_so(api: Api) -> Result<()> {
    let user = api.user("operator");
    let base = context::service_url("project-service-detached")?;
    let response = get(&user, &base, "/health").await?;
    check_unavailable(&response, "health");
    let health: Health = data(&response)?;
    check_eq!(health.status, "unhealthy");
    let down: Vec<(&str, &str, bool)> = health
        .dependencies
        .iter()
        .map(|(name, dependency)| {
            let explained = dependency.error.is_some();
            (name.as_str(), dependency.status.as_str(), explained)
        })
        .collect();
    check_eq!(
        down,
        [("cache", "down", true), ("vector-store", "down", true)],
        "both stores are down, with a reason"
    );

    let response = get(&user, &base, "/readyz").await?;
    check_unavailable(&response, "readiness");
    let readiness: Readiness = data(&response)?;
    check!(!readiness.ready, "it is not ready");
    check_eq!(
        readiness.missing,
        ["vector-store"],
        "it names what it needs, and not what it can do without"
    );
    let live = get(&user, &base, "/livez").await?;
    check_eq!(live.status(), 200, "it lives all the same");
    Ok(())
}

/// An answer that says what is missing, and when to come back.
fn check_unavailable(response: &Response, what: &str) {
    check_eq!(response.status(), 503, "{what} is 503");
    let code = Refusal::of(response).and_then(|refusal| refusal.code);
    check_eq!(
        code.as_deref(),
        Some("VECTOR_STORE_UNAVAILABLE"),
        "{what} names the lack"
    );
    check!(
        response.header("retry-after").is_some(),
        "{what} says when to ask again"
    );
}
