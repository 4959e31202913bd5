//! What a virtual user waits for, done on the stack of its thread.
//!
//! A host function that stops its instance runs on the instance's own stack. Were a request sent and its answer read there, each of
//! thousands of virtual users would keep the deepest frames of all that in memory, and every turn would meet them cold. So such a
//! function only leaves an errand behind; whoever polls the instance runs it, on the one stack that is warm, and resumes the instance
//! once it is done.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

type Errand = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The one errand that an instance may wait for. Cheap to clone: all clones are the same.
#[derive(Clone, Default)]
pub(in crate::load) struct Errands {
    under_way: Arc<Mutex<Option<Errand>>>,
}

impl Errands {
    /// Has `errand` run, and waits for what comes of it. Only to be awaited within what [`Errands::run`] polls.
    pub(super) async fn wait_for<T: Send + 'static>(
        &self,
        errand: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let done = Arc::new(Mutex::new(None));
        let result = Arc::clone(&done);
        *lock(&self.under_way) = Some(Box::pin(async move {
            *lock(&result) = Some(errand.await);
        }));
        // Nobody is to be woken: what polls the errand polls this as soon as it is done.
        poll_fn(|_| lock(&done).take().map_or(Poll::Pending, Poll::Ready)).await
    }

    /// Polls an instance, and in its place the errand that it waits for.
    pub(in crate::load) async fn run<T>(&self, instance: impl Future<Output = T>) -> T {
        let mut instance = pin!(instance);
        poll_fn(|context| {
            loop {
                if self.poll_errand(context).is_pending() {
                    return Poll::Pending;
                }
                let polled = instance.as_mut().poll(context);
                if polled.is_ready() || lock(&self.under_way).is_none() {
                    return polled;
                }
            }
        })
        .await
    }

    /// Ready if there is none (any more).
    fn poll_errand(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut under_way = lock(&self.under_way);
        let Some(errand) = under_way.as_mut() else {
            return Poll::Ready(());
        };
        let polled = errand.as_mut().poll(context);
        if polled.is_ready() {
            *under_way = None;
        }
        polled
    }
}

/// What is behind these locks is replaced at once: a panic of another holder leaves nothing half-written.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future::ready};

    use futures::FutureExt as _;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_comes_of_errands_comes_back_in_their_order() {
        let errands = Errands::default();
        let instance = async {
            let one = errands.wait_for(ready(1)).await;
            let two = errands.wait_for(tokio::task::yield_now().map(|()| 2)).await;
            (one, two)
        };
        assert_eq!(errands.run(instance).await, (1, 2));
    }

    #[tokio::test]
    async fn an_instance_is_not_polled_while_its_errand_is_under_way() {
        let errands = Errands::default();
        let (tell, told) = oneshot::channel();
        let polls = Cell::new(0);
        let mut instance = pin!(errands.wait_for(told));
        let counted = poll_fn(|context| {
            polls.set(polls.get() + 1);
            instance.as_mut().poll(context)
        });
        let mut run = pin!(errands.run(counted));
        for _ in 0..3 {
            assert!(run.as_mut().now_or_never().is_none());
        }
        tell.send(5).unwrap();
        assert_eq!(run.await, Ok(5));
        assert_eq!(polls.get(), 2);
    }

    #[tokio::test]
    async fn an_instance_without_errands_is_polled_as_it_is() {
        let errands = Errands::default();
        assert_eq!(errands.run(tokio::task::yield_now().map(|()| 7)).await, 7);
    }

    #[tokio::test]
    async fn a_dropped_instance_takes_its_errand_along() {
        let errands = Errands::default();
        let (tell, told) = oneshot::channel::<()>();
        {
            let mut run = pin!(errands.run(errands.wait_for(told)));
            assert!(run.as_mut().now_or_never().is_none());
        }
        drop(errands);
        assert!(tell.is_closed());
    }
}
