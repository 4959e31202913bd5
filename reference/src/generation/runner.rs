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
        match self.write(id).await? {
            Some(job) => {
                let script = job.script();
                self.finish(job, script).await
            }
            None => Ok(()),
        }
    }

    /// Makes the text; none if the generation was finished meanwhile, or the service ends.
    async fn write(&self, id: &str) -> Result<Option<StoredJob>, StoreError> {
        let mut shutdown = self.parts.shutdown.clone();
        // The semaphore is never closed, so there always is a place in the end.
        let _place = select! {
            place = self.places.acquire() => place,
            () = shutdown.requested() => return Ok(None),
        };
        let Some(mut job) = self.change(id, begin).await? else {
            return Ok(None);
        };
        let script = job.script();
        while job.steps_done < STEPS.len() {
            select! {
                () = sleep(self.parts.pace.step) => {}
                () = shutdown.requested() => return Ok(None),
            }
            let script = script.clone();
            let step_ms = u64::try_from(self.parts.pace.step.as_millis()).unwrap_or(u64::MAX);
            let done = move |job: &mut StoredJob| {
                job.steps_done += 1;
                Event::of_step(job, &script, step_ms)
            };
            job = match self.change(id, done).await? {
                Some(job) => job,
                None => return Ok(None),
            };
        }
        Ok(Some(job))
    }
}

fn begin(job: &mut StoredJob) -> Vec<Event> {
    if job.status == JobStatus::Queued {
        job.status = JobStatus::Streaming;
        job.started_at_ms = Some(clock::now_ms());
    }
    Vec::new()
}
