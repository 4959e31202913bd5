//! Removes a project without its compose file, by Compose's labels: what Compose left when it gave up, and what a host that is dead had
//! brought up.

#[cfg(test)]
mod tests;

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{
    abandoned::{Abandoned, containers_on},
    error::DockerError,
    part::Part,
    project::Project,
};

/// Looks in a row that show nothing to remove: the engine may still be making what somebody had asked for who was killed meanwhile.
const CLEAR_LOOKS: usize = 3;

/// How long is waited, and for what.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// For all parts to be gone.
    whole: Duration,
    /// For the engine to let go of a network that no container is on: containers that are going take a moment.
    network: Duration,
    /// Between two looks.
    pause: Duration,
}

const PATIENCE: Patience = Patience {
    whole: Duration::from_mins(1),
    network: Duration::from_secs(3),
    pause: Duration::from_millis(100),
};

/// What became of a project that was to be removed.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "it may not be gone"]
pub enum Removal {
    /// Nothing of it is there any more, but for what only the engine can free.
    Gone {
        /// That.
        abandoned: Vec<Abandoned>,
    },
    /// Somebody else has made it anew, and it was left alone.
    MadeAnew,
}

/// What one look at a project found, and what could not be removed then.
#[derive(Debug)]
struct Look {
    seen: usize,
    abandoned: Vec<Abandoned>,
    /// In the engine's words, for the most part.
    problems: Vec<String>,
}

impl Look {
    /// Whether nothing is left that can be removed.
    fn is_clear(&self) -> bool {
        self.seen == self.abandoned.len()
    }

    /// Takes in how the removal of a part went, or the question about it. Where it is the part's own trouble, the others are removed
    /// nevertheless.
    fn removed(&mut self, removed: Result<(), DockerError>) -> Result<(), DockerError> {
        match removed {
            // It is gone meanwhile, as the next look shows.
            Err(DockerError::Refused {
                status: Some(404), ..
            }) => {}
            Err(DockerError::Refused { problem, .. }) => self.problems.push(problem),
            Err(silent @ DockerError::Silent { .. }) => self.problems.push(silent.to_string()),
            other => other?,
        }
        Ok(())
    }

    /// Takes in what is on a network that the engine does not remove because something is; none if it is gone meanwhile.
    fn network(
        &mut self,
        name: &str,
        on_it: Result<Option<Vec<String>>, DockerError>,
    ) -> Result<(), DockerError> {
        match on_it {
            Ok(None) => {}
            Ok(Some(containers)) if containers.is_empty() => self.abandoned.push(Abandoned {
                network: name.to_owned(),
            }),
            Ok(Some(containers)) => self.problems.push(format!(
                "the network `{name}` has containers of others: {}",
                containers.join(", ")
            )),
            Err(error) => self.removed(Err(error))?,
        }
        Ok(())
    }
}

impl Project {
    /// Removes all that has the project's label and nothing else; of its volumes only if that is asked for. What cannot be removed keeps
    /// nothing else from it. Whoever made it may just have been killed, and the engine may still be making what that one had asked for:
    /// it is looked again until nothing shows any more.
    ///
    /// `known` is what it had when it was up, if that is known: then nothing else is removed, and nothing at all if it has other
    /// containers now. Somebody else made it anew then.
    ///
    /// An error means that something of it may be there still. It can be done again.
    pub(crate) async fn remove(
        &self,
        known: &[Part],
        volumes: bool,
    ) -> Result<Removal, DockerError> {
        self.remove_within(PATIENCE, known, volumes).await
    }

    async fn remove_within(
        &self,
        patience: Patience,
        known: &[Part],
        volumes: bool,
    ) -> Result<Removal, DockerError> {
        if self.is_made_anew(known).await? {
            return Ok(Removal::MadeAnew);
        }
        let began = Instant::now();
        let (mut clear, mut cleared) = (0, began);
        let mut problems = Vec::new();
        loop {
            let look = self.look(known, volumes).await?;
            let now = Instant::now();
            if look.is_clear() {
                clear += 1;
            } else {
                (clear, cleared) = (0, now);
            }
            let is_let_go = look.abandoned.is_empty() || now - cleared >= patience.network;
            if clear >= CLEAR_LOOKS && is_let_go {
                return Ok(Removal::Gone {
                    abandoned: look.abandoned,
                });
            }
            if !look.problems.is_empty() {
                problems = look.problems;
            }
            if now - began > patience.whole {
                return Err(DockerError::NotRemoved {
                    project: self.name().to_owned(),
                    within: patience.whole,
                    problem: problems.join("; "),
                });
            }
            sleep(patience.pause).await;
        }
    }

    async fn is_made_anew(&self, known: &[Part]) -> Result<bool, DockerError> {
        if known.is_empty() {
            return Ok(false);
        }
        let containers = self.own_containers().await?;
        Ok(containers.iter().any(|part| !known.contains(part)))
    }

    /// Removes what shows. What is refused may be gone already, or in use by something that goes with the next look.
    async fn look(&self, known: &[Part], volumes: bool) -> Result<Look, DockerError> {
        let mut parts = self.parts(volumes).await?;
        parts.retain(|part| known.is_empty() || known.contains(part));
        let mut look = Look {
            seen: parts.len(),
            abandoned: Vec::new(),
            problems: Vec::new(),
        };
        for part in &parts {
            match (part, self.remove_part(part).await) {
                (Part::Network { id, name }, Err(error)) if error.is_active_endpoints() => {
                    let on_it = containers_on(self.engine(), id).await;
                    look.network(name, on_it)?;
                }
                (_, removed) => look.removed(removed)?,
            }
        }
        Ok(look)
    }
}
