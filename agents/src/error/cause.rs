//! What is behind an error of the client: each of its calls has a type of its own, and below all of them are the same few causes.

use std::error::Error;

use async_nats::{
    RequestErrorKind,
    jetstream::{
        self, ErrorCode,
        context::{
            CreateStreamError, CreateStreamErrorKind, GetStreamError, GetStreamErrorKind,
            PublishErrorKind, RequestErrorKind as ApiErrorKind,
        },
        stream::{ConsumerError, ConsumerErrorKind},
    },
};

use super::NatsError;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cause {
    /// `JetStream` answered with an error.
    Api(jetstream::Error),
    /// No answer came in time.
    TimedOut,
    /// There is nobody who would answer.
    NoResponders,
    /// There is no stream that would take a message.
    NoStream,
    /// Something else, in the client's words.
    Other(String),
}

/// Codes of the server that mean that it has no room left.
const NO_ROOM: [ErrorCode; 5] = [
    ErrorCode::ACCOUNT_RESOURCES_EXCEEDED,
    ErrorCode::INSUFFICIENT_RESOURCES,
    ErrorCode::STORAGE_RESOURCES_EXCEEDED,
    ErrorCode::MEMORY_RESOURCES_EXCEEDED,
    ErrorCode::STREAM_STORE_FAILED,
];
const LIMIT: [ErrorCode; 6] = [
    ErrorCode::MAXIMUM_STREAMS_LIMIT,
    ErrorCode::MAXIMUM_CONSUMERS_LIMIT,
    ErrorCode::STREAM_LIMITS,
    ErrorCode::STREAM_INVALID_CONFIG,
    ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM,
    ErrorCode::STREAM_REPLICAS_NOT_SUPPORTED,
];
const NO_JETSTREAM: [ErrorCode; 3] = [
    ErrorCode::JETSTREAM_NOT_ENABLED,
    ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT,
    ErrorCode::CLUSTER_NOT_AVAILABLE,
];
const GONE: [ErrorCode; 3] = [
    ErrorCode::STREAM_NOT_FOUND,
    ErrorCode::CONSUMER_NOT_FOUND,
    ErrorCode::CONSUMER_DOES_NOT_EXIST,
];
/// How the server says that a stream has reached the limit that it was made with, which is no lack of room.
const FULL: [&str; 2] = ["maximum bytes exceeded", "maximum messages exceeded"];

impl Cause {
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        let mut current = Some(error);
        while let Some(error) = current {
            if let Some(cause) = known(error) {
                return cause;
            }
            current = error.source();
        }
        Self::Other(error.to_string())
    }

    /// Whether the stream has reached its own limit, so that one waits until it is read.
    pub(crate) fn is_full(&self) -> bool {
        let Self::Api(error) = self else {
            return false;
        };
        let text = error.to_string();
        error.error_code() == ErrorCode::STREAM_STORE_FAILED
            && FULL.iter().any(|full| text.contains(full))
    }

    /// Whether there is no answer, as when the server is away.
    pub(crate) fn is_silence(&self) -> bool {
        matches!(self, Self::TimedOut | Self::NoResponders)
    }

    /// The error that it is for a person. What the server said last without being asked explains why it is silent.
    pub(crate) fn told(self, what: &'static str, complaint: Option<String>) -> NatsError {
        match (self, complaint) {
            (Self::Api(error), _) => of_api(&error, what),
            (Self::NoStream, _) => NatsError::Gone { what },
            (Self::NoResponders, None) => NatsError::NoJetStream,
            (Self::TimedOut, None) => NatsError::Silent { what },
            (Self::Other(reason), None) | (_, Some(reason)) => NatsError::Refused { what, reason },
        }
    }
}

fn of_api(error: &jetstream::Error, what: &'static str) -> NatsError {
    let (code, reason) = (error.error_code(), error.to_string());
    if NO_ROOM.contains(&code) {
        NatsError::NoRoom { what, reason }
    } else if LIMIT.contains(&code) {
        NatsError::Limit { what, reason }
    } else if NO_JETSTREAM.contains(&code) {
        NatsError::NoJetStream
    } else if GONE.contains(&code) {
        NatsError::Gone { what }
    } else {
        NatsError::Refused { what, reason }
    }
}

