//! Answers between the services that get lost after the work was done: it is asked for again, and not done twice.

use assay_client::{Api, NewGeneration, SaveState};
use assay_sdk::chaos::{Action, Direction};
use assay_sdk::prelude::*;

use crate::faults::{self, GENERATION_SERVICE, PROJECT_SERVICE};
use crate::{jobs, promises, truth};

/// An episode whose storing is never confirmed is asked for again and stored once
#[case(tags = ["link", "retry", "idempotency"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn a_save_whose_answer_is_lost_is_stored_once(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("lost confirmation").await?.id;
    let job = user
        .start(&NewGeneration::new(&project, "Confirmed late"))
        .await?
        .job_id;
    let link = chaos::link(GENERATION_SERVICE, PROJECT_SERVICE).on(Direction::Downstream);
    let fault = faults::on_link(&link, Action::Blackhole).await?;
    let stored = eventually(promises::until_saved()?, || async {
        let episodes = user.episodes(&project).await?;
        ensure_eq!(episodes.len(), 1, "the episode is stored");
        Ok(episodes)
    })
    .await?;
    let report = jobs::ensure_tried(&user, &job, 1).await?;
    check!(
        report.state == SaveState::Pending || report.state == SaveState::Processing,
        "an attempt without an answer is not taken for a save: {report:?}"
    );
    faults::recover(fault, "link-recovery", || user.job(&job)).await?;
    let episodes =
        jobs::ensure_stored_once(&user, &project, &[job], promises::until_saved()?).await?;
    check_eq!(
        episodes,
        stored,
        "it is the episode that was stored without an answer"
    );
    truth::ensure_all_well(&api).await
}
