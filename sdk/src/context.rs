//! What an entry knows about its run, and where it leaves its evidence.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::host;
use crate::problem::{Problem, Result};

pub use crate::bindings::context::{Identity, Level};

/// Which attempt of which run this is.
pub fn identity() -> Identity {
    host::identity()
}

/// A value of `[settings]`; nested tables are reached by dots: `reference.step-ms`. None if there is no such setting; errored if it is
/// of another type.
#[track_caller]
pub fn optional_setting<T: DeserializeOwned>(name: &str) -> Result<Option<T>> {
    match host::setting(name) {
        Some(text) => parse_setting(name, &text).map(Some),
        None => Ok(None),
    }
}

/// A value of `[settings]` that must be there; errored if it is not.
#[track_caller]
pub fn setting<T: DeserializeOwned>(name: &str) -> Result<T> {
    match optional_setting(name)? {
        Some(value) => Ok(value),
        None => Err(Problem::errored(format!(
            "there is no setting `{name}`: add it under `[settings]` of `assay.toml`, or give it with `--set {name}=VALUE`"
        ))),
    }
}

#[track_caller]
fn parse_setting<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(error) => Err(Problem::errored(format!(
            "the setting `{name}` is `{text}`, which is no {}: {error}",
            std::any::type_name::<T>()
        ))),
    }
}

/// The base URL of a service of the environment, without a slash at the end; none if the environment has no such service.
pub fn optional_service_url(service: &str) -> Option<String> {
    host::service_url(service)
}

/// The base URL of a service of the environment, without a slash at the end; errored if the environment has no such service.
#[track_caller]
pub fn service_url(service: &str) -> Result<String> {
    match optional_service_url(service) {
        Some(url) => Ok(url),
        None => Err(Problem::errored(format!(
            "the environment has no service `{service}`: declare it in `assay.toml`, or write `needs = [\"{service}\"]` so that the case is skipped without it"
        ))),
    }
}

/// Keeps evidence for the report. A body over 1 MiB is cut; after 32 attachments of an attempt further ones are only counted.
pub fn attach(name: &str, media_type: &str, body: &[u8]) {
    host::attach(name, media_type, body);
}

/// Keeps text for the report.
pub fn attach_text(name: &str, text: &str) {
    attach(name, "text/plain; charset=utf-8", text.as_bytes());
}

/// Keeps a value as JSON for the report; errored if it does not become JSON.
pub fn attach_json<T: Serialize + ?Sized>(name: &str, value: &T) -> Result {
    let body = serde_json::to_vec_pretty(value).map_err(|error| {
        Problem::errored(format!(
            "the attachment `{name}` does not become JSON: {error}"
        ))
    })?;
    attach(name, "application/json", &body);
    Ok(())
}

/// A line for the log of the attempt; the macros [`debug!`](crate::debug), [`info!`](crate::info), [`warn!`](crate::warn) and
/// [`error!`](crate::error) are shorter. A message over 8 KiB is cut; after 10,000 lines of an attempt further ones are only counted.
pub fn log(level: Level, message: &str) {
    host::log(level, message);
}

/// A line for the log of the attempt that matters only when looking for a mistake.
#[macro_export]
macro_rules! debug {
    ($($message:tt)+) => { $crate::context::log($crate::context::Level::Debug, &::std::format!($($message)+)) };
}

/// A line for the log of the attempt.
#[macro_export]
macro_rules! info {
    ($($message:tt)+) => { $crate::context::log($crate::context::Level::Info, &::std::format!($($message)+)) };
}

/// A line for the log of the attempt about something that looks wrong.
#[macro_export]
macro_rules! warn {
    ($($message:tt)+) => { $crate::context::log($crate::context::Level::Warn, &::std::format!($($message)+)) };
}

/// A line for the log of the attempt about something that is wrong.
#[macro_export]
macro_rules! error {
    ($($message:tt)+) => { $crate::context::log($crate::context::Level::Error, &::std::format!($($message)+)) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Kind;

    #[test]
    fn a_setting_has_a_type() {
        assert_eq!(parse_setting::<u64>("reference.step-ms", "40").unwrap(), 40);
        let problem = parse_setting::<u64>("reference.step-ms", "\"fast\"").unwrap_err();
        assert_eq!(problem.kind(), Kind::Errored);
        assert!(
            problem
                .message()
                .starts_with("the setting `reference.step-ms` is `\"fast\"`, which is no u64")
        );
    }

    #[test]
    fn what_the_environment_lacks_is_errored_with_a_hint() {
        let place = format!("{}:{}", file!(), line!() + 1);
        let (setting, url) = (setting::<u64>("none"), service_url("none"));
        for problem in [setting.unwrap_err(), url.unwrap_err()] {
            assert_eq!(problem.kind(), Kind::Errored);
            assert!(problem.message().contains("`assay.toml`"), "{problem}");
            assert_eq!(problem.location(), Some(&*place));
        }
    }
}
