//! What is asked for: which ways out there are, and where they lead. Addresses may carry credentials, which are never shown.

use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

use reqwest::{
    Url,
    header::{CONNECTION, HOST, HeaderName, USER_AGENT},
};

use super::error::PrometheusError;
use crate::headers::Headers;

/// How often a remote write is made, unless something else is asked for.
pub const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);
/// The shortest time between two remote writes.
pub const MIN_INTERVAL: Duration = Duration::from_millis(100);
/// The longest one: Prometheus forgets a series that it has not heard of for five minutes.
pub const MAX_INTERVAL: Duration = Duration::from_mins(4);
/// How long a push or a write may take, unless something else is asked for.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// The version of the remote write that is spoken.
pub(crate) const VERSION: HeaderName = HeaderName::from_static("x-prometheus-remote-write-version");
/// What nobody may set beside us, by the specification of the remote write, beside what tells of the body.
const OURS: [HeaderName; 4] = [VERSION, USER_AGENT, HOST, CONNECTION];

/// The ways out. Without any nothing is kept.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Serves `/metrics` while the run goes on.
    pub listen: Option<Listen>,
    /// Writes a file for the textfile collector of the node exporter, when the run is over. Its name ends in `.prom`.
    pub textfile: Option<PathBuf>,
    /// Pushes to a Pushgateway when the run is over.
    pub pushgateway: Option<Destination>,
    /// Writes to a remote while the run goes on, and when it is over.
    pub remote_write: Option<RemoteWrite>,
    /// The label `job` of what is pushed or written. A scraper gives its own.
    pub job: String,
    /// The label `instance` of the same; none leaves it out.
    pub instance: Option<String>,
    /// How long one request may take. At the end of a run a remote write takes at most twice that.
    pub timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: None,
            textfile: None,
            pushgateway: None,
            remote_write: None,
            job: "assay".to_owned(),
            instance: None,
            timeout: DEFAULT_TIMEOUT,
        }
    }
}

impl Settings {
    /// Whether any way out is asked for.
    pub fn is_empty(&self) -> bool {
        let Self {
            listen,
            textfile,
            pushgateway,
            remote_write,
            job: _,
            instance: _,
            timeout: _,
        } = self;
        listen.is_none() && textfile.is_none() && pushgateway.is_none() && remote_write.is_none()
    }
}

/// Where `/metrics` is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// On the loopback; port 0 lets the system choose one.
    pub address: SocketAddr,
    /// How long the end of a run waits for one more scrape, which then has its last state; zero for not at all. One that is
    /// asked to stop waits for none.
    pub linger: Duration,
}

/// How a remote write is made.
#[derive(Clone, Debug)]
pub struct RemoteWrite {
    /// Where to, such as `http://127.0.0.1:9090/api/v1/write`.
    pub destination: Destination,
    /// How often, from [`MIN_INTERVAL`] to [`MAX_INTERVAL`].
    pub interval: Duration,
    /// In which form distributions go.
    pub histograms: Histograms,
}

/// In which form distributions go to a remote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Histograms {
    /// With fixed buckets, as they are scraped. Every remote takes them, and the dashboards need no others.
    #[default]
    Classic,
    /// As native histograms: one series each, and buckets a twelfth wide. A remote that has them not switched on refuses all of a request
    /// with one of them.
    Native,
    /// Both: the native ones have the name without `_bucket`.
    Both,
}

impl Histograms {
    pub(crate) fn has_classic(self) -> bool {
        self != Self::Native
    }

    pub(crate) fn has_native(self) -> bool {
        self != Self::Classic
    }
}

/// An address on the network, and headers for it. Shown as scheme, host and port alone: user, password, path, query and headers may be secret.
#[derive(Clone)]
pub struct Destination {
    url: Url,
    headers: Headers,
}

impl Destination {
    /// `what` says what the address is for, in errors: the key of the configuration. User and password of the address become a header.
    pub fn new<'a>(
        what: &'static str,
        url: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, PrometheusError> {
        let no_url = |problem: String| PrometheusError::Url { what, problem };
        let url = Url::parse(url).map_err(|error| no_url(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(no_url("its scheme is neither http nor https".to_owned()));
        }
        let mut given = Headers::default();
        for (name, value) in headers {
            given
                .set_beside(&OURS, name, value)
                .map_err(|source| PrometheusError::Header { what, source })?;
        }
        Ok(Self {
            url,
            headers: given,
        })
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn headers(&self) -> &Headers {
        &self.headers
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.url.origin().ascii_serialization())
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Destination({self})")
    }
}

#[cfg(test)]
mod tests {
    use assay_report::hint::Hinted as _;

    use super::*;
    use crate::headers::MAX_HEADERS;

    #[test]
    fn an_address_is_shown_without_what_may_be_secret() {
        let url = "https://user:geheim@metrics.example:8443/api/geheim?token=geheim";
        let headers = [("authorization", "Bearer geheim")];
        let destination = Destination::new("remote-write", url, headers).unwrap();
        let settings = Settings {
            pushgateway: Some(destination.clone()),
            ..Settings::default()
        };
        for shown in [destination.to_string(), format!("{settings:#?}")] {
            assert!(shown.contains("https://metrics.example:8443"), "{shown}");
            assert!(
                !shown.contains("geheim") && !shown.contains("user"),
                "{shown}"
            );
        }
    }

    #[test]
    fn what_is_no_address_or_no_header_is_refused_without_being_shown() {
        for url in ["geheim", "ftp://geheim", "http://", "http://a:geheim@:80"] {
            let refused = Destination::new("pushgateway", url, []).unwrap_err();
            assert!(refused.to_string().contains("`pushgateway`"), "{refused}");
            assert!(!refused.to_string().contains("geheim"), "{refused}");
        }
        for (name, value) in [("a b", "x"), ("a", "geheim\n")] {
            let refused = Destination::new("pushgateway", "http://a", [(name, value)]).unwrap_err();
            assert!(!refused.to_string().contains("geheim"), "{refused}");
        }
    }

    #[test]
    fn what_the_specification_of_the_remote_write_keeps_for_itself_cannot_be_set() {
        for name in [
            "content-encoding",
            "Content-Type",
            "user-agent",
            "X-Prometheus-Remote-Write-Version",
        ] {
            let refused = Destination::new("remote-write", "http://a", [(name, "geheim")]);
            let refused = refused.unwrap_err();
            let name = name.to_ascii_lowercase();
            assert_eq!(
                refused.to_string(),
                format!("`remote-write`: the header `{name}` is not for others to set")
            );
            assert!(refused.hint().is_some());
        }
        let token = [
            ("authorization", "Bearer geheim"),
            ("x-scope-orgid", "shop"),
        ];
        assert!(Destination::new("remote-write", "http://a", token).is_ok());
    }

    #[test]
    fn headers_of_an_address_have_a_limit() {
        let names: Vec<_> = (0..=MAX_HEADERS)
            .map(|number| format!("x-{number}"))
            .collect();
        let given = |count: usize| {
            let headers = names[..count].iter().map(|name| (name.as_str(), "value"));
            Destination::new("pushgateway", "http://a", headers)
        };
        assert!(given(MAX_HEADERS).is_ok());
        assert!(given(MAX_HEADERS + 1).is_err());
    }

    #[test]
    fn nothing_is_asked_for_by_default() {
        assert!(Settings::default().is_empty());
        let textfile = Some(PathBuf::from("run.prom"));
        let settings = Settings {
            textfile,
            ..Settings::default()
        };
        assert!(!settings.is_empty());
    }
}
