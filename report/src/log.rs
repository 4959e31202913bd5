//! The event log: every event of a run as a line of JSON, and the way back. What was told before a crash can be read after it,
//! and a log that is read back gives each reporter what it would have heard.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
};

use serde::Deserialize;
use thiserror::Error;

use crate::{
    ReportError, Reporter,
    event::{Event, LogVersion},
    file,
    hint::Hinted,
};

/// The file's name in the report folder.
pub const FILE_NAME: &str = "events.jsonl";
/// Bytes of a line that are read. The longest that a host writes is an attachment of 1 MiB as base64.
pub const MAX_LINE_BYTES: u64 = 16 << 20;

/// Writes the event log.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
    line: Vec<u8>,
}

impl Log {
    /// Starts an empty log in `folder`; the log of a former run there is replaced.
    pub fn create(folder: &Path) -> Result<Self, ReportError> {
        file::create_folder(folder)?;
        let path = folder.join(FILE_NAME);
        match File::create(&path) {
            Ok(file) => Ok(Self {
                path,
                file,
                line: Vec::new(),
            }),
            Err(source) => Err(ReportError::Create { path, source }),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// One write for each line, without a buffer in between: the death of the process loses nothing that was told.
    fn write(&mut self, event: &Event) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, event)?;
        self.line.push(b'\n');
        self.file.write_all(&self.line)
    }
}

impl Reporter for Log {
    fn name(&self) -> &'static str {
        "log"
    }

    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        self.write(event).map_err(|source| ReportError::Write {
            path: self.path.clone(),
            source,
        })
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        self.file.sync_all().map_err(|source| ReportError::Write {
            path: self.path.clone(),
            source,
        })
    }
}

/// Why an event log could not be read.
#[derive(Debug, Error)]
pub enum LogError {
    /// It cannot be opened.
    #[error("cannot open the event log `{}`", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It cannot be read to the end.
    #[error("cannot read line {line} of the event log `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: u64,
        /// What the system said.
        source: io::Error,
    },
    /// A line is not an event.
    #[error("line {line} of the event log `{}` is not an event", path.display())]
    NotAnEvent {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: u64,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The log has a version that this host does not know.
    #[error("the event log `{}` has the version `{found}`, and this host reads `{}`", path.display(), LogVersion::default().word())]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// The version that it says it has.
        found: String,
        /// The version of the host that wrote it; none if it does not say.
        host: Option<String>,
    },
    /// There is no event in it.
    #[error("the event log `{}` holds no event", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The first event is not the start of a run.
    #[error("the event log `{}` does not begin with the start of a run", path.display())]
    NoStart {
        /// The file.
        path: PathBuf,
    },
    /// A line is longer than [`MAX_LINE_BYTES`].
    #[error("line {line} of the event log `{}` is longer than {MAX_LINE_BYTES} bytes", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: u64,
    },
    /// An event is missing, there twice or out of order.
    #[error("line {line} of the event log `{}` holds event {found} where event {expected} belongs", path.display())]
    OutOfOrder {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: u64,
        /// The number that belongs there.
        expected: u64,
        /// The number that is there.
        found: u64,
    },
}

impl Hinted for LogError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Open { .. } => {
                format!("name a file `{FILE_NAME}` from the report folder of a run")
            }
            Self::Read { .. } => "look at the disk, or take a copy of the file".to_owned(),
            Self::OtherVersion {
                host: Some(host), ..
            } => format!("read it with the host that wrote it, which was version {host}"),
            Self::OtherVersion { host: None, .. } => {
                "read it with the host that wrote it".to_owned()
            }
            Self::Empty { .. } => {
                "the host was stopped before it told anything; run the suites again".to_owned()
            }
            Self::NotAnEvent { line, path, .. }
            | Self::TooLong { line, path }
            | Self::OutOfOrder { line, path, .. }
                if *line > 1 =>
            {
                let good = line - 1;
                let path = path.display();
                format!(
                    "take the file as the host wrote it, unchanged; `head -n {good} {path}` is what can be read of this one"
                )
            }
            Self::NoStart { .. }
            | Self::NotAnEvent { .. }
            | Self::TooLong { .. }
            | Self::OutOfOrder { .. } => "take the file as the host wrote it, unchanged".to_owned(),
        };
        Some(text)
    }
}

