//! The ways around a grant that are known, and that each of them is closed.

use super::*;

fn network(hosts: &[&str], services: &[&str]) -> Network {
    let grants = Grants {
        hosts: hosts.iter().map(|text| text.parse().unwrap()).collect(),
        services: services.iter().map(|text| text.parse().unwrap()).collect(),
        ..Grants::default()
    };
    let all = [
        ("shop", "127.0.0.1", 8001),
        ("stock", "127.0.0.1", 8002),
        ("remote", "Staging.Example.com", 80),
        ("six", "[::1]", 8003),
    ];
    let all = all.map(|(name, host, port)| Answers { name, host, port });
    Network::new(&Permit::only("shop", grants), all)
}

fn asks(network: &Network, url: &str) -> bool {
    network.may_ask(&Url::parse(url).unwrap()).is_ok()
}

fn connects(network: &Network, host: &str, address: &str, port: u16) -> bool {
    network
        .may_connect(host, address.parse().unwrap(), port)
        .is_ok()
}

#[test]
fn a_url_is_granted_by_its_host_and_its_port_and_by_nothing_else_in_it() {
    let network = network(
        &[
            "granted.com:443",
            "*.shop.test:443",
            "10.0.0.0/8:80",
            "[2001:db8::1]:8080",
            "bücher.example:443",
            "open.test:*",
            "0.0.0.0/0:81",
        ],
        &["shop", "remote"],
    );
    for (url, expected) in [
        ("https://granted.com/", true),
        ("https://granted.com:443/a?b#c", true),
        ("https://GRANTED.com/", true),
        ("https://granted.com./", true),
        ("https://gr%61nted.com/", true),
        ("http://granted.com:443/", true),
        ("https://user:secret@granted.com/", true),
        ("https://granted.com:444/", false),
        ("http://granted.com/", false),
        ("https://granted.com@evil.test/", false),
        ("https://granted.com:443@evil.test/", false),
        ("https://evil.test/granted.com", false),
        ("https://evil.test?granted.com", false),
        ("https://evil.test#@granted.com", false),
        ("https://evil.test\\@granted.com/", false),
        ("https://granted.com.evil.test/", false),
        ("https://evilgranted.com/", false),
        ("https://www.granted.com/", false),
        ("https://granted.co/", false),
        // A look-alike with a Cyrillic letter is another name.
        ("https://gr\u{430}nted.com/", false),
        // Full-width letters are the same name after IDNA.
        ("https://\u{ff47}ranted.com/", true),
        ("https://xn--bcher-kva.example/", true),
        ("https://BÜCHER.example/", true),
        ("https://bucher.example/", false),
        ("https://a.shop.test/", true),
        ("https://a.b.shop.test./", true),
        ("https://shop.test/", false),
        ("https://evilshop.test/", false),
        ("https://shop.test.evil.test/", false),
        ("https://a.shop.test:8443/", false),
        ("http://open.test:1/", true),
        ("http://10.1.2.3/", true),
        ("http://0x0a.1/", true),
        ("http://012.1.2.3/", true),
        ("http://167838211/", true),
        ("http://[::ffff:10.1.2.3]/", true),
        ("http://11.1.2.3/", false),
        ("http://10.1.2.3:81/", false),
        ("http://127.1:81/", false),
        ("http://169.254.169.254:81/", false),
        ("http://8.8.8.8:81/", true),
        ("http://[2001:db8::1]:8080/", true),
        ("http://[2001:DB8:0::1]:8080/", true),
        ("http://[2001:db8::2]:8080/", false),
        // Services, and every way to write where they are.
        ("http://127.0.0.1:8001/", true),
        ("http://0x7f.1:8001/", true),
        ("http://017700000001:8001/", true),
        ("http://2130706433:8001/", true),
        ("http://127.0.0.1.:8001/", true),
        ("http://[::ffff:7f00:1]:8001/", true),
        ("http://127.0.0.1:8002/", false),
        ("http://0x7f.1:8002/", false),
        ("http://0177.0.0.1:8002/", false),
        ("http://2130706433:8002/", false),
        ("http://0.0.0.0:8002/", false),
        ("http://0:8002/", false),
        ("http://[::]:8003/", false),
        ("http://[::ffff:127.0.0.1]:8002/", false),
        ("http://[64:ff9b::7f00:1]:8002/", false),
        ("http://[2002:7f00:1::]:8002/", false),
        ("http://127.0.0.2:8001/", false),
        ("http://localhost:8001/", false),
        ("http://staging.example.com/", true),
        ("http://staging.example.com:81/", false),
        ("ftp://granted.com:443/", false),
        ("file:///etc/passwd", false),
        ("data:text/plain,granted.com", false),
        ("http://granted.com:0/", false),
    ] {
        assert_eq!(asks(&network, url), expected, "{url}");
    }
}

