//! Addresses of servers, which may hold a password that nobody is to read.

use std::{fmt, str::FromStr};

use async_nats::ServerAddr;
use percent_encoding::percent_decode_str;

use crate::error::NatsError;

/// One or more servers of one cluster.
#[derive(Clone)]
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
        let shown = shown(text);
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

impl fmt::Debug for Addresses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Addresses without who logs in there. Of one that cannot be read nothing is shown: nobody knows where its password stands.
pub(super) fn shown(text: &str) -> String {
    let shown = |(place, part): (usize, &str)| {
        let part = part.trim();
        let is_read = ServerAddr::from_str(part).is_ok_and(|server| !server.host().is_empty());
        if !is_read {
            return format!("(address {})", place + 1);
        }
        let (scheme, rest) = part
            .find("://")
            .map_or(("", part), |at| part.split_at(at + 3));
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        format!("{scheme}{host}")
    };
    let all: Vec<String> = text.split(',').enumerate().map(shown).collect();
    all.join(",")
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
            assert_eq!(format!("{addresses:?}"), shown);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_its_password() {
        for given in [
            "http://user:secret@a",
            "nats://user:secret@",
            "nats://user:secret",
            "nats://user:se,cret@a",
            "nats://a,nats://user:secret",
        ] {
            let error = given.parse::<Addresses>().unwrap_err().to_string();
            assert!(
                !["secret", "se,", "cret"]
                    .iter()
                    .any(|part| error.contains(part)),
                "{error}"
            );
        }
        let error = "nats://a,".parse::<Addresses>().unwrap_err().to_string();
        assert!(error.contains("`nats://a,(address 2)`"), "{error}");
    }
}
