//! Virtual users in their instances, and another instance after one has trapped.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use wasmtime::Store;

use super::{
    stage::Stage,
    user::{Place, Places, State, Thread, Users},
    worker::Told,
};
use crate::plugin::{
    bindings::exports::assay::suite::suite::Problem,
    crash::{self, LastWords},
    ending::Ending,
};

/// A virtual user in an instance of its own, until it gets no turn any more.
pub(super) async fn alone(stage: Arc<Stage>, thread: Arc<Thread>, place: Place, told: Told) {
    let vu = place.vu();
    run(&stage, &thread, Users::Alone(Box::new(place)), vu, &told).await;
}

/// Many virtual users in one instance, until none of them gets a turn any more.
pub(super) async fn together(stage: Arc<Stage>, thread: Arc<Thread>, places: Places, told: Told) {
    run(&stage, &thread, Users::Many(places), 0, &told).await;
}

/// One instance after the other, until there is nothing more to do.
async fn run(stage: &Stage, thread: &Arc<Thread>, mut users: Users, vu: u32, told: &Told) {
    loop {
        let (stop, back) = run_once(stage, thread, users, vu).await;
        users = back;
        let reason = match stop {
            Stop::Done => return,
            Stop::GaveUp(reason) => return told.gave_up(vu, &reason),
            Stop::Trapped(reason) => reason,
        };
        if !users.broke(&reason) {
            return told.gave_up(vu, &reason);
        }
        told.replaced();
    }
}

/// How a call of `run` ended.
enum Stop {
    /// There are no turns any more.
    Done,
    /// The plugin answered a problem.
    GaveUp(String),
    /// The plugin trapped.
    Trapped(String),
}

/// One instance, and who was in it. What each virtual user waits in is as large as all that is moved about before: nothing is.
async fn run_once(stage: &Stage, thread: &Arc<Thread>, users: Users, vu: u32) -> (Stop, Users) {
    let mut store = stage.store(State::new(thread, users));
    let errands = store.data().errands.clone();
    let outcome = {
        let instance = pin!(call(stage, &mut store, vu));
        let errands = errands.run(instance, &**thread);
        AssertUnwindSafe(errands).catch_unwind().await
    };
    let stop = match outcome {
        Ok(Ok(Ok(_))) => Stop::Done,
        Ok(Ok(Err(problem))) => Stop::GaveUp(said(problem)),
        Ok(Err(error)) => Stop::Trapped(why(&error, store.data())),
        Err(_) => Stop::Trapped(
            "the host panicked while it served the virtual user, which is a mistake of the host"
                .to_owned(),
        ),
    };
    (stop, store.into_data().users)
}

async fn call(
    stage: &Stage,
    store: &mut Store<State>,
    vu: u32,
) -> wasmtime::Result<Result<String, Problem>> {
    let plugin = stage.pre.instantiate_async(&mut *store).await?;
    let entry = stage.entry(vu);
    store
        .run_concurrent(async |accessor| plugin.assay_suite_suite().call_run(accessor, entry).await)
        .await?
}

fn said(problem: Problem) -> String {
    match problem {
        Problem::Failed(failure) | Problem::Errored(failure) => match failure.location {
            Some(location) => format!("{} at {location}", failure.message),
            None => failure.message,
        },
        Problem::Skipped(why) => why,
    }
}

/// In few words, by which failures are counted.
fn why(error: &wasmtime::Error, state: &State) -> String {
    let words = LastWords {
        panic: state.panic.clone(),
        stderr: &state.stderr.text().0,
        timeout: Duration::ZERO,
    };
    let why = match crash::ending(error, &words) {
        Ending::Panicked {
            message,
            location: Some(location),
            ..
        } => format!("panicked at {location}: {message}"),
        Ending::Panicked { message, .. } => format!("panicked: {message}"),
        Ending::Trapped { message, .. } => format!("trapped: {message}"),
        Ending::LimitReached { message, .. } | Ending::Broken { message, .. } => message,
        // `crash::ending` makes none of these for a store without a deadline.
        other => format!("stopped: {other:?}"),
    };
    one_line(&why)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
