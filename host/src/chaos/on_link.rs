//! Faults on links, made by the link's proxy and seen by a probe that connects as the users of the link do.
//!
//! A probe sees a reset (`refuse`, `reset`, `drop-first`) and a silence (`disconnect`, `blackhole`, and `latency` as far as it is
//! longer than its jitter). What shows only to much traffic or after a while (`bandwidth`, `cut-after-bytes`, `cut-after-ms`,
//! `slow-close`), on a link whose service cannot be asked anything, or to no connection at all (a share of 0), is confirmed by the
//! table that the proxy works by.

use std::{io, time::Duration};

use tokio::{io::AsyncReadExt as _, net::TcpStream, time::timeout};

use super::{
    act::{Act, Order},
    error::ChaosError,
    fault::{Effect, Fault, Met},
    health,
    on_service::SILENCE,
};
use crate::{
    environment::{OpenLink, question::Question},
    link::{Action, Direction, FaultId},
};

/// How long a reset may take to show.
const RESET_PATIENCE: Duration = Duration::from_secs(2);

/// Makes a fault, and returns when it shows.
pub(super) async fn make(fault: &Fault, name: &str, effect: &mut Effect) -> Result<(), ChaosError> {
    let open = fault.shared.environment.link(name)?;
    let action = match fault.order.act {
        Act::OnLink(action) => action,
        _ => Action::Blackhole, // `disconnect`: nothing passes, in neither direction
    };
    let link_fault = fault.shared.link_fault(&fault.order, action);
    let id = open.link.apply(link_fault).map_err(|problem| {
        let order = fault.order.to_string();
        ChaosError::LinkFault { order, problem }
    })?;
    *effect = Effect::Link(id);
    fault.count(Met::OnLink(id));
    let seen = confirm(fault, open, action, id).await;
    seen.map_err(|seen| ChaosError::NotConfirmed {
        order: fault.order.to_string(),
        seen: seen.to_owned(),
    })
}

/// How a fault shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    /// A new connection is reset.
    Reset,
    /// A question is not answered for so long.
    Silence(Duration),
    /// It does not show to a single connection at once.
    Table,
}

fn sight(order: &Order, action: Action) -> Sight {
    if order.options.share <= 0.0 {
        return Sight::Table;
    }
    match action {
        Action::Refuse | Action::Reset | Action::DropFirst(1..) => Sight::Reset,
        Action::Blackhole => Sight::Silence(SILENCE),
        Action::Latency(delay) => {
            let least = delay.milliseconds.saturating_sub(delay.jitter);
            let ways = match order.options.direction {
                Direction::Both => 2,
                Direction::Upstream | Direction::Downstream => 1,
            };
            match Duration::from_millis(least.into()) * ways {
                Duration::ZERO => Sight::Table,
                delay => Sight::Silence(delay.min(SILENCE)),
            }
        }
        Action::DropFirst(0)
        | Action::Bandwidth(_)
        | Action::CutAfterBytes(_)
        | Action::CutAfterMs(_)
        | Action::SlowClose(_)
        | Action::Observe => Sight::Table,
    }
}

async fn confirm(
    fault: &Fault,
    open: &OpenLink,
    action: Action,
    id: FaultId,
) -> Result<(), &'static str> {
    let (shows, otherwise) = match sight(&fault.order, action) {
        Sight::Reset => (
            is_reset(open.link.probe().await).await,
            "a connection over the link is not reset",
        ),
        Sight::Silence(least) => (
            !answers_within(fault, open, least).await,
            "a question over the link is answered at once",
        ),
        Sight::Table => (
            open.link.met(id).is_some(),
            "the proxy of the link does not know it",
        ),
    };
    shows.then_some(()).ok_or(otherwise)
}

async fn is_reset(probe: io::Result<TcpStream>) -> bool {
    let end = match probe {
        Ok(mut connection) => {
            let reading = timeout(RESET_PATIENCE, connection.read_u8());
            reading.await.ok().and_then(Result::err)
        }
        Err(error) => Some(error),
    };
    end.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
}

/// Whether the service says anything over the link so soon. One that cannot be asked, or is not there, does not.
async fn answers_within(fault: &Fault, open: &OpenLink, least: Duration) -> bool {
    let Some(question) = question(fault, open) else {
        return false;
    };
    let connecting = async { open.link.probe().await.ok() };
    question.is_answered_within(least, connecting).await
}

/// What the service at the end of the link can be asked over it.
pub(super) fn question(fault: &Fault, open: &OpenLink) -> Option<Question> {
    let readiness = fault.shared.environment.readiness(&open.to)?;
    Question::new(&open.url, readiness)
}

/// Heals, and waits until the service is healthy through the link; answers whether that was seen.
pub(super) async fn undo(fault: &Fault, name: &str, id: FaultId) -> Result<bool, ChaosError> {
    let open = fault.shared.environment.link(name)?;
    let met = open.link.heal(id).unwrap_or_default().connections;
    fault.count(Met::InAll(met));
    if met == 0 && !fault.order.options.may_be_idle {
        fault.fail_check("met traffic", "at least 1 connection", "none");
    }
    health::through_link(fault, open).await
}

/// Connections that met an active fault so far.
pub(super) fn met(fault: &Fault, name: &str, id: FaultId) -> u64 {
    let link = fault.shared.environment.link(name);
    let met = link.ok().and_then(|open| open.link.met(id));
    met.map_or(0, |met| met.connections)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chaos::{Options, Target},
        link::Delay,
    };

    #[test]
    fn a_fault_is_looked_at_where_it_shows() {
        let latency = |milliseconds, jitter| {
            Action::Latency(Delay {
                milliseconds,
                jitter,
            })
        };
        let silence = |milliseconds| Sight::Silence(Duration::from_millis(milliseconds));
        let both = Options::default();
        let none = Options { share: 0.0, ..both };
        let one_way = Options {
            direction: Direction::Upstream,
            ..both
        };
        for (action, options, expected) in [
            (Action::Refuse, both, Sight::Reset),
            (Action::Refuse, none, Sight::Table),
            (Action::DropFirst(1), both, Sight::Reset),
            (Action::DropFirst(0), both, Sight::Table),
            (Action::Blackhole, one_way, silence(50)),
            (latency(20, 10), both, silence(20)),
            (latency(20, 10), one_way, silence(10)),
            (latency(5_000, 0), one_way, silence(50)),
            (latency(20, 20), both, Sight::Table),
            (Action::Bandwidth(1), both, Sight::Table),
            (Action::CutAfterMs(1), both, Sight::Table),
        ] {
            let order = Order {
                target: Target::Link("a->b".to_owned()),
                act: Act::OnLink(action),
                options,
            };
            assert_eq!(sight(&order, action), expected, "{order:?}");
        }
    }
}
