//! `host dev`: build, run, wait for a change, build, run what failed. What comes next is decided by a [`Cycle`], which is pure; what is done
//! is a [`Workshop`]'s, so that the loop is tested without compilers and without hosts.

mod cycle;
mod error;
mod outcome;
mod snapshot;
mod suite_folder;
mod watcher;

use std::path::{Path, PathBuf};

pub use cycle::{Action, Cycle, Event, Selection};
pub use error::DevError;
pub use outcome::{Outcome, ReportError};
pub use suite_folder::{DevOptions, SuiteFolder};
pub use watcher::{WatchError, Watcher};

/// What the loop does its work with.
pub trait Workshop {
    /// Remembers how the sources are now: what is changed from here on is a change.
    fn mark(&mut self) -> Result<(), DevError>;
    /// Makes the component; where it is.
    fn build(&mut self) -> impl Future<Output = Result<PathBuf, DevError>>;
    /// Runs cases. None if it was to stop, and has.
    fn run(
        &mut self,
        component: &Path,
        selection: &Selection,
        stop: impl Future<Output = ()>,
    ) -> impl Future<Output = Result<Option<Outcome>, DevError>>;
    /// Waits until the sources are other than they were marked, and at rest.
    fn changed(&mut self) -> impl Future<Output = Result<(), DevError>>;
    /// Hears what is done, to tell it to a person.
    fn tell(&mut self, step: &Step<'_>);
}

/// What the loop is about to do, or has done.
#[derive(Debug)]
pub enum Step<'a> {
    /// The component is being made.
    Building,
    /// Something is in the way, and waits for a change of the sources.
    Broken(&'a DevError),
    /// Cases are being run.
    Running(&'a Selection),
    /// Cases were run.
    Ran(&'a Outcome),
    /// Nothing is to be done before the next change.
    Waiting,
}

/// Goes on until it is to stop, or until something is in the way that no change of the suite can remove.
pub async fn follow(
    workshop: &mut impl Workshop,
    stop: impl Future<Output = ()>,
) -> Result<(), DevError> {
    let mut stop = std::pin::pin!(stop);
    let mut cycle = Cycle::default();
    let mut component = PathBuf::new();
    let mut action = Action::Build;
    loop {
        let event = match action {
            Action::Build => {
                workshop.tell(&Step::Building);
                workshop.mark()?;
                let built = tokio::select! {
                    biased;
                    () = &mut stop => return Ok(()),
                    built = workshop.build() => built,
                };
                match built {
                    Ok(file) => {
                        component = file;
                        Event::Built
                    }
                    Err(error) => broken(workshop, error)?,
                }
            }
            Action::Run(selection) => {
                workshop.tell(&Step::Running(&selection));
                match workshop.run(&component, &selection, &mut stop).await {
                    Ok(None) => return Ok(()),
                    Ok(Some(outcome)) => {
                        workshop.tell(&Step::Ran(&outcome));
                        Event::Ran(outcome)
                    }
                    Err(error) => broken(workshop, error)?,
                }
            }
            Action::Wait => {
                workshop.tell(&Step::Waiting);
                tokio::select! {
                    biased;
                    () = &mut stop => return Ok(()),
                    changed = workshop.changed() => changed?,
                }
                Event::Changed
            }
        };
        action = cycle.next(event);
    }
}

/// What a change of the sources may mend is told and waited for; anything else ends the loop.
fn broken(workshop: &mut impl Workshop, error: DevError) -> Result<Event, DevError> {
    if !error.waits_for_a_change() {
        return Err(error);
    }
    workshop.tell(&Step::Broken(&error));
    Ok(Event::Broken)
}

#[cfg(test)]
mod tests;
