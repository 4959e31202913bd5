//! Where a question may be sent on to: a few times, from `https` to `https` alone, and from loopback to loopback alone. Whoever answers
//! cannot turn a question to the world into one to this machine, or into one that others can read.

use reqwest::{Url, redirect::Policy};
use thiserror::Error;

use crate::{limits::MAX_REDIRECTS, source::is_loopback};

pub(super) fn policy() -> Policy {
    Policy::custom(|attempt| {
        // What was asked before, the first address included.
        let asked = attempt.previous();
        if asked.len() > MAX_REDIRECTS {
            return attempt.error(Refused::TooMany);
        }
        match asked.last() {
            Some(from) if !may_lead(from, attempt.url()) => attempt.error(Refused::Elsewhere),
            _ => attempt.follow(),
        }
    })
}

fn may_lead(from: &Url, to: &Url) -> bool {
    match to.scheme() {
        "https" => from.scheme() == "https",
        "http" => from.scheme() == "http" && is_loopback(to),
        _ => false,
    }
}

/// Why a question is not sent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum Refused {
    #[error("it was sent on more than {MAX_REDIRECTS} times")]
    TooMany,
    #[error(
        "it was sent on to where it may not go: from https to http, or from this machine to another"
    )]
    Elsewhere,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_stays_https_and_loopback_stays_loopback() {
        let lead =
            |from: &str, to: &str| may_lead(&Url::parse(from).unwrap(), &Url::parse(to).unwrap());
        assert!(lead("https://a.org/", "https://b.org/"));
        assert!(lead("http://127.0.0.1/", "http://localhost:1/"));
        for (from, to) in [
            ("https://a.org/", "http://a.org/"),
            ("https://a.org/", "http://127.0.0.1/"),
            ("http://127.0.0.1/", "http://a.org/"),
            ("http://127.0.0.1/", "https://a.org/"),
            ("https://a.org/", "file:///etc/passwd"),
        ] {
            assert!(!lead(from, to), "{from} {to}");
        }
    }
}
