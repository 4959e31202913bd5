//! What the machine allows: open files for connections, mappings for instances. Found out before a load begins, so that one that cannot be
//! is refused with the limit that is in its way, and not half-made.

use std::{fs, io};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::Refusal;

/// Mappings that an instance takes: its memory in three parts, its stack, and what guards them.
const MAPS_OF_AN_INSTANCE: u64 = 7;
/// Mappings that are left for whatever else needs some meanwhile.
const SPARE_MAPS: u64 = 1_000;
/// Open files that are left for the host, its reports and its other cases.
const SPARE_FILES: u64 = 256;

/// What a load needs at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Need {
    /// Virtual users: each has a connection at a time at least.
    pub(super) vus: u32,
    /// Instances that are there at once.
    pub(super) instances: u32,
}

/// What there is of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Room {
    used: u64,
    most: u64,
}

/// Raises what may be raised, and refuses what does not fit.
pub(super) fn check(need: Need) -> Result<(), Refusal> {
    let files = raise_files();
    if let (Some(used), Some(most)) = (count_of("/proc/self/fd"), files) {
        files_suffice(need, Room { used, most })?;
    }
    if let (Some(used), Some(most)) = (
        lines_of("/proc/self/maps"),
        number_of("/proc/sys/vm/max_map_count"),
    ) {
        maps_suffice(need, Room { used, most })?;
    }
    Ok(())
}

fn files_suffice(need: Need, files: Room) -> Result<(), Refusal> {
    let wanted = files.used + SPARE_FILES + u64::from(need.vus);
    if wanted <= files.most {
        return Ok(());
    }
    Err(Refusal::Limit(format!(
        "{} virtual users need {wanted} open files and this process may have {}: raise the hard limit (`ulimit -Hn {wanted}` as root, or `nofile` in /etc/security/limits.conf), or ask for fewer virtual users",
        need.vus, files.most
    )))
}

fn maps_suffice(need: Need, maps: Room) -> Result<(), Refusal> {
    let wanted = maps.used + SPARE_MAPS + MAPS_OF_AN_INSTANCE * u64::from(need.instances);
    if wanted <= maps.most {
        return Ok(());
    }
    Err(Refusal::Limit(format!(
        "{} instances need {wanted} mappings of memory and this process may have {}: raise the limit (`sysctl -w vm.max_map_count={wanted}` as root), ask for fewer virtual users, or let them share instances",
        need.instances, maps.most
    )))
}

/// The soft limit is raised to the hard one, which anybody may do. What holds now; none if there is no limit.
fn raise_files() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // Where even that is not allowed, the limit stays as it was, and is what counts.
    let _ = setrlimit(Resource::Nofile, raised);
    getrlimit(Resource::Nofile).current
}

fn count_of(folder: &str) -> Option<u64> {
    fs::read_dir(folder)
        .ok()
        .map(|entries| entries.count() as u64)
}

fn lines_of(file: &str) -> Option<u64> {
    use io::BufRead as _;
    let file = fs::File::open(file).ok()?;
    Some(io::BufReader::new(file).lines().count() as u64)
}

fn number_of(file: &str) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(outcome: Result<(), Refusal>) -> String {
        match outcome {
            Err(Refusal::Limit(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn open_files_suffice_up_to_the_limit_and_not_for_one_more() {
        let need = |vus| Need { vus, instances: 1 };
        let files = Room {
            used: 44,
            most: 1_300,
        };
        assert_eq!(files_suffice(need(1_000), files), Ok(()));
        let said = text(files_suffice(need(1_001), files));
        assert!(
            said.contains("need 1301 open files") && said.contains("may have 1300"),
            "{said}"
        );
        assert!(said.contains("ulimit -Hn 1301"), "{said}");
    }

    #[test]
    fn mappings_suffice_up_to_the_limit_and_not_for_one_more() {
        let need = |instances| Need { vus: 1, instances };
        let maps = Room {
            used: 530,
            most: 65_530,
        };
        assert_eq!(maps_suffice(need(9_142), maps), Ok(()));
        let said = text(maps_suffice(need(9_143), maps));
        assert!(said.contains("vm.max_map_count=65531"), "{said}");
    }

    #[test]
    fn a_small_load_fits_this_machine() {
        let need = Need {
            vus: 1,
            instances: 1,
        };
        assert_eq!(check(need), Ok(()));
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }
}
