//! How fast the system is, how much it bears, and whether that stays so: creation of episodes under concurrency, every endpoint, a crowd,
//! event streams that are open at once, memory, continuous operation, throughput.
//!
//! Each case runs alone and makes its load with virtual users of the host. A case whose load does not do what it is for fails, however
//! good its figures are. `[settings.performance]` says how large everything is ([`scale`]); what the suite must see with each defect
//! of the reference system is written down in `plugins/defects.toml`.

mod creations;
mod drift;
mod endpoints;
mod endurance;
mod ground;
mod memory;
mod outcome;
mod regression;
mod scale;
mod streams;
mod throughput;
mod workshop;

use assay_sdk::prelude::*;

suite! {
    summary: "Speed, limits and steadiness: creations under concurrency, streams at once, memory, continuous operation, throughput",
    baselines: [
        Baseline::at_most("episode-creation-p95", "s", 2.0, 5.0)
            .summary("P95 of the creation of an episode, 20 users at work"),
        Baseline::at_most("episode-creation-p99", "s", 2.0, 5.0)
            .summary("P99 of the creation of an episode, 20 users at work"),
        Baseline::at_most("episode-creation-failures", "%", 1.0, 5.0)
            .summary("creations of episodes that fail, of all"),
        Baseline::at_most("crowded-creation-p95", "s", 2.0, 5.0)
            .summary("P95 of the creation of an episode, 64 users at work"),
        Baseline::at_most("project-creation-p95", "s", 2.0, 5.0)
            .summary("P95 of the creation of a project"),
        Baseline::at_most("project-read-p95", "s", 2.0, 5.0)
            .summary("P95 of a read of a project"),
        Baseline::at_most("episode-list-p95", "s", 2.0, 5.0)
            .summary("P95 of a list of a project's episodes"),
        Baseline::at_most("generation-start-p95", "s", 2.0, 5.0)
            .summary("P95 of the start of a generation"),
        Baseline::at_most("generation-read-p95", "s", 2.0, 5.0)
            .summary("P95 of a read of a generation"),
        Baseline::at_least("streams-at-once", "streams", 50.0, 20.0)
            .summary("event streams that are open at once and get every event"),
        Baseline::at_most("first-event-p95", "s", 2.0, 5.0)
            .summary("P95 from asking for a stream to its first event, at the highest number of streams that held"),
        Baseline::at_most("memory-growth", "%/h", 5.0, 20.0)
            .summary("proven growth of a service's memory in an hour of the seed's work, 1,200 creations"),
        Baseline::at_most("latency-drift", "%", 25.0, 100.0)
            .summary("proven growth of the time of a creation over the run, beside one on a service that is emptied again and again"),
        Baseline::at_most("throughput-drift", "%", 30.0, 60.0)
            .summary("proven fall of the creations each second over the run, beside those of a service that is emptied again and again"),
        Baseline::at_most("continuous-failures", "%", 1.0, 10.0)
            .summary("requests that fail in continuous operation, of all"),
        Baseline::at_least("episodes-per-second", "/s", 10.0, 2.0)
            .summary("episodes from the start of their generation to where they can be read"),
    ],
    // As large as the sizes that it has by default: the profile `full`, and greater ones, need a higher ceiling.
    wants: {
        services: [
            "project-service", "generation-service", "generation-service-paced", "project-service-emptied",
            "vector-store", "cache",
        ],
        load: { vus: 200, rate: 20, duration: "2m" },
        settings: ["performance"],
        attachments: true,
    },
}
