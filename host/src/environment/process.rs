//! One service as a child process: its output, its end, and the way to its end.

use std::{
    ffi::OsStr,
    io,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    process::{Child, Command},
    sync::oneshot,
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

use crate::environment::{identity::is_ending, spawner::Spawner, tail::Tail};

/// How long the last output of a dead service may take to arrive.
const OUTPUT_PATIENCE: Duration = Duration::from_millis(500);
/// How long the threads of a dead process may take to go.
const EXIT_PATIENCE: Duration = Duration::from_secs(2);
/// Lines of output that an error shows.
const SHOWN_LINES: usize = 40;

/// A child process with all its descendants that stay in its process group. Dropping it kills them.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    group: Option<Pid>,
    tail: Tail,
    readers: JoinSet<()>,
}

impl Process {
    /// Starts a program. What it writes goes to `tail`; the receiver gets its first line of standard output.
    pub(super) async fn start(
        spawner: &Spawner,
        program: &OsStr,
        arguments: &[String],
        tail: &Tail,
    ) -> io::Result<(Self, oneshot::Receiver<String>)> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = spawner.spawn(command).await?;
        let (sender, first_line) = oneshot::channel();
        let mut readers = JoinSet::new();
        if let Some(stdout) = child.stdout.take() {
            readers.spawn(tail.clone().follow(stdout, Some(sender)));
        }
        if let Some(stderr) = child.stderr.take() {
            readers.spawn(tail.clone().follow(stderr, None));
        }
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let process = Self {
            child,
            group,
            tail: tail.clone(),
            readers,
        };
        Ok((process, first_line))
    }

    /// Its process id; none after its end was seen.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Its last lines so far, as many as an error shows.
    pub(super) fn output(&self) -> Vec<String> {
        self.tail.last(SHOWN_LINES)
    }

    /// Waits for its end. Safe to give up and call again.
    pub(super) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// How it ended, if it has.
    ///
    /// A process that has lost its first thread looks dead to everybody (`/proc` calls it a zombie), but tells its parent nothing
    /// before the last of its threads is gone; and its connections are closed before it looks dead. Those moments are waited for here.
    pub(super) async fn status(&mut self) -> Option<ExitStatus> {
        // What cannot be asked for is not known to have ended.
        let status = self.child.try_wait().ok().flatten();
        if status.is_some() || self.child.id().is_none_or(|id| !is_ending(id)) {
            return status;
        }
        timeout(EXIT_PATIENCE, self.ended()).await.ok()?.ok()
    }

    /// After its end: ends what it left behind, and answers its last lines.
    pub(super) async fn last_words(&mut self) -> Vec<String> {
        self.kill();
        // With the whole group gone the pipes close; only a descendant that left the group can keep them open.
        let _ = timeout(OUTPUT_PATIENCE, async {
            while self.readers.join_next().await.is_some() {}
        })
        .await;
        self.output()
    }

    /// Asks it to end.
    pub(super) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Lets it go on if it is frozen.
    pub(super) fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Waits for its end until the deadline, and then makes it end. What it left behind ends too.
    pub(super) async fn stop(&mut self, deadline: Instant) {
        // Whether it ended by itself or was too slow: what is left of the group goes now.
        let _ = timeout_at(deadline, self.child.wait()).await;
        self.kill();
        let _ = self.child.wait().await;
    }

    /// SIGKILL for the whole group, once: afterwards the number may belong to somebody else.
    fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.group = None;
    }

    /// Sends a signal to the whole group.
    pub(super) fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // A group that is gone needs no signal.
            let _ = kill_process_group(group, signal);
        }
    }
}

/// Sends a signal to the group that a process leads. Who calls has seen that process alive.
pub(super) fn signal_group(leader: u32, signal: Signal) {
    if let Some(group) = Pid::from_raw(leader.cast_signed()) {
        // A group that is gone needs no signal.
        let _ = kill_process_group(group, signal);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tempfile::TempDir;
    use tokio::time::sleep;

    use super::*;
    use crate::environment::identity::Identity;

    /// Its first thread ends alone, by the system call: for what there is around it, the program goes on. The second one ends
    /// the process once the file that it is given is there.
    const FIRST_THREAD_GONE: &str = "
import ctypes, os, platform, sys, threading, time
def last():
    while not os.path.exists(sys.argv[1]):
        time.sleep(0.001)
    os._exit(7)
threading.Thread(target=last).start()
ctypes.CDLL(None).syscall({'x86_64': 60, 'aarch64': 93}[platform.machine()], 0)
";

    #[expect(clippy::print_stderr, reason = "whoever runs the tests has to see it")]
    fn is_possible() -> bool {
        let answer = std::process::Command::new("python3").arg("-V").output();
        if let Err(problem) = &answer {
            let test = std::thread::current().name().unwrap_or("?").to_owned();
            eprintln!("SKIPPED {test}: there is no program `python3`: {problem}");
        }
        answer.is_ok()
    }

    async fn with_its_first_thread_gone(spawner: &Spawner, end: &Path) -> Process {
        let arguments = ["-c", FIRST_THREAD_GONE, end.to_str().unwrap()].map(str::to_owned);
        let tail = Tail::default();
        let started = Process::start(spawner, OsStr::new("python3"), &arguments, &tail);
        let (mut process, _) = started.await.unwrap();
        let id = process.id().unwrap();
        let gone = async {
            while Identity::of(id).is_some() {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(20), gone).await.unwrap();
        let status = process.child.try_wait().unwrap();
        assert!(status.is_none(), "{status:?} {:?}", process.output());
        process
    }

    #[tokio::test]
    async fn a_process_that_has_lost_its_first_thread_only_is_waited_for() {
        if !is_possible() {
            return;
        }
        let spawner = Spawner::start().unwrap();
        let folder = TempDir::new().unwrap();
        let end = folder.path().join("end");
        let mut process = with_its_first_thread_gone(&spawner, &end).await;
        // The question comes before the end that it has to wait for.
        let (status, ()) = tokio::join!(process.status(), async {
            std::fs::write(&end, "").unwrap();
        });
        assert_eq!(status.and_then(|status| status.code()), Some(7));
    }
}
