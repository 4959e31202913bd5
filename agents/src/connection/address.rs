//! Addresses of servers, which may hold a password that nobody is to read.

use std::{fmt, str::FromStr};

use async_nats::ServerAddr;
use percent_encoding::percent_decode_str;

use crate::error::NatsError;

/// What an address may begin with. The client takes others too, which are nothing without its support of web sockets.
const SCHEMES: [&str; 2] = ["nats", "tls"];

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

    /// Each of them, and how it is shown.
    pub(super) fn each(&self) -> impl Iterator<Item = (&ServerAddr, &str)> {
        self.servers.iter().zip(self.shown.split(','))
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
        let servers: Result<Vec<_>, _> = parts().map(read).collect();
        match servers {
            Ok(servers) => Ok(Self { servers, shown }),
            Err(reason) => Err(NatsError::Address { url: shown, reason }),
        }
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

/// One address, or what is wrong with it.
fn read(part: &str) -> Result<ServerAddr, String> {
    // As in all URLs, its case means nothing.
    let is_known = |scheme: &str| {
        SCHEMES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(scheme))
    };
    if let Some((scheme, _)) = scheme(part)
        && !is_known(scheme)
    {
        let known = SCHEMES.map(|scheme| format!("`{scheme}://`")).join(" and ");
        return Err(format!("there are {known}, and no `{scheme}://`"));
    }
    match ServerAddr::from_str(part) {
        Ok(server) if server.host().is_empty() => Err("it has no host".to_owned()),
        Ok(server) => Ok(server),
        Err(error) => Err(error.to_string()),
    }
}

/// The scheme of an address that has one, and what follows it.
fn scheme(part: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = part.split_once("://")?;
    let is_one = scheme.chars().all(|letter| letter.is_ascii_alphanumeric());
    is_one.then_some((scheme, rest))
}

/// Addresses without who logs in there. Of a part that cannot be read only what stands where no password can is shown.
pub(super) fn shown(text: &str) -> String {
    let shown = |(place, part): (usize, &str)| {
        let part = part.trim();
        let (scheme, rest) = scheme(part).map_or((String::new(), part), |(scheme, rest)| {
            (format!("{scheme}://"), rest)
        });
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        if read(part).is_ok() {
            return format!("{scheme}{host}");
        }
        let host = host.split(['/', '?', '#']).next().unwrap_or_default();
        if read(host).is_ok() {
            return format!("{scheme}{host}");
        }
        format!("(address {})", place + 1)
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
            ("NATS://user:p@A:4222", "NATS://A:4222"),
            ("Tls://a", "Tls://a"),
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
            "user:secret@http://a",
            "http://user:secret@",
            "http://user:sec/ret@a",
            "http://a/secret",
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

    #[test]
    fn an_address_with_another_scheme_is_shown_with_the_schemes_that_there_are() {
        for (given, shown, scheme) in [
            ("http://127.0.0.1:4222", "http://127.0.0.1:4222", "http"),
            ("http://u:p@a:1/b?c", "http://a:1", "http"),
            ("nats://a,wss://[::1]:80", "nats://a,wss://[::1]:80", "wss"),
        ] {
            let error = given.parse::<Addresses>().unwrap_err().to_string();
            assert_eq!(
                error,
                format!(
                    "`{shown}` is no address of a NATS server: there are `nats://` and `tls://`, and no `{scheme}://`"
                )
            );
        }
    }
}
