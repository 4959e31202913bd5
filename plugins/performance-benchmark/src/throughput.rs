//! How many episodes the system makes each second, from the start of a generation to where its episode can be read.

use assay_client::{Follower, NewGeneration, Service, Started, data, unique};
use assay_sdk::prelude::*;

use crate::ground::Ground;
use crate::outcome::tell_of_the_generator;
use crate::scale::Scale;
use crate::workshop::{PATIENCE, Visitor, Workshop};

/// A user has an episode generated, follows it, and reads it
#[scenario(state = Visitor::prepare)]
async fn have_an_episode_made(vu: Vu, visitor: &mut Visitor, _ground: &Ground) -> Result<()> {
    let project = visitor.workshop.project_of(vu);
    let started = visitor
        .request("POST /generations", Service::Generation, "/generations")
        .json(&NewGeneration::new(project, unique("made")))
        .send()
        .await?
        .expect_status(201)?;
    let job = data::<Started>(&started)?.job_id;
    let path = format!("/generations/{job}/events");
    let stream = visitor.request("GET /generations/{id}/events", Service::Generation, &path);
    let stream = sse::request(stream).open().await?;
    let transcript = Follower::new(stream).to_the_end().await?;
    let completed = transcript.completed().context("the generation completes")?;
    let episode = completed
        .episode_id
        .clone()
        .context("`completed` names its episode")?;
    let path = format!("/projects/{project}/episodes/{episode}");
    let read = visitor.request("GET /projects/{id}/episodes/{id}", Service::Project, &path);
    read.send().await?.expect_status(200)?;
    Ok(())
}

/// Twenty users have episodes generated, one after the other: so many are made each second, and every one can be read
#[case(tags = ["throughput", "stream"], timeout = "10m", needs = ["project-service", "generation-service"], exclusive)]
async fn episodes_are_made_at_a_good_rate(ground: Ground) -> Result<()> {
    let scale = Scale::of_settings()?;
    let workshop = Workshop::open(&ground.api.user("owner")).await?;
    let outcome = load::plan("have-an-episode-made")
        .constant_vus(scale.users, scale.load())
        .warm_up(scale.warm_up())
        .grace(PATIENCE)
        .parameter(&workshop)
        .threshold(
            "episodes-per-second",
            Measure::Iterations(Figure::PerSecond),
        )
        .run()
        .await?;
    tell_of_the_generator(&outcome);
    Ok(())
}