#[test]
fn a_granted_name_leads_to_what_everybody_may_have_and_to_nothing_else() {
    let network = network(&["granted.com:443", "*.shop.test:443"], &["shop"]);
    for (address, expected) in [
        ("1.1.1.1", true),
        ("2606:4700::1111", true),
        ("::ffff:1.1.1.1", true),
        ("64:ff9b::1.1.1.1", true),
        ("127.0.0.1", false),
        ("127.9.9.9", false),
        ("0.0.0.0", false),
        ("10.1.2.3", false),
        ("172.16.0.1", false),
        ("192.168.0.1", false),
        ("100.64.0.1", false),
        ("169.254.169.254", false),
        ("168.63.129.16", false),
        ("224.0.0.1", false),
        ("255.255.255.255", false),
        ("240.0.0.1", false),
        ("::", false),
        ("::1", false),
        ("fd00:ec2::254", false),
        ("fc00::1", false),
        ("fe80::1", false),
        ("fec0::1", false),
        ("ff02::1", false),
        ("4000::1", false),
        ("::ffff:127.0.0.1", false),
        ("::ffff:169.254.169.254", false),
        ("::10.1.2.3", false),
        ("::ffff:0:10.1.2.3", false),
        ("2002:a9fe:a9fe::1", false),
        ("64:ff9b::a9fe:a9fe", false),
        ("64:ff9b:1::a9fe:a9fe", false),
        ("2001:0:1:2:3:4:5:6", false),
    ] {
        for host in ["granted.com", "GRANTED.com.", "a.shop.test"] {
            assert_eq!(
                connects(&network, host, address, 443),
                expected,
                "{host} {address}"
            );
        }
    }
    // And the name itself is judged again.
    assert!(!connects(&network, "evil.test", "1.1.1.1", 443));
    assert!(!connects(&network, "granted.com", "1.1.1.1", 444));
    assert!(!connects(&network, "", "1.1.1.1", 443));
}

#[test]
fn a_granted_name_leads_to_a_special_address_that_is_granted_itself_with_its_port() {
    for (hosts, address, expected) in [
        (["inner.test:443", "10.1.2.3:443"], "10.1.2.3", true),
        (["inner.test:443", "10.1.2.3:443"], "::ffff:10.1.2.3", true),
        (["inner.test:443", "10.1.2.3:80"], "10.1.2.3", false),
        (["inner.test:443", "10.0.0.0/8:443"], "10.1.2.3", true),
        (["inner.test:443", "10.0.0.0/8:*"], "10.1.2.3", true),
        (["inner.test:443", "10.0.0.0/8:*"], "192.168.0.1", false),
        (["inner.test:443", "10.0.0.0/7:*"], "10.1.2.3", false),
        (["inner.test:443", "0.0.0.0/0:*"], "10.1.2.3", false),
        (["inner.test:443", "[::/0]:*"], "fd00::1", false),
        (["inner.test:443", "[fd00::/8]:*"], "fd00::1", true),
        (["inner.test:443", "[fd00::/8]:*"], "fd00:ec2::254", false),
        (["inner.test:443", "169.254.0.0/16:*"], "169.254.1.1", true),
        (
            ["inner.test:443", "169.254.0.0/16:*"],
            "169.254.169.254",
            false,
        ),
        (
            ["inner.test:443", "169.254.169.254:443"],
            "169.254.169.254",
            true,
        ),
        (
            ["inner.test:443", "168.63.128.0/20:*"],
            "168.63.129.16",
            false,
        ),
        (["inner.test:443", "0.0.0.0/0:*"], "240.0.0.1", false),
    ] {
        let network = network(&hosts, &[]);
        assert_eq!(
            connects(&network, "inner.test", address, 443),
            expected,
            "{hosts:?} {address}"
        );
    }
    // Without the name the address is not enough.
    let network = network(&["10.0.0.0/8:*"], &[]);
    assert!(!connects(&network, "inner.test", "10.1.2.3", 443));
    assert!(connects(&network, "10.1.2.3", "10.1.2.3", 443));
    assert!(!connects(&network, "10.1.2.3", "10.1.2.4", 443));
}

