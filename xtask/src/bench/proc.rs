//! What the kernel says of a process: the time that it took of processors, and its memory. `wait4` would say it too, but not without
//! `unsafe`, and its peak would be that of the program that started it if that was larger.

use std::fs;
use std::time::Duration;

/// Clock ticks in a second. The kernel's own clock may be another one; what it shows in `/proc` is this on all machines that Rust runs on.
const TICKS_A_SECOND: u64 = 100;

/// A process and its threads, and the processes that it has waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    /// Whether it has ended, and nobody has waited for it yet.
    pub(super) ended: bool,
    /// User and system, to a hundredth of a second.
    pub(super) processor_time: Duration,
}

impl Life {
    /// Of a process that is there, or has ended and was not waited for.
    pub(super) fn of(process: u32) -> Option<Self> {
        parse_life(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
    }
}

fn parse_life(stat: &str) -> Option<Life> {
    // The name, in parentheses, may have anything in it.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    // Its own user and system time, and those of its children: fields 14 to 17, of which the state is the third.
    let ticks = fields.get(11..15)?.iter().map(|field| field.parse::<u64>());
    let ticks: u64 = ticks.sum::<Result<u64, _>>().ok()?;
    Some(Life {
        ended: matches!(*fields.first()?, "Z" | "X"),
        processor_time: Duration::from_millis(ticks * (1_000 / TICKS_A_SECOND)),
    })
}

/// Bytes that a process has in memory now, and had at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Resident {
    pub(super) now: u64,
    pub(super) peak: u64,
}

impl Resident {
    /// None of a process that has ended.
    pub(super) fn of(process: u32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        Some(Self {
            now: bytes(&status, "VmRSS:")?,
            peak: bytes(&status, "VmHWM:")?,
        })
    }
}

/// Bytes that only this process has, of those that it has in memory: the others are files, and pages that its mappings share.
pub(super) fn private(process: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    Some(bytes(&rollup, "Private_Clean:")? + bytes(&rollup, "Private_Dirty:")?)
}

/// The line of this name: so many kB.
fn bytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_all_threads_and_children_are_summed_whatever_the_name_is() {
        let stat = "1234 (a ) b) S 1 1 1 0 -1 4194304 9 9 0 0 150 50 7 3 20 0 2 0 1 1 1";
        let life = parse_life(stat).unwrap();
        assert_eq!(life.processor_time, Duration::from_millis(2_100));
        assert!(!life.ended);
        assert!(parse_life(&stat.replace(" S ", " Z ")).unwrap().ended);
        assert_eq!(parse_life("1234 (a) S 1 1"), None);
    }

    #[test]
    fn memory_is_in_bytes() {
        let status = "Name:\tx\nVmHWM:\t     5 kB\nVmRSS:\t     4 kB\n";
        assert_eq!(
            (bytes(status, "VmHWM:"), bytes(status, "VmRSS:")),
            (Some(5_120), Some(4_096))
        );
        assert_eq!(bytes(status, "VmSwap:"), None);
    }

    #[test]
    fn this_process_is_seen() {
        let itself = std::process::id();
        assert!(!Life::of(itself).unwrap().ended);
        let resident = Resident::of(itself).unwrap();
        assert!(resident.now > 0 && resident.now <= resident.peak);
        assert!(private(itself).unwrap() > 0);
    }
}
