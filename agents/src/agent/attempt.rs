//! One attempt at a shard: from the delivery over the claim to the last word.

use std::{convert::Infallible, time::Duration};

use async_nats::jetstream::{AckKind, Message};
use tokio::{
    task::{JoinError, JoinSet},
    time::sleep,
};

use super::{
    claims,
    membership::Membership,
    outbox::Outbox,
    teller::{Listener, pair},
    tenure::Stops,
};
use crate::{
    clock,
    error::NatsError,
    message::{Claim, Verdict, Waiting, decode},
    shard::{Ending, MAX_PROBLEM_BYTES, ShardNumber},
    stop::{Stop, StopReason},
    worker::{Assignment, Worker},
};

/// When a shard is to be delivered again that is not free yet.
const LATER: Duration = Duration::from_millis(500);

/// Runs a shard that was delivered, if the coordinator gives it to this agent.
pub(super) async fn run<W: Worker>(membership: &Membership<W>, message: Message, stops: Stops) {
    let Ok(waiting) = decode::<Waiting>(&message.payload) else {
        return answer(&message, AckKind::Term).await;
    };
    let claim = Claim {
        agent: membership.info.id.clone(),
        shard: waiting.number,
        nonce: membership.nonce(),
    };
    let mut stop = stops.stop.clone();
    let verdict = claims::ask(membership, &claim, &mut stop).await;
    // Whoever was frozen meanwhile finds out here that it may not begin.
    let verdict = verdict.filter(|_| stop.reason().is_none());
    match verdict {
        Some(Verdict::Given(attempt)) => {
            let (orders, stop) = membership.tenure.begin(waiting.number, attempt);
            let stops = Stops {
                stop: stop.within(&stops.stop),
                ..stops
            };
            let assignment = Assignment {
                run: membership.run.clone(),
                shard: waiting.shard,
                attempt,
                orders,
            };
            let end = run_given(membership, waiting.number, assignment, &message, stops).await;
            let is_given_back = matches!(end, End::GivenBack);
            membership.tenure.end(claim.shard, attempt, is_given_back);
            if is_given_back {
                answer(&message, AckKind::Nak(None)).await;
            }
        }
        Some(Verdict::Busy) => {
            // A server of 2.9 that is told itself to wait may do so for as long as an acknowledgement may take.
            tokio::select! {
                () = sleep(LATER) => {}
                _ = stop.stopped() => {}
            }
            answer(&message, AckKind::Nak(None)).await;
        }
        Some(Verdict::Settled) => answer(&message, AckKind::Term).await,
        Some(Verdict::Over) | None => answer(&message, AckKind::Nak(None)).await,
    }
}

/// What became of an attempt here.
enum End {
    /// All of it is where the coordinator finds it.
    Told,
    /// It was stopped because nobody answered for the coordinator, and its end is not told.
    GivenBack,
    /// It cannot be told.
    Untold(NatsError),
    /// Nobody hears it any more.
    Gone,
}

async fn run_given<W: Worker>(
    membership: &Membership<W>,
    number: ShardNumber,
    assignment: Assignment,
    message: &Message,
    stops: Stops,
) -> End {
    let (connection, names) = (&membership.connection, &membership.names);
    let mut outbox = Outbox::new(
        connection,
        names,
        &membership.info.id,
        number,
        assignment.attempt,
    );
    let end = tokio::select! {
        end = run_and_tell(membership, assignment, &mut outbox, &stops) => end,
        never = keep(message, membership.times.lost_after() / 3) => match never {},
    };
    match &end {
        // Acknowledged only now: all of it is where the coordinator finds it.
        End::Told => {
            // If that is not heard, the shard is delivered again, and the coordinator says that it is settled.
            let _ = message.double_ack().await;
        }
        End::Untold(error) => membership.complain(error),
        End::Gone if stops.gone.reason() == Some(StopReason::Asked) => {
            answer(message, AckKind::Nak(None)).await;
        }
        End::GivenBack | End::Gone => {}
    }
    end
}

