//! When a service is healthy again after a heal, as fine as a few milliseconds.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::{error::ChaosError, fault::Fault, on_link};
use crate::environment::OpenLink;

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(2);
/// How long the first question may take. What was sent into the fault may be lost, so it is asked anew soon.
const FIRST_PATIENCE: Duration = Duration::from_millis(50);
/// How long later ones may take, for a service that needs its time to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Waits until a service is healthy at its own address, as long as its start may take.
pub(super) async fn of_service(fault: &Fault, service: &str) -> Result<(), ChaosError> {
    let environment = &*fault.shared.environment;
    wait(fault, service, move || async move {
        let known = environment.url(service).zip(environment.readiness(service));
        let (url, readiness) = known.ok_or("the environment does not have it")?;
        environment.probe().ask(url, readiness).await
    })
    .await
}

/// Waits until the service at the end of a link is healthy through the link. While another fault is in its way, nobody can tell: then it
/// is enough that the healed one is gone from the link.
pub(super) async fn through_link(fault: &Fault, open: &OpenLink) -> Result<(), ChaosError> {
    tokio::select! {
        biased;
        () = other_fault(fault, open) => Ok(()),
        healthy = is_healthy_through(fault, open) => healthy,
    }
}

/// Waits until another fault is on the link, or keeps its service from answering anybody.
async fn other_fault(fault: &Fault, open: &OpenLink) {
    while !open.link.is_disturbed() && !fault.shared.is_silenced(&open.to) {
        sleep(PAUSE).await;
    }
}

/// One that cannot be asked over its link, because the host knows no question or it speaks TLS, is asked at its own address.
async fn is_healthy_through(fault: &Fault, open: &OpenLink) -> Result<(), ChaosError> {
    let Some(question) = on_link::question(fault, open) else {
        return of_service(fault, &open.to).await;
    };
    let question = &question;
    wait(fault, &open.to, move || async move {
        let connecting = open.link.probe().await;
        let mut connection = connecting.map_err(|error| error.to_string())?;
        question.ask(&mut connection).await
    })
    .await
}

async fn wait<Asking: Future<Output = Result<(), String>>>(
    fault: &Fault,
    service: &str,
    ask: impl Fn() -> Asking,
) -> Result<(), ChaosError> {
    let readiness = fault.shared.environment.readiness(service);
    let within = readiness.map_or(Duration::ZERO, |readiness| readiness.within);
    let deadline = Instant::now() + within;
    let mut patience = FIRST_PATIENCE;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let asked = timeout(patience.min(left), ask()).await;
        let problem = match asked {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(problem)) => problem,
            Err(_) => format!("no answer within {patience:?}"),
        };
        if Instant::now() >= deadline {
            return Err(ChaosError::NotHealthy {
                order: fault.order.to_string(),
                service: service.to_owned(),
                within,
                problem,
            });
        }
        sleep(PAUSE).await;
        patience = (patience * 2).min(PATIENCE);
    }
}
