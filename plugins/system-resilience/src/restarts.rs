//! Services that end in the middle of generations, killed or in an orderly way, and come back: everything that was there is there, and
//! every generation comes to its end.

use assay_client::{Api, Episode, Follower, NewEpisode, NewGeneration, Project, Service, User};
use assay_sdk::chaos::Action;
use assay_sdk::join;
use assay_sdk::prelude::*;

use crate::faults::{self, CACHE, GENERATION_SERVICE, PROJECT_SERVICE, VECTOR_STORE};
use crate::jobs;
use crate::promises;
use crate::reading::{self, Reader};
use crate::refusal::{NO_PROJECT_SERVICE, check_unavailable};
use crate::truth::{self, Condition};

/// Generations that are under way when something ends.
const TITLES: [&str; 4] = ["Act one", "Act two", "Act three", "Act four"];

/// The generation service is killed with generations under way: their readers are cut off, come back at once or later, and read on to the end; all are stored once
#[case(tags = ["restart", "stream"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn a_kill_of_the_generation_service_loses_nothing(api: Api) -> Result<()> {
    interrupt_generations(&api, faults::kill(), false).await
}

/// The generation service is stopped with generations under way: it ends their streams in an orderly way, and goes on with them later
#[case(tags = ["restart", "stream"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn a_stop_of_the_generation_service_loses_nothing(api: Api) -> Result<()> {
    interrupt_generations(&api, Action::Stop, true).await
}

async fn interrupt_generations(api: &Api, action: Action, orderly: bool) -> Result<()> {
    let user = api.user("reader");
    let project = user.temporary_project("interrupted").await?.id;
    let jobs = jobs::start_all(&user, &project, &TITLES).await?;
    let mut readers: Vec<Reader> = jobs.iter().map(|job| Reader::new(&user, job)).collect();
    let streams = try_join_all(readers.iter().map(begun)).await?;
    let reading = readers.iter_mut().zip(streams);
    let reading = try_join_all(reading.map(|(reader, stream)| reader.go_on_with(stream)));
    let (fault, read) = join(faults::on_service(GENERATION_SERVICE, action), reading).await;
    let fault = fault?;
    read?;
    check_interrupted(&readers, orderly)?;

    let recovered = || user.jobs(&project);
    faults::recover(fault, "generation-service-recovery", recovered).await?;
    let (at_once, later) = readers.split_at_mut(TITLES.len() / 2);
    come_back(at_once).await?;
    jobs::ensure_stored_once(&user, &project, &jobs, promises::until_saved()?).await?;
    come_back(later).await?;
    for (reader, job) in readers.iter().zip(&jobs) {
        let whole = reading::whole(&user, job).await?;
        reader.check_same_as(&whole, "over the restart");
    }
    truth::ensure_all_well(api).await
}

/// Those that were cut off read on to the end.
async fn come_back(readers: &mut [Reader]) -> Result<()> {
    let cut = readers.iter_mut().filter(|reader| !reader.is_complete());
    try_join_all(cut.map(Reader::read_to_the_end)).await?;
    Ok(())
}

/// Opens a stream and sees that the generation is under way.
async fn begun(reader: &Reader) -> Result<Follower> {
    let mut stream = reader.open().await?;
    stream.next_event().await?.context("the first event")?;
    Ok(stream)
}

/// At least one reader was cut off before the final event, and each of those by an end of the kind that is expected.
fn check_interrupted(readers: &[Reader], orderly: bool) -> Result<()> {
    let cut: Vec<&Reader> = readers
        .iter()
        .filter(|reader| !reader.is_complete())
        .collect();
    ensure!(
        !cut.is_empty(),
        "generations are under way when the service ends"
    );
    check!(
        cut.iter().all(|reader| reader.ended == orderly),
        "a stream ends as the service does: {cut:?}"
    );
    Ok(())
}