fn known(error: &(dyn Error + 'static)) -> Option<Cause> {
    if let Some(error) = error.downcast_ref::<jetstream::Error>() {
        return Some(Cause::Api(error.clone()));
    }
    of_stream(error).or_else(|| of_request(error))
}

fn of_stream(error: &(dyn Error + 'static)) -> Option<Cause> {
    if let Some(error) = error.downcast_ref::<CreateStreamError>() {
        return match error.kind() {
            CreateStreamErrorKind::JetStream(error) => Some(Cause::Api(error)),
            CreateStreamErrorKind::TimedOut => Some(Cause::TimedOut),
            CreateStreamErrorKind::JetStreamUnavailable => Some(Cause::NoResponders),
            _ => None,
        };
    }
    if let Some(error) = error.downcast_ref::<GetStreamError>() {
        return match error.kind() {
            GetStreamErrorKind::JetStream(error) => Some(Cause::Api(error)),
            _ => None,
        };
    }
    let error = error.downcast_ref::<ConsumerError>()?;
    match error.kind() {
        ConsumerErrorKind::JetStream(error) => Some(Cause::Api(error)),
        ConsumerErrorKind::TimedOut => Some(Cause::TimedOut),
        _ => None,
    }
}

fn of_request(error: &(dyn Error + 'static)) -> Option<Cause> {
    if let Some(error) = error.downcast_ref::<async_nats::RequestError>() {
        return match error.kind() {
            RequestErrorKind::NoResponders => Some(Cause::NoResponders),
            RequestErrorKind::TimedOut => Some(Cause::TimedOut),
            _ => None,
        };
    }
    if let Some(error) = error.downcast_ref::<jetstream::context::RequestError>() {
        return match error.kind() {
            ApiErrorKind::NoResponders => Some(Cause::NoResponders),
            ApiErrorKind::TimedOut => Some(Cause::TimedOut),
            _ => None,
        };
    }
    let error = error.downcast_ref::<jetstream::context::PublishError>()?;
    match error.kind() {
        PublishErrorKind::StreamNotFound => Some(Cause::NoStream),
        PublishErrorKind::TimedOut | PublishErrorKind::BrokenPipe => Some(Cause::TimedOut),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use async_nats::jetstream;

    use super::{Cause, NatsError};

    fn api(code: u64, description: &str) -> Cause {
        let json = format!(r#"{{"code":503,"err_code":{code},"description":"{description}"}}"#);
        Cause::of(&serde_json::from_str::<jetstream::Error>(&json).unwrap())
    }

    #[test]
    fn each_code_of_the_server_has_its_own_meaning() {
        let told = |code| api(code, "words").told("it", None);
        let reason = |code| format!("words (code 503, error code {code})");
        let what = "it";
        for code in [10002, 10023, 10028, 10047, 10077] {
            let reason = reason(code);
            assert_eq!(told(code), NatsError::NoRoom { what, reason });
        }
        for code in [10026, 10027, 10052, 10053, 10074] {
            let reason = reason(code);
            assert_eq!(told(code), NatsError::Limit { what, reason });
        }
        for code in [10039, 10076] {
            assert_eq!(told(code), NatsError::NoJetStream);
        }
        for code in [10014, 10059] {
            assert_eq!(told(code), NatsError::Gone { what });
        }
        let reason = reason(10003);
        assert_eq!(told(10003), NatsError::Refused { what, reason });
    }

    #[test]
    fn a_stream_at_its_limit_is_no_full_server() {
        assert!(api(10077, "maximum bytes exceeded").is_full());
        assert!(api(10077, "maximum messages exceeded").is_full());
        assert!(!api(10077, "no space left on device").is_full());
        assert!(!api(10047, "insufficient storage resources available").is_full());
        assert!(!Cause::TimedOut.is_full());
    }

    #[test]
    fn a_complaint_of_the_server_explains_its_silence() {
        let complaint = Some("permissions violation".to_owned());
        let reason = "permissions violation".to_owned();
        let expected = NatsError::Refused { what: "it", reason };
        assert_eq!(Cause::TimedOut.told("it", complaint), expected);
        assert_eq!(Cause::NoResponders.told("it", None), NatsError::NoJetStream);
        let what = "it";
        assert_eq!(Cause::TimedOut.told(what, None), NatsError::Silent { what });
        assert_eq!(Cause::NoStream.told(what, None), NatsError::Gone { what });
    }
}
