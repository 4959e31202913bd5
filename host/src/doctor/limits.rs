//! What the system lets the host use: open files, mappings, memory, and the disk of the temporary folder.

use std::{fs, io};

use rustix::process::{Resource, getrlimit};

use super::{Finding, bytes};

const AREA: &str = "limit";

/// Open files from which on any load is possible, and those that a run of one case needs.
const FILES: Levels = Levels {
    enough: 4_096,
    least: 256,
};
/// Mappings: each instance of a plugin takes some.
const MAPS: Levels = Levels {
    enough: 65_530,
    least: 8_192,
};
/// Bytes of memory: an environment with its plugins, and the host alone.
const MEMORY: Levels = Levels {
    enough: 1 << 30,
    least: 256 << 20,
};
/// Bytes of disk: data of services, and a report.
const DISK: Levels = Levels {
    enough: 1 << 30,
    least: 64 << 20,
};

/// From what on something is as it must be, and below what nothing works.
#[derive(Clone, Copy, Debug)]
struct Levels {
    enough: u64,
    least: u64,
}

/// How much there is of everything.
pub(super) fn look() -> Vec<Finding> {
    let temporary = std::env::temp_dir();
    let disk = rustix::fs::statvfs(&temporary)
        .map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize))
        .map_err(io::Error::from);
    let place = format!("disk of {}", temporary.display());
    vec![
        files(getrlimit(Resource::Nofile).current),
        maps(number_of("/proc/sys/vm/max_map_count")),
        memory(fs::read_to_string("/proc/meminfo").and_then(|text| available(&text))),
        space(&place, disk),
    ]
}

/// None is no limit.
fn files(most: Option<u64>) -> Finding {
    judge(
        "open files",
        Ok(most.unwrap_or(u64::MAX)),
        FILES,
        |count| most.map_or_else(|| "no limit".to_owned(), |_| format!("at most {count}")),
        "`ulimit -n 65536` in this shell",
    )
}

fn maps(most: io::Result<u64>) -> Finding {
    judge(
        "mappings",
        most,
        MAPS,
        |count| format!("at most {count} (vm.max_map_count)"),
        "`sysctl -w vm.max_map_count=262144` as root",
    )
}

fn memory(free: io::Result<u64>) -> Finding {
    judge(
        "memory",
        free,
        MEMORY,
        |count| format!("{} available", bytes(count)),
        "end what uses it, or run fewer cases at once: `--jobs`",
    )
}

fn space(place: &str, free: io::Result<u64>) -> Finding {
    judge(
        place,
        free,
        DISK,
        |count| format!("{} free", bytes(count)),
        "free some, or name another folder in `TMPDIR`",
    )
}

fn judge(
    name: &str,
    found: io::Result<u64>,
    levels: Levels,
    told: impl Fn(u64) -> String,
    hint: &str,
) -> Finding {
    match found {
        Ok(count) if count >= levels.enough => Finding::ok(AREA, name, told(count)),
        Ok(count) if count >= levels.least => Finding::warn(AREA, name, told(count), hint),
        Ok(count) => Finding::bad(AREA, name, told(count), hint),
        Err(error) => Finding::warn(
            AREA,
            name,
            format!("cannot be told: {error}"),
            "see whether /proc and the folder can be read",
        ),
    }
}

fn number_of(file: &str) -> io::Result<u64> {
    let text = fs::read_to_string(file)?;
    text.trim().parse().map_err(io::Error::other)
}

/// `MemAvailable` of /proc/meminfo, in bytes.
fn available(meminfo: &str) -> io::Result<u64> {
    let value = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:")?.trim().split_once(' '));
    let (kibibytes, _) = value.ok_or_else(|| io::Error::other("no `MemAvailable`"))?;
    let kibibytes: u64 = kibibytes.parse().map_err(io::Error::other)?;
    Ok(kibibytes.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn each_limit_is_ok_at_its_level_and_bad_below_the_least() {
        type Check = fn(u64) -> Finding;
        let checks: [(Check, Levels); 4] = [
            (|count| files(Some(count)), FILES),
            (|count| maps(Ok(count)), MAPS),
            (|count| memory(Ok(count)), MEMORY),
            (|count| space("disk", Ok(count)), DISK),
        ];
        for (check, Levels { enough, least }) in checks {
            for (count, grade) in [
                (enough, Grade::Ok),
                (enough - 1, Grade::Warn),
                (least, Grade::Warn),
                (least - 1, Grade::Bad),
            ] {
                let found = check(count);
                assert_eq!(found.grade, grade, "{found:?}");
                assert_eq!(found.hint.is_some(), grade != Grade::Ok);
            }
        }
        assert_eq!(files(None).what, "no limit");
        let unknown = maps(Err(io::Error::other("no")));
        assert_eq!(unknown.grade, Grade::Warn);
    }

    #[test]
    fn available_memory_is_read_in_bytes() {
        let text = "MemTotal:  8 kB\nMemAvailable:   1024 kB\n";
        assert_eq!(available(text).unwrap(), 1 << 20);
        assert!(available("MemTotal: 8 kB\n").is_err());
        assert!(available("MemAvailable: many kB\n").is_err());
    }
}
