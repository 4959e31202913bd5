//! What an attempt asked a service, and how that went: a request or an event stream, in the same words.

use super::shapes::{Evidence, EvidenceKind};
use crate::{
    event::{Event, Exchange, Phase, Stage, StreamSummary},
    words::{clean, clip, duration},
};

/// Characters of a URL or a message in a line.
const MAX_TEXT: usize = 200;

/// A request or a stream that is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contact {
    /// Method and path without ids, or as the suite named it.
    pub(super) name: String,
    pub(super) url: String,
    /// Whether it asked for something to be removed: whatever it is answered, there is nothing left in it to compare.
    pub(super) removes: bool,
    pub(super) status: Option<u16>,
    pub(super) broken: Option<Broken>,
    pub(super) is_stream: bool,
    pub(super) began_ns: u64,
    pub(super) ended_ns: u64,
    pub(super) sequence: u64,
    pub(super) phase: Phase,
}

/// How it broke off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) manner: Manner,
    pub(super) stage: Option<Stage>,
    pub(super) message: String,
}

/// In which manner it broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Manner {
    Refused,
    Reset,
    Unreachable,
    Unresolved,
    Tls,
    TimedOut,
    Closed,
    Protocol,
    TooLarge,
    /// Nobody waited for it any more.
    Dropped,
    Other,
}

impl Manner {
    fn of(kind: &str, message: &str) -> Self {
        let said = |word: &str| message.to_ascii_lowercase().contains(word);
        match kind {
            "cancelled" => Self::Dropped,
            "connect" if said("refused") => Self::Refused,
            "timeout" => Self::TimedOut,
            "connect" | "closed" if said("reset") => Self::Reset,
            "connect" => Self::Unreachable,
            "resolve" => Self::Unresolved,
            "tls" => Self::Tls,
            "closed" => Self::Closed,
            "protocol" => Self::Protocol,
            "too-large" => Self::TooLarge,
            _ => Self::Other,
        }
    }

    /// What whoever was asked did: `NAME refuses the connection`.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Refused => "refuses the connection",
            Self::Reset => "resets the connection",
            Self::Unreachable => "cannot be reached",
            Self::Unresolved => "has no address",
            Self::Tls => "fails the TLS handshake",
            Self::TimedOut => "does not answer in time",
            Self::Closed => "closes the connection before its answer is whole",
            Self::Protocol => "answers what is not HTTP, or breaks it",
            Self::TooLarge => "answers more than was allowed",
            Self::Dropped => "was not waited for",
            Self::Other => "gives no answer",
        }
    }
}

impl Contact {
    pub(super) fn of_exchange(event: &Event, exchange: &Exchange) -> Self {
        Self {
            name: exchange.name.clone(),
            url: exchange.url.clone(),
            removes: exchange.method == "DELETE",
            status: exchange.status,
            broken: exchange.error.as_ref().map(|error| Broken {
                manner: Manner::of(&error.kind, &error.message),
                stage: error.stage,
                message: error.message.clone(),
            }),
            is_stream: false,
            ..Self::over(event, exchange.duration_ns)
        }
    }

    pub(super) fn of_stream(event: &Event, stream: &StreamSummary) -> Self {
        let broken = match stream.end.as_str() {
            "ended" => None,
            "dropped" => Some((Manner::Dropped, "dropped before its end")),
            // An answer that is no stream is told by its status.
            end if end.starts_with("no event stream") => None,
            end => Some((of_end(end), end)),
        };
        Self {
            name: stream.name.clone(),
            url: stream.url.clone(),
            status: Some(stream.status),
            broken: broken.map(|(manner, message)| Broken {
                manner,
                stage: Some(Stage::Body),
                message: message.to_owned(),
            }),
            is_stream: true,
            ..Self::over(event, stream.duration_ns)
        }
    }

    fn over(event: &Event, duration_ns: u64) -> Self {
        Self {
            began_ns: event.at_ns.saturating_sub(duration_ns),
            ended_ns: event.at_ns,
            sequence: event.sequence,
            phase: event.phase,
            ..Self::default()
        }
    }

    /// How it broke off by what the other side or the network did; none if it did not, or if the suite itself let go of it.
    pub(super) fn failure(&self) -> Option<&Broken> {
        let broken = self.broken.as_ref();
        broken.filter(|broken| broken.manner != Manner::Dropped)
    }

    /// Whether nobody waited for its end.
    pub(super) fn is_dropped(&self) -> bool {
        let broken = self.broken.as_ref();
        broken.is_some_and(|broken| broken.manner == Manner::Dropped)
    }

    /// It as evidence; `whom` is the service that it asked.
    pub(super) fn evidence(&self, whom: &str) -> Evidence {
        let Self {
            name,
            url,
            began_ns,
            ended_ns,
            ..
        } = self;
        let what = if self.is_stream { "the stream " } else { "" };
        let answered = self
            .status
            .map_or_else(String::new, |status| format!(" was answered {status}"));
        let broke = self.broken.as_ref().map_or_else(String::new, |broken| {
            let stage = broken.stage.filter(|_| broken.manner != Manner::Dropped);
            let stage = stage.map_or_else(String::new, |stage| format!(" {}", stage.words()));
            let and = if self.status.is_some() { " and" } else { "" };
            format!(
                "{and} broke off{stage}: {}",
                clip(&clean(first_line(&broken.message)), MAX_TEXT)
            )
        });
        Evidence {
            kind: if self.is_stream {
                EvidenceKind::Stream
            } else {
                EvidenceKind::Request
            },
            at_ns: Some(*ended_ns),
            sequence: Some(self.sequence),
            text: format!(
                "{what}`{}` to {whom}{answered}{broke}, after {} ({})",
                clip(&clean(name), MAX_TEXT),
                duration(ended_ns.saturating_sub(*began_ns)),
                clip(&clean(url), MAX_TEXT)
            ),
        }
    }
}

/// The end of a stream has only the text of its error.
fn of_end(end: &str) -> Manner {
    if end.contains("reset") {
        Manner::Reset
    } else if end.contains("not UTF-8") || end.starts_with("more than") {
        Manner::Protocol
    } else {
        Manner::Closed
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
