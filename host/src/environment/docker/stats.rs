//! What a container uses of the machine: memory, time and tasks from its control group, as the engine reads it, and open files from
//! `/proc`.
//!
//! Both versions of control groups are read; they name the same things differently.

use std::{fs, io};

use bollard::models::ContainerStatsResponse;

use crate::environment::control::Usage;

/// Memory of processes, without files that the system keeps in memory: in version 1 and version 2 of control groups.
const RESIDENT: [&str; 3] = ["total_rss", "rss", "anon"];

/// The usage, with these open files; the error says what is missing.
pub(super) fn usage(stats: &ContainerStatsResponse, open_files: u32) -> Result<Usage, String> {
    let missing = |what: &str| format!("the engine does not tell its {what}");
    let parts = stats
        .memory_stats
        .as_ref()
        .and_then(|memory| memory.stats.as_ref());
    let memory = parts.and_then(|parts| RESIDENT.iter().find_map(|name| parts.get(*name)));
    let processor = stats
        .cpu_stats
        .as_ref()
        .and_then(|stats| stats.cpu_usage.as_ref());
    let tasks = stats.pids_stats.as_ref().and_then(|pids| pids.current);
    Ok(Usage {
        resident_bytes: *memory.ok_or_else(|| missing("memory"))?,
        cpu_ns: processor
            .and_then(|usage| usage.total_usage)
            .ok_or_else(|| missing("processor time"))?,
        threads: tasks
            .and_then(|tasks| u32::try_from(tasks).ok())
            .ok_or_else(|| missing("threads"))?,
        open_files,
    })
}

/// Files and sockets that are open in all processes of a container: those whose control group has its id.
pub(super) fn open_files(container: &str) -> io::Result<u32> {
    let processes = fs::read_dir("/proc")?.flatten().filter(|process| {
        let groups = fs::read_to_string(process.path().join("cgroup"));
        groups.is_ok_and(|groups| groups.contains(container))
    });
    let mut count = None;
    for process in processes {
        let files = match fs::read_dir(process.path().join("fd")) {
            Ok(files) => files.count(),
            // It has ended meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        count = Some(count.unwrap_or(0) + files);
    }
    let count = count.ok_or_else(|| {
        io::Error::other("its processes are not among those of this machine that can be seen")
    })?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(memory: &str) -> Result<Usage, String> {
        let text = format!(
            r#"{{"memory_stats":{{"usage":9000000,"stats":{memory}}},"cpu_stats":{{"cpu_usage":{{"total_usage":77}}}},"pids_stats":{{"current":5}}}}"#
        );
        usage(&serde_json::from_str(&text).unwrap(), 3)
    }

    #[test]
    fn both_versions_of_control_groups_tell_memory_without_cached_files() {
        let expected = Usage {
            resident_bytes: 4096,
            cpu_ns: 77,
            threads: 5,
            open_files: 3,
        };
        let first = r#"{"total_rss":4096,"rss":1,"total_cache":8000000,"total_inactive_file":7}"#;
        assert_eq!(read(first), Ok(expected));
        let second = r#"{"anon":4096,"file":8000000,"inactive_file":7}"#;
        assert_eq!(read(second), Ok(expected));
    }

    #[test]
    fn what_the_engine_does_not_tell_is_no_zero() {
        let error = read("{}").unwrap_err();
        assert_eq!(error, "the engine does not tell its memory");
        let error = usage(&ContainerStatsResponse::default(), 0).unwrap_err();
        assert!(error.contains("memory"), "{error}");
    }

    #[test]
    fn a_container_without_processes_here_has_no_count_of_files() {
        assert!(open_files("no-container-has-this-id").is_err());
    }
}
