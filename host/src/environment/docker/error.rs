//! What goes wrong between the host and a Docker engine, and what to do about it.

use std::{io, process::ExitStatus, time::Duration};

use assay_report::hint::Hinted;

use crate::journal::JournalError;

/// The oldest version of the engine's API that is spoken: that of Docker 20.10.
pub(super) const OLDEST_API: &str = "1.41";

/// Why a container or a whole project is not as it was asked to be.
#[derive(Debug, thiserror::Error)]
pub enum DockerError {
    /// Nothing answers at the engine's address.
    #[error("no Docker engine answers at {address}: {problem}")]
    NoEngine {
        /// Where it should be.
        address: String,
        /// What was seen.
        problem: String,
    },
    /// The engine's socket may not be used.
    #[error("the Docker engine at {address} may not be used by this user")]
    Denied {
        /// Its socket.
        address: String,
    },
    /// The address is of a kind that is not spoken.
    #[error(
        "the Docker engine at {address} cannot be reached: only unix://, tcp:// and http:// can"
    )]
    Address {
        /// What `DOCKER_HOST` says.
        address: String,
    },
    /// The engine's API is older than [`OLDEST_API`].
    #[error("the Docker engine speaks version {found} of its API; at least {OLDEST_API} is needed")]
    TooOld {
        /// What it speaks.
        found: String,
    },
    /// The engine took longer than it may.
    #[error("the Docker engine did not {what} within {}", humantime::format_duration(*within))]
    Silent {
        /// What it was asked for.
        what: String,
        /// How long it had.
        within: Duration,
    },
    /// The engine said no.
    #[error("the Docker engine does not {what}: {problem}")]
    Refused {
        /// What it was asked for.
        what: String,
        /// Its own words.
        problem: String,
        /// The status of its answer; none if that was not understood.
        status: Option<u16>,
    },
    /// The container that was used from the beginning is not there any more.
    #[error("the container {id:.12} of service `{service}` has vanished")]
    Vanished {
        /// The service.
        service: String,
        /// The container's id.
        id: String,
    },
    /// What was undone does not show.
    #[error("the container {id:.12} {problem} after {}", humantime::format_duration(*within))]
    NotBack {
        /// The container's id.
        id: String,
        /// What it is not.
        problem: &'static str,
        /// How long it had.
        within: Duration,
    },
    /// Parts of it show however often they are removed.
    #[error("parts of the project `{project}` are there still, or again, after {}: {problem}", humantime::format_duration(*within))]
    NotRemoved {
        /// The project.
        project: String,
        /// How long it was tried.
        within: Duration,
        /// What the engine said last.
        problem: String,
    },
    /// The project has no container for the service, or more than one.
    #[error(
        "the project `{project}` has {count} containers of `{container}`; it has: {}",
        list(known)
    )]
    NotOne {
        /// The project.
        project: String,
        /// The compose service.
        container: String,
        /// How many there are.
        count: usize,
        /// The compose services that have one.
        known: Vec<String>,
    },
    /// A port of the container cannot be reached from this machine's loopback address.
    #[error("port {port} of `{container}` is not published on 127.0.0.1")]
    NotPublished {
        /// The compose service.
        container: String,
        /// The port inside the container.
        port: u16,
    },
    /// The engine chooses where the port is published, and does so anew at each start: a service that was stopped would not come back.
    #[error("port {port} of `{container}` is published on a port that changes with each start")]
    PortChanges {
        /// The compose service.
        container: String,
        /// The port inside the container.
        port: u16,
    },
    /// The project has no such network, or the container is not on it.
    #[error(
        "`{service}` is not on the network `{network}`; it is on: {}",
        list(known)
    )]
    NotOnNetwork {
        /// The service.
        service: String,
        /// The network's name in the compose file.
        network: String,
        /// Those it is on.
        known: Vec<String>,
    },
    /// Compose is not installed.
    #[error("neither `docker compose` nor `docker-compose` runs here")]
    NoCompose,
    /// Compose did not do it.
    #[error("`{command}` ended with {status}")]
    Compose {
        /// The command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// Its last lines.
        output: Vec<String>,
    },
    /// Compose took longer than it may.
    #[error("`{command}` was ended after {}", humantime::format_duration(*within))]
    ComposeHangs {
        /// The command line.
        command: String,
        /// How long it had.
        within: Duration,
    },
    /// Another host uses the project.
    #[error("the project `{project}` is in use by another host, process {pid}")]
    Claimed {
        /// The project.
        project: String,
        /// The process of the other host; 0 if the system does not tell.
        pid: i32,
    },
    /// What would have to be undone cannot be noted.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A program cannot be started, or a socket cannot be made.
    #[error("the project cannot be prepared: {0}")]
    Prepare(#[from] io::Error),
}

impl DockerError {
    /// Whether the engine knows no such container. It tells other missing things with the same status.
    pub(super) fn is_no_such_container(&self) -> bool {
        matches!(self, Self::Refused { problem, .. } if problem.to_lowercase().contains("no such container"))
    }

    /// Whether the engine does not remove a network because, as it says, something is on it.
    pub(super) fn is_active_endpoints(&self) -> bool {
        matches!(self, Self::Refused { problem, .. } if problem.to_lowercase().contains("has active endpoints"))
    }

