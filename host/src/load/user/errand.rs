//! What a virtual user waits for, done on the stack of its thread.
//!
//! A host function that stops its instance runs on the instance's own stack. Were a request sent and its answer read there, each of
//! thousands of virtual users would keep the deepest frames of all that in memory, and every turn would meet them cold. So such a
//! function only leaves an order behind; whoever polls the instance carries it out, on the one stack that is warm, and resumes the
//! instance once it has the answer. An order is small, and what carries it out is a part of what polls: neither is moved about or
//! allocated for each request, for what a turn touches is what many virtual users cost.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

/// The one errand that an instance may have. Cheap to clone: all clones are the same.
pub(in crate::load) struct Errands<Order, Answer> {
    shared: Arc<Shared<Order, Answer>>,
}

struct Shared<Order, Answer> {
    errand: Mutex<Errand<Order, Answer>>,
    /// It was polled since somebody asked.
    is_fresh: AtomicBool,
}

/// Who carries out what instances order.
pub(in crate::load) trait Carrier<Order, Answer> {
    /// Waits for what comes of it.
    fn carry_out(&self, order: Order) -> impl Future<Output = Answer> + Send;
}

enum Errand<Order, Answer> {
    None,
    Ordered(Order),
    Answered(Answer),
}

/// How far an instance has come.
enum Step<Order, Outcome> {
    Ordered(Order),
    Over(Outcome),
}

impl<Order, Answer> Errands<Order, Answer> {
    /// Has `order` carried out, and waits for what comes of it. Only to be awaited within what [`Errands::run`] polls. The order is not a part of
    /// what waits, which is moved about on the instance's stack.
    pub(super) fn wait_for(&self, order: Order) -> impl Future<Output = Answer> {
        *self.lock() = Errand::Ordered(order);
        // Nobody is to be woken: who has the answer polls this with it.
        poll_fn(|_| self.answered().map_or(Poll::Pending, Poll::Ready))
    }

    /// Runs an instance, and in its place the errand that it waits for.
    pub(in crate::load) async fn run<Outcome>(
        &self,
        mut instance: Pin<&mut impl Future<Output = Outcome>>,
        carrier: &impl Carrier<Order, Answer>,
    ) -> Outcome {
        loop {
            match poll_fn(|context| self.step(instance.as_mut(), context)).await {
                Step::Over(outcome) => return outcome,
                Step::Ordered(order) => {
                    let answer = carrier.carry_out(order).await;
                    *self.lock() = Errand::Answered(answer);
                }
            }
        }
    }

    /// Whether the instance has begun to run since this was asked last, so that others ran before it. To be asked by the instance.
    pub(in crate::load) fn was_resumed(&self) -> bool {
        let was_fresh = self.shared.is_fresh.load(Ordering::Relaxed);
        self.shared.is_fresh.store(false, Ordering::Relaxed);
        was_fresh
    }

    fn step<Outcome>(
        &self,
        instance: Pin<&mut impl Future<Output = Outcome>>,
        context: &mut Context<'_>,
    ) -> Poll<Step<Order, Outcome>> {
        self.shared.is_fresh.store(true, Ordering::Relaxed);
        if let Poll::Ready(outcome) = instance.poll(context) {
            return Poll::Ready(Step::Over(outcome));
        }
        let mut errand = self.lock();
        match std::mem::replace(&mut *errand, Errand::None) {
            Errand::Ordered(order) => Poll::Ready(Step::Ordered(order)),
            other => {
                *errand = other;
                Poll::Pending
            }
        }
    }

    fn answered(&self) -> Option<Answer> {
        let mut errand = self.lock();
        match std::mem::replace(&mut *errand, Errand::None) {
            Errand::Answered(answer) => Some(answer),
            other => {
                *errand = other;
                None
            }
        }
    }

    /// What is behind the lock is replaced at once: a panic of another holder leaves nothing half-written.
    fn lock(&self) -> MutexGuard<'_, Errand<Order, Answer>> {
        let errand = self.shared.errand.lock();
        errand.unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Order, Answer> Default for Errands<Order, Answer> {
    fn default() -> Self {
        Self {
            shared: Arc::new(Shared {
                errand: Mutex::new(Errand::None),
                is_fresh: AtomicBool::new(false),
            }),
        }
    }
}

impl<Order, Answer> Clone for Errands<Order, Answer> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::pin::pin;

    use futures::FutureExt as _;
    use tokio::sync::oneshot;

    use super::*;

    /// Doubles numbers, and awaits what is told.
    struct Scripted;

    impl Carrier<u32, u32> for Scripted {
        async fn carry_out(&self, order: u32) -> u32 {
            tokio::task::yield_now().await;
            2 * order
        }
    }

    type Told = oneshot::Receiver<u32>;

    impl Carrier<Told, u32> for Scripted {
        async fn carry_out(&self, told: Told) -> u32 {
            told.await.unwrap_or(0)
        }
    }

    #[tokio::test]
    async fn what_comes_of_errands_comes_back_in_their_order() {
        let errands = Errands::default();
        let instance = async {
            let one = errands.wait_for(1).await;
            let two = errands.wait_for(2).await;
            (one, two)
        };
        assert_eq!(errands.run(pin!(instance), &Scripted).await, (2, 4));
    }

    #[tokio::test]
    async fn an_instance_is_not_polled_while_its_errand_is_under_way() {
        let errands = Errands::<Told, u32>::default();
        let (tell, told) = oneshot::channel();
        let polls = Cell::new(0);
        let mut instance = pin!(errands.wait_for(told));
        let counted = poll_fn(|context| {
            polls.set(polls.get() + 1);
            instance.as_mut().poll(context)
        });
        let counted = pin!(counted);
        let mut run = pin!(errands.run(counted, &Scripted));
        for _ in 0..3 {
            assert!(run.as_mut().now_or_never().is_none());
        }
        tell.send(5).unwrap();
        assert_eq!(run.await, 5);
        assert_eq!(polls.get(), 2);
    }

    #[tokio::test]
    async fn an_instance_without_errands_is_polled_as_it_is() {
        let errands = Errands::<u32, u32>::default();
        let instance = tokio::task::yield_now().map(|()| 7);
        assert_eq!(errands.run(pin!(instance), &Scripted).await, 7);
    }

    #[tokio::test]
    async fn an_instance_was_resumed_once_for_each_time_that_it_is_polled() {
        let errands = Errands::<u32, u32>::default();
        assert!(!errands.was_resumed());
        let instance = async {
            let first = [errands.was_resumed(), errands.was_resumed()];
            tokio::task::yield_now().await;
            (first, [errands.was_resumed(), errands.was_resumed()])
        };
        let (first, second) = errands.run(pin!(instance), &Scripted).await;
        assert_eq!((first, second), ([true, false], [true, false]));
    }

    #[tokio::test]
    async fn a_dropped_instance_takes_its_errand_along() {
        let errands = Errands::<Told, u32>::default();
        let (tell, told) = oneshot::channel();
        {
            let instance = pin!(errands.wait_for(told));
            let mut run = pin!(errands.run(instance, &Scripted));
            assert!(run.as_mut().now_or_never().is_none());
        }
        drop(errands);
        assert!(tell.is_closed());
    }
}
