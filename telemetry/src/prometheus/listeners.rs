//! The reporters that the settings ask for. What can be known to be wrong before a run is told before it.

use std::net::SocketAddr;

use assay_report::Reporter;

use super::{
    error::PrometheusError,
    pushgateway::Pushgateway,
    remote_write::RemoteWriter,
    server::Server,
    settings::{MAX_INTERVAL, MIN_INTERVAL, Settings},
    shared::{Collector, Shared},
    textfile::Textfile,
};

/// What hears a run.
pub struct Listeners {
    /// In the order in which they have to hear each event; none where nothing was asked for.
    pub reporters: Vec<Box<dyn Reporter>>,
    /// Where `/metrics` is served, with the port that it got.
    pub listening: Option<SocketAddr>,
}

/// Makes them, and begins to serve. Each fails for itself: what one cannot tell does not keep the others from telling it.
pub fn listeners(settings: &Settings) -> Result<Listeners, PrometheusError> {
    check(settings)?;
    let mut reporters: Vec<Box<dyn Reporter>> = Vec::new();
    let mut listening = None;
    if settings.is_empty() {
        return Ok(Listeners {
            reporters,
            listening,
        });
    }
    let shared = Shared::default();
    reporters.push(Box::new(Collector(shared.clone())));
    if let Some(listen) = settings.listen {
        let server = Server::start(listen, shared.clone())?;
        listening = Some(server.address());
        reporters.push(Box::new(server));
    }
    if let Some(remote) = &settings.remote_write {
        let writer = RemoteWriter::start(remote, settings, shared.clone())?;
        reporters.push(Box::new(writer));
    }
    if let Some(path) = &settings.textfile {
        reporters.push(Box::new(Textfile::new(path.clone(), shared.clone())));
    }
    if let Some(destination) = &settings.pushgateway {
        let pushgateway = Pushgateway::new(destination, settings, shared.clone())?;
        reporters.push(Box::new(pushgateway));
    }
    Ok(Listeners {
        reporters,
        listening,
    })
}

fn check(settings: &Settings) -> Result<(), PrometheusError> {
    if settings.timeout.is_zero() {
        return Err(PrometheusError::Timeout);
    }
    if let Some(listen) = settings.listen
        && !listen.address.ip().is_loopback()
    {
        return Err(PrometheusError::NotLoopback(listen.address));
    }
    if let Some(path) = &settings.textfile
        && path.extension().is_none_or(|extension| extension != "prom")
    {
        return Err(PrometheusError::Textfile(path.clone()));
    }
    if let Some(remote) = &settings.remote_write
        && !(MIN_INTERVAL..=MAX_INTERVAL).contains(&remote.interval)
    {
        return Err(PrometheusError::Interval(remote.interval));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, time::Duration};

    use assay_report::hint::Hinted as _;

    use super::{
        super::settings::{Destination, Histograms, Listen, RemoteWrite},
        *,
    };

    fn refused(settings: &Settings) -> Option<String> {
        let error = listeners(settings).err()?;
        assert!(error.hint().is_some(), "{error}");
        Some(error.to_string())
    }

    #[test]
    fn where_nothing_is_asked_for_nobody_listens() {
        let listeners = listeners(&Settings::default()).unwrap();
        assert!(listeners.reporters.is_empty() && listeners.listening.is_none());
    }

    #[test]
    fn an_address_that_others_reach_is_refused() {
        for (address, expected) in [
            (
                "0.0.0.0:0",
                Some("`listen` is 0.0.0.0:0, which others can reach"),
            ),
            (
                "192.168.0.1:0",
                Some("`listen` is 192.168.0.1:0, which others can reach"),
            ),
            ("127.0.0.1:0", None),
        ] {
            let settings = Settings {
                listen: Some(Listen {
                    address: address.parse().unwrap(),
                    linger: Duration::ZERO,
                }),
                ..Settings::default()
            };
            assert_eq!(refused(&settings).as_deref(), expected);
        }
    }

    #[test]
    fn an_interval_at_its_limits_is_taken_and_beyond_them_refused() {
        let nanosecond = Duration::from_nanos(1);
        for (interval, taken) in [
            (MIN_INTERVAL, true),
            (MIN_INTERVAL.saturating_sub(nanosecond), false),
            (MAX_INTERVAL, true),
            (MAX_INTERVAL + nanosecond, false),
        ] {
            let remote = RemoteWrite {
                destination: Destination::new("remote-write", "http://127.0.0.1:9", []).unwrap(),
                interval,
                histograms: Histograms::Both,
            };
            let settings = Settings {
                remote_write: Some(remote),
                ..Settings::default()
            };
            assert_eq!(check(&settings).is_ok(), taken, "{interval:?}");
        }
    }

    #[test]
    fn a_file_that_nobody_would_read_and_no_time_at_all_are_refused() {
        let settings = Settings {
            textfile: Some(PathBuf::from("run.txt")),
            ..Settings::default()
        };
        assert!(refused(&settings).is_some());
        let settings = Settings {
            timeout: Duration::ZERO,
            ..Settings::default()
        };
        assert!(refused(&settings).is_some());
    }
}
