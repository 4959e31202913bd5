//! One idempotency key makes one thing: before, during and after an outage of the cache, over a kill, and when an answer is lost.

use assay_client::{Api, Episode, NewGeneration, User};
use assay_sdk::chaos::{Action, CLIENT, Direction};
use assay_sdk::join;
use assay_sdk::prelude::*;

use crate::faults::{self, CACHE, GENERATION_SERVICE, PROJECT_SERVICE};
use crate::once::{Made, Once};
use crate::promises::PATIENCE;
use crate::{jobs, truth};

/// The figure of answers while the cache is not there.
const FIGURE: &str = "answer_without_cache_seconds";

/// A key makes one thing before, during and after a time without the cache, is a conflict with another body in all three, and of requests at once with one key one makes it
#[case(tags = ["idempotency", "cache"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store", "cache"])]
async fn a_key_makes_one_thing_while_the_cache_is_stopped(api: Api) -> Result<()> {
    keys_over_an_outage(&api, Action::Stop).await
}

/// The same with a cache that is frozen: it takes connections and answers nothing, and no request hangs with it
#[case(tags = ["idempotency", "cache"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store", "cache"])]
async fn a_key_makes_one_thing_while_the_cache_is_frozen(api: Api) -> Result<()> {
    keys_over_an_outage(&api, Action::Pause).await
}

/// What the phases of an outage made.
struct Everything {
    made: Vec<Made>,
}

async fn keys_over_an_outage(api: &Api, action: Action) -> Result<()> {
    let user = api.user("stuttering client");
    let project = user.temporary_project("keys without cache").await?.id;
    let mut all = Everything { made: Vec::new() };
    all.make(&user, &project, "before").await?;

    let fault = faults::on_service(CACHE, action).await?;
    all.make(&user, &project, "during").await?;
    truth::ensure_without_cache(api).await?;
    judge_answers(&user, &project).await?;

    faults::recover(fault, "cache-recovery", || user.project(&project)).await?;
    all.make(&user, &project, "after").await?;
    truth::ensure_all_well(api).await?;
    all.ensure_each_once(&user, &project).await
}

impl Everything {
    /// Makes two generations and two episodes, one of each by requests at once, and looks again at all that was made so far.
    async fn make(&mut self, user: &User, project: &str, when: &str) -> Result<()> {
        for made in &self.made {
            made.check_kept(user, when).await?;
        }
        let title = |count: &str| format!("{count}, {when}");
        let single = [
            Once::generation(project, &title("one"))?,
            Once::episode(project, &title("one"))?,
        ];
        let many = [
            Once::generation(project, &title("one of many"))?,
            Once::episode(project, &title("one of many"))?,
        ];
        let mut new = Vec::new();
        for once in single {
            new.push(once.make(user, when).await?);
        }
        for once in many {
            new.push(once.make_at_once(user, when).await?);
        }
        for made in &new {
            made.check_kept(user, when).await?;
        }
        self.made.append(&mut new);
        Ok(())
    }

    /// There are exactly the generations and the episodes that were answered.
    async fn ensure_each_once(&self, user: &User, project: &str) -> Result<()> {
        let answered: Vec<&str> = self
            .made
            .iter()
            .filter_map(|made| made.job.as_deref())
            .collect();
        let by_hand = self.made.len() - answered.len();
        let wanted = self.made.len();
        let episodes = eventually(PATIENCE, || async {
            let episodes = user.episodes(project).await?;
            ensure!(
                episodes.len() >= wanted,
                "all that was made is stored: {}",
                episodes.len()
            );
            Ok(episodes)
        })
        .await?;
        let is_by_hand = |episode: &&Episode| episode.prompt_snapshot.as_deref() == Some("");
        check_eq!(
            episodes.iter().filter(is_by_hand).count(),
            by_hand,
            "every episode is made once"
        );
        let jobs = user.jobs(project).await?;
        let mut made: Vec<&str> = jobs.iter().map(|job| job.job_id.as_str()).collect();
        let mut answered = answered;
        made.sort_unstable();
        answered.sort_unstable();
        check_eq!(made, answered, "every generation is made once");
        check_eq!(episodes.len(), wanted, "there is no episode too many");
        Ok(())
    }
}

