//! Starts child processes that cannot outlive the host, not even when it is killed with SIGKILL.
//!
//! Linux sends a child its "parent death signal" when the *thread* that started it ends. Worker threads of the runtime come
//! and go, so all children of an environment are started by one thread that lives as long as the environment.

use std::{io, sync::mpsc, thread};

use rustix::process::{Pid, Signal, getpid, getppid, set_parent_process_death_signal};
use tokio::{
    process::{Child, Command},
    runtime::Handle,
    sync::oneshot,
};

use super::trace::{self, Trace};

type Request = (Command, oneshot::Sender<io::Result<Child>>);

/// The thread that starts children. When this is dropped the thread ends, and with it every child that still runs.
#[derive(Debug)]
pub(super) struct Spawner {
    requests: mpsc::Sender<Request>,
    trace: Trace,
}

impl Spawner {
    /// Starts the thread. Must be called within a runtime, which then waits for the children.
    pub(super) fn start() -> io::Result<Self> {
        let (requests, received) = mpsc::channel::<Request>();
        let runtime = Handle::current();
        thread::Builder::new()
            .name("environment".to_owned())
            .spawn(move || {
                let _within = runtime.enter();
                while let Ok((mut command, answer)) = received.recv() {
                    // Who no longer waits drops the child, and that kills it.
                    let _ = answer.send(command.spawn());
                }
            })?;
        Ok(Self {
            requests,
            trace: Trace::own()?,
        })
    }

    /// Starts a child in a process group of its own.
    pub(super) async fn spawn(&self, mut command: Command) -> io::Result<Child> {
        command
            .env(trace::VARIABLE, self.trace.value())
            .process_group(0)
            .kill_on_drop(true);
        die_with_parent(&mut command);
        let (answer, started) = oneshot::channel();
        self.requests
            .send((command, answer))
            .map_err(|_| io::Error::other("the thread that starts services is gone"))?;
        started
            .await
            .map_err(|_| io::Error::other("the thread that starts services is gone"))?
    }
}

fn die_with_parent(command: &mut Command) {
    let parent = getpid();
    #[expect(
        unsafe_code,
        reason = "only between fork and exec can a child ask for its parent's death signal"
    )]
    // SAFETY: between fork and exec only what is async-signal-safe may be called. `bind_to` makes two system calls and
    // compares numbers: it neither allocates nor locks, and the error it makes is a plain number.
    unsafe {
        command.pre_exec(move || bind_to(parent));
    }
}

/// The parent may have died between the fork and the first call: then no signal comes any more, and the child ends at once.
fn bind_to(parent: Pid) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid() == Some(parent) {
        Ok(())
    } else {
        Err(rustix::io::Errno::SRCH.into())
    }
}

#[cfg(test)]
mod tests {
    use std::{process::Stdio, time::Duration};

    use tokio::time::timeout;

    use super::*;

    fn sleeping() -> Command {
        let mut command = Command::new("sleep");
        command.arg("600").stdin(Stdio::null());
        command
    }

    #[tokio::test]
    async fn a_child_dies_with_the_thread_that_started_it() {
        let spawner = Spawner::start().unwrap();
        let mut child = spawner.spawn(sleeping()).await.unwrap();
        assert_eq!(child.try_wait().unwrap(), None);
        drop(spawner);
        let ended = timeout(Duration::from_secs(20), child.wait()).await;
        assert!(!ended.expect("the child lives on").unwrap().success());
    }

    #[tokio::test]
    async fn a_child_leads_a_group_of_its_own() {
        let spawner = Spawner::start().unwrap();
        let child = spawner.spawn(sleeping()).await.unwrap();
        let id = Pid::from_raw(child.id().unwrap().cast_signed());
        assert_eq!(rustix::process::getpgid(id).ok(), id);
    }

    #[test]
    fn a_child_of_another_parent_ends_at_once() {
        // This process is not its own parent.
        let refused = thread::spawn(|| {
            let refused = bind_to(getpid());
            set_parent_process_death_signal(None).unwrap();
            refused
        });
        assert!(refused.join().unwrap().is_err());
    }
}