/// The project service is killed with generations under way: new ones are refused, those wait with their streams open, and are stored once
#[case(tags = ["restart", "outage"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store"])]
async fn a_kill_of_the_project_service_loses_nothing(api: Api) -> Result<()> {
    let user = api.user("author");
    let before = Stored::new(&user, "killed").await?;
    let project = &before.project.id;
    let jobs = jobs::start_all(&user, project, &TITLES[..1]).await?;
    let streams = try_join_all(jobs.iter().map(|job| user.follow(job))).await?;
    let fault = faults::on_service(PROJECT_SERVICE, faults::kill()).await?;
    jobs::ensure_waiting(&user, &jobs).await?;
    let refused = user
        .request("POST", Service::Generation, "/generations")
        .json(&NewGeneration::new(project, "Refused"))
        .send()
        .await?;
    check_unavailable("a generation", &refused, NO_PROJECT_SERVICE);
    let without = Condition::Unable(PROJECT_SERVICE);
    truth::ensure_told(&api, Service::Generation, without).await?;

    faults::recover(fault, "project-service-recovery", || user.project(project)).await?;
    for (stream, job) in streams.into_iter().zip(&jobs) {
        let seen = within(promises::until_saved()?, stream.to_the_end()).await??;
        reading::check_whole(&seen, job)?;
    }
    before.ensure_kept(&user, &jobs).await?;
    truth::ensure_all_well(&api).await
}

/// Each of the services is stopped and started with generations under way: all of these are stored, and all that was there before is
#[case(tags = ["restart"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store", "cache"])]
async fn a_restart_of_any_service_keeps_everything(api: Api) -> Result<()> {
    for service in [CACHE, VECTOR_STORE, PROJECT_SERVICE, GENERATION_SERVICE] {
        end_and_begin(&api, service, Action::Stop).await?;
    }
    Ok(())
}

/// The cache or the vector store is killed with generations under way: all of these are stored, and all that was there before is
#[case(tags = ["restart"], timeout = "60s", exclusive,
    needs = ["project-service", "generation-service", "vector-store", "cache"])]
async fn a_kill_of_a_store_keeps_everything(api: Api) -> Result<()> {
    for service in [CACHE, VECTOR_STORE] {
        end_and_begin(&api, service, faults::kill()).await?;
    }
    Ok(())
}

async fn end_and_begin(api: &Api, service: &str, action: Action) -> Result<()> {
    let user = api.user("author");
    let before = Stored::new(&user, &format!("{service} ends")).await?;
    let jobs = jobs::start_all(&user, &before.project.id, &TITLES[..1]).await?;
    let fault = faults::on_service(service, action).await?;
    let baseline = format!("{service}-recovery");
    let recovered = || user.project(&before.project.id);
    faults::recover(fault, &baseline, recovered).await?;
    before.ensure_kept(&user, &jobs).await?;
    for job in &jobs {
        reading::whole(&user, job).await?;
    }
    truth::ensure_all_well(api).await
}

/// What was there before.
struct Stored {
    project: Project,
    episode: Episode,
}

impl Stored {
    async fn new(user: &User, purpose: &str) -> Result<Self> {
        let project = user.temporary_project(purpose).await?;
        let new = NewEpisode::new("From before", "# From before");
        let episode = user.create_episode(&project.id, &new).await?;
        Ok(Self {
            project: user.project(&project.id).await?,
            episode,
        })
    }

    /// It is there as it was, the generations are stored once, and what depends on the vector store can be done with what was there.
    async fn ensure_kept(self, user: &User, jobs: &[String]) -> Result<()> {
        let id = &self.project.id;
        let limit = promises::until_saved()?;
        let kept = std::slice::from_ref(&self.episode);
        let episodes = jobs::ensure_stored_beside(user, id, kept, jobs, limit).await?;
        jobs::check_numbers(&episodes);
        let project = user.project(id).await?;
        check_eq!(
            (project.name, project.kind),
            (self.project.name, self.project.kind),
            "the project is there"
        );
        user.delete_episode(id, &self.episode.id).await?;
        check!(
            !user.has_episode(id, &self.episode.id).await?,
            "it can be deleted"
        );
        Ok(())
    }
}
