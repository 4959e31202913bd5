//! What a load over many agents costs where all of it comes together: `cargo run --release -p assay-agents --example scale [AGENTS...]`.
//!
//! One coordinator and so many agents speak over a real NATS server, which is started for it. The agents are real but for what they measure: each
//! takes one share of a load and tells a delta a second, as the host does, of requests that nobody sends. The coordinator merges them as the host does. Told is
//! what it costs there, and that what was merged is what one histogram with all samples has: else it fails.
//!
//! Everything runs on one machine, so the times on a processor say what each part costs, and delays are those of a machine that does all of it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "an example that cannot go on has failed, and its table is what it is for"
)]

mod agents;
mod coordinator;
mod merging;
mod proc;
mod share;

use std::process::Command;

/// How many agents are tried if none are named.
const USUAL: [&str; 3] = ["10", "100", "1000"];

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["agents", url, first, count] => {
            agents::run(url, first.parse().unwrap(), count.parse().unwrap());
        }
        ["coordinator", agents] => coordinator::run(agents.parse().unwrap()),
        [] => measure(&USUAL),
        counts => measure(counts),
    }
}

/// Each in a process of its own, whose memory is its own.
fn measure(counts: &[&str]) {
    println!("{}", share::described());
    println!("{}", coordinator::HEAD);
    for count in counts {
        let status = again(&["coordinator", count]).status().unwrap();
        assert!(status.success(), "{count} agents: {status}");
    }
}

/// This program once more.
fn again(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(arguments);
    command
}
