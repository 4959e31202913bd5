//! Where containers find this machine: the address that it has on the engine's own bridge, whatever network a container is on.

use std::net::{IpAddr, Ipv4Addr};

use bollard::{models::NetworkInspect, query_parameters::InspectNetworkOptions};

use super::{engine::Engine, error::DockerError};

/// The network that every engine has, unless it is told otherwise.
const BRIDGE: &str = "bridge";

/// The address of this machine for containers, if the engine is on it; none if the engine has no bridge of its own.
pub async fn address(engine: &Engine) -> Result<Option<IpAddr>, DockerError> {
    let asking = engine
        .client()
        .inspect_network(BRIDGE, None::<InspectNetworkOptions>);
    let found = engine.ask("show its own bridge", asking).await?;
    Ok(gateway(&found))
}

/// The gateway of a network. An engine that chose the network itself may not name it: then it is the first address.
fn gateway(network: &NetworkInspect) -> Option<IpAddr> {
    let configs = network.ipam.as_ref()?.config.iter().flatten();
    let mut found = configs.filter_map(|config| {
        let named = config.gateway.as_deref().unwrap_or_default();
        named
            .parse()
            .ok()
            .or_else(|| first(config.subnet.as_deref()?))
    });
    found.next()
}

/// The first address of a subnet of version 4, such as `172.17.0.0/16`.
fn first(subnet: &str) -> Option<IpAddr> {
    let (network, _) = subnet.split_once('/')?;
    let network: Ipv4Addr = network.parse().ok()?;
    Some(Ipv4Addr::from_bits(network.to_bits().checked_add(1)?).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateway_is_the_one_that_is_named_or_the_first_address() {
        for (configs, expected) in [
            (
                r#"[{"Subnet":"172.17.0.0/16","Gateway":"172.17.0.9"}]"#,
                Some("172.17.0.9"),
            ),
            (r#"[{"Subnet":"172.17.0.0/16"}]"#, Some("172.17.0.1")),
            (
                r#"[{"Subnet":"172.17.0.0/16","Gateway":""}]"#,
                Some("172.17.0.1"),
            ),
            (
                r#"[{"Subnet":"fd00::/64"},{"Subnet":"10.0.0.0/8"}]"#,
                Some("10.0.0.1"),
            ),
            (r#"[{"Subnet":"fd00::/64"}]"#, None),
            (r#"[{"Subnet":"nonsense"}]"#, None),
            ("[]", None),
            ("null", None),
        ] {
            let text = format!(r#"{{"IPAM":{{"Config":{configs}}}}}"#);
            let expected = expected.map(|address| address.parse().unwrap());
            assert_eq!(
                gateway(&serde_json::from_str(&text).unwrap()),
                expected,
                "{configs}"
            );
        }
    }
}
