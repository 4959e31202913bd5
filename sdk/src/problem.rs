//! How an entry ends, other than well: what `?` makes of any error, and what the host is told.

use std::error::Error as StdError;
use std::fmt;
use std::panic::Location;

use crate::{chaos, http, load, metrics};

/// What the functions of a suite answer.
pub type Result<T = (), E = Problem> = std::result::Result<T, E>;

/// Who is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The system under test did not do what it must.
    Failed,
    /// Nothing was tested.
    Skipped,
    /// The suite or the environment is at fault, not the system under test.
    Errored,
}

/// Why an entry ends early. Every [`std::error::Error`] becomes one by `?`, with the place of the `?`.
///
/// Most errors mean that the system under test did not do what it must ([`Kind::Failed`]). Those that the suite brings about itself
/// (a missing grant, a request that is wrong, a setting or a baseline that does not exist) are [`Kind::Errored`].
pub struct Problem(Box<Parts>);

/// What a [`Problem`] is made of; boxed so that results stay small.
#[derive(Debug)]
struct Parts {
    kind: Kind,
    message: String,
    expected: Option<String>,
    actual: Option<String>,
    location: Option<String>,
}

impl Problem {
    /// The system under test did not do what it must.
    #[track_caller]
    pub fn failed(message: impl Into<String>) -> Self {
        Self::of(Kind::Failed, message.into())
    }

    /// Nothing was tested; the text says why.
    #[track_caller]
    pub fn skipped(why: impl Into<String>) -> Self {
        Self::of(Kind::Skipped, why.into())
    }

    /// The suite or the environment is at fault; the text ends in what to do about it.
    #[track_caller]
    pub fn errored(message: impl Into<String>) -> Self {
        Self::of(Kind::Errored, message.into())
    }

    #[track_caller]
    fn of(kind: Kind, message: String) -> Self {
        let place = Location::caller();
        Self(Box::new(Parts {
            kind,
            message,
            expected: None,
            actual: None,
            location: Some(format!("{}:{}", place.file(), place.line())),
        }))
    }

    /// Adds the two sides of a comparison.
    #[must_use]
    pub fn with_values(mut self, expected: Option<String>, actual: Option<String>) -> Self {
        self.0.expected = expected;
        self.0.actual = actual;
        self
    }

    /// Puts what was being done in front of the message: `context: message`.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    /// The same problem at another place, as `file:line`.
    #[must_use]
    pub fn at(mut self, location: impl Into<String>) -> Self {
        self.0.location = Some(location.into());
        self
    }

    /// Who is at fault.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// What went wrong.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What was expected, if there is one value to show.
    pub fn expected(&self) -> Option<&str> {
        self.0.expected.as_deref()
    }

    /// What was there instead.
    pub fn actual(&self) -> Option<&str> {
        self.0.actual.as_deref()
    }

    /// Where in the suite, as `file:line`.
    pub fn location(&self) -> Option<&str> {
        self.0.location.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.message())?;
        if let (Some(expected), Some(actual)) = (self.expected(), self.actual()) {
            write!(formatter, " (expected {expected}, actual {actual})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl<E: StdError + 'static> From<E> for Problem {
    #[track_caller]
    fn from(error: E) -> Self {
        Self::of(kind_of(&error), with_sources(&error))
    }
}

/// Who is at fault when this error ends an entry.
fn kind_of(error: &(dyn StdError + 'static)) -> Kind {
    let is_own_fault = error
        .downcast_ref::<http::Error>()
        .map(http::Error::is_own_fault)
        .or_else(|| error.downcast_ref().map(metrics::Error::is_own_fault))
        .or_else(|| error.downcast_ref().map(chaos::Error::is_own_fault))
        .or_else(|| error.downcast_ref().map(load::Error::is_own_fault));
    match is_own_fault {
        Some(true) => Kind::Errored,
        Some(false) | None => Kind::Failed,
    }
}

/// The message of an error and of those behind it that say something new.
fn with_sources(error: &dyn StdError) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        source = cause.source();
    }
    message
}

/// Says what was being done when something went wrong.
pub trait ResultExt<T> {
    /// Puts what was being done in front of the message: `context: message`.
    fn context(self, context: impl fmt::Display) -> Result<T>;
    /// The same, computed only when something went wrong.
    fn with_context<D: fmt::Display>(self, context: impl FnOnce() -> D) -> Result<T>;
}

impl<T, E: Into<Problem>> ResultExt<T> for std::result::Result<T, E> {
    #[track_caller]
    fn context(self, context: impl fmt::Display) -> Result<T> {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(error.into().context(context)),
        }
    }

