//! One attempt, run here for another host: with the environment, the settings and the secrets that it sends, and with no more rights than both of them
//! grant.

use std::{sync::Arc, time::Duration};

use assay_agents::{agent::Teller, stop::Stop};
use tokio::sync::{mpsc, oneshot};

use super::{site::Site, telling::Telling};
use crate::{
    agents::work::{AttemptWork, Ended, MAX_OUTPUT},
    capability::{metrics, recorder::Recorder},
    config::run::TIMEOUTS,
    ledger::Ledger,
    load,
    plugin::instance::{self, Attempt},
    redact::Redactor,
    runner::{self, live},
};

/// The time of an attempt here: what is asked for, and no more than a configuration can say. Who conducts a run may be anybody who reaches the server.
fn granted(asked: Duration) -> Duration {
    asked.min(*TIMEOUTS.end())
}
/// Runs it until it ends or is stopped, and tells what happens and what was found by then. The error is why it could not be run at all.
pub(super) async fn run(
    site: &Site<'_>,
    work: AttemptWork,
    teller: &Teller,
    mut stop: Stop,
) -> Result<(), String> {
    let AttemptWork { given, entry, .. } = work;
    let (permitted, rights) = site.rights(&given)?;
    let redactor = Redactor::default();
    let http = site.http.clone().traced(work.traced);
    let http = http.redacting(redactor.clone());
    let (sender, events) = mpsc::unbounded_channel();
    let ongoing = Ledger::default().attempt();
    let recorder = Recorder::new(work.source, sender, ongoing.attempt());
    let figures = Arc::new(metrics::Shared::timed(given.baselines));
    let attempt = Attempt {
        plugin: Arc::clone(&permitted.plugin),
        entry: live::entry(entry.task()),
        recorder: recorder.clone(),
        rights: rights.clone(),
        context: Arc::new(given.context),
        http,
        metrics: Arc::clone(&figures),
        chaos: None,
        threads: load::Threads::default(),
        machines: None,
        timeout: granted(work.timeout),
        memory: given.memory.min(site.limits.memory),
        output: work.output.min(site.limits.output).min(MAX_OUTPUT),
    };
    let (over, is_over) = oneshot::channel();
    let running = async {
        let ending = tokio::select! {
            biased;
            // The instance goes with the call.
            _ = stop.stopped() => None,
            ending = instance::run(site.engine, attempt) => Some(ending),
        };
        if runner::is_bad(ending.as_ref(), &recorder.evidence(), entry.task()) {
            recorder.recall();
        }
        // Whoever tells hears that nothing comes after what is there.
        let _ = over.send(());
        ending
    };
    let telling = Telling::new(teller, &redactor);
    // Side by side: a server that is slow to take what is told must not cost the attempt its time.
    let (ending, told) = tokio::join!(running, telling.follow(events, is_over));
    told.map_err(|error| format!("what happened could not be told: {error}"))?;
    let ended = Ended {
        ending,
        evidence: recorder.evidence(),
    };
    let ended = telling.end(figures.timed_figures(), rights.wanted(), ended);
    let ended = ended.await;
    ended.map_err(|error| format!("its end could not be told: {error}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::granted;

    #[test]
    fn an_attempt_gets_no_more_time_than_a_configuration_can_say() {
        let day = Duration::from_hours(24);
        let more = day + Duration::from_nanos(1);
        for (asked, expected) in [
            (Duration::from_secs(1), Duration::from_secs(1)),
            (day, day),
            (more, day),
            (Duration::MAX, day),
        ] {
            assert_eq!(granted(asked), expected);
        }
    }
}
