//! Faults as this suite makes them, and the time that it takes to recover from each.

use assay_client::Service;
use assay_sdk::chaos::{Action, Error, Fault, Link};
use assay_sdk::metrics::Unit;
use assay_sdk::prelude::*;

/// The name of the cache in the environment.
pub(crate) const CACHE: &str = "cache";
/// The name of the vector store in the environment.
pub(crate) const VECTOR_STORE: &str = "vector-store";
/// The name of the project service in the environment.
pub(crate) const PROJECT_SERVICE: &str = Service::Project.name();
/// The name of the generation service in the environment.
pub(crate) const GENERATION_SERVICE: &str = Service::Generation.name();

/// `kill -9`.
pub(crate) fn kill() -> Action {
    Action::Kill("KILL".to_owned())
}

/// Makes a fault on a service.
pub(crate) async fn on_service(service: &str, action: Action) -> Result<Fault> {
    chaos::service(service)
        .inject(action)
        .await
        .map_err(problem)
}

/// Makes a fault on a link.
pub(crate) async fn on_link(link: &Link, action: Action) -> Result<Fault> {
    link.inject(action).await.map_err(problem)
}

/// An environment that has no such link, or cannot do that to one or to a service, cannot show what the case looks for.
fn problem(error: Error) -> Problem {
    match error {
        Error::Unsupported(_) | Error::UnknownService(_) => Problem::skipped(error.to_string()),
        error => error.into(),
    }
}

/// Heals a fault, asks the first question afterwards until it is answered, and judges the time from the heal to the end of the first
/// request that succeeded.
pub(crate) async fn recover<T, Asking>(
    fault: Fault,
    baseline: &str,
    ask: impl FnMut() -> Asking,
) -> Result<T>
where
    Asking: Future<Output = Result<T>>,
{
    let recovery = fault.heal().await?;
    let answer = eventually(crate::promises::PATIENCE, ask).await?;
    let success = recovery
        .first_success()
        .context("the time from the heal to the first success")?;
    let labels = [("baseline", baseline)];
    let healthy = recovery.healthy()?.as_secs_f64();
    metrics::observe("healthy_after_seconds", &labels, healthy, Unit::Seconds)?;
    metrics::judge(baseline, success.as_secs_f64() * 1e3, 1)?;
    Ok(answer)
}