    #[track_caller]
    fn with_context<D: fmt::Display>(self, context: impl FnOnce() -> D) -> Result<T> {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(error.into().context(context())),
        }
    }
}

/// A missing value is a failure: `list.first().context("the list has an episode")?`.
impl<T> ResultExt<T> for Option<T> {
    #[track_caller]
    fn context(self, context: impl fmt::Display) -> Result<T> {
        self.with_context(|| context)
    }

    #[track_caller]
    fn with_context<D: fmt::Display>(self, context: impl FnOnce() -> D) -> Result<T> {
        match self {
            Some(value) => Ok(value),
            None => Err(Problem::failed(format!("{}: there is none", context()))),
        }
    }
}

/// Gives the problem of a future the place of this call. For the helpers that suites share: a failure then points into the case.
///
/// ```
/// # use assay_sdk::prelude::*;
/// #[track_caller]
/// fn health(url: &str) -> impl Future<Output = Result<http::Response>> {
///     let request = http::get(format!("{url}/health"));
///     assay_sdk::located(async move { request.send().await?.expect_status(200) })
/// }
/// ```
#[track_caller]
pub fn located<T>(work: impl Future<Output = Result<T>>) -> impl Future<Output = Result<T>> {
    let place = Location::caller();
    async move {
        let location = || format!("{}:{}", place.file(), place.line());
        work.await.map_err(|problem| problem.at(location()))
    }
}

/// Ends the case as skipped: `skip!("no second region in {environment}")`.
#[macro_export]
macro_rules! skip {
    ($($message:tt)+) => {
        return ::core::result::Result::Err(::core::convert::From::from(
            $crate::Problem::skipped(::std::format!($($message)+)),
        ))
    };
}

/// Ends the case as failed: `fail!("event {name} is unknown")`.
#[macro_export]
macro_rules! fail {
    ($($message:tt)+) => {
        return ::core::result::Result::Err(::core::convert::From::from(
            $crate::Problem::failed(::std::format!($($message)+)),
        ))
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Result<u32> {
        Ok(text.parse::<u32>()?)
    }

    #[test]
    fn a_question_mark_keeps_its_place() {
        let problem = number("many").unwrap_err();
        let line = line!() - 6;
        assert_eq!(problem.kind(), Kind::Failed);
        assert_eq!(problem.message(), "invalid digit found in string");
        assert!(
            problem
                .location()
                .unwrap()
                .ends_with(&format!("problem.rs:{line}")),
            "{problem:?}"
        );
    }

    #[test]
    fn faults_of_the_suite_are_errored() {
        for (kind, expected) in [
            (http::ErrorKind::Denied, Kind::Errored),
            (http::ErrorKind::Invalid, Kind::Errored),
            (http::ErrorKind::Unsupported, Kind::Errored),
            (http::ErrorKind::Connect, Kind::Failed),
            (http::ErrorKind::Timeout, Kind::Failed),
            (http::ErrorKind::Closed, Kind::Failed),
            (http::ErrorKind::Protocol, Kind::Failed),
        ] {
            let error = http::Error::new(kind, "why", "GET http://127.0.0.1/");
            assert_eq!(Problem::from(error).kind(), expected, "{kind:?}");
        }
    }

    #[test]
    fn context_stands_in_front() {
        let problem = number("x").context("the count").unwrap_err();
        assert_eq!(
            problem.message(),
            "the count: invalid digit found in string"
        );
    }

    #[test]
    fn nothing_is_a_failure_with_its_name() {
        let problem = None::<u32>.context("first episode").unwrap_err();
        assert_eq!(problem.message(), "first episode: there is none");
        assert!(problem.location().unwrap().contains("problem.rs"));
    }

    #[test]
    fn a_shared_helper_fails_where_it_is_called() {
        #[track_caller]
        fn helper() -> impl Future<Output = Result<u32>> {
            located(async { number("x") })
        }
        let line = line!() + 1;
        let outcome = futures::executor::block_on(helper());
        let place = format!("{}:{line}", file!());
        assert_eq!(outcome.unwrap_err().location(), Some(&*place));
    }

    #[test]
    fn skip_ends_with_its_reason() {
        fn skipped() -> Result {
            skip!("no {}", "store")
        }
        let problem = skipped().unwrap_err();
        assert_eq!(
            (problem.kind(), problem.message()),
            (Kind::Skipped, "no store")
        );
    }
}
