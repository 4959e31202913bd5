//! What this process uses, under the names that every process has in Prometheus. From `/proc`; where there is none, these metrics are
//! missing.

use std::fs;

use super::{
    catalogue::{PROCESS_CPU, PROCESS_FILES, PROCESS_RESIDENT, PROCESS_THREADS, PROCESS_VIRTUAL},
    histogram::as_f64,
    labels::Labels,
    registry::Registry,
};

/// What a process uses.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Usage {
    cpu_seconds: f64,
    threads: u64,
    virtual_bytes: u64,
    resident_bytes: u64,
}

/// Adds what this process uses now.
pub(crate) fn look(registry: &mut Registry) {
    let stat = fs::read_to_string("/proc/self/stat").ok();
    let ticks = rustix::param::clock_ticks_per_second();
    let page = rustix::param::page_size() as u64;
    if let Some(usage) = stat.and_then(|stat| parse(&stat, ticks, page)) {
        // A counter of the kernel's: set to what it is, in a registry that nobody else has.
        registry.set(&PROCESS_CPU, Labels::default(), usage.cpu_seconds);
        for (metric, value) in [
            (&PROCESS_THREADS, usage.threads),
            (&PROCESS_VIRTUAL, usage.virtual_bytes),
            (&PROCESS_RESIDENT, usage.resident_bytes),
        ] {
            registry.set(metric, Labels::default(), as_f64(value));
        }
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        let files = as_f64(files.count() as u64);
        registry.set(&PROCESS_FILES, Labels::default(), files);
    }
}

/// A line of `/proc/PID/stat`, as proc(5) has it. The name in it may hold spaces and parentheses, so what follows is counted from the last one.
fn parse(stat: &str, ticks_per_second: u64, page: u64) -> Option<Usage> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    // The first one here is the third of the page.
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    let ticks = field(14)? + field(15)?;
    Some(Usage {
        cpu_seconds: as_f64(ticks) / as_f64(ticks_per_second),
        threads: field(20)?,
        virtual_bytes: field(23)?,
        resident_bytes: field(24)? * page,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_kernel_is_read_whatever_the_name_of_the_process_is() {
        let stat = "12 (a) b) S 1 12 12 0 -1 4194304 10 0 0 0 150 50 0 0 20 0 7 0 99 4096000 25 18446744073709551615";
        let usage = Usage {
            cpu_seconds: 2.0,
            threads: 7,
            virtual_bytes: 4_096_000,
            resident_bytes: 102_400,
        };
        assert_eq!(parse(stat, 100, 4_096), Some(usage));
        for broken in ["", "12 (a", "12 (a) S 1"] {
            assert_eq!(parse(broken, 100, 4_096), None, "{broken}");
        }
    }

    #[test]
    fn this_process_uses_something() {
        let mut registry = Registry::default();
        look(&mut registry);
        let names: Vec<_> = registry
            .families()
            .map(|family| &*family.metric.name)
            .collect();
        assert_eq!(names.len(), 5, "{names:?}");
    }
}
