//! Where the page is: on this machine alone.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
};

use crate::DashboardError;

/// An address on which only this machine can connect. The default is `127.0.0.1` on a port that the system chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(SocketAddr);

impl Default for Address {
    fn default() -> Self {
        Self(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }
}

impl Address {
    pub(crate) fn socket(self) -> SocketAddr {
        self.0
    }
}

/// A port, an IP address, or both: `8080`, `::1`, `127.0.0.1:8080`, `[::1]:0`. The port 0 is one that the system chooses.
impl FromStr for Address {
    type Err = DashboardError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let port = text.parse().map(|port| (Ipv4Addr::LOCALHOST, port).into());
        let ip = || text.parse().map(|ip: IpAddr| SocketAddr::from((ip, 0)));
        let address: SocketAddr = port
            .or_else(|_| ip())
            .or_else(|_| text.parse())
            .map_err(|_| DashboardError::Address { text: text.into() })?;
        if address.ip().is_loopback() {
            Ok(Self(address))
        } else {
            Err(DashboardError::NotLoopback { ip: address.ip() })
        }
    }
}

/// The values of `Host` under which a browser asks for this address. Any other name leads here only by a trick with the name system
/// (DNS rebinding), which makes the page of a stranger look like ours.
pub(crate) fn hosts(address: SocketAddr) -> Vec<String> {
    let port = address.port();
    let names = [
        SocketAddr::new(address.ip(), port).to_string(),
        format!("localhost:{port}"),
    ];
    // RFC 9110, section 7.2: the port is left out where it is that of the scheme.
    let bare = names
        .clone()
        .map(|name| name.trim_end_matches(":80").to_owned());
    if port == 80 {
        names.into_iter().chain(bare).collect()
    } else {
        names.to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_or_an_address_of_this_machine_is_taken() {
        for (text, address) in [
            ("0", "127.0.0.1:0"),
            ("8080", "127.0.0.1:8080"),
            ("65535", "127.0.0.1:65535"),
            ("127.0.0.1", "127.0.0.1:0"),
            ("127.0.0.2:81", "127.0.0.2:81"),
            ("::1", "[::1]:0"),
            ("[::1]:9", "[::1]:9"),
        ] {
            assert_eq!(text.parse::<Address>().unwrap().0.to_string(), address);
        }
    }

    #[test]
    fn an_address_that_others_can_reach_is_refused() {
        for text in ["0.0.0.0:80", "192.168.1.7:80", "[::]:80", "10.0.0.1"] {
            let error = text.parse::<Address>().unwrap_err();
            assert!(
                matches!(error, DashboardError::NotLoopback { .. }),
                "{text}"
            );
        }
        for text in ["", "65536", "localhost:80", "127.0.0.1:", "-1"] {
            let error = text.parse::<Address>().unwrap_err();
            assert!(matches!(error, DashboardError::Address { .. }), "{text}");
        }
    }

    #[test]
    fn the_port_of_the_scheme_may_be_left_out() {
        let hosts = |address: &str| hosts(address.parse().unwrap());
        assert_eq!(hosts("127.0.0.1:81"), ["127.0.0.1:81", "localhost:81"]);
        assert_eq!(
            hosts("[::1]:80"),
            ["[::1]:80", "localhost:80", "[::1]", "localhost"]
        );
    }
}
