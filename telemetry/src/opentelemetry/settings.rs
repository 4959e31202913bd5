//! Where traces go and with what, from the configuration and from the variables of the OpenTelemetry specification
//! (<https://opentelemetry.io/docs/specs/otel/protocol/exporter/>, <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>).
//!
//! Nothing here reads a variable: whoever calls says what they hold. A variable counts before the configuration, one for traces alone
//! before one for all signals, and one that is empty is not set. One that holds what cannot be used is warned of, and does not keep the run
//! from being made: it may be there for the system under test.

use std::{ops::RangeInclusive, time::Duration};

use assay_report::hint::Hinted;

use super::{
    endpoint::Endpoint,
    ids::TraceContext,
    pairs,
    resource::{self, Described},
};
use crate::headers::{HeaderError, Headers};

/// How long a receiver may take to answer a request, if nobody says otherwise; the specification's default.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long it may be told to take.
pub const TIMEOUTS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_mins(10);

/// What the configuration says.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The base that all signals share, such as `http://127.0.0.1:4318`; `/v1/traces` is added. None: nothing is sent unless a variable says so.
    pub endpoint: Option<String>,
    /// Headers of each request.
    pub headers: Headers,
    /// How long a receiver may take to answer a request.
    pub timeout: Option<Duration>,
    /// Attributes of what makes the traces: names and values. `service.name` is `assay`, if it is not among them.
    pub resource: Vec<(String, String)>,
}

/// Where traces go and with what.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The receiver.
    pub endpoint: Endpoint,
    /// Headers of each request.
    pub headers: Headers,
    /// How long the receiver may take to answer a request, and how long is waited for it once the run is over.
    pub timeout: Duration,
    /// Attributes of what makes the traces: names and values.
    pub resource: Vec<(String, String)>,
    /// The span of whoever started the run, such as a step of a CI system.
    pub parent: Option<TraceContext>,
}

/// What comes of what was said.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    /// Where traces go; none if nobody wants any, or if a variable says what cannot be done.
    pub settings: Option<Settings>,
    /// What variables hold that cannot be used and what came of that, one line each, to be shown. Never shows a value of a header, or a URL.
    pub warnings: Vec<String>,
}

/// Why traces cannot be sent as it is said. Never shows a value of a header, or a URL.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It is no URL.
    #[error("{0} is no URL of `http` or `https`")]
    Endpoint(Origin),
    /// Another protocol is asked for.
    #[error("{origin} asks for `{protocol}`, and only `http/protobuf` is spoken")]
    Protocol {
        /// Who asks.
        origin: Origin,
        /// For what.
        protocol: String,
    },
    /// A list has an entry that is none.
    #[error("entry {number} of {origin} is no `name=value`")]
    Entry {
        /// Of which list.
        origin: Origin,
        /// From 1.
        number: usize,
    },
    /// A header cannot be sent.
    #[error("{origin}: {source}")]
    Header {
        /// Who gives it.
        origin: Origin,
        /// Why not.
        source: HeaderError,
    },
    /// It is no time.
    #[error("{0} is no time from 1 ms to 10 min")]
    Timeout(Origin),
    /// There are too many attributes.
    #[error(
        "more than {} attributes describe what makes the traces",
        resource::MAX_ATTRIBUTES
    )]
    Resource,
}

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A key of `[opentelemetry]`.
    Key(&'static str),
    /// A variable.
    Variable(&'static str),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(key) => write!(formatter, "`{key}` of `[opentelemetry]`"),
            Self::Variable(variable) => write!(formatter, "the variable `{variable}`"),
        }
    }
}

impl Hinted for SettingsError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Endpoint(_) => "write it like `http://127.0.0.1:4318`",
            Self::Protocol { .. } => {
                "name a receiver of OTLP/HTTP, whose port is usually 4318; `OTEL_SDK_DISABLED=true` sends nothing"
            }
            Self::Entry { .. } => {
                "write it like `name=value,other=value`, with `,` and `%` in a value percent-encoded"
            }
            Self::Header { source, .. } => source.hint(),
            Self::Timeout(_) => "write milliseconds, such as `10000`",
            Self::Resource => "give fewer, in `resource` or in `OTEL_RESOURCE_ATTRIBUTES`",
        };
        Some(text.to_owned())
    }
}

