//! The loop with a workshop that is scripted: what it does, in its order.

use std::collections::VecDeque;

use super::*;
use crate::{build::BuildError, project::ProjectError};

/// What a scripted workshop answers, one after the other; when the script is over, waiting lasts for ever.
enum Answer {
    Built,
    NotBuilt(BuildError),
    Ran(&'static [&'static str]),
    NotRun,
    Changed,
}

#[derive(Default)]
struct Scripted {
    answers: VecDeque<Answer>,
    log: Vec<String>,
}

impl Scripted {
    fn of(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self {
            answers: answers.into_iter().collect(),
            log: Vec::new(),
        }
    }
}

impl Workshop for Scripted {
    fn mark(&mut self) -> Result<(), DevError> {
        self.log.push("mark".into());
        Ok(())
    }

    async fn build(&mut self) -> Result<PathBuf, DevError> {
        match self.answers.pop_front() {
            Some(Answer::Built) => Ok("shop.wasm".into()),
            Some(Answer::NotBuilt(error)) => Err(error.into()),
            _ => std::future::pending().await,
        }
    }

    async fn run(
        &mut self,
        component: &Path,
        selection: &Selection,
        stop: impl Future<Output = ()>,
    ) -> Result<Option<Outcome>, DevError> {
        let filters = selection.filters().join(" ");
        self.log
            .push(format!("run {} {filters}", component.display()));
        match self.answers.pop_front() {
            Some(Answer::Ran(failed)) => Ok(Some(Outcome {
                good: failed.is_empty(),
                passed: 1,
                failed: failed.iter().map(|&id| id.to_owned()).collect(),
            })),
            Some(Answer::NotRun) => Err(DevError::NotRun {
                status: std::process::ExitStatus::default(),
            }),
            _ => {
                stop.await;
                self.log.push("stopped".into());
                Ok(None)
            }
        }
    }

    async fn changed(&mut self) -> Result<(), DevError> {
        match self.answers.pop_front() {
            Some(Answer::Changed) => Ok(()),
            _ => std::future::pending().await,
        }
    }

    fn tell(&mut self, step: &Step<'_>) {
        match step {
            Step::Broken(error) => self.log.push(format!("broken: {error}")),
            Step::Waiting => self.log.push("wait".into()),
            Step::Building => self.log.push("build".into()),
            Step::Running(_) | Step::Ran(_) => {}
        }
    }
}

/// Follows until the script is over and nothing moves any more.
async fn followed(
    answers: impl IntoIterator<Item = Answer>,
) -> (Vec<String>, Result<(), DevError>) {
    let mut workshop = Scripted::of(answers);
    // Paused time passes only when everything waits.
    let stop = tokio::time::sleep(std::time::Duration::from_secs(1));
    let end = follow(&mut workshop, stop).await;
    (workshop.log, end)
}

fn compiler() -> BuildError {
    BuildError::Compiler {
        command: "cargo build".into(),
        status: std::process::ExitStatus::default(),
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_change_what_failed_runs_and_then_all() {
    let (log, end) = followed([
        Answer::Built,
        Answer::Ran(&["shop/a"]),
        Answer::Changed,
        Answer::Built,
        Answer::Ran(&[]),
        Answer::Ran(&[]),
    ])
    .await;
    assert!(end.is_ok());
    assert_eq!(
        log,
        [
            "build",
            "mark",
            "run shop.wasm ",
            "wait",
            "build",
            "mark",
            "run shop.wasm */a",
            "run shop.wasm ",
            "wait"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_does_not_compile_waits_for_a_change() {
    let (log, end) = followed([
        Answer::NotBuilt(compiler()),
        Answer::Changed,
        Answer::Built,
        Answer::NotRun,
        Answer::Changed,
        Answer::Built,
        Answer::Ran(&[]),
    ])
    .await;
    assert!(end.is_ok());
    assert!(log[2].starts_with("broken: `cargo build` ended"), "{log:?}");
    assert!(log[7].starts_with("broken: the host ended"), "{log:?}");
    assert_eq!(log.last().unwrap(), "wait");
}

#[tokio::test(start_paused = true)]
async fn what_no_change_can_mend_ends_the_loop() {
    let (log, end) = followed([Answer::NotBuilt(BuildError::NoTarget)]).await;
    assert!(matches!(end, Err(DevError::Build(BuildError::NoTarget))));
    assert_eq!(log, ["build", "mark"]);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_to_stop_is_waited_for() {
    let (log, end) = followed([Answer::Built]).await;
    assert!(end.is_ok());
    assert_eq!(log.last().unwrap(), "stopped");
}

#[test]
fn a_manifest_that_is_broken_for_the_moment_waits_for_a_change() {
    let folder = PathBuf::from("/nowhere");
    assert!(DevError::Project(ProjectError::Nothing { folder }).waits_for_a_change());
}
