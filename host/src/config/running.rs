//! Services that are said to run: what their URL may be, and how they take the place of those that would be started.

use std::time::Duration;

use crate::config::{
    environments::{EnvironmentSettings, Readiness, ServiceSettings, ServiceSource},
    error::ConfigError,
    links,
    origin::Origin,
};

/// How long a service may take that is said to run: it has no start to wait for.
pub(super) const REACHED_WITHIN: Duration = Duration::from_secs(5);

/// A base URL without its slash at the end.
pub(super) fn url(text: &str, origin: &Origin) -> Result<String, ConfigError> {
    let text = text.trim();
    let wrong = |problem: &str| {
        let message = format!("`{text}` is no base URL: {problem}");
        ConfigError::new(origin, message, "write it like `http://127.0.0.1:8001`")
    };
    let url = reqwest::Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("it has no host"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it ends in a query or a fragment"));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Replaces services by running ones: `given` is the name, the URL and who said so.
pub(super) fn use_running(
    environment: &mut EnvironmentSettings,
    name: &str,
    given: &str,
    origin: &Origin,
    open: bool,
) -> Result<(), ConfigError> {
    let source = ServiceSource::Running {
        url: url(given, origin)?,
        origin: origin.clone(),
    };
    if let Some(service) = environment
        .services
        .iter_mut()
        .find(|service| service.name == name)
    {
        service.source = source;
        service.readiness.within = service.readiness.within.min(REACHED_WITHIN);
    } else if open {
        links::check_name(name, origin)?;
        environment.services.push(ServiceSettings {
            name: name.to_owned(),
            origin: origin.clone(),
            source,
            readiness: Readiness {
                health: None,
                status: 200,
                within: REACHED_WITHIN,
            },
        });
    } else {
        let known = environment
            .services
            .iter()
            .map(|service| service.name.as_str());
        let what = format!("service of the environment `{}`", environment.name);
        return Err(ConfigError::unknown(origin, &what, name, known));
    }
    Ok(())
}
