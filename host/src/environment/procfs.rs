//! What `/proc` tells of a process: whether it is frozen, and what it uses. See proc(5).

use std::{fs, io};

use rustix::param::clock_ticks_per_second;

use crate::environment::control::Usage;

/// Whether every thread of a process is stopped; false if the process is gone.
pub(super) fn is_stopped(pid: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return false;
    };
    let mut states = threads.flatten().filter_map(|thread| {
        // A thread that ends meanwhile is not there to be stopped.
        let stat = fs::read_to_string(thread.path().join("stat")).ok()?;
        Some(state(&stat) == Some("T"))
    });
    states.next() == Some(true) && states.all(|stopped| stopped)
}

/// What a process uses now; its children count for themselves.
pub(super) fn usage(pid: u32) -> io::Result<Usage> {
    let unreadable =
        |file: &str| io::Error::other(format!("/proc/{pid}/{file} is not as expected"));
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let open_files = fs::read_dir(format!("/proc/{pid}/fd"))?.count();
    let (resident_bytes, threads) =
        memory_and_threads(&status).ok_or_else(|| unreadable("status"))?;
    Ok(Usage {
        resident_bytes,
        cpu_ns: cpu_ns(&stat, clock_ticks_per_second()).ok_or_else(|| unreadable("stat"))?,
        threads,
        open_files: u32::try_from(open_files).unwrap_or(u32::MAX),
    })
}

fn state(stat: &str) -> Option<&str> {
    fields(stat)?.next()
}

/// The fields behind the program's name, which stands in parentheses and may itself hold any character. The first is field 3.
fn fields(stat: &str) -> Option<impl Iterator<Item = &str>> {
    let (_, fields) = stat.rsplit_once(')')?;
    Some(fields.split_whitespace())
}

/// `utime` and `stime`, fields 14 and 15, in nanoseconds.
fn cpu_ns(stat: &str, ticks_per_second: u64) -> Option<u64> {
    let mut fields = fields(stat)?.skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    let nanoseconds = u128::from(user + system) * 1_000_000_000 / u128::from(ticks_per_second);
    u64::try_from(nanoseconds).ok()
}

/// `VmRSS` in bytes and `Threads`. What is only left of a process has no memory any more.
fn memory_and_threads(status: &str) -> Option<(u64, u32)> {
    let value = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()
    };
    let kibibytes: u64 = value("VmRSS:")?.parse().ok()?;
    Some((kibibytes * 1024, value("Threads:")?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str =
        "10 (a) T b) S 1 10 10 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 1 0 4242 1000 100";

    #[test]
    fn fields_are_counted_behind_any_name() {
        assert_eq!(state(STAT), Some("S"));
        assert_eq!(cpu_ns(STAT, 100), Some(2_000_000_000));
        assert_eq!(cpu_ns("10 (a) S 1", 100), None);
        assert_eq!(state(""), None);
    }

    #[test]
    fn memory_is_told_in_bytes() {
        let status = "Name:\tVmRSS: 1\nVmRSS:\t    12 kB\nThreads:\t3\n";
        assert_eq!(memory_and_threads(status), Some((12 * 1024, 3)));
        assert_eq!(memory_and_threads("Name:\tzombie\nThreads:\t1\n"), None);
    }

    #[test]
    fn this_process_runs_and_uses_something() {
        let own = std::process::id();
        assert!(!is_stopped(own));
        let usage = usage(own).unwrap();
        assert!(usage.resident_bytes > 0 && usage.threads > 0 && usage.open_files > 0);
    }

    #[test]
    fn what_is_gone_is_not_stopped_and_has_no_usage() {
        // Above the largest id that Linux gives.
        let nobody = 1 << 23;
        assert!(!is_stopped(nobody));
        assert!(usage(nobody).is_err());
    }
}
