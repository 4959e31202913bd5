//! Which process an id means: ids are used again, so a process is known by its id together with the time of its start.

use std::{fs, io};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

/// A process, and no later one with the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The id.
    pub pid: u32,
    /// Clock ticks from the boot to its start (`/proc/PID/stat`, field 22).
    pub start_ticks: u64,
}

impl Identity {
    /// The process that has this id now; none if there is none, or only what is left of it.
    pub fn of(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let start_ticks = start_ticks(&stat)?;
        Some(Self { pid, start_ticks })
    }

    /// Whether it still runs.
    pub fn lives(self) -> bool {
        Self::of(self.pid) == Some(self)
    }

    /// Sends it a signal. A later process with the same id never gets it: the handle is taken before the identity is checked.
    pub fn signal(self, signal: Signal) -> io::Result<()> {
        let gone = || io::Error::from(io::ErrorKind::NotFound);
        let pid = Pid::from_raw(self.pid.cast_signed()).ok_or_else(gone)?;
        let handle = pidfd_open(pid, PidfdFlags::empty())?;
        if !self.lives() {
            return Err(gone());
        }
        Ok(pidfd_send_signal(&handle, signal)?)
    }
}

/// Whether the process with this id has ended, or is about to: the kernel has begun to take away what it has. Its connections are
/// closed before it is a zombie.
pub(super) fn is_ending(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.map_or(true, |stat| shows_end(&stat))
}

fn shows_end(stat: &str) -> bool {
    /// `PF_EXITING` of the kernel's `include/linux/sched.h`, in field 9.
    const EXITING: u64 = 0x4;
    let flags = stat.rsplit_once(')').and_then(|(_, fields)| {
        let flags = fields.split_whitespace().nth(6)?;
        flags.parse::<u64>().ok()
    });
    start_ticks(stat).is_none() || flags.is_some_and(|flags| flags & EXITING != 0)
}

/// The program's name stands in parentheses and may itself hold any character, so fields are counted from the last parenthesis.
fn start_ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?;
    // A zombie has ended: only its parent has not asked yet.
    if state == "Z" || state == "X" {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &str = "1 10 10 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4242 1000 100";

    #[test]
    fn the_start_is_found_behind_any_name() {
        for name in ["sleep", "a b", ") S 1 (", "((("] {
            assert_eq!(
                start_ticks(&format!("10 ({name}) S {FIELDS}")),
                Some(4242),
                "{name}"
            );
        }
    }

    #[test]
    fn what_has_ended_has_no_start() {
        assert_eq!(start_ticks(&format!("10 (sleep) Z {FIELDS}")), None);
        assert_eq!(start_ticks(""), None);
    }

    #[test]
    fn what_the_kernel_takes_apart_is_ending() {
        assert!(!shows_end(&format!("10 (sleep) S {FIELDS}")));
        let exiting = FIELDS.replace("4194560", "4194564");
        assert!(shows_end(&format!("10 (a) b) R {exiting}")));
        assert!(shows_end(&format!("10 (sleep) Z {FIELDS}")));
        assert!(!is_ending(std::process::id()));
    }

    #[test]
    fn another_process_with_the_same_id_gets_no_signal() {
        let own = Identity::of(std::process::id()).expect("this process runs");
        assert!(own.lives());
        let other = Identity {
            start_ticks: own.start_ticks + 1,
            ..own
        };
        assert!(!other.lives());
        // It would end this test.
        assert!(other.signal(Signal::KILL).is_err());
    }
}
