//! The typed client of the script generator's API that the suites share.
//!
//! A suite talks through a [`User`]: a session with a trace and headers of its own. Answers are read in either of two shapes: the
//! reference system's (an envelope, `camelCase`) and that of the published original (bare objects, `snake_case`, `generation_id`,
//! `{"detail": ...}`), so that a suite can be pointed at both.
//!
//! A failure points at the call in the case, not into this crate.
//!
//! ```no_run
//! # use assay_sdk::prelude::*;
//! # async fn example() -> Result<()> {
//! use assay_client::{Api, NewGeneration};
//!
//! let user = Api::of_environment()?.user("reader");
//! let project = user.temporary_project("a play").await?;
//! let job = user.start(&NewGeneration::new(&project.id, "Act one")).await?;
//! let transcript = user.follow(&job.job_id).await?.to_the_end().await?;
//! check!(transcript.completed().is_some(), "the generation completes");
//! # Ok(()) }
//! ```

mod answer;
mod api;
mod episode;
mod feed;
mod generation;
mod health;
mod monitoring;
mod names;
mod project;
mod refusal;
mod retry;
mod stream;
mod transcript;

pub use answer::{data, is_envelope};
pub use api::{Api, Service, User};
pub use episode::{Episode, NewEpisode, Script};
pub use feed::{Data, Feed, Told};
pub use generation::{Job, JobStatus, NewGeneration, Started};
pub use health::{Dependency, Health};
pub use monitoring::{
    Alert, AlertCheck, Integrity, IntegrityCheck, IntegritySummary, Interference, Issues,
    NumberChange, Performance, Repair, RuleReading,
};
pub use names::{idempotency_key, unique};
pub use project::{NewProject, Project};
pub use refusal::{Detail, Refusal};
pub use retry::{QueueStats, SaveAttempt, SaveReport, SaveState};
pub use stream::{Completed, Content, Failed, Preview, Progress, Published, Sequence};
pub use transcript::{Follower, Transcript};