impl Settings {
    /// Where traces go; none if nobody wants any: no endpoint is named, `OTEL_SDK_DISABLED` is true, or `OTEL_TRACES_EXPORTER` names others.
    ///
    /// `variable` gives what a variable of the process holds. Compression and certificates of the specification are not spoken of: what is
    /// sent is not compressed, which each receiver takes, and the system's roots are trusted.
    ///
    /// Only what the configuration says is an error.
    pub fn resolve(
        given: &Given,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Resolved, SettingsError> {
        let mut warnings = Warnings::default();
        let settings = Self::told(given, &Variables(&variable), &mut warnings)?;
        Ok(Resolved {
            settings,
            warnings: warnings.0,
        })
    }

    fn told(
        given: &Given,
        variables: &Variables<'_>,
        warnings: &mut Warnings,
    ) -> Result<Option<Self>, SettingsError> {
        if variables.switch_off() {
            return Ok(None);
        }
        let Some((origin, endpoint)) = endpoint(given, variables, warnings)? else {
            return Ok(None);
        };
        if !takes_ours(origin, variables, warnings) {
            return Ok(None);
        }
        Ok(Some(Self {
            endpoint,
            headers: headers(given, variables, warnings),
            timeout: timeout(given, variables, warnings)?,
            resource: resource(given, variables, warnings)?,
            // One that is none is to be taken for none (W3C Trace Context, section 4.3).
            parent: variables
                .get("TRACEPARENT")
                .and_then(|text| TraceContext::parse(text.trim())),
        }))
    }
}

/// What variables hold.
struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.trim().is_empty())
    }

    /// The first of them that is set.
    fn first(&self, names: [&'static str; 2]) -> Option<(Origin, String)> {
        names
            .into_iter()
            .find_map(|name| Some((Origin::Variable(name), self.get(name)?)))
    }

    fn switch_off(&self) -> bool {
        let disabled = self.get("OTEL_SDK_DISABLED");
        let exporters = self.get("OTEL_TRACES_EXPORTER");
        disabled.is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
            || exporters.is_some_and(|text| !text.split(',').any(|one| one.trim() == "otlp"))
    }

    /// A list of names and values.
    fn pairs(origin: Origin, list: &str) -> Result<Vec<(String, String)>, SettingsError> {
        pairs::parse(list).map_err(|number| SettingsError::Entry { origin, number })
    }
}

/// What is said of variables that hold what cannot be used.
#[derive(Debug, Default)]
struct Warnings(Vec<String>);

impl Warnings {
    const IGNORED: &str = "the variable is ignored";
    const NO_TRACES: &str = "no traces are sent";

    fn tell(&mut self, error: &SettingsError, then: &str) {
        let hint = error.hint().map(|hint| format!(" ({hint})"));
        let hint = hint.unwrap_or_default();
        self.0.push(format!("{error}: {then}{hint}"));
    }
}

/// A variable that names no receiver leaves none: another one must not get what this one was to have, such as its token.
fn endpoint(
    given: &Given,
    variables: &Variables<'_>,
    warnings: &mut Warnings,
) -> Result<Option<(Origin, Endpoint)>, SettingsError> {
    const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    const ALL: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let (origin, endpoint) = if let Some(receiver) = variables.get(TRACES) {
        (Origin::Variable(TRACES), Endpoint::of_traces(&receiver))
    } else if let Some(base) = variables.get(ALL) {
        (Origin::Variable(ALL), Endpoint::of_base(&base))
    } else if let Some(base) = &given.endpoint {
        (Origin::Key("endpoint"), Endpoint::of_base(base))
    } else {
        return Ok(None);
    };
    match (endpoint, origin) {
        (Some(endpoint), _) => Ok(Some((origin, endpoint))),
        (None, Origin::Variable(_)) => {
            warnings.tell(&SettingsError::Endpoint(origin), Warnings::NO_TRACES);
            Ok(None)
        }
        (None, Origin::Key(_)) => Err(SettingsError::Endpoint(origin)),
    }
}

