//! Where traces go and with what, from the configuration and from the variables of the OpenTelemetry specification
//! (<https://opentelemetry.io/docs/specs/otel/protocol/exporter/>, <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>).
//!
//! Nothing here reads a variable: whoever calls says what they hold. A variable counts before the configuration, one for traces alone
//! before one for all signals, and one that is empty is not set.

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
            Self::Resource => "give fewer in `OTEL_RESOURCE_ATTRIBUTES`",
        };
        Some(text.to_owned())
    }
}

impl Settings {
    /// Where traces go; none if nobody wants any: no endpoint is named, `OTEL_SDK_DISABLED` is true, or `OTEL_TRACES_EXPORTER` names others.
    ///
    /// `variable` gives what a variable of the process holds. Compression and certificates of the specification are not spoken of: what is
    /// sent is not compressed, which each receiver takes, and the system's roots are trusted.
    pub fn resolve(
        given: &Given,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, SettingsError> {
        let variables = Variables(&variable);
        if variables.switch_off() {
            return Ok(None);
        }
        let Some(endpoint) = endpoint(given, &variables)? else {
            return Ok(None);
        };
        protocol(&variables)?;
        let resource = resource(given, &variables)?;
        Ok(Some(Self {
            endpoint,
            headers: headers(given, &variables)?,
            timeout: timeout(given, &variables)?,
            resource,
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

fn endpoint(given: &Given, variables: &Variables<'_>) -> Result<Option<Endpoint>, SettingsError> {
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
    endpoint.map(Some).ok_or(SettingsError::Endpoint(origin))
}

fn protocol(variables: &Variables<'_>) -> Result<(), SettingsError> {
    let asked = variables.first([
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
    ]);
    match asked {
        Some((origin, protocol)) if protocol.trim() != "http/protobuf" => {
            Err(SettingsError::Protocol { origin, protocol })
        }
        _ => Ok(()),
    }
}

/// Those of the variables beside those of the configuration: a token is usually in a variable, and a name of a team is not.
fn headers(given: &Given, variables: &Variables<'_>) -> Result<Headers, SettingsError> {
    let mut headers = given.headers.clone();
    let list = variables.first([
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
        "OTEL_EXPORTER_OTLP_HEADERS",
    ]);
    if let Some((origin, list)) = list {
        for (name, value) in Variables::pairs(origin, &list)? {
            headers
                .set(&name, &value)
                .map_err(|source| SettingsError::Header { origin, source })?;
        }
    }
    Ok(headers)
}

fn timeout(given: &Given, variables: &Variables<'_>) -> Result<Duration, SettingsError> {
    let told = variables.first([
        "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        "OTEL_EXPORTER_OTLP_TIMEOUT",
    ]);
    let (origin, timeout) = if let Some((origin, text)) = told {
        let milliseconds = text.trim().parse().ok();
        (origin, milliseconds.map(Duration::from_millis))
    } else {
        let timeout = given.timeout.unwrap_or(DEFAULT_TIMEOUT);
        (Origin::Key("timeout"), Some(timeout))
    };
    timeout
        .filter(|timeout| TIMEOUTS.contains(timeout))
        .ok_or(SettingsError::Timeout(origin))
}

fn resource(
    given: &Given,
    variables: &Variables<'_>,
) -> Result<Vec<(String, String)>, SettingsError> {
    const ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
    let mut described = Described::default();
    for (name, value) in &given.resource {
        described.set(name, value);
    }
    if let Some(list) = variables.get(ATTRIBUTES) {
        for (name, value) in Variables::pairs(Origin::Variable(ATTRIBUTES), &list)? {
            described.set(&name, &value);
        }
    }
    if let Some(name) = variables.get("OTEL_SERVICE_NAME") {
        described.set("service.name", name.trim());
    }
    described.within_limits().ok_or(SettingsError::Resource)
}

#[cfg(test)]
mod tests;
