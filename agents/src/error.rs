//! What can go wrong between a coordinator, its agents and the server, each with its own message and something to do.

mod cause;
mod run;

use std::time::Duration;

use assay_report::hint::Hinted;
use thiserror::Error;

pub(crate) use self::cause::Cause;
pub use self::run::{AgentError, RunError};

/// What is wrong with the server, or with the way to it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NatsError {
    /// The address is none.
    #[error("`{url}` is no address of a NATS server: {reason}")]
    Address {
        /// The address, without a password.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of credentials or certificates cannot be read.
    #[error("`{path}` cannot be used to log in to NATS: {reason}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody answers there, or somebody who is no NATS server.
    #[error("no NATS server answers at `{url}`: {reason}")]
    Unreachable {
        /// The address, without a password.
        url: String,
        /// What came instead.
        reason: String,
    },
    /// It does not let us in.
    #[error("the NATS server at `{url}` does not accept the credentials")]
    Credentials {
        /// The address, without a password.
        url: String,
    },
    /// TLS did not come about.
    #[error(
        "there is no TLS with the NATS server at `{url}`{}: {reason}",
        if *.is_wished { ", which requires it" } else { "" }
    )]
    Tls {
        /// The address, without a password.
        url: String,
        /// Why.
        reason: String,
        /// Whether it is the server that wants it, and not the address.
        is_wished: bool,
    },
    /// The address wants TLS, and the server has none.
    #[error("the NATS server at `{url}` does not offer TLS")]
    NoTls {
        /// The address, without a password.
        url: String,
    },
    /// It is too old.
    #[error("the NATS server is version {version}, and 2.9 or newer is needed")]
    OldServer {
        /// Its version.
        version: String,
    },
    /// It takes only messages that are too small for a run.
    #[error(
        "the NATS server takes messages of {bytes} bytes at most, and a run has some of {needed}"
    )]
    SmallMessages {
        /// What it takes.
        bytes: usize,
        /// What is needed.
        needed: usize,
    },
    /// It has no `JetStream`.
    #[error("the NATS server has no JetStream for this account")]
    NoJetStream,
    /// It has no room left.
    #[error("the NATS server has no room for {what}: {reason}")]
    NoRoom {
        /// What there is no room for.
        what: &'static str,
        /// In its words.
        reason: String,
    },
    /// Its limits do not allow it.
    #[error("the limits of the NATS server do not allow {what}: {reason}")]
    Limit {
        /// What they do not allow.
        what: &'static str,
        /// In its words.
        reason: String,
    },
    /// Something of the run that was there is not there any more.
    #[error("{what} is gone from the NATS server")]
    Gone {
        /// What is gone.
        what: &'static str,
    },
    /// It was away for too long.
    #[error("the NATS server was away for longer than {}", seconds(*.0))]
    Away(Duration),
    /// It is there, and says nothing to what is asked of its `JetStream`.
    #[error("the NATS server is there, but its JetStream does not answer about {what}")]
    Silent {
        /// What it was asked about.
        what: &'static str,
    },
    /// It refused something, or did not answer.
    #[error("the NATS server refused {what}: {reason}")]
    Refused {
        /// What was asked for.
        what: &'static str,
        /// In its words.
        reason: String,
    },
}

impl Hinted for NatsError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Address { .. } => {
                "write it as `nats://HOST:4222`, or `tls://HOST:4222`, and several with commas"
            }
            Self::File { .. } => {
                "name a file that exists: credentials as `nsc` writes them, certificates and keys as PEM"
            }
            Self::Unreachable { .. } => {
                "start `nats-server -js`, or correct the address that `--nats` has"
            }
            Self::Credentials { .. } => {
                "give a user and a password in the address, or a file of credentials that the server's account knows"
            }
            Self::Tls { .. } => {
                "give the certificate of whoever signed the server's (`--nats-ca`), an address whose name it has, and one of your own (`--nats-certificate`) if the server wants that"
            }
            Self::NoTls { .. } => {
                "give the server a certificate (`tls` in its configuration), or write `nats://HOST:4222` where nobody else can listen"
            }
            Self::OldServer { .. } => "update the server",
            Self::SmallMessages { .. } => {
                "raise `max_payload` in its configuration; 1 MB is what a server has that is not told"
            }
            Self::NoJetStream => "start it with `-js`, or enable JetStream for the account",
            Self::NoRoom { .. } => {
                "free space in its JetStream store or raise its limits, or let the run reserve less of it"
            }
            Self::Limit { .. } => {
                "raise the limits of the account, or remove streams that nobody uses"
            }
            Self::Gone { .. } => {
                "somebody removed it, or the server was started again and keeps streams in memory: keep them in files"
            }
            Self::Silent { .. } => {
                "its disk may be full, or it is overloaded: see its log, make room, and start it again"
            }
            Self::Away(_) => {
                "see why the server went; a run goes on by itself if it comes back sooner"
            }
            Self::Refused { .. } => {
                "see the server's log; an account needs `assay.>`, `$JS.API.>`, `$O.>` and `_INBOX.>`"
            }
        };
        Some(hint.to_owned())
    }
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}
