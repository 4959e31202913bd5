//! Runs a program to its end, bounded in time, and says what it took: time, processor time, memory.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::proc::{Life, Resident};
use crate::Outcome;
use crate::process::{self, TaskError};

/// How often it is looked at. Its peak of memory is one that the kernel keeps: only what is reached in the last of these times is missed.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What a program did.
pub(super) struct Watched {
    pub(super) status: ExitStatus,
    pub(super) output: String,
    pub(super) errors: String,
    /// User and system.
    pub(super) processor_time: Duration,
    /// Bytes, of the memory that it had at once.
    pub(super) peak: u64,
    pub(super) elapsed: Duration,
}

/// Runs it. One that takes longer than the limit is ended, which is an error. `look` is called with its number now and then.
pub(super) fn watch(
    command: &mut Command,
    limit: Duration,
    mut look: impl FnMut(u32),
) -> Outcome<Watched> {
    let start = Instant::now();
    let mut child = Ending(
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| process::start(command, source))?,
    );
    let (sender, news) = channel();
    read(Stream::Output, child.0.stdout.take(), &sender);
    read(Stream::Errors, child.0.stderr.take(), &sender);
    let (mut output, mut errors, mut peak) = (String::new(), String::new(), 0);
    let processor_time = loop {
        // This side has a sender, too: it waits for the time, or until there is something.
        match news.recv_timeout(LOOK_EVERY) {
            Ok((Stream::Output, text)) => output = text,
            Ok((Stream::Errors, text)) => errors = text,
            Err(_) => {}
        }
        if let Some(resident) = Resident::of(child.0.id()) {
            // Not the greatest: the program that puts it on its core is not meant.
            peak = resident.peak;
            look(child.0.id());
        }
        match Life::of(child.0.id()) {
            Some(life) if life.ended => break life.processor_time,
            Some(_) if start.elapsed() < limit => {}
            _ => {
                return Err(TaskError::Late {
                    command: process::line(command),
                    seconds: limit.as_secs(),
                });
            }
        }
    };
    let elapsed = start.elapsed();
    let status = child
        .0
        .wait()
        .map_err(|source| process::start(command, source))?;
    drop(sender);
    finish(&news, &mut output, &mut errors);
    Ok(Watched {
        status,
        output,
        errors,
        processor_time,
        peak,
        elapsed,
    })
}

/// It ends with this value, however that comes.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[derive(Clone, Copy)]
enum Stream {
    Output,
    Errors,
}

fn read(
    stream: Stream,
    from: Option<impl Read + Send + 'static>,
    sender: &Sender<(Stream, String)>,
) {
    let sender = sender.clone();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut from) = from {
            // What was read until it broke is what there is.
            let _ = from.read_to_end(&mut bytes);
        }
        // Nobody listens any more where the program took too long.
        let _ = sender.send((stream, String::from_utf8_lossy(&bytes).into_owned()));
    });
}

/// Takes what the readers have not told yet; they end with the streams.
fn finish(news: &Receiver<(Stream, String)>, output: &mut String, errors: &mut String) {
    for (stream, text) in news {
        match stream {
            Stream::Output => *output = text,
            Stream::Errors => *errors = text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    fn shell(script: &str) -> Command {
        process::command("sh", ["-c", script])
    }

    #[test]
    fn what_a_program_says_and_how_it_ends_is_kept() {
        let mut command = shell("echo said; echo wrong >&2; exit 3");
        let watched = watch(&mut command, LONG, |_| {}).unwrap();
        assert_eq!((&*watched.output, &*watched.errors), ("said\n", "wrong\n"));
        assert_eq!(watched.status.code(), Some(3));
    }

    #[test]
    fn a_program_that_computes_has_taken_time_of_a_processor() {
        let mut looks = 0;
        let mut command = shell("i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done");
        let watched = watch(&mut command, LONG, |_| looks += 1).unwrap();
        assert!(watched.processor_time > Duration::ZERO);
        assert!(watched.processor_time <= watched.elapsed + Duration::from_millis(20));
        assert!(watched.peak > 0 && looks > 0);
    }

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let mut process = 0;
        let watched = watch(&mut shell("exec sleep 60"), Duration::ZERO, |id| {
            process = id;
        });
        assert!(matches!(watched, Err(TaskError::Late { seconds: 0, .. })));
        assert_eq!(Life::of(process), None);
    }
}
