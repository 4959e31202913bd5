//! Every endpoint that users wait for, under concurrency: each is judged by a baseline of its own.

use assay_client::{Job, NewGeneration, NewProject, Project, Service, Started, data, unique};
use assay_sdk::prelude::*;

use crate::ground::Ground;
use crate::outcome::{failed_percent, reasons, tell_of_the_generator};
use crate::scale::Scale;
use crate::workshop::{PATIENCE, Visitor, Workshop};

/// The requests by their names, and the baselines that judge them.
const JUDGED: [(&str, &str); 5] = [
    (CREATE_PROJECT, "project-creation-p95"),
    (READ_PROJECT, "project-read-p95"),
    (LIST_EPISODES, "episode-list-p95"),
    (START, "generation-start-p95"),
    (READ_GENERATION, "generation-read-p95"),
];
const CREATE_PROJECT: &str = "POST /projects";
const READ_PROJECT: &str = "GET /projects/{id}";
const DELETE_PROJECT: &str = "DELETE /projects/{id}";
const LIST_EPISODES: &str = "GET /projects/{id}/episodes";
const START: &str = "POST /generations";
const READ_GENERATION: &str = "GET /generations/{id}";

/// How many of a hundred rounds may fail.
const MOST_FAILURES: f64 = 5.0;

/// A user makes a project, reads it, lists episodes, starts a generation, reads it, and deletes the project
#[scenario(state = Visitor::prepare)]
async fn visit_every_endpoint(vu: Vu, visitor: &mut Visitor, _ground: &Ground) -> Result<()> {
    let new = NewProject::named(unique("visited"));
    let made = visitor
        .request(CREATE_PROJECT, Service::Project, "/projects")
        .json(&new)
        .send()
        .await?
        .expect_status(201)?;
    let path = format!("/projects/{}", data::<Project>(&made)?.id);
    for (name, path) in [
        (READ_PROJECT, path.clone()),
        (LIST_EPISODES, format!("{path}/episodes")),
    ] {
        let answer = visitor
            .request(name, Service::Project, &path)
            .send()
            .await?;
        answer.expect_status(200)?;
    }
    let new = NewGeneration::new(visitor.workshop.project_of(vu), unique("visit"));
    let started = visitor
        .request(START, Service::Generation, "/generations")
        .json(&new)
        .send()
        .await?
        .expect_status(201)?;
    let job = data::<Started>(&started)?.job_id;
    let read = visitor
        .request(
            READ_GENERATION,
            Service::Generation,
            &format!("/generations/{job}"),
        )
        .send()
        .await?
        .expect_status(200)?;
    ensure_eq!(
        data::<Job>(&read)?.job_id,
        job,
        "the generation that was started is read"
    );
    let deleted = visitor
        .request(DELETE_PROJECT, Service::Project, &path)
        .send()
        .await?;
    deleted.expect_status(200)?;
    Ok(())
}

/// Each endpoint answers in time while twenty users go from one to the next
#[case(tags = ["latency"], timeout = "10m", needs = ["project-service", "generation-service"], exclusive)]
async fn every_endpoint_answers_in_time(ground: Ground) -> Result<()> {
    let scale = Scale::of_settings()?;
    let workshop = Workshop::open(&ground.api.user("owner")).await?;
    let mut plan = load::plan("visit-every-endpoint")
        .constant_vus(scale.users, scale.load())
        .warm_up(scale.warm_up())
        .grace(PATIENCE)
        .parameter(&workshop)
        .failures_judged_by_case();
    for (request, baseline) in JUDGED {
        plan = plan.threshold(baseline, Measure::request(request, Figure::P95));
    }
    let outcome = plan.run().await?;
    tell_of_the_generator(&outcome);
    check!(
        failed_percent(&outcome) <= MOST_FAILURES,
        "at most {MOST_FAILURES} % of the rounds fail: {}",
        reasons(&outcome)
    );
    Ok(())
}
