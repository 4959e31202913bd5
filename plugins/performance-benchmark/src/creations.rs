//! The creation of episodes while many users create: how long it takes, how often it fails, and whether the numbers are right.

use assay_sdk::prelude::*;

use crate::ground::Ground;
use crate::outcome::{reasons, tell_of_the_generator};
use crate::scale::Scale;
use crate::workshop::{CREATION, Workshop, title};

/// How long creations under way may take when the load ends: longer than the critical level of what they are judged by.
const GRACE: Duration = Duration::from_secs(10);

/// What a user keeps.
struct Author {
    creation: http::Template,
}

impl Author {
    fn prepare(vu: Vu, ground: &Ground) -> Result<Self> {
        let workshop: Workshop = vu.parameter()?;
        let creation = workshop.creation(vu, &ground.api)?;
        Ok(Self { creation })
    }
}

/// A user makes an episode
#[scenario(state = Author::prepare)]
async fn create_an_episode(vu: Vu, author: &mut Author, _ground: &Ground) -> Result<()> {
    let sample = author.creation.fire_with([title(vu)]).await?;
    ensure_eq!(sample.status, 201, "an episode is made");
    Ok(())
}

/// Twenty users create episodes as fast as they can: P95 and P99 of it, few failures, and no number given twice
#[case(tags = ["latency"], timeout = "10m", needs = ["project-service"], exclusive)]
async fn creations_are_fast_under_concurrency(ground: Ground) -> Result<()> {
    let scale = Scale::of_settings()?;
    let user = ground.api.user("owner");
    let workshop = Workshop::open(&user).await?;
    let outcome = load::plan("create-an-episode")
        .constant_vus(scale.users, scale.load())
        .warm_up(scale.warm_up())
        .grace(GRACE)
        .parameter(&workshop)
        .threshold(
            "episode-creation-p95",
            Measure::request(CREATION, Figure::P95),
        )
        .threshold(
            "episode-creation-p99",
            Measure::request(CREATION, Figure::P99),
        )
        .threshold(
            "episode-creation-failures",
            Measure::request(CREATION, Figure::FailedPercent),
        )
        .run()
        .await?;
    tell_of_the_generator(&outcome);
    let made = outcome
        .requests(CREATION)
        .map_or(0, |requests| requests.succeeded.count);
    let stored = workshop.check_numbers(&user).await?;
    check!(made > 0, "episodes are made: {}", reasons(&outcome));
    check!(
        stored >= made,
        "each creation that was answered is stored: {made} were"
    );
    Ok(())
}

/// A crowd of 64 users is served as well as twenty are
#[case(tags = ["latency", "limit"], timeout = "10m", needs = ["project-service"], exclusive)]
async fn a_crowd_is_served_as_well(ground: Ground) -> Result<()> {
    let scale = Scale::of_settings()?;
    let workshop = Workshop::open(&ground.api.user("owner")).await?;
    let outcome = load::plan("create-an-episode")
        .constant_vus(scale.crowd, scale.load())
        .grace(GRACE)
        .parameter(&workshop)
        .threshold(
            "crowded-creation-p95",
            Measure::request(CREATION, Figure::P95),
        )
        .run()
        .await?;
    tell_of_the_generator(&outcome);
    check_eq!(
        outcome.most_vus,
        scale.crowd,
        "all users of the crowd are at work at once"
    );
    Ok(())
}
