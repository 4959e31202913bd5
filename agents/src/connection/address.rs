//! Addresses of servers, which may hold a password that nobody is to read.

use std::{fmt, str::FromStr};

use async_nats::ServerAddr;
use percent_encoding::percent_decode_str;

use crate::error::NatsError;

/// One or more servers of one cluster.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    servers: Vec<ServerAddr>,
    shown: String,
}

impl Addresses {
    pub(super) fn servers(&self) -> Vec<ServerAddr> {
        self.servers.clone()
    }

    /// How the first address that says so logs in; one that gives itself away with a single word has a token. The client does not look at it.
    pub(super) fn login(&self) -> Option<Login> {
        let address = self.servers.iter().find(|server| server.has_user_pass())?;
        let user = decoded(address.username()?);
        Some(match address.password() {
            Some(password) => Login::User(user, decoded(password)),
            None => Login::Token(user),
        })
    }
}

/// Who logs in.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Login {
    User(String, String),
    Token(String),
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

impl FromStr for Addresses {
    type Err = NatsError;

    fn from_str(text: &str) -> Result<Self, NatsError> {
        let parts = || text.split(',').map(str::trim);
        let shown: Vec<String> = parts().map(shown).collect();
        let shown = shown.join(",");
        let servers: Result<Vec<_>, _> = parts().map(ServerAddr::from_str).collect();
        let reason = match servers {
            Ok(servers) if servers.iter().any(|server| server.host().is_empty()) => {
                "it has no host".to_owned()
            }
            Ok(servers) => return Ok(Self { servers, shown }),
            Err(error) => error.to_string(),
        };
        Err(NatsError::Address { url: shown, reason })
    }
}

impl fmt::Display for Addresses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shown)
    }
}

/// An address without who logs in there.
pub(super) fn shown(address: &str) -> String {
    let (scheme, rest) = address
        .split_once("://")
        .map_or(("", address), |(scheme, rest)| (scheme, rest));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if scheme.is_empty() {
        return host.to_owned();
    }
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::{Addresses, Login};

    #[test]
    fn an_address_says_who_logs_in() {
        let user =
            |user: &str, password: &str| Some(Login::User(user.to_owned(), password.to_owned()));
        for (given, login) in [
            ("nats://a", None),
            ("nats://u:p@a", user("u", "p")),
            ("nats://a,nats://u%40x:p%3Aq@b", user("u@x", "p:q")),
            ("nats://secret@a", Some(Login::Token("secret".to_owned()))),
        ] {
            assert!(
                given.parse::<Addresses>().unwrap().login() == login,
                "{given}"
            );
        }
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (given, shown) in [
            ("nats://a:4222", "nats://a:4222"),
            ("nats://user:p@ss@a:4222", "nats://a:4222"),
            ("token@a", "a"),
            ("nats://u:p@a, tls://u:p@b", "nats://a,tls://b"),
        ] {
            let addresses: Addresses = given.parse().unwrap();
            assert_eq!(addresses.to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_its_password() {
        for given in ["", "http://user:secret@a", "nats://user:secret@"] {
            let error = given.parse::<Addresses>().unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