/// How long the slowest of some everyday questions takes without the cache.
async fn judge_answers(user: &User, project: &str) -> Result<()> {
    let mut slowest = Duration::ZERO;
    let mut samples = 0;
    for path in [
        format!("/projects/{project}"),
        format!("/projects/{project}/episodes"),
    ] {
        for _ in 0..10 {
            let request = user.request("GET", assay_client::Service::Project, &path);
            let response = request.send().await?.expect_status(200)?;
            let took = response.timings().total;
            metrics::observe(FIGURE, &[], took.as_secs_f64(), metrics::Unit::Seconds)?;
            slowest = slowest.max(took);
            samples += 1;
        }
    }
    metrics::judge("answer-without-cache", slowest.as_secs_f64() * 1e3, samples)?;
    Ok(())
}

/// A key is kept when the service that knows it is killed: the repeat makes nothing, on both services
#[case(tags = ["idempotency", "restart"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn a_key_is_kept_over_a_kill(api: Api) -> Result<()> {
    let user = api.user("stubborn client");
    let project = user.temporary_project("keys over a kill").await?.id;
    let generation = Once::generation(&project, "Made once")?;
    let generation = generation.make(&user, "before the kill").await?;
    let fault = faults::on_service(GENERATION_SERVICE, faults::kill()).await?;
    faults::recover(fault, "generation-service-recovery", || user.jobs(&project)).await?;
    generation.check_kept(&user, "after the kill").await?;
    let job = generation.job.clone().context("the generation has an id")?;
    jobs::ensure_stored_once(&user, &project, &[job], PATIENCE).await?;

    let episode = Once::episode(&project, "Made once")?;
    let episode = episode.make(&user, "before the kill").await?;
    let fault = faults::on_service(PROJECT_SERVICE, faults::kill()).await?;
    faults::recover(fault, "project-service-recovery", || user.project(&project)).await?;
    episode.check_kept(&user, "after the kill").await?;
    check_eq!(
        user.episodes(&project).await?.len(),
        2,
        "nothing was made twice"
    );
    Ok(())
}

/// A client that never got the answer asks again with the same key: the generation is the one that was made
#[case(tags = ["idempotency", "link"], timeout = "30s", exclusive,
    needs = ["project-service", "generation-service"])]
async fn a_start_whose_answer_is_lost_makes_one_generation(api: Api) -> Result<()> {
    let user = api.user("patient client");
    let far = crate::links::over_client_links(&api)?.user("patient client");
    let project = user.temporary_project("lost answer").await?.id;
    let once = Once::generation(&project, "Asked twice")?;
    let link = chaos::link(CLIENT, GENERATION_SERVICE).on(Direction::Downstream);
    let fault = faults::on_link(&link, Action::Blackhole).await?;
    let arrives = eventually(PATIENCE, || async {
        let jobs = user.jobs(&project).await?;
        ensure_eq!(jobs.len(), 1, "the request arrives");
        Ok(jobs)
    });
    let (jobs, in_vain) = join(arrives, once.ask_in_vain(&far)).await;
    in_vain?;
    let jobs = jobs?;
    faults::recover(fault, "link-recovery", || far.job(&jobs[0].job_id)).await?;
    let made = Made::by_lost_request(once, &far).await?;
    made.check_kept(&far, "after the answer was lost").await?;
    let job = made.job.context("the generation has an id")?;
    jobs::ensure_stored_once(&user, &project, &[job], PATIENCE).await?;
    Ok(())
}

/// While the cache is away an unkeyed request is as many things as it is sent: the key is what makes it one
#[case(tags = ["idempotency", "cache"], timeout = "30s", exclusive,
    needs = ["project-service", "generation-service", "cache"])]
async fn without_a_key_every_request_makes_something(api: Api) -> Result<()> {
    let user = api.user("plain client");
    let project = user.temporary_project("no key").await?.id;
    let fault = faults::on_service(CACHE, Action::Stop).await?;
    let new = NewGeneration::new(&project, "Twice");
    let mut started = Vec::new();
    for _ in 0..2 {
        started.push(user.start(&new).await?.job_id);
    }
    faults::recover(fault, "cache-recovery", || user.project(&project)).await?;
    jobs::ensure_stored_once(&user, &project, &started, PATIENCE).await?;
    Ok(())
}
