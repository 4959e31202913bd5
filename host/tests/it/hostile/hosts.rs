//! Ways to a server that is not granted: by its address, by its names, by other spellings, by a redirect, by the name of a service.

use std::net::ToSocketAddrs as _;

use assay_report::verdict::Verdict;

use super::{
    answers::{assert_contained, assert_goes_on, assert_granted, case, refusals, refused, told},
    project::Project,
    server::{Server, ok},
};

/// Cases that ask in all ways, as a case and as virtual users.
const BOTH: [&str; 2] = ["asks-in-every-way", "asks-by-virtual-users"];

/// A project that grants load for virtual users.
fn project() -> Project {
    Project::new().granting("load", r#"{ vus = 2, duration = "20s" }"#)
}

#[test]
fn an_address_is_refused_on_every_way_is_never_connected_to_and_its_line_grants_it() {
    let (forbidden, granted) = (Server::new(), Server::new());
    let address = forbidden.address.to_string();
    let mut project = project()
        .granting("hosts", &format!("[\"{}\"]", granted.address))
        .told("urls", &[forbidden.url()]);
    // Nobody is asked to fetch it for the plugin either.
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        project = project.with_variable(variable, granted.url());
    }
    let answer = project.run(&BOTH);
    for (name, ways) in [(BOTH[0], 5), (BOTH[1], 12)] {
        assert_contained(&answer, name);
        let line = format!("hosts = [\"{address}\"]");
        assert_eq!(
            refusals(&answer, name),
            [refused("host", &address, &line, ways)]
        );
        let denied = told(&answer, name)
            .into_iter()
            .filter(|line| line.contains("denied: "));
        assert_eq!(denied.count() as u64, ways, "{name}");
    }
    assert_eq!((forbidden.connections(), granted.connections()), (0, 0));
    project.grant_what_was_refused(&answer);
    let answer = project.run(&BOTH);
    for name in BOTH {
        assert_granted(&answer, name);
        for line in told(&answer, name) {
            assert!(line.starts_with("done: "), "{line}");
        }
    }
    assert_eq!(forbidden.requests().len(), 5 + 12);
}

#[test]
fn a_name_is_refused_like_an_address_and_no_address_grants_it() {
    let forbidden = Server::new();
    let port = forbidden.address.port();
    let name = format!("localhost:{port}");
    let mut project = project()
        .granting(
            "hosts",
            &format!("[\"127.0.0.1:{port}\", \"[::1]:{port}\"]"),
        )
        .told("urls", &[format!("http://{name}/")]);
    let answer = project.run(&BOTH);
    for (case, ways) in [(BOTH[0], 5), (BOTH[1], 12)] {
        assert_contained(&answer, case);
        let line = format!("hosts = [\"{name}\"]");
        assert_eq!(
            refusals(&answer, case),
            [refused("host", &name, &line, ways)]
        );
    }
    assert_eq!(forbidden.connections(), 0);
    project.grant_what_was_refused(&answer);
    let answer = project.run(&BOTH);
    for case in BOTH {
        assert_granted(&answer, case);
    }
    assert!(forbidden.connections() > 0);
}

