//! Whether an engine compiles plugins now, for whoever waits and wants to know why.

use std::sync::Arc;

use tokio::sync::watch;

/// How many are compiled now. Its clones count together.
#[derive(Clone, Debug, Default)]
pub(super) struct Compiling(Arc<watch::Sender<usize>>);

impl Compiling {
    /// One more, until what this answers is dropped.
    pub(super) fn begin(&self) -> Ongoing {
        self.0.send_modify(|number| *number += 1);
        Ongoing(self.clone())
    }

    /// Waits until any is.
    pub(super) async fn goes_on(&self) {
        // The sender is here, so nothing can be wrong with it.
        let _ = self.0.subscribe().wait_for(|number| *number > 0).await;
    }
}

/// A plugin that is compiled.
#[derive(Debug)]
pub(super) struct Ongoing(Compiling);

impl Drop for Ongoing {
    fn drop(&mut self) {
        let Compiling(number) = &self.0;
        number.send_modify(|number| *number -= 1);
    }
}