#[test]
fn localhost_is_this_machine_and_no_other() {
    let network = network(&["localhost:80", "*.localhost:80"], &[]);
    for (host, address, expected) in [
        ("localhost", "127.0.0.1", true),
        ("LocalHost.", "::1", true),
        ("app.localhost", "127.0.0.1", true),
        ("localhost", "1.1.1.1", false),
        ("localhost", "10.0.0.1", false),
        ("127.0.0.1", "127.0.0.1", false),
    ] {
        assert_eq!(
            connects(&network, host, address, 80),
            expected,
            "{host} {address}"
        );
    }
    assert!(!connects(&network, "localhost", "127.0.0.1", 81));
}

#[test]
fn services_are_granted_with_where_they_answer() {
    let network = network(&[], &["shop", "remote"]);
    for (host, address, port, expected) in [
        ("127.0.0.1", "127.0.0.1", 8001, true),
        ("127.0.0.1", "127.0.0.1", 8002, false),
        ("::1", "::1", 8003, false),
        ("staging.example.com", "10.1.2.3", 80, true),
        ("staging.example.com", "1.1.1.1", 80, true),
        ("staging.example.com", "169.254.169.254", 80, false),
        ("staging.example.com", "224.0.0.1", 80, false),
    ] {
        assert_eq!(
            connects(&network, host, address, port),
            expected,
            "{host} {address}"
        );
    }
    let all = super::tests::network(&[], &["*"]);
    assert!(connects(&all, "[::1]", "::1", 8003) && connects(&all, "::1", "::1", 8003));
}

#[test]
fn a_refusal_has_the_line_that_grants_it() {
    let network = network(&["granted.com:443"], &[]);
    let url = Url::parse("http://127.0.0.1:8001/").unwrap();
    let denied = network.may_ask(&url).unwrap_err();
    assert_eq!((denied.kind(), denied.subject()), (Kind::Service, "shop"));
    let line = denied.line();
    assert_eq!(line.as_deref(), Some("grants.shop.services = [\"shop\"]"));
    let address = "::ffff:10.1.2.3".parse().unwrap();
    let denied = network
        .may_connect("granted.com", address, 443)
        .unwrap_err();
    let told = assay_report::hint::told(&denied);
    let expected = "the plugin `shop` has no grant for the host `10.1.2.3:443`: `granted.com` leads there, and it is private (RFC 1918), \
        which has to be granted by address\nhint: grant it in assay.toml with `grants.shop.hosts = [\"10.1.2.3:443\"]`, or to one run with \
        `--grant 'shop: hosts=10.1.2.3:443'`";
    assert_eq!(told, expected);
    let multicast = network.may_connect("granted.com", "224.0.0.1".parse().unwrap(), 443);
    assert!(multicast.unwrap_err().line().is_none());
}

#[test]
fn what_a_refusal_proposes_grants_it() {
    let before = Permit::only("shop", Grants::default());
    for url in [
        "https://api.example.com/",
        "http://[fd00::1]:8080/",
        "http://169.254.169.254/",
        "http://0x7f.1/",
        "http://bücher.example/",
    ] {
        let url = Url::parse(url).unwrap();
        let denied = Network::new(&before, []).may_ask(&url).unwrap_err();
        let after = before.clone().with(denied.grant());
        assert_eq!(Network::new(&after, []).may_ask(&url), Ok(()), "{url}");
    }
}

#[test]
fn a_plugin_of_the_project_may_connect_anywhere() {
    let network = Network::new(&Permit::everything("shop"), []);
    assert!(asks(&network, "http://169.254.169.254/"));
    assert!(connects(&network, "anything", "10.0.0.1", 1));
}