    /// Whether the engine knows no such network, such as `network shop_near not found`.
    pub(super) fn is_no_such_network(&self) -> bool {
        let says = |problem: &str| {
            let problem = problem.to_lowercase();
            let words: Vec<_> = problem.split_whitespace().collect();
            let is_said = |four: &[&str]| matches!(four, ["network", _, "not", "found"]);
            problem.contains("no such network") || words.windows(4).any(is_said)
        };
        matches!(self, Self::Refused { problem, status: Some(404), .. } if says(problem))
    }
}

/// What to do depends on what Compose, or the engine behind it, complained of.
fn compose_hint(output: &[String]) -> &'static str {
    let says = |text: &str| output.iter().any(|line| line.to_lowercase().contains(text));
    if says("port is already allocated") || says("address already in use") {
        "see who has the port (`docker ps`, `host doctor`), and end that, or publish another one"
    } else if says("pull access denied") || says("manifest") || says("no such image") {
        "let the machine reach a registry, or make the images: `cargo xtask images` makes this repository's"
    } else {
        "run the command by hand to see more"
    }
}

fn list(known: &[String]) -> String {
    if known.is_empty() {
        return "none".to_owned();
    }
    known.join(", ")
}

impl Hinted for DockerError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoEngine { .. } => "start Docker, or set DOCKER_HOST to the address of an engine; without one, run `--environment embedded`".to_owned(),
            Self::Denied { .. } => "run as a user of the group `docker`, or as root".to_owned(),
            Self::Address { .. } => "set DOCKER_HOST to a socket, such as unix:///var/run/docker.sock".to_owned(),
            Self::TooOld { .. } => "install Docker 20.10 or newer".to_owned(),
            Self::Silent { .. } => "see what the engine is busy with: `docker ps`, `docker system events`".to_owned(),
            Self::Refused { .. } => "see the engine's own words".to_owned(),
            Self::Vanished { .. } => "somebody removed or recreated it: end the run, and start it again".to_owned(),
            Self::NotBack { id, .. } => format!("look at `docker logs {id:.12}`"),
            Self::NotRemoved { .. } => "see who uses them or makes them: `docker ps -a`, `docker network inspect NAME`".to_owned(),
            Self::NotOne { project, .. } => format!("correct `container` in assay.toml, or bring the project up in full: `docker compose -p {project} up -d`"),
            Self::PortChanges { port, .. } => format!("publish it on a port of your choice: `ports: [\"127.0.0.1:{port}:{port}\"]`, or `\"127.0.0.1:${{NAME}}:{port}\"` with `NAME = \"{{port}}\"` in `variables`"),
            Self::NotPublished { port, .. } => format!("publish it in the compose file: `ports: [\"127.0.0.1:{port}:{port}\"]`"),
            Self::NotOnNetwork { .. } => "name a network of the compose file that the service is on".to_owned(),
            Self::NoCompose => "install Docker Compose, or bring the project up in another way: a project that runs is used".to_owned(),
            Self::Compose { output, .. } => compose_hint(output).to_owned(),
            Self::ComposeHangs { .. } => "run the command by hand to see what it waits for".to_owned(),
            Self::Claimed { .. } => "wait until it has ended, or use another `project` in assay.toml".to_owned(),
            Self::Journal(error) => return error.hint(),
            Self::Prepare(_) => "check that this user may start programs and open sockets".to_owned(),
        })
    }

    fn details(&self) -> Option<String> {
        match self {
            Self::Compose { output, .. } if !output.is_empty() => {
                Some(format!("its last lines:\n    {}", output.join("\n    ")))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DockerError, compose_hint};

    #[test]
    fn a_network_that_is_gone_is_told_from_a_container_that_is() {
        let near = "network shop_near not found";
        let setting_up = "failed to set up container networking: network 5e87 not found";
        let plugin = "error creating network shop_near: plugin \"weave\" not found";
        let endpoint = "endpoint with name web not found in network shop_near";
        for (status, problem, container, network) in [
            (Some(404), near, false, true),
            (Some(404), setting_up, false, true),
            (Some(404), "No such network: shop_near", false, true),
            (Some(404), "No such container: 5e87", true, false),
            // Near misses: what strikes a note for good must be certain.
            (Some(500), near, false, false),
            (None, near, false, false),
            (Some(404), plugin, false, false),
            (Some(404), endpoint, false, false),
            (Some(404), "network not found", false, false),
            (Some(404), "network shop_near was not found", false, false),
            (Some(500), "address already in use", false, false),
        ] {
            let error = DockerError::Refused {
                what: "start the container".to_owned(),
                problem: problem.to_owned(),
                status,
            };
            let told = (error.is_no_such_container(), error.is_no_such_network());
            assert_eq!(told, (container, network), "{status:?} {problem}");
        }
    }

    #[test]
    fn the_hint_for_compose_is_for_what_it_complained_of() {
        for (line, hint) in [
            (
                "Bind for 127.0.0.1:8002 failed: port is already allocated",
                "who has the port",
            ),
            (
                "pull access denied for assay/reference",
                "cargo xtask images",
            ),
            (
                "yaml: line 7: did not find expected key",
                "run the command by hand",
            ),
        ] {
            let told = compose_hint(&[line.to_owned()]);
            assert!(told.contains(hint), "{line}: {told}");
        }
    }
}
