//! The end of an environment that goes on without this host: a container is put back as it was found, if anything was done to it.

use super::{Container, is_running};
use crate::environment::docker::DockerError;

/// Why a container is not as it was found, as far as that is known.
#[derive(Debug, thiserror::Error)]
pub enum NotMended {
    /// It was changed, or is known to have been.
    #[error(transparent)]
    Changed(#[from] DockerError),
    /// Nothing is known to have been done to it, and it could not be looked at.
    #[error("it could not be looked at: {0}")]
    NotSeen(DockerError),
}

impl Container {
    /// Undoes whatever is left of what was done to it: for the end of an environment that goes on without this host. `is_noted` if
    /// something is known to be left. Answers what is gone for good, for a person.
    pub async fn mend(&self, is_noted: bool) -> Result<Vec<String>, NotMended> {
        let mut ended = self.ended.lock().await;
        if !is_noted {
            match self.is_changed(*ended).await {
                Ok(true) => {}
                Ok(false) => return Ok(Vec::new()),
                Err(problem) if *ended => return Err(problem.into()),
                Err(problem) => return Err(NotMended::NotSeen(problem)),
            }
        }
        let gone = self.original.bring_back(self.project.engine()).await?;
        *ended = false;
        Ok(gone)
    }

    /// Whether it shows that something was done to it. One that vanished or ended by itself was told as fallen.
    async fn is_changed(&self, ended: bool) -> Result<bool, DockerError> {
        match self.inspect().await {
            Ok(found) if is_running(&found) => Ok(!self.original.is_shown(&found)),
            Ok(_) => Ok(ended),
            Err(DockerError::Vanished { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