#[test]
fn no_other_spelling_leads_to_an_address_that_is_refused() {
    let (forbidden, granted) = (Server::new(), Server::new());
    let port = forbidden.address.port();
    let hosts = [
        "127.0.0.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "0x7f.1",
        "0x7f000001",
        "0X7F.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "127。0。0。1",
        "0.0.0.0",
        "0",
        "[::]",
        "[::1]",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "LocalHost.",
        "ｌocalhost",
        "a.localhost",
        "loc\tal\nhost",
        "localhost.localdomain",
        "ip6-localhost",
        "127.0.0.2",
        "127.255.255.254",
    ];
    let mut urls: Vec<String> = hosts.map(|host| format!("http://{host}:{port}/")).into();
    let trusted = granted.address;
    urls.extend([
        format!("http://{trusted}@127.0.0.1:{port}/"),
        format!("http://{trusted}:x@127.0.0.1:{port}/"),
        format!("http://127.0.0.1:{port}#@{trusted}/"),
        format!("http://127.0.0.1:{port}\\@{trusted}/"),
        format!("http:\\\\127.0.0.1:{port}\\"),
        format!("http:127.0.0.1:{port}"),
        format!("http:///127.0.0.1:{port}/"),
        format!("\u{1} HTTP://127.0.0.1:{port}/"),
        format!("http://127.0.0.1:0{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("ws://127.0.0.1:{port}/"),
        "file:///etc/passwd".to_owned(),
        "unix:///var/run/docker.sock".to_owned(),
        "data:text/plain,forged".to_owned(),
    ]);
    let answer = project()
        .granting("hosts", &format!("[\"{trusted}\"]"))
        .told("urls", &urls)
        .run(&["asks-once"]);
    assert_contained(&answer, "asks-once");
    let told = told(&answer, "asks-once");
    assert_eq!(told.len(), urls.len());
    for line in told {
        let kept = [": denied: ", ": invalid request: "]
            .iter()
            .any(|kind| line.contains(kind));
        assert!(kept, "{line}");
    }
    assert_eq!((forbidden.connections(), granted.connections()), (0, 0));
    for refusal in refusals(&answer, "asks-once") {
        assert!(!refusal.grant.contains('*'), "{refusal:?}");
    }
}

#[test]
fn a_redirect_of_a_granted_server_leads_no_further_than_what_is_granted() {
    let forbidden = Server::new();
    let (address, port) = (forbidden.address, forbidden.address.port());
    let places = [
        forbidden.url(),
        format!("//{address}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://0x7f.1:{port}/"),
    ];
    for place in places {
        let granted = Server::leading_to(move || place.clone());
        let answer = project()
            .granting("hosts", &format!("[\"{}\"]", granted.address))
            .told("urls", &[granted.url()])
            .run(&BOTH);
        assert_contained(&answer, BOTH[0]);
        let line = format!("hosts = [\"{address}\"]");
        let expected = refused("host", &address.to_string(), &line, 5);
        assert_eq!(refusals(&answer, BOTH[0]), [expected]);
        // A virtual user follows nothing.
        assert_granted(&answer, BOTH[1]);
        assert_eq!(forbidden.connections(), 0);
        assert_eq!(granted.requests().len(), 5 + 12);
    }
    let granted = Server::leading_to(|| "file:///etc/passwd".to_owned());
    let answer = project()
        .granting("hosts", &format!("[\"{}\"]", granted.address))
        .told("urls", &[granted.url()])
        .run(&["asks-once"]);
    let told = told(&answer, "asks-once");
    assert!(told[0].contains("leads away from `http`"), "{told:?}");
}

#[test]
fn a_redirect_is_followed_once_its_line_is_there() {
    let forbidden = Server::new();
    let location = forbidden.url();
    let granted = Server::leading_to(move || location.clone());
    let mut project = project()
        .granting("hosts", &format!("[\"{}\"]", granted.address))
        .told("urls", &[granted.url()]);
    let answer = project.run(&["asks-in-every-way"]);
    assert_contained(&answer, "asks-in-every-way");
    project.grant_what_was_refused(&answer);
    let answer = project.run(&["asks-in-every-way"]);
    assert_granted(&answer, "asks-in-every-way");
    assert_eq!(forbidden.requests().len(), 5);
}

/// The name of this machine leads to an address of its own, which is special wherever it is.
#[test]
#[expect(clippy::print_stderr, reason = "whoever runs the tests has to see it")]
fn a_granted_name_leads_to_no_special_address_that_is_not_granted_too() {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let names = [name.trim(), "ip6-localhost", "ip6-loopback"];
    let resolved = names.iter().find_map(|name| {
        let addresses: Vec<_> = (*name, 1).to_socket_addrs().ok()?.collect();
        let [address] = addresses[..] else {
            return None;
        };
        Some((*name, address.ip()))
    });
    let Some((name, ip)) = resolved.filter(|(name, _)| !name.is_empty()) else {
        eprintln!("SKIPPED: no name of this machine but `localhost` leads to one address");
        return;
    };
    let forbidden = Server::at(ip, || ok("up 1\n"));
    let port = forbidden.address.port();
    let mut project = project()
        .granting("hosts", &format!("[\"{name}:{port}\"]"))
        .told("urls", &[format!("http://{name}:{port}/")]);
    let answer = project.run(&BOTH);
    for case in BOTH {
        assert_contained(&answer, case);
        let refusals = refusals(&answer, case);
        assert!(!refusals.is_empty());
        for refusal in refusals {
            assert_eq!(refusal.subject, forbidden.address.to_string());
        }
    }
    assert_eq!(forbidden.connections(), 0);
    project.grant_what_was_refused(&answer);
    let answer = project.run(&BOTH);
    for case in BOTH {
        assert_granted(&answer, case);
    }
    assert!(forbidden.connections() > 0);
}

#[test]
fn a_service_is_refused_by_its_url_and_its_name_grants_it() {
    let forbidden = Server::answering(|| {
        ok(r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#)
    });
    let environment = format!(
        "[environments.hostile.services.prometheus]\nurl = \"http://{}\"\n",
        forbidden.address
    );
    let mut project = project()
        .having(&environment)
        .told("urls", &[forbidden.url()]);
    let cases = ["asks-once", "asks-by-virtual-users", "asks-prometheus"];
    let answer = project.run(&cases);
    for name in cases {
        assert_contained(&answer, name);
        let ways = if name == "asks-by-virtual-users" {
            12
        } else {
            1
        };
        let line = "services = [\"prometheus\"]";
        assert_eq!(
            refusals(&answer, name),
            [refused("service", "prometheus", line, ways)]
        );
    }
    // The host itself looks whether the service is there; nobody else asked.
    assert_eq!(forbidden.requests(), [""; 0]);
    project.grant_what_was_refused(&answer);
    let answer = project.run(&cases);
    for name in cases {
        assert_granted(&answer, name);
    }
    assert_eq!(forbidden.requests().len(), 1 + 12 + 1);
}

#[test]
fn a_plugin_without_grants_is_granted_nothing_by_the_one_beside_it() {
    let server = Server::new();
    let tables = format!("[grants.noop]\nhosts = [\"{}\"]\n", server.address);
    let answer = project()
        .having(&tables)
        .told("urls", &[server.url()])
        .run(&["asks-once"]);
    assert_contained(&answer, "asks-once");
    assert_goes_on(&answer);
    assert_eq!(server.connections(), 0);
    assert_ne!(case(&answer, "asks-once").verdict, Some(Verdict::Passed));
}
