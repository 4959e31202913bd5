//! When a service is healthy again after a heal, as fine as a few milliseconds.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::{error::ChaosError, fault::Fault, on_link};
use crate::environment::{OpenLink, question::Question};

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(2);
/// How long the first question may take. What was sent into the fault may be lost, so it is asked anew soon.
const FIRST_PATIENCE: Duration = Duration::from_millis(50);
/// How long later ones may take, for a service that needs its time to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What one question for health showed.
enum Seen {
    Healthy,
    /// Not yet, and why.
    Not(String),
}

/// Waits until a service is healthy at its own address, as long as its start may take.
pub(super) async fn of_service(fault: &Fault, service: &str) -> Result<(), ChaosError> {
    let mut health = Health::of(fault, service);
    loop {
        let seen = health.look(|| at_its_address(fault, service)).await;
        let Seen::Not(problem) = seen else {
            return Ok(());
        };
        health.wait(problem).await?;
    }
}

/// Waits until the service at the end of a link is healthy through the link, and answers whether that was seen. With another fault in the
/// way nobody can tell: then it is enough that the healed one is gone from the link.
pub(super) async fn through_link(fault: &Fault, open: &OpenLink) -> Result<bool, ChaosError> {
    // One that cannot be asked over its link, because the host knows no question or it speaks TLS, is asked at its own address.
    let question = on_link::question(fault, open);
    let question = question.as_ref();
    let ask = || async move {
        match question {
            Some(question) => over_link(open, question).await,
            None => at_its_address(fault, &open.to).await,
        }
    };
    let mut health = Health::of(fault, &open.to);
    loop {
        let Seen::Not(problem) = health.look(ask).await else {
            return Ok(true);
        };
        let is_on_link = question.is_some();
        if fault.shared.is_silenced(&open.to) || (is_on_link && open.link.is_silenced()) {
            return Ok(false);
        }
        let waited = health.wait(problem).await;
        if waited.is_err() && is_on_link && open.link.is_disturbed() {
            return Ok(false);
        }
        waited?;
    }
}

async fn at_its_address(fault: &Fault, service: &str) -> Result<(), String> {
    let environment = &*fault.shared.environment;
    let known = environment.url(service).zip(environment.readiness(service));
    let (url, readiness) = known.ok_or("the environment does not have it")?;
    environment.probe().ask(url, readiness).await
}

async fn over_link(open: &OpenLink, question: &Question) -> Result<(), String> {
    let connecting = open.link.probe().await;
    let mut connection = connecting.map_err(|error| error.to_string())?;
    question.ask(&mut connection).await
}

/// A service that is asked until it is healthy.
struct Health<'a> {
    fault: &'a Fault,
    service: &'a str,
    within: Duration,
    deadline: Instant,
    patience: Duration,
}

impl<'a> Health<'a> {
    fn of(fault: &'a Fault, service: &'a str) -> Self {
        let readiness = fault.shared.environment.readiness(service);
        let within = readiness.map_or(Duration::ZERO, |readiness| readiness.within);
        Self {
            fault,
            service,
            within,
            deadline: Instant::now() + within,
            patience: FIRST_PATIENCE,
        }
    }

    /// Asks once.
    async fn look<Asking: Future<Output = Result<(), String>>>(
        &self,
        ask: impl Fn() -> Asking,
    ) -> Seen {
        let left = self.deadline.saturating_duration_since(Instant::now());
        match timeout(self.patience.min(left), ask()).await {
            Ok(Ok(())) => Seen::Healthy,
            Ok(Err(problem)) => Seen::Not(problem),
            Err(_) => Seen::Not(format!("no answer within {:?}", self.patience)),
        }
    }

    /// Waits for the next time to ask. Fails with the problem when there is none.
    async fn wait(&mut self, problem: String) -> Result<(), ChaosError> {
        if Instant::now() >= self.deadline {
            return Err(ChaosError::NotHealthy {
                order: self.fault.order.to_string(),
                service: self.service.to_owned(),
                within: self.within,
                problem,
            });
        }
        sleep(PAUSE).await;
        self.patience = (self.patience * 2).min(PATIENCE);
        Ok(())
    }
}
