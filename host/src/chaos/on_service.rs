//! Faults on services: done through the service's [`Control`], and looked at from outside before anybody believes in them.

use std::{sync::Arc, time::Duration};

use tokio::net::TcpStream;

use super::{
    act::Act,
    error::ChaosError,
    fault::{Effect, Fault, Met},
    health,
};
use crate::{
    environment::{
        Environment,
        control::{Control, ControlError, Special, State},
        probe::host_and_port,
        question::Question,
    },
    link::{self, Action, FaultId, Link},
};

/// How long a service that is frozen, or cut off, is given to answer nevertheless. Those of this machine answer within a few
/// milliseconds.
pub(super) const SILENCE: Duration = Duration::from_millis(50);

/// Whether the service can have the fault at all. One that it cannot have was never begun: nothing is noted or told of it.
pub(super) fn check(fault: &Fault, service: &str) -> Result<(), ChaosError> {
    let control = fault.shared.environment.control(service)?;
    match fault.order.act {
        Act::Disconnect => control.check(Special::Disconnect)?,
        Act::LimitMemory(bytes) => control.check(Special::LimitMemory(bytes))?,
        Act::LimitCpu(cores) => control.check(Special::LimitCpu(cores))?,
        _ => {}
    }
    Ok(())
}

/// Makes a fault, and returns when it shows.
pub(super) async fn make(
    fault: &Arc<Fault>,
    service: &str,
    effect: &mut Effect,
) -> Result<(), ChaosError> {
    let environment = &fault.shared.environment;
    let control = environment.control(service)?;
    fault.count(Met::OnService(observe(environment, service)));
    *effect = Effect::Service;
    let made = act(control, &fault.order.act, effect).await;
    if made.as_ref().is_err_and(has_changed_nothing) {
        *effect = Effect::None;
    }
    made.map_err(|error| ChaosError::of_control(&fault.order, error))?;
    let seen = confirm(environment, service, control, &fault.order.act).await;
    seen.map_err(|seen| ChaosError::NotConfirmed {
        order: fault.order.to_string(),
        seen,
    })
}

async fn act(control: &dyn Control, act: &Act, effect: &mut Effect) -> Result<(), ControlError> {
    match act {
        Act::Stop => control.stop().await,
        Act::Kill(signal) => control.kill(signal).await,
        Act::Pause => control.pause().await,
        Act::Restart => {
            let start = control.restart().await?;
            *effect = Effect::Restarted(start);
            Ok(())
        }
        Act::Disconnect => control.disconnect(None).await,
        Act::LimitMemory(bytes) => control.limit_memory(*bytes).await,
        Act::LimitCpu(cores) => control.limit_cpu(*cores).await,
        Act::OnLink(_) => unreachable!("an order for a service is checked when it is taken"),
    }
}

/// The service is as it was before it was asked to change.
fn has_changed_nothing(error: &ControlError) -> bool {
    matches!(
        error,
        ControlError::Unknown { .. }
            | ControlError::NotStarted { .. }
            | ControlError::UnknownSignal { .. }
            | ControlError::Impossible { .. }
            | ControlError::NotRunning { .. }
            | ControlError::Down { .. }
    )
}

/// Looks at the service from outside; the error says what shows instead of the fault.
async fn confirm(
    environment: &Environment,
    service: &str,
    control: &dyn Control,
    act: &Act,
) -> Result<(), String> {
    let expected = match act {
        Act::Stop | Act::Kill(_) => State::Stopped,
        Act::Pause => State::Paused,
        Act::Disconnect => State::Unreachable,
        // The engine showed the limit already, and what follows of it is for the suite to see.
        Act::LimitMemory(_) | Act::LimitCpu(_) => return Ok(()),
        Act::Restart | Act::OnLink(_) => State::Running,
    };
    let state = control.state().await;
    if state != expected {
        return Err(format!("the service is {state:?}, and not {expected:?}").to_lowercase());
    }
    match expected {
        State::Stopped if connect(environment, service).await.is_some() => {
            Err("its address accepts connections".to_owned())
        }
        State::Paused | State::Unreachable if answers(environment, service).await => {
            Err("it answers nevertheless".to_owned())
        }
        _ => Ok(()),
    }
}

async fn connect(environment: &Environment, service: &str) -> Option<TcpStream> {
    let url = environment.url(service)?;
    TcpStream::connect(host_and_port(url).ok()?).await.ok()
}

/// Whether it answers a question within [`SILENCE`]; one that cannot be asked does not.
async fn answers(environment: &Environment, service: &str) -> bool {
    let known = environment.url(service).zip(environment.readiness(service));
    let question = known.and_then(|(url, readiness)| Question::new(url, readiness));
    match question {
        Some(question) => {
            let connecting = async { connect(environment, service).await };
            question.is_answered_within(SILENCE, connecting).await
        }
        None => false,
    }
}

/// Whatever became of the service meanwhile: afterwards it is on its networks, has its own limits, runs and is healthy.
pub(super) async fn undo(fault: &Fault, service: &str) -> Result<(), ChaosError> {
    let environment = &fault.shared.environment;
    let control = environment.control(service)?;
    match fault.order.act {
        Act::Disconnect => drop(control.connect(None).await?),
        Act::LimitMemory(_) | Act::LimitCpu(_) => control.lift_limits().await?,
        _ => {}
    }
    let undone = match control.state().await {
        State::Stopped => control.start().await,
        State::Paused => control.resume().await,
        State::Running | State::Starting | State::Unreachable => {
            return health::of_service(fault, service).await;
        }
    };
    undone.map(drop).map_err(ChaosError::from)
}

/// Lets the links over which other services connect to this one count what meets its fault. What the suites send is counted as
/// requests.
fn observe(environment: &Environment, service: &str) -> Vec<(Arc<str>, FaultId)> {
    let links = environment.links();
    let links = links.filter(|link| link.to == service && !link.is_of_client);
    let observers = links.filter_map(|link| {
        let id = link.link.apply(Action::Observe).ok()?;
        Some((Arc::from(&*link.name), id))
    });
    observers.collect()
}

/// Connections that these links have counted so far.
pub(super) fn observed(fault: &Fault, observers: &[(Arc<str>, FaultId)]) -> u64 {
    each(fault, observers, Link::met)
}

/// The same, for good.
pub(super) fn end_observing(fault: &Fault, observers: &[(Arc<str>, FaultId)]) -> u64 {
    each(fault, observers, Link::heal)
}

fn each(
    fault: &Fault,
    observers: &[(Arc<str>, FaultId)],
    ask: impl Fn(&Link, FaultId) -> Option<link::Met>,
) -> u64 {
    let met = observers.iter().filter_map(|(name, id)| {
        let open = fault.shared.environment.link(name).ok()?;
        ask(&open.link, *id)
    });
    met.map(|met| met.connections).sum()
}
