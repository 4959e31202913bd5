//! Waiting, with a bound.

use std::panic::Location;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};

use crate::host;
use crate::problem::{Kind, Problem, Result};

/// The wait between the first two tries of [`eventually`]; doubled each time up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(5);
/// The longest wait between two tries.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Waits, while other work of the case goes on. `std::thread::sleep` would stop all of it.
pub async fn sleep(duration: Duration) {
    host::sleep(duration).await;
}

/// Waits for something at most so long; if it takes longer it is dropped, and the case fails.
#[track_caller]
pub fn within<F: Future>(limit: Duration, work: F) -> impl Future<Output = Result<F::Output>> {
    let place = Location::caller();
    async move {
        match select(pin!(work), pin!(sleep(limit))).await {
            Either::Left((value, _)) => Ok(value),
            Either::Right(((), _)) => Err(placed(
                Problem::failed(format!("not done within {limit:?}")),
                place,
            )),
        }
    }
}

/// Tries until a try succeeds, at most so long. A try that takes longer than what is left is dropped.
///
/// Between tries there is a pause of 5 ms, doubled each time up to 250 ms. A try that fails is tried again; one that is errored or
/// skipped ends it. The failure says how often it was tried and what the last problem was. Use `ensure!` inside, not `check!`: a
/// failed `check!` fails the case even if a later try succeeds.
///
/// ```no_run
/// # use assay_sdk::prelude::*;
/// # async fn example() -> Result<()> {
/// let body = eventually(Duration::from_secs(5), || async {
///     let response = http::get("http://127.0.0.1:8001/health").send().await?;
///     ensure!(response.status() == 200);
///     Ok(response.text())
/// }).await?;
/// # Ok(()) }
/// ```
#[track_caller]
pub fn eventually<T, F, Try>(limit: Duration, mut attempt: F) -> impl Future<Output = Result<T>>
where
    F: FnMut() -> Try,
    Try: Future<Output = Result<T>>,
{
    let place = Location::caller();
    async move {
        let deadline = host::now() + limit;
        let (mut tries, mut pause, mut last) = (0_u32, FIRST_PAUSE, None);
        loop {
            let left = deadline.saturating_duration_since(host::now());
            if left.is_zero() && tries > 0 {
                return Err(placed(gave_up(limit, tries, last), place));
            }
            tries += 1;
            match select(pin!(attempt()), pin!(sleep(left))).await {
                Either::Left((Ok(value), _)) => return Ok(value),
                Either::Left((Err(problem), _)) if problem.kind() != Kind::Failed => {
                    return Err(problem);
                }
                Either::Left((Err(problem), _)) => last = Some(problem),
                Either::Right(((), _)) => {
                    let unfinished = last.or_else(|| Some(Problem::failed("the try did not end")));
                    return Err(placed(gave_up(limit, tries, unfinished), place));
                }
            }
            let left = deadline.saturating_duration_since(host::now());
            sleep(pause.min(left)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

fn gave_up(limit: Duration, tries: u32, last: Option<Problem>) -> Problem {
    let tries = match tries {
        1 => "1 try".to_owned(),
        many => format!("{many} tries"),
    };
    let Some(last) = last else {
        return Problem::failed(format!("not within {limit:?} ({tries})"));
    };
    let (expected, actual) = (
        last.expected().map(str::to_owned),
        last.actual().map(str::to_owned),
    );
    Problem::failed(format!(
        "not within {limit:?} ({tries}): {}",
        last.message()
    ))
    .with_values(expected, actual)
}

fn placed(problem: Problem, place: &Location<'_>) -> Problem {
    problem.at(format!("{}:{}", place.file(), place.line()))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;

    use futures::executor::block_on;

    use super::*;

    #[test]
    fn eventually_answers_the_first_success() {
        let tries = Cell::new(0);
        let value = block_on(eventually(Duration::from_secs(1), || async {
            tries.set(tries.get() + 1);
            if tries.get() < 3 {
                return Err(Problem::failed("not yet"));
            }
            Ok(tries.get())
        }));
        assert_eq!(value.unwrap(), 3);
    }

    #[test]
    fn eventually_says_how_often_it_tried_and_the_last_problem() {
        let last = || Problem::failed("no episode").with_values(Some("1".into()), Some("0".into()));
        let line = line!() + 1;
        let tries = eventually(Duration::from_millis(20), || async { Err::<(), _>(last()) });
        let problem = block_on(tries).unwrap_err();
        assert_eq!(problem.message(), "not within 20ms (3 tries): no episode");
        assert_eq!(
            (problem.expected(), problem.actual()),
            (Some("1"), Some("0"))
        );
        assert_eq!(problem.location(), Some(&*format!("{}:{line}", file!())));
    }

    #[test]
    fn eventually_does_not_repeat_what_the_suite_did_wrong() {
        let tries = Cell::new(0);
        let problem = block_on(eventually(Duration::from_secs(1), || async {
            tries.set(tries.get() + 1);
            Err::<(), _>(Problem::errored("no grant"))
        }))
        .unwrap_err();
        assert_eq!((problem.kind(), tries.get()), (Kind::Errored, 1));
    }

    #[test]
    fn a_try_that_hangs_is_bounded_too() {
        let problem =
            block_on(eventually(Duration::from_millis(10), pending::<Result<()>>)).unwrap_err();
        assert_eq!(
            problem.message(),
            "not within 10ms (1 try): the try did not end"
        );
    }

    #[test]
    fn within_drops_what_takes_too_long() {
        assert_eq!(
            block_on(within(Duration::from_secs(1), async { 7 })).unwrap(),
            7
        );
        let problem = block_on(within(Duration::from_millis(10), pending::<()>())).unwrap_err();
        assert_eq!(problem.message(), "not done within 10ms");
    }
}
