//! What belongs to one attempt: its clean-up. Many iterations may run in one instance at a time, so that it is bound to the attempt's
//! future and not to the instance.

use std::cell::{Cell, RefCell};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use crate::problem::{Problem, Result};

type Work = Pin<Box<dyn Future<Output = Result>>>;

thread_local! {
    static CURRENT: RefCell<Option<Rc<Scope>>> = const { RefCell::new(None) };
}

/// The attempt that is under way.
#[derive(Default)]
pub(crate) struct Scope {
    cleanups: RefCell<Vec<Registered>>,
    next: Cell<u64>,
    /// The first check that failed.
    failed_check: RefCell<Option<String>>,
}

struct Registered {
    number: u64,
    work: Work,
}

/// A piece of clean-up that waits for the end of the case. Dropping it changes nothing.
pub struct Cleanup {
    scope: Rc<Scope>,
    number: u64,
}

/// Runs something at the end of the case, also when it fails early. The newest is run first; a problem in it fails the case.
///
/// It does not run when the attempt times out or panics: what must be undone even then is the host's
/// (streams are closed, faults are healed).
///
/// # Panics
/// Outside of an entry of a suite.
pub fn cleanup<F, T>(work: F) -> Cleanup
where
    F: Future<Output = T> + 'static,
    T: crate::registry::Outcome,
{
    let scope = CURRENT.with_borrow(Clone::clone);
    let scope = scope.unwrap_or_else(|| {
        panic!("`cleanup` belongs into a case, a scenario, or a function that one calls")
    });
    let number = scope.next.get();
    scope.next.set(number + 1);
    let work: Work = Box::pin(async move { work.await.into_result() });
    scope
        .cleanups
        .borrow_mut()
        .push(Registered { number, work });
    Cleanup { scope, number }
}

impl Cleanup {
    /// Runs it now instead of at the end.
    pub async fn now(self) -> Result {
        match self.take() {
            Some(work) => work.await,
            None => Ok(()),
        }
    }

    /// Forgets it: what it would undo is undone already.
    pub fn cancel(self) {
        drop(self.take());
    }

    fn take(&self) -> Option<Work> {
        let mut cleanups = self.scope.cleanups.borrow_mut();
        let index = cleanups
            .iter()
            .position(|registered| registered.number == self.number)?;
        Some(cleanups.remove(index).work)
    }
}

impl Scope {
    /// The first check that failed, if one did. The next one is the first again.
    pub(crate) fn take_failed_check(&self) -> Option<String> {
        self.failed_check.take()
    }
}

/// A check failed in whatever attempt is under way.
pub(crate) fn check_failed(name: &str) {
    CURRENT.with_borrow(|current| {
        if let Some(scope) = current {
            let mut failed = scope.failed_check.borrow_mut();
            failed.get_or_insert_with(|| name.to_owned());
        }
    });
}

/// Runs the body of an attempt and then its clean-up, and answers the first problem; later ones are logged.
pub(crate) async fn run<T>(body: impl Future<Output = Result<T>>) -> Result<T> {
    run_in(&Rc::default(), body).await
}

/// The same in a scope that serves many attempts, one after the other.
pub(crate) async fn run_in<T>(
    scope: &Rc<Scope>,
    body: impl Future<Output = Result<T>>,
) -> Result<T> {
    let mut outcome = Scoped::new(scope, pin!(body)).await;
    loop {
        let newest = scope.cleanups.borrow_mut().pop();
        let Some(Registered { work, .. }) = newest else {
            return outcome;
        };
        if let Err(problem) = Scoped::new(scope, work).await {
            outcome = combine(outcome, problem.context("clean-up"));
        }
    }
}

fn combine<T>(outcome: Result<T>, problem: Problem) -> Result<T> {
    if outcome.is_err() {
        crate::error!("{problem}");
        return outcome;
    }
    Err(problem)
}

/// A future that makes its scope the current one whenever it is polled.
struct Scoped<F> {
    scope: Rc<Scope>,
    work: F,
}

impl<F> Scoped<F> {
    fn new(scope: &Rc<Scope>, work: F) -> Self {
        Self {
            scope: Rc::clone(scope),
            work,
        }
    }
}

impl<F: Future + Unpin> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        struct Restore(Option<Rc<Scope>>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }
        let _restore = Restore(CURRENT.replace(Some(Rc::clone(&self.scope))));
        Pin::new(&mut self.work).poll(context)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures::executor::block_on;

    use super::*;

    type Log = Rc<RefCell<Vec<&'static str>>>;

    fn note(log: &Log, word: &'static str) -> impl Future<Output = ()> + use<> {
        let log = Rc::clone(log);
        async move { log.borrow_mut().push(word) }
    }

    #[test]
    fn clean_up_runs_newest_first_also_after_a_failure() {
        let log = Log::default();
        let outcome = block_on(run(async {
            cleanup(note(&log, "first"));
            cleanup(note(&log, "second"));
            Err::<String, _>(Problem::failed("early"))
        }));
        assert_eq!(outcome.unwrap_err().message(), "early");
        assert_eq!(*log.borrow(), ["second", "first"]);
    }

    #[test]
    fn a_problem_in_clean_up_fails_the_case() {
        let outcome = block_on(run(async {
            cleanup(async { Err::<(), _>(Problem::failed("still there")) });
            Ok(String::new())
        }));
        assert_eq!(outcome.unwrap_err().message(), "clean-up: still there");
    }

    #[test]
    fn clean_up_can_run_early_and_be_cancelled() {
        let log = Log::default();
        let outcome = block_on(run(async {
            let early = cleanup(note(&log, "early"));
            let never = cleanup(note(&log, "never"));
            early.now().await?;
            never.cancel();
            log.borrow_mut().push("body");
            Ok(String::new())
        }));
        assert!(outcome.is_ok());
        assert_eq!(*log.borrow(), ["early", "body"]);
    }

    #[test]
    fn clean_up_may_register_more() {
        let log = Log::default();
        let inner = Rc::clone(&log);
        let outcome = block_on(run(async move {
            cleanup(async move {
                cleanup(note(&inner, "inner"));
                inner.borrow_mut().push("outer");
            });
            Ok(String::new())
        }));
        assert!(outcome.is_ok());
        assert_eq!(*log.borrow(), ["outer", "inner"]);
    }

    #[test]
    fn two_attempts_at_a_time_keep_their_own() {
        let log = Log::default();
        let attempt = |word| {
            let log = &log;
            run(async move {
                crate::sleep(std::time::Duration::ZERO).await;
                cleanup(note(log, word));
                Ok(String::new())
            })
        };
        let (left, right) = block_on(futures::future::join(attempt("left"), attempt("right")));
        assert!(left.is_ok() && right.is_ok());
        assert_eq!(*log.borrow(), ["left", "right"]);
    }
}
