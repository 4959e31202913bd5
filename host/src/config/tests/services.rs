//! The services of an environment: started or running already, in their order, and those that cannot be meant.

use std::time::Duration;

use super::{FILE, assert_refused, inputs, names, with};
use crate::config::{AddressSource, ServiceSource, Settings, resolve};

#[test]
fn services_keep_the_order_of_the_file() {
    assert_eq!(
        names(&resolve(inputs(FILE)).unwrap()),
        ["vector-store", "cache"]
    );
}

#[test]
fn services_are_shown_with_all_that_holds_for_them() {
    let shown = |arguments: &[&str]| -> Vec<String> {
        let settings = with(FILE, &[], &[], &[], arguments).unwrap();
        let services = settings.entries.iter().filter_map(|entry| {
            let name = entry.key.strip_prefix("environments.embedded.services.")?;
            Some(format!("{name} = {} # {}", entry.value, entry.origin))
        });
        services.collect()
    };
    let cache = [
        "cache.command = \"cache {url:vector-store} {setting:reference.defects}\" # assay.toml:22",
        "cache.ready-line = \"listening on \" # assay.toml:23",
        "cache.scheme = \"redis\" # assay.toml:24",
        "cache.ready-within = \"20s\" # default",
    ];
    let started = [
        "vector-store.command = \"{exe-dir}/store --port {port}\" # assay.toml:18",
        "vector-store.scheme = \"http\" # default",
        "vector-store.health = \"/health\" # assay.toml:19",
        "vector-store.health-status = 200 # default",
        "vector-store.ready-within = \"20s\" # default",
    ];
    assert_eq!(shown(&[]), [&started[..], &cache].concat());
    let given = [
        "vector-store.url = \"http://a:1\" # argument --service vector-store=http://a:1",
        "vector-store.health = \"/health\" # assay.toml:19",
        "vector-store.health-status = 200 # default",
        "vector-store.ready-within = \"5s\" # default",
    ];
    let arguments = ["vector-store=http://a:1"];
    assert_eq!(shown(&arguments), [&given[..], &cache].concat());
}

#[test]
fn running_services_are_used_instead_of_started() {
    let variable = [("ASSAY_SERVICE_VECTOR_STORE_URL", "http://a:1/")];
    for (variables, arguments, url) in [
        (&variable[..], &[][..], "http://a:1"),
        (&[], &["vector-store=http://b:2"], "http://b:2"),
        (&variable, &["vector-store=http://b:2"], "http://b:2"),
    ] {
        let settings = with(FILE, variables, &[], &[], arguments).unwrap();
        let ServiceSource::Running { url: used, .. } = &settings.environment.services[0].source
        else {
            panic!("it would be started");
        };
        assert_eq!(used, url);
        assert_eq!(names(&settings), ["vector-store", "cache"]);
    }
    let free = with("", &variable, &[], &[], &["any=http://c"]).unwrap();
    assert_eq!(names(&free), ["vector-store", "any"]);
    for wrong in [
        "cache",
        "cash=redis://a:1",
        "cache=6379",
        "cache=http://a/?x=1",
    ] {
        assert!(with(FILE, &[], &[], &[], &[wrong]).is_err(), "{wrong}");
    }
}

#[test]
fn a_service_that_is_said_to_run_is_not_waited_for_as_long_as_one_that_starts() {
    let within = |settings: &Settings| settings.environment.services[0].readiness.within;
    let started = resolve(inputs(FILE)).unwrap();
    assert_eq!(within(&started), Duration::from_secs(20));
    let given = with(FILE, &[], &[], &[], &["vector-store=http://a:1"]).unwrap();
    assert_eq!(within(&given), Duration::from_secs(5));
    let file = "[environments.embedded.services.web]\nurl = \"http://a\"\n";
    assert_eq!(
        within(&resolve(inputs(file)).unwrap()),
        Duration::from_secs(5)
    );
    let patient = format!("{file}ready-within = \"1m\"\n");
    assert_eq!(
        within(&resolve(inputs(&patient)).unwrap()),
        Duration::from_mins(1)
    );
}

#[test]
fn a_service_that_tells_its_port_may_be_given_it_again() {
    let text =
        "[environments.embedded.services.s]\ncommand = [\"x\", \"{port}\"]\nready-line = \"on \"";
    let settings = with(text, &[], &[], &[], &[]).unwrap();
    let ServiceSource::Started(process) = &settings.environment.services[0].source else {
        panic!("it is started");
    };
    assert_eq!(process.address, AddressSource::ReadyLine("on ".to_owned()));
}

#[test]
fn a_service_that_cannot_be_meant_is_named_with_its_line() {
    assert_refused(&[
        (
            "[environments.a.services.s]\n",
            "assay.toml:1: `s`: the service has neither `command` nor `url`",
            "",
        ),
        (
            "[environments.a.services.s]\ncommand = [\"x\"]\n",
            "assay.toml:2: `command`: nobody can know where the service listens",
            "",
        ),
        (
            "[environments.a.services.s]\ncommand = []\n",
            "assay.toml:2: `command`: no program is named",
            "",
        ),
        (
            "[environments.a.services.s]\ncommand = [\"{prot}\"]\n",
            "assay.toml:2: `command`: `{prot}` is unknown",
            "",
        ),
        (
            "[environments.a.services.s]\ncommand = [\"{port}{url:b}\"]\n",
            "assay.toml:1: `b` is no service before `s`",
            "",
        ),
        (
            "[environments.a.services.s]\nurl = \"x\"\n",
            "assay.toml:2: `x` is no base URL: relative URL without a base",
            "",
        ),
        (
            "[environments.a.services.s]\nurl = \"http://a\"\nhealth = \"x\"",
            "assay.toml:3: `health`: `x` is no path",
            "",
        ),
        (
            "[environments.a.services.s]\nurl = \"http://a\"\nhelth = \"/x\"",
            "assay.toml:3: `helth` is no key of the service `s`",
            "did you mean `health`?",
        ),
        (
            "[environments.embedded.services.s]\ncommand = [\"{port}\", \"{setting:x}\"]",
            "assay.toml:1: the command of `s` needs the setting `x`",
            "add it to `[settings]`, or give it: `--set x=VALUE`",
        ),
    ]);
}
