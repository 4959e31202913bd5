//! How an attempt ended, as its instance tells it, before it is judged.

use serde::{Deserialize, Serialize};

use crate::capability::recorder::cut;

/// Bytes of a message that are kept.
pub(super) const MAX_MESSAGE_BYTES: usize = 64 << 10;
/// Bytes of an expected or an actual value that are kept.
pub(super) const MAX_VALUE_BYTES: usize = 4 << 10;
/// Bytes of what `setup` hands on.
pub(super) const MAX_DATA_BYTES: usize = 1 << 20;
/// Bytes of a frame that are kept: names of generic functions are endless.
pub(super) const MAX_FRAME_BYTES: usize = 512;
/// Frames that are kept.
pub(super) const MAX_FRAMES: usize = 32;

/// How the run of one entry ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The entry returned well; the text is what `setup` hands on.
    Returned(String),
    /// The entry says that the system under test did not do what it must.
    Failed(Failure),
    /// The entry says that nothing was tested, and why.
    Skipped(String),
    /// The entry says that the suite or the environment is at fault.
    Errored(Failure),
    /// The plugin panicked.
    Panicked {
        /// What it said.
        message: String,
        /// `file:line`, if it said so.
        location: Option<String>,
        /// Innermost first.
        backtrace: Vec<String>,
    },
    /// The plugin trapped.
    Trapped {
        /// What trapped: `out of bounds memory access`, ...
        message: String,
        /// Innermost first.
        backtrace: Vec<String>,
    },
    /// A limit on memory, tables or instances was reached.
    LimitReached {
        /// Which one, with the number.
        message: String,
        /// Innermost first.
        backtrace: Vec<String>,
    },
    /// The time of the attempt was over.
    TimedOut {
        /// How much time it had.
        after: std::time::Duration,
        /// True when the plugin was computing, false when it waited for the host.
        computing: bool,
        /// Innermost first; empty when it waited.
        backtrace: Vec<String>,
    },
    /// Whoever was to run it elsewhere could not, or is lost; the text is for a person and ends in something to do.
    Lost(String),
    /// The plugin used the host wrongly, or could not be started.
    Broken {
        /// How.
        message: String,
        /// Innermost first; empty when it never ran.
        backtrace: Vec<String>,
    },
}

/// What was expected and did not happen, cut to the limits of the contract.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// For a person.
    pub message: String,
    /// What was expected, if there is one value to show.
    pub expected: Option<String>,
    /// What was there instead.
    pub actual: Option<String>,
    /// `file:line` in the suite.
    pub location: Option<String>,
}

impl Ending {
    /// The end of a setup that hands on so many bytes, which are too many.
    pub(super) fn handed_on_too_much(bytes: usize) -> Self {
        Self::Broken {
            message: format!(
                "setup returned {bytes} bytes and may return {MAX_DATA_BYTES}: hand over ids, not contents"
            ),
            backtrace: Vec::new(),
        }
    }

    /// The same with each text as long as it may be here: for what another machine told.
    pub(crate) fn within_limits(self) -> Self {
        match self {
            Self::Returned(data) if data.len() > MAX_DATA_BYTES => {
                Self::handed_on_too_much(data.len())
            }
            Self::Returned(data) => Self::Returned(data),
            Self::Failed(failure) => Self::Failed(failure.within_limits()),
            Self::Errored(failure) => Self::Errored(failure.within_limits()),
            Self::Skipped(why) => Self::Skipped(message(&why)),
            Self::Lost(why) => Self::Lost(message(&why)),
            Self::Panicked {
                message: text,
                location,
                backtrace,
            } => Self::Panicked {
                message: message(&text),
                location: value(location),
                backtrace: frames(backtrace),
            },
            Self::Trapped {
                message: text,
                backtrace,
            } => Self::Trapped {
                message: message(&text),
                backtrace: frames(backtrace),
            },
            Self::LimitReached {
                message: text,
                backtrace,
            } => Self::LimitReached {
                message: message(&text),
                backtrace: frames(backtrace),
            },
            Self::Broken {
                message: text,
                backtrace,
            } => Self::Broken {
                message: message(&text),
                backtrace: frames(backtrace),
            },
            Self::TimedOut {
                after,
                computing,
                backtrace,
            } => Self::TimedOut {
                after,
                computing,
                backtrace: frames(backtrace),
            },
        }
    }
}

impl Failure {
    /// The same cut to the limits of the contract.
    pub(super) fn within_limits(self) -> Self {
        Self {
            message: message(&self.message),
            expected: value(self.expected),
            actual: value(self.actual),
            location: value(self.location),
        }
    }
}

fn message(text: &str) -> String {
    cut(text, MAX_MESSAGE_BYTES).to_owned()
}

fn value(text: Option<String>) -> Option<String> {
    text.map(|text| cut(&text, MAX_VALUE_BYTES).to_owned())
}

fn frames(mut frames: Vec<String>) -> Vec<String> {
    frames.truncate(MAX_FRAMES);
    for frame in &mut frames {
        frame.truncate(frame.floor_char_boundary(MAX_FRAME_BYTES));
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_that_another_machine_told_is_cut_as_one_from_here_is() {
        let long = || "x".repeat(MAX_MESSAGE_BYTES + 1);
        let told = Ending::Panicked {
            message: long(),
            location: Some(long()),
            backtrace: vec![long(); MAX_FRAMES + 1],
        };
        let whole = |bytes| "x".repeat(bytes);
        let expected = Ending::Panicked {
            message: whole(MAX_MESSAGE_BYTES),
            location: Some(whole(MAX_VALUE_BYTES)),
            backtrace: vec![whole(MAX_FRAME_BYTES); MAX_FRAMES],
        };
        assert_eq!(told.within_limits(), expected);
        assert_eq!(expected.clone().within_limits(), expected);
        let data = Ending::Returned(whole(MAX_DATA_BYTES));
        assert_eq!(data.clone().within_limits(), data);
        let more = Ending::Returned(whole(MAX_DATA_BYTES + 1)).within_limits();
        assert!(matches!(more, Ending::Broken { .. }), "{more:?}");
    }
}