/// Runs it, and brings all that is told with its end to the server. The worker has stopped in any case.
async fn run_and_tell<W: Worker>(
    membership: &Membership<W>,
    assignment: Assignment,
    outbox: &mut Outbox,
    stops: &Stops,
) -> End {
    let grace = membership.times.grace;
    let (teller, listener) = pair(stops.stop.clone(), grace);
    let mut work = JoinSet::new();
    let worker = std::sync::Arc::clone(&membership.worker);
    let stop = stops.stop.clone();
    work.spawn(async move { worker.run(assignment, teller, stop).await });
    let ended = ended(&mut work, stops.stop.clone(), grace, &listener);
    let mut gone = stops.gone.clone();
    let brought = async {
        let brought = tokio::select! {
            brought = outbox.bring(&listener) => Some(brought),
            _ = gone.stopped() => None,
        };
        // Whoever still waits for room hears that there is none.
        listener.end();
        brought
    };
    let (ending, brought) = tokio::join!(ended, brought);
    match brought {
        None => return End::Gone,
        Some(Err(error)) => return End::Untold(error),
        Some(Ok(())) => {}
    }
    if ending == Ending::Stopped && stops.stop.reason() == Some(StopReason::CoordinatorLost) {
        return End::GivenBack;
    }
    tokio::select! {
        told = outbox.end(ending) => told.map_or_else(End::Untold, |()| End::Told),
        _ = gone.stopped() => End::Gone,
    }
}

/// How the work ended. Work that is stopped has its grace, and is dropped after it. Whether what ends when it is told to stop would have ended
/// anyway nobody knows: it was stopped.
async fn ended(
    work: &mut JoinSet<Result<(), String>>,
    mut stop: Stop,
    grace: Duration,
    listener: &Listener,
) -> Ending {
    let ending = tokio::select! {
        joined = work.join_next() => match stop.reason() {
            Some(_) => Ending::Stopped,
            None => ending(joined),
        },
        told = stop.told_to_stop() => {
            // From when it was told, and not from now: whoever was frozen meanwhile may have had all of it.
            let over = clock::wait_for(told.since.after(grace));
            tokio::select! {
                biased;
                _ = work.join_next() => {}
                () = over => work.shutdown().await,
            }
            Ending::Stopped
        }
    };
    listener.end();
    ending
}

fn ending(joined: Option<Result<Result<(), String>, JoinError>>) -> Ending {
    let mut problem = match joined {
        Some(Ok(Ok(()))) => return Ending::Finished,
        Some(Ok(Err(problem))) => problem,
        Some(Err(error)) => format!("its worker broke: {error}"),
        None => "it had no worker".to_owned(),
    };
    problem.truncate(problem.floor_char_boundary(MAX_PROBLEM_BYTES));
    Ending::Failed(problem)
}

/// Tells the server for as long as it is awaited that the shard is in work.
async fn keep(message: &Message, period: Duration) -> Infallible {
    loop {
        sleep(period).await;
        answer(message, AckKind::Progress).await;
    }
}

async fn answer(message: &Message, kind: AckKind) {
    // What is not heard is asked again by another delivery.
    let _ = message.ack_with(kind).await;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use assay_load::clock::Moment;
    use tokio::task::JoinSet;

    use super::{Ending, clock, ended, pair};
    use crate::stop::{StopReason, Stopper};

    #[tokio::test]
    async fn work_that_should_have_stopped_for_longer_than_its_grace_is_dropped_at_once() {
        let grace = Duration::from_hours(1);
        let (stopper, stop) = Stopper::new();
        let ago = i64::try_from((grace * 2).as_nanos()).unwrap();
        stopper.stop_since(StopReason::NatsAway, Moment(clock::now().0 - ago));
        let (_teller, listener) = pair(stop.clone(), grace);
        let mut work = JoinSet::new();
        work.spawn(std::future::pending());
        let ending = ended(&mut work, stop, grace, &listener).await;
        assert_eq!((ending, work.len()), (Ending::Stopped, 0));
    }
}