/// Opens an event log. The events come one by one, in constant memory.
pub fn read(path: &Path) -> Result<Events, LogError> {
    match File::open(path) {
        Ok(file) => Ok(Events::of(path, BufReader::new(file))),
        Err(source) => Err(LogError::Open {
            path: path.to_owned(),
            source,
        }),
    }
}

/// The events of a log, in order, up to its end or its first error.
#[derive(Debug)]
pub struct Events<R = BufReader<File>> {
    path: PathBuf,
    reader: R,
    buffer: Vec<u8>,
    line: u64,
    state: State,
}

/// What each version of the first event has.
#[derive(Debug, Deserialize)]
struct Head {
    schema: Option<String>,
    host_version: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Reading,
    Ended,
    Cut,
}

impl<R: BufRead> Events<R> {
    /// Of what is open; the path is for messages.
    pub(crate) fn of(path: &Path, reader: R) -> Self {
        Self {
            path: path.to_owned(),
            reader,
            buffer: Vec::new(),
            line: 0,
            state: State::Reading,
        }
    }

    /// Whether the last line was cut, as the death of the host leaves it. True at the end of the log at the earliest.
    pub fn is_cut(&self) -> bool {
        self.state == State::Cut
    }

    /// Fills the buffer with the next line; false at the end of the file.
    fn fill(&mut self) -> Result<bool, LogError> {
        self.buffer.clear();
        self.line += 1;
        let read = (&mut self.reader)
            .take(MAX_LINE_BYTES + 1)
            .read_until(b'\n', &mut self.buffer)
            .map_err(|source| LogError::Read {
                path: self.path.clone(),
                line: self.line,
                source,
            })?;
        if read as u64 > MAX_LINE_BYTES {
            return Err(LogError::TooLong {
                path: self.path.clone(),
                line: self.line,
            });
        }
        Ok(read > 0)
    }

    fn parse(&self) -> Result<Event, LogError> {
        let event: Event = serde_json::from_slice(&self.buffer).map_err(|source| {
            self.other_version()
                .unwrap_or_else(|| LogError::NotAnEvent {
                    path: self.path.clone(),
                    line: self.line,
                    source,
                })
        })?;
        let expected = self.line - 1;
        if event.sequence == expected {
            Ok(event)
        } else {
            Err(LogError::OutOfOrder {
                path: self.path.clone(),
                line: self.line,
                expected,
                found: event.sequence,
            })
        }
    }

    /// Whether it is another version that keeps this line from being an event. Only the first event names it.
    fn other_version(&self) -> Option<LogError> {
        let head: Head = serde_json::from_slice(&self.buffer).ok()?;
        let found = head.schema?;
        (found != LogVersion::default().word()).then(|| LogError::OtherVersion {
            path: self.path.clone(),
            found,
            host: head.host_version,
        })
    }

    fn advance(&mut self) -> Result<Option<Event>, LogError> {
        if !self.fill()? {
            return Ok(None);
        }
        match self.parse() {
            Err(LogError::NotAnEvent { .. }) if !self.buffer.ends_with(b"\n") => {
                self.state = State::Cut;
                Ok(None)
            }
            other => other.map(Some),
        }
    }
}

impl<R: BufRead> Iterator for Events<R> {
    type Item = Result<Event, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state != State::Reading {
            return None;
        }
        let next = self.advance().transpose();
        if !matches!(next, Some(Ok(_))) && self.state == State::Reading {
            self.state = State::Ended;
        }
        next
    }
}