/// Whether the receiver that `named` names may take what is spoken here. One that variables name beside `grpc` does not. The configuration
/// names one of OTLP/HTTP whatever variables say, and what they say else is either unknown, or JSON, and who takes that takes ours.
fn takes_ours(named: Origin, variables: &Variables<'_>, warnings: &mut Warnings) -> bool {
    let asked = variables.first([
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
    ]);
    let Some((origin, protocol)) = asked.filter(|(_, asked)| asked.trim() != "http/protobuf")
    else {
        return true;
    };
    let other = protocol.trim() == "grpc" && matches!(named, Origin::Variable(_));
    let then = if other {
        Warnings::NO_TRACES
    } else {
        Warnings::IGNORED
    };
    warnings.tell(&SettingsError::Protocol { origin, protocol }, then);
    !other
}

/// Those of the variables beside those of the configuration: a token is usually in a variable, and a name of a team is not.
fn headers(given: &Given, variables: &Variables<'_>, warnings: &mut Warnings) -> Headers {
    let list = variables.first([
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
        "OTEL_EXPORTER_OTLP_HEADERS",
    ]);
    let Some((origin, list)) = list else {
        return given.headers.clone();
    };
    with_list(&given.headers, origin, &list).unwrap_or_else(|error| {
        warnings.tell(&error, Warnings::IGNORED);
        given.headers.clone()
    })
}

fn with_list(headers: &Headers, origin: Origin, list: &str) -> Result<Headers, SettingsError> {
    let mut headers = headers.clone();
    for (name, value) in Variables::pairs(origin, list)? {
        headers
            .set(&name, &value)
            .map_err(|source| SettingsError::Header { origin, source })?;
    }
    Ok(headers)
}

fn timeout(
    given: &Given,
    variables: &Variables<'_>,
    warnings: &mut Warnings,
) -> Result<Duration, SettingsError> {
    let within = |timeout: &Duration| TIMEOUTS.contains(timeout);
    let told = variables.first([
        "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        "OTEL_EXPORTER_OTLP_TIMEOUT",
    ]);
    if let Some((origin, text)) = told {
        let milliseconds = text.trim().parse().ok();
        if let Some(timeout) = milliseconds.map(Duration::from_millis).filter(within) {
            return Ok(timeout);
        }
        warnings.tell(&SettingsError::Timeout(origin), Warnings::IGNORED);
    }
    let timeout = Some(given.timeout.unwrap_or(DEFAULT_TIMEOUT)).filter(within);
    timeout.ok_or(SettingsError::Timeout(Origin::Key("timeout")))
}

/// A list that cannot be read is to be discarded as a whole, by the specification of resources.
fn resource(
    given: &Given,
    variables: &Variables<'_>,
    warnings: &mut Warnings,
) -> Result<Vec<(String, String)>, SettingsError> {
    const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
    let name = variables.get("OTEL_SERVICE_NAME");
    let described = |list: &[(String, String)]| {
        let mut described = Described::default();
        for (name, value) in given.resource.iter().chain(list) {
            described.set(name, value);
        }
        if let Some(name) = &name {
            described.set("service.name", name.trim());
        }
        described.within_limits().ok_or(SettingsError::Resource)
    };
    if let Some(list) = variables.get(ATTRIBUTES) {
        let list = Variables::pairs(Origin::Variable(ATTRIBUTES), &list);
        match list.and_then(|list| described(&list)) {
            Ok(resource) => return Ok(resource),
            Err(error) => warnings.tell(&error, Warnings::IGNORED),
        }
    }
    described(&[])
}

#[cfg(test)]
mod tests;
