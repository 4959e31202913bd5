//! Makes a generation step by step. Each step is stored before it is told, so that a killed process goes on from the last one.

use tokio::select;
use tokio::time::sleep;

use super::events::Event;
use super::model::{JobStatus, STEPS, StoredJob};
use super::service::GenerationService;
use crate::clock;
use crate::store::StoreError;

impl GenerationService {
    /// From where it stands to its end, or until the service ends.
    pub(super) async fn generate(&self, id: &str) -> Result<(), StoreError> {
        let mut shutdown = self.parts.shutdown.clone();
        // The semaphore is never closed, so there always is a place in the end.
        let _place = select! {
            place = self.places.acquire() => place,
            () = shutdown.requested() => return Ok(()),
        };
        let Some(mut job) = self.change(id, begin).await? else {
            return Ok(());
        };
        let script = job.script();
        while job.steps_done < STEPS.len() {
            select! {
                () = sleep(self.parts.pace.step) => {}
                () = shutdown.requested() => return Ok(()),
            }
            let script = script.clone();
            let step_ms = u64::try_from(self.parts.pace.step.as_millis()).unwrap_or(u64::MAX);
            let done = move |job: &mut StoredJob| {
                job.steps_done += 1;
                Event::of_step(job, &script, step_ms)
            };
            job = match self.change(id, done).await? {
                Some(job) => job,
                None => return Ok(()),
            };
        }
        self.finish(id, script).await
    }
}

fn begin(job: &mut StoredJob) -> Vec<Event> {
    if job.status == JobStatus::Queued {
        job.status = JobStatus::Streaming;
        job.started_at_ms = Some(clock::now_ms());
    }
    Vec::new()
}
