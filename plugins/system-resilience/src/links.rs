//! Links that are slow, lose connections, or hold their ends back: answers are late, and otherwise as ever.

use assay_client::{Api, NewEpisode, Service};
use assay_sdk::chaos::{Action, CLIENT, Delay};
use assay_sdk::prelude::*;

use crate::faults::{self, GENERATION_SERVICE, PROJECT_SERVICE, VECTOR_STORE};
use crate::refusal::{self, NO_PROJECT_SERVICE};
use crate::{jobs, promises, reading, truth};

/// The services as they are reached over the links from the suites, so that a fault on such a link is met. An environment without such
/// links cannot show what the case looks for.
pub(crate) fn over_client_links(api: &Api) -> Result<Api> {
    let url = |service: Service| {
        let link = format!("{CLIENT}->{}", service.name());
        context::optional_service_url(&link).ok_or_else(|| {
            Problem::skipped(format!(
                "the environment has no link `{link}`: declare it in `assay.toml`"
            ))
        })
    };
    let far = Api::new(url(Service::Project)?, url(Service::Generation)?);
    ensure!(far != *api, "a link has an address of its own");
    Ok(far)
}

/// Over a slow link an answer is late by the delay of both ways and says the same
#[case(tags = ["link"], timeout = "30s", exclusive, needs = ["project-service"])]
async fn a_slow_link_makes_answers_late_and_not_wrong(api: Api) -> Result<()> {
    let near = api.user("author nearby");
    let far = over_client_links(&api)?.user("author far away");
    let project = near.temporary_project("slow answers").await?;
    let (delay, jitter) = (Duration::from_millis(80), Duration::from_millis(20));
    let fault = slow_down(CLIENT, PROJECT_SERVICE, delay, jitter).await?;
    let path = format!("/projects/{}", project.id);
    for _ in 0..3 {
        let request = far.request("GET", Service::Project, &path);
        let response = request.send().await?.expect_status(200)?;
        let took = response.timings().total;
        let least = delay.saturating_sub(jitter) * 2;
        check!(took >= least, "the answer is late by both ways: {took:?}");
        check!(
            took <= (delay + jitter) * 3 + promises::SLACK,
            "and not by much more: {took:?}"
        );
    }
    check_eq!(
        far.project(&project.id).await?,
        project,
        "the answer is right"
    );
    let new = NewEpisode::new("From afar", "# From afar");
    let made = far.create_episode(&project.id, &new).await?;
    faults::recover(fault, "link-recovery", || far.project(&project.id)).await?;
    check_eq!(
        near.episodes(&project.id).await?,
        [made],
        "what was made from afar is there"
    );
    Ok(())
}

/// With slow links between the services everything takes longer, and nothing else changes
#[case(tags = ["link"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn slow_links_between_services_only_take_time(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("slow services").await?.id;
    let (delay, jitter) = (Duration::from_millis(30), Duration::from_millis(10));
    let to_project = slow_down(GENERATION_SERVICE, PROJECT_SERVICE, delay, jitter).await?;
    let to_vectors = slow_down(PROJECT_SERVICE, VECTOR_STORE, delay, jitter).await?;
    let jobs = jobs::start_all(&user, &project, &["One", "Two", "Three"]).await?;
    let streams = jobs.iter().map(|job| reading::whole(&user, job));
    try_join_all(streams).await?;
    jobs::ensure_stored_once(&user, &project, &jobs, promises::PATIENCE).await?;
    for job in &jobs {
        let report = user.save_report(job).await?;
        check_eq!(report.attempts, 1, "a slow save is not a failed one");
    }
    truth::ensure_all_well(&api).await?;
    for fault in [to_vectors, to_project] {
        faults::recover(fault, "link-recovery", || user.project(&project)).await?;
    }
    Ok(())
}

/// A connection whose end is held back ends late: the whole stream is there before, and its end comes
#[case(tags = ["link", "stream"], timeout = "30s", exclusive, needs = ["project-service", "generation-service"])]
async fn a_slow_end_of_a_connection_loses_nothing(api: Api) -> Result<()> {
    let far = over_client_links(&api)?.user("reader far away");
    let project = far.temporary_project("slow end").await?.id;
    let link = chaos::link(CLIENT, GENERATION_SERVICE);
    let fault = faults::on_link(&link, Action::SlowClose(300)).await?;
    let jobs = jobs::start_all(&far, &project, &["Ends late"]).await?;
    reading::whole(&far, &jobs[0]).await?;
    jobs::ensure_stored_once(&far, &project, &jobs, promises::PATIENCE).await?;
    faults::recover(fault, "link-recovery", || far.job(&jobs[0])).await?;
    Ok(())
}

/// A service that loses its connections to another one says so or gets through, and each generation that was answered is made
#[case(tags = ["link", "outage"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn lost_connections_between_services_lose_no_work(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("lossy").await?.id;
    let link = chaos::link(GENERATION_SERVICE, PROJECT_SERVICE);
    let early = jobs::start_all(&user, &project, &["Begun before"]).await?;
    let fault = faults::on_link(&link, Action::Reset).await?;
    let refused = user
        .request("POST", Service::Generation, "/generations")
        .json(&assay_client::NewGeneration::new(&project, "Refused"))
        .send()
        .await?;
    refusal::check_unavailable("a generation", &refused, NO_PROJECT_SERVICE);
    jobs::ensure_waiting(&user, &early).await?;
    faults::recover(fault, "link-recovery", || user.job(&early[0])).await?;
    let episodes =
        jobs::ensure_stored_once(&user, &project, &early, promises::until_saved()?).await?;
    jobs::check_numbers(&episodes);
    truth::ensure_all_well(&api).await
}

async fn slow_down(
    from: &str,
    to: &str,
    delay: Duration,
    jitter: Duration,
) -> Result<chaos::Fault> {
    let delay = Delay {
        milliseconds: u32::try_from(delay.as_millis())?,
        jitter: u32::try_from(jitter.as_millis())?,
    };
    faults::on_link(&chaos::link(from, to), Action::Latency(delay)).await
}
