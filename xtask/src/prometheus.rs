//! Prometheus, its `promtool` and its Pushgateway, for the tests of the alert rules and of what runs tell it, Docker's registry, for those
//! of what is fetched and published, and NATS, for those of runs over agents: those that are installed, or those of Debian's packages,
//! unpacked below the target folder without installing anything.

use std::path::{Path, PathBuf};

use crate::{debian, process};

/// A program of a package, and the variable by which tests are told of it.
pub(crate) struct Program {
    pub(crate) variable: &'static str,
    name: &'static str,
    package: &'static str,
    /// What is not tried where it cannot be had.
    pub(crate) tries: &'static str,
}

/// All of them.
pub(crate) const ALL: [Program; 5] = [
    Program {
        variable: "PROMTOOL",
        name: "promtool",
        package: "prometheus",
        tries: "the alert rules and the names of metrics",
    },
    Program {
        variable: "PROMETHEUS",
        name: "prometheus",
        package: "prometheus",
        tries: "the dashboards and the remote write",
    },
    Program {
        variable: "PUSHGATEWAY",
        name: "prometheus-pushgateway",
        package: "prometheus-pushgateway",
        tries: "a real Pushgateway",
    },
    Program {
        variable: "DOCKER_REGISTRY",
        name: "docker-registry",
        package: "docker-registry",
        tries: "a real registry of plugins",
    },
    Program {
        variable: "NATS_SERVER",
        name: "nats-server",
        package: "nats-server",
        tries: "runs over agents",
    },
];

impl Program {
    /// Where it is, silent when it is there; none where it cannot be had: then the tests say that they were skipped.
    pub(crate) fn find(&self) -> Option<PathBuf> {
        let installed = PathBuf::from(self.name);
        if works(&installed) {
            return Some(installed);
        }
        let folder = process::target_directory().join(self.package);
        let unpacked = || {
            let folders = ["usr/bin", "usr/sbin"].map(|bin| folder.join(bin));
            let programs = folders.map(|bin| bin.join(self.name));
            programs.into_iter().find(|program| works(program))
        };
        if let Some(program) = unpacked() {
            return Some(program);
        }
        let Self { name, package, .. } = self;
        if let Err(error) = debian::unpack(package, &folder) {
            process::say(&format!("no {name}: {error}"));
            return None;
        }
        unpacked()
    }
}

fn works(program: &Path) -> bool {
    process::works(&mut process::command(program, ["--version"]))
}
