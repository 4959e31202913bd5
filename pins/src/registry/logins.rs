//! Who one is for a registry: user and password, as `docker login` leaves them in its `config.json`. Never shown, and never in a lock.

use std::{collections::BTreeMap, fmt};

use assay_report::hint::Hinted;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use thiserror::Error;

/// What docker calls its own registry.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// A user and a password or token.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// Who.
    pub user: String,
    /// What proves it.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Login(hidden)")
    }
}

/// Who one is, by registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logins(BTreeMap<String, Login>);

impl Logins {
    /// Reads the text of docker's `config.json`: the registries of `auths` that have an `auth`. Those that docker keeps in a program of its
    /// own are not there.
    pub fn of_docker(text: &str) -> Result<Self, NoLogins> {
        let config: Config = serde_json::from_str(text).map_err(|_| NoLogins)?;
        let mut logins = BTreeMap::new();
        for (registry, entry) in config.auths {
            let Some(auth) = entry.auth.filter(|auth| !auth.is_empty()) else {
                continue;
            };
            let bytes = STANDARD.decode(auth).map_err(|_| NoLogins)?;
            let pair = String::from_utf8(bytes).map_err(|_| NoLogins)?;
            let (user, password) = pair.split_once(':').ok_or(NoLogins)?;
            let login = Login {
                user: user.to_owned(),
                password: password.to_owned(),
            };
            logins.insert(host_of(&registry), login);
        }
        Ok(Self(logins))
    }

    /// One more.
    pub fn insert(&mut self, registry: &str, login: Login) {
        self.0.insert(registry.to_owned(), login);
    }

    /// Who one is for a registry.
    pub fn get(&self, registry: &str) -> Option<&Login> {
        self.0.get(registry)
    }

    /// What must not be shown anywhere.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(|login| login.password.as_str())
    }
}

/// Docker writes registries as hosts, or as addresses of their first version.
fn host_of(registry: &str) -> String {
    if registry == DOCKER_HUB {
        return "registry-1.docker.io".to_owned();
    }
    let rest = registry
        .split_once("://")
        .map_or(registry, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest).to_owned()
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    auth: Option<String>,
}

/// A text that has no logins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the file with the logins of registries cannot be read")]
pub struct NoLogins;

impl Hinted for NoLogins {
    fn hint(&self) -> Option<String> {
        Some("it is docker's `config.json`, as `docker login` writes it".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_docker_login_leaves_is_understood() {
        let pair = STANDARD.encode("somebody:ge:heim");
        let text = format!(
            r#"{{"auths":{{"ghcr.io":{{"auth":"{pair}"}},"https://example.org/v1/":{{"auth":"{pair}"}},
            "{DOCKER_HUB}":{{"auth":"{pair}"}},"kept.org":{{}}}},"credsStore":"x"}}"#
        );
        let logins = Logins::of_docker(&text).unwrap();
        for registry in ["ghcr.io", "example.org", "registry-1.docker.io"] {
            let login = logins.get(registry).unwrap();
            assert_eq!(
                (login.user.as_str(), login.password.as_str()),
                ("somebody", "ge:heim")
            );
        }
        assert_eq!(logins.get("kept.org"), None);
        assert_eq!(logins.secrets().count(), 3);
        assert!(!format!("{logins:?}").contains("heim"));
        assert_eq!(Logins::of_docker("{}"), Ok(Logins::default()));
    }

    #[test]
    fn a_text_that_is_none_is_refused_without_being_shown() {
        for text in ["", "1", r#"{"auths":{"a":{"auth":"geheim%"}}}"#] {
            let problem = Logins::of_docker(text).unwrap_err().to_string();
            assert!(!problem.contains("geheim"));
        }
    }
}
