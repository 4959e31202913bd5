//! One attempt at a shard: from the delivery over the claim to the last word.

use std::time::Duration;

use async_nats::jetstream::{AckKind, Message};
use tokio::{
    task::{JoinError, JoinSet},
    time::sleep,
};

use super::{
    claims,
    membership::{Membership, Stops},
    outbox::Outbox,
    teller::{Listener, pair},
};
use crate::{
    clock,
    error::NatsError,
    message::{Claim, Verdict, Waiting, decode},
    shard::{Ending, MAX_PROBLEM_BYTES, ShardNumber},
    stop::{Stop, StopReason},
    worker::{Assignment, Worker},
};

/// When a shard is to be delivered again that another agent runs.
const LATER: Duration = Duration::from_secs(1);

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
    match claims::ask(&membership.connection, &membership.names, &claim, &mut stop).await {
        Some(Verdict::Given(attempt)) => {
            let (orders, stop) = membership.begin(waiting.number, attempt);
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
            run_given(membership, waiting.number, assignment, &message, stops).await;
            membership.end(claim.shard);
        }
        Some(Verdict::Busy) => answer(&message, AckKind::Nak(Some(LATER))).await,
        Some(Verdict::Settled) => answer(&message, AckKind::Term).await,
        Some(Verdict::Over) | None => answer(&message, AckKind::Nak(None)).await,
    }
}

async fn run_given<W: Worker>(
    membership: &Membership<W>,
    number: ShardNumber,
    assignment: Assignment,
    message: &Message,
    stops: Stops,
) {
    let (connection, names) = (&membership.connection, &membership.names);
    let mut outbox = Outbox::new(
        connection,
        names,
        &membership.info.id,
        number,
        assignment.attempt,
    );
    let told = tokio::select! {
        told = run_and_tell(membership, assignment, &mut outbox, &stops) => told,
        () = keep(message, membership.times.lost_after() / 3) => return,
    };
    match told {
        // Acknowledged only now: all of it is where the coordinator finds it.
        Some(Ok(())) => {
            // If that is not heard, the shard is delivered again, and the coordinator says that it is settled.
            let _ = message.double_ack().await;
        }
        Some(Err(error)) => membership.complain(&error),
        None => {
            if stops.gone.reason() == Some(StopReason::Asked) {
                answer(message, AckKind::Nak(None)).await;
            }
        }
    }
}

/// Runs it, and brings all that is told with its end to the server; nothing if nobody hears it any more. The worker has stopped in any case.
async fn run_and_tell<W: Worker>(
    membership: &Membership<W>,
    assignment: Assignment,
    outbox: &mut Outbox,
    stops: &Stops,
) -> Option<Result<(), NatsError>> {
    let (teller, listener) = pair();
    let mut work = JoinSet::new();
    let worker = std::sync::Arc::clone(&membership.worker);
    let stop = stops.stop.clone();
    work.spawn(async move { worker.run(assignment, teller, stop).await });
    let ended = ended(
        &mut work,
        stops.stop.clone(),
        membership.times.grace,
        &listener,
    );
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
    if let Err(error) = brought? {
        return Some(Err(error));
    }
    tokio::select! {
        told = outbox.end(ending) => Some(told),
        _ = gone.stopped() => None,
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
async fn keep(message: &Message, period: Duration) {
    loop {
        sleep(period).await;
        answer(message, AckKind::Progress).await;
    }
}

async fn answer(message: &Message, kind: AckKind) {
    // What is not heard is asked again by another delivery.
    let _ = message.ack_with(kind).await;
}
