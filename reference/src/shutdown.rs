//! The one signal by which everything in a service learns that it has to end.

use tokio::sync::watch;

/// Asks for the end; the end is also asked for when the last one of these is dropped.
#[derive(Debug)]
pub struct Trigger(watch::Sender<bool>);

/// Learns of the end. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<bool>);

/// A trigger and its listener.
pub fn channel() -> (Trigger, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (Trigger(sender), Shutdown(receiver))
}

impl Trigger {
    /// Asks for the end; asking twice is asking once.
    pub fn ask(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// Waits until the end is asked for.
    pub async fn requested(&mut self) {
        // An error means that the trigger is gone, which asks for the end as well.
        let _ = self.0.wait_for(|asked| *asked).await;
    }

    /// Whether the end was asked for.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }
}
