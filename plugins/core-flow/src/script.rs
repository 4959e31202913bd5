//! What a generation and its stream must be, wherever they are looked at.

use assay_client::{Completed, Content, Episode, Job, JobStatus, Transcript};
use assay_sdk::prelude::*;

/// What a generation reports on its way, in percent.
const PERCENTAGES: [f64; 7] = [10.0, 25.0, 40.0, 60.0, 75.0, 90.0, 100.0];

/// A stream that was read to its end is the whole log of a generation that completed.
pub(crate) fn check_whole(transcript: &Transcript, job: &str) -> Result<Completed> {
    check!(
        transcript.ended,
        "the server ends the stream in an orderly way"
    );
    check_names(transcript);
    check_numbers(transcript);
    check!(
        transcript.events.iter().all(|event| event.job_id == job),
        "every event is about {job}"
    );
    check_progress(transcript);
    let completed = transcript
        .completed()
        .context("`completed` is the last event")?;
    check_previews(transcript, completed);
    Ok(completed.clone())
}

/// Each kind of event comes, in its order: progress, then the text so far, and once the final one.
fn check_names(transcript: &Transcript) {
    let mut expected = ["progress", "preview"].repeat(PERCENTAGES.len() - 1);
    expected.extend(["progress", "completed"]);
    check_eq!(
        transcript.event_names(),
        expected,
        "the events come in their order"
    );
    let on_the_way = transcript.events.iter().filter(|event| !event.is_final());
    let states: Vec<&str> = on_the_way.map(|event| event.status.as_str()).collect();
    check!(
        states.iter().all(|state| *state == "streaming"),
        "every event on the way says streaming: {states:?}"
    );
    let last = transcript.events.last().map(|event| event.status.as_str());
    check_eq!(last, Some("completed"), "the final event says completed");
}

/// Ids count the job's events from 1, and the data says the same.
pub(crate) fn check_numbers(transcript: &Transcript) {
    let dense: Vec<Option<u64>> = (1..).map(Some).take(transcript.events.len()).collect();
    check_eq!(transcript.numbers(), dense, "ids are dense from 1");
    let sequences: Vec<Option<u64>> = transcript
        .events
        .iter()
        .map(|event| event.sequence)
        .collect();
    check_eq!(sequences, dense, "sequences are dense from 1");
}

fn check_progress(transcript: &Transcript) {
    check_eq!(
        transcript.percentages(),
        PERCENTAGES,
        "progress rises to 100 in its steps"
    );
    let steps: Vec<(u64, u64)> = transcript
        .events
        .iter()
        .filter_map(|event| match &event.content {
            Content::Progress(progress) => Some((progress.steps_completed, progress.total_steps)),
            _ => None,
        })
        .collect();
    check!(steps.is_sorted(), "steps are never taken back: {steps:?}");
    check!(
        steps.iter().all(|&(done, all)| done <= all && all == 7),
        "there are 7 steps: {steps:?}"
    );
}

/// Each preview goes on from the one before it, and the final text from the last.
fn check_previews(transcript: &Transcript, completed: &Completed) {
    let mut texts = transcript.previews();
    texts.push(&completed.markdown);
    for (number, pair) in texts.windows(2).enumerate() {
        let (text, longer) = (pair[0], pair[1]);
        check!(
            longer.starts_with(text),
            "preview {} is a prefix of what follows it",
            number + 1
        );
    }
    let grows = texts.windows(2).all(|pair| pair[0].len() < pair[1].len());
    check!(grows, "each preview says more than the one before");
    let partial = transcript.events.iter().all(|event| match &event.content {
        Content::Preview(preview) => {
            preview.is_partial && preview.word_count == words(&preview.markdown)
        }
        _ => true,
    });
    check!(
        partial,
        "each preview is marked as partial and counts its words"
    );
    check_eq!(
        completed.word_count,
        words(&completed.markdown),
        "`completed` counts its words"
    );
}

/// The stored episode is what `completed` said.
pub(crate) fn check_stored(episode: &Episode, completed: &Completed, title: &str) {
    check_eq!(
        Some(&episode.id),
        completed.episode_id.as_ref(),
        "`completed` names the stored episode"
    );
    check_eq!(
        Some(episode.number),
        completed.episode_number,
        "`completed` has its number"
    );
    check_eq!(
        episode.title,
        title,
        "the episode has the title that was asked for"
    );
    check_eq!(
        episode.markdown(),
        completed.markdown,
        "the stored text is the streamed one"
    );
    let tokens = episode.script.as_ref().map(|script| script.tokens);
    check_eq!(
        tokens,
        Some(completed.total_tokens),
        "the stored size is the streamed one"
    );
}

/// The finished job is what `completed` said.
pub(crate) fn check_finished(job: &Job, completed: &Completed) {
    check!(job.status == JobStatus::Completed);
    check!(
        job.saved_to_episode,
        "the job says that its episode is saved"
    );
    check_eq!(
        job.episode_id,
        completed.episode_id,
        "the job names the stored episode"
    );
    check_eq!(
        job.episode_number,
        completed.episode_number,
        "the job has its number"
    );
    check_eq!(
        job.markdown(),
        Some(completed.markdown.as_str()),
        "the job's text is the streamed one"
    );
    check_eq!(
        job.word_count,
        Some(completed.word_count),
        "the job counts the same words"
    );
    check_eq!(
        job.tokens,
        Some(completed.total_tokens),
        "the job has the same size"
    );
}

fn words(text: &str) -> u64 {
    text.split_whitespace().map(|_| 1).sum()
}
