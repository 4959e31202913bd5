//! The end of a thread that tells others of a run: when its work is done it waits for nothing else.

use tokio::runtime::Runtime;

/// Does the work, and leaves behind what blocks: a runtime that is dropped waits without a bound for names that are still looked up, and
/// a system of names that does not answer is nobody's to wait for.
pub(crate) fn complete<T>(runtime: Runtime, work: impl Future<Output = T>) -> T {
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::{runtime::Builder, sync::oneshot, task::spawn_blocking};

    use super::*;

    #[test]
    fn a_name_that_is_looked_up_for_ever_does_not_hold_up_the_end() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let (answer, never) = mpsc::channel::<()>();
        let (tell, told) = oneshot::channel();
        let done = complete(runtime, async move {
            let _looked_up = spawn_blocking(move || {
                tell.send(()).unwrap();
                never.recv()
            });
            told.await
        });
        // If it waited for the answer, it would not come here.
        assert_eq!(done, Ok(()));
        drop(answer);
    }
}
