//! How many event streams can be open at once, so that each of them gets every event.

use assay_client::{Api, NewGeneration, Service, Transcript, User, unique};
use assay_sdk::load::Outcome;
use assay_sdk::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ground::Ground;
use crate::outcome::{reasons, tell_of_the_generator};
use crate::scale::Scale;

/// So many streams follow one generation.
const READERS: u32 = 25;
/// What a whole stream has: a progress for each of the 7 steps, a preview for each but the last, and the end.
const EVENTS: u64 = 14;
/// How often a number of streams is tried: a limit is there each time, and a machine that was busy with something else is not.
const TRIES: u32 = 2;
/// How long streams may take beyond the time of the generations.
const GRACE: Duration = Duration::from_secs(15);

/// What the readers read.
#[derive(Deserialize, Serialize)]
struct Program {
    /// Where the generations are.
    service: String,
    /// Their ids.
    jobs: Vec<String>,
}

/// What a reader keeps.
struct Reader {
    user: User,
    job: String,
}

impl Reader {
    fn prepare(vu: Vu, ground: &Ground) -> Result<Self> {
        let program: Program = vu.parameter()?;
        let job = program.jobs[vu.number as usize % program.jobs.len()].clone();
        let api = Api::new(ground.api.base(Service::Project), program.service);
        // Each on a connection of its own, whatever was on the others.
        let user = api.user(format!("reader {}", vu.number));
        Ok(Self {
            user: user.following_no_redirects(),
            job,
        })
    }
}

/// A reader follows a generation from its first event to its last one
#[scenario(state = Reader::prepare)]
async fn follow_a_generation(reader: &mut Reader, _ground: &Ground) -> Result<()> {
    let transcript = reader.user.follow(&reader.job).await?.to_the_end().await?;
    ensure_whole(&transcript)
}

/// Fails unless it has each event once, in order, from the first one to the good end.
fn ensure_whole(transcript: &Transcript) -> Result<()> {
    let numbers: Option<Vec<u64>> = transcript.numbers().into_iter().collect();
    ensure!(
        numbers == Some((1..=EVENTS).collect()),
        "a stream has each of its events once and in order"
    );
    ensure!(
        transcript.completed().is_some(),
        "a stream ends with `completed`"
    );
    Ok(())
}

/// More and more streams are open at once, and each gets every event: up to how many that is so
#[case(tags = ["stream", "limit"], timeout = "20m", needs = ["project-service", "generation-service-paced"], exclusive)]
async fn many_streams_at_once_get_every_event(ground: Ground) -> Result<()> {
    let scale = Scale::of_settings()?;
    let api = ground.api.paced()?;
    let author = api.user("author");
    let stage = Stage {
        project: author.temporary_project("streams at once").await?.id,
        author,
        service: api.base(Service::Generation).to_owned(),
    };
    let (mut held, mut tried, mut best) = (0, 0, None);
    // Not by the host's own search for a limit: it judges a step by figures, while users come and go. Whether all were open at the same
    // time, each from the first event on, is no figure, and sixteen at a time that read one after the other have the best of them.
    for streams in scale.streams {
        tried += u64::from(streams);
        let Some(outcome) = stage.hold(streams).await? else {
            break;
        };
        held = streams;
        best = Some(outcome);
    }
    metrics::judge("streams-at-once", f64::from(held), tried)?;
    if let Some(streams) = best.and_then(|outcome| outcome.streams) {
        let first = streams.first_event;
        metrics::judge("first-event-p95", first.p95.as_secs_f64(), first.count)?;
    }
    Ok(())
}

/// Where generations are made and followed.
struct Stage {
    author: User,
    project: String,
    service: String,
}

impl Stage {
    /// So many streams at once; none if they did not hold in any of the [`TRIES`].
    async fn hold(&self, streams: u32) -> Result<Option<Outcome>> {
        for _ in 0..TRIES {
            let outcome = self.follow(streams).await?;
            match ensure_held(&outcome, streams) {
                Ok(()) => return Ok(Some(outcome)),
                Err(reason) => info!("{streams} streams at once do not hold: {reason}"),
            }
        }
        Ok(None)
    }

    async fn follow(&self, streams: u32) -> Result<Outcome> {
        let generations = streams.div_ceil(READERS);
        let jobs = start_generations(&self.author, &self.project, generations).await?;
        let program = Program {
            service: self.service.clone(),
            jobs,
        };
        let outcome = load::plan("follow-a-generation")
            .iterations_each(streams, 1)
            .grace(GRACE)
            .parameter(&program)
            .failures_judged_by_case()
            .run()
            .await?;
        tell_of_the_generator(&outcome);
        Ok(outcome)
    }
}

async fn start_generations(author: &User, project: &str, count: u32) -> Result<Vec<String>> {
    let starts = (0..count).map(|_| async {
        let new = NewGeneration::new(project, unique("followed"));
        Ok::<_, Problem>(author.start(&new).await?.job_id)
    });
    try_join_all(starts).await
}

/// Why so many streams did not hold, if they did not: all have to be open at once, and to be read whole.
fn ensure_held(outcome: &Outcome, streams: u32) -> std::result::Result<(), String> {
    let most_open = outcome
        .streams
        .as_ref()
        .map_or(0, |streams| streams.most_open);
    if outcome.failed > 0 {
        return Err(format!(
            "{} were not whole: {}",
            outcome.failed,
            reasons(outcome)
        ));
    }
    if outcome.iterations != u64::from(streams) {
        let short = u64::from(streams).saturating_sub(outcome.iterations);
        return Err(format!("{short} did not come to their end"));
    }
    if most_open < streams {
        return Err(format!("at most {most_open} were open at once"));
    }
    Ok(())
}
