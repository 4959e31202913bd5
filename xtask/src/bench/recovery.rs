//! How finely the host measures a recovery: what it says of services that are healthy the moment their fault is gone. Whatever it says
//! above nothing is its own.

use std::fs;
use std::time::Duration;

use serde_json::Value;

use super::figures::{self, Figures};
use super::section::Section;
use super::{RUNS, build, file_error, newest_report, unexpected};
use crate::Outcome;
use crate::plugins;
use crate::process;

/// A process that goes on at once, and a link that carries at once.
const FAULTS: &str = r#"["pause cache", "refuse client->generation-service"]"#;

pub(super) fn section() -> Outcome<Section> {
    let figures = [Figures::new("until it is seen to be healthy", measure()?)?];
    Ok(Section {
        text: format!(
            "What the host says of services that are healthy the moment their fault is gone: a process that was frozen, a link that was refused. Wanted: below 10 ms.\n\n{}",
            figures::table(&figures)
        ),
        raw: figures::raw(&figures),
        charts: Vec::new(),
    })
}

/// The times to the first healthy answer, of all faults.
fn measure() -> Outcome<Vec<Duration>> {
    let folder = process::target_directory().join("bench").join("recovery");
    let mut times = Vec::new();
    for round in 0..RUNS {
        let reports = folder.join(round.to_string());
        let arguments = [
            "run",
            "--trust=all",
            "--no-progress",
            "--environment=embedded",
            "--filter=harmful/a-leaves-its-faults-behind",
            "--set=harmful.then=heal",
        ];
        let mut host = process::command(build::host(), arguments);
        host.arg(format!("--set=harmful.faults={FAULTS}"));
        host.arg(plugins::built("harmful"));
        host.arg("--report-dir").arg(&reports);
        process::run(host.stdout(std::process::Stdio::null()))?;
        let report = newest_report(&reports)?;
        let log = report.with_file_name("events.jsonl");
        let text = fs::read_to_string(&log).map_err(|source| file_error(&log, source))?;
        times.extend(recoveries(&text)?);
    }
    Ok(times)
}

fn recoveries(log: &str) -> Outcome<Vec<Duration>> {
    let mut times = Vec::new();
    for line in log.lines() {
        let event: Value =
            serde_json::from_str(line).map_err(|error| unexpected(error.to_string()))?;
        if event["event"] == "fault_healed" {
            times.extend(
                event["healed"]["healthy_after_ns"]
                    .as_u64()
                    .map(Duration::from_nanos),
            );
        }
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_each_fault_that_was_healed_is_read() {
        let text = r#"{"event":"fault_injected","fault":{"id":1}}
{"event":"fault_healed","healed":{"id":1,"active_ns":9,"healthy_after_ns":7}}
"#;
        assert_eq!(recoveries(text).unwrap(), [Duration::from_nanos(7)]);
        assert!(recoveries("garbage").is_err());
    }
}
