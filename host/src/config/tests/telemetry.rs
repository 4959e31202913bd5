//! `[prometheus]` and `[opentelemetry]`: what they say, and what they cannot say.

use std::{path::PathBuf, time::Duration};

use assay_telemetry::prometheus::{DEFAULT_INTERVAL, Histograms};

use super::{assert_refused, inputs};
use crate::config::resolve;

#[test]
fn without_a_word_nobody_is_told() {
    let settings = resolve(inputs("")).unwrap();
    assert!(settings.prometheus.is_empty());
    assert_eq!(settings.opentelemetry.endpoint, None);
}

#[test]
fn each_way_to_tell_prometheus_is_read() {
    let file = r#"
        [prometheus]
        listen = "localhost:0"
        linger = "3s"
        textfile = "out/assay.prom"
        pushgateway = "http://127.0.0.1:9091"
        remote-write = "http://127.0.0.1:9090/api/v1/write"
        histograms = "native"
        job = "nightly"
        timeout = "2s"
    "#;
    let settings = resolve(inputs(file)).unwrap().prometheus;
    let listen = settings.listen.unwrap();
    assert_eq!(listen.address, "127.0.0.1:0".parse().unwrap());
    assert_eq!(listen.linger, Duration::from_secs(3));
    assert_eq!(
        settings.textfile,
        Some(PathBuf::from("/project/out/assay.prom"))
    );
    let remote = settings.remote_write.unwrap();
    assert_eq!(
        (remote.interval, remote.histograms),
        (DEFAULT_INTERVAL, Histograms::Native)
    );
    assert_eq!(
        settings.pushgateway.unwrap().to_string(),
        "http://127.0.0.1:9091"
    );
    assert_eq!(
        (settings.job.as_str(), settings.timeout),
        ("nightly", Duration::from_secs(2))
    );
}

#[test]
fn where_traces_go_is_read_and_its_headers_are_secret() {
    let file = "[opentelemetry]\nendpoint = \"http://127.0.0.1:4318\"\nheaders = { x-key = \"hush-hush\" }\nresource = { \"team.name\" = \"shop\" }\ntimeout = \"3s\"\n";
    let settings = resolve(inputs(file)).unwrap();
    let given = &settings.opentelemetry;
    assert_eq!(given.endpoint.as_deref(), Some("http://127.0.0.1:4318"));
    assert_eq!(given.timeout, Some(Duration::from_secs(3)));
    assert_eq!(
        given.resource,
        [("team.name".to_owned(), "shop".to_owned())]
    );
    assert_eq!(
        settings.redactor.text("it is hush-hush"),
        "it is [secret opentelemetry.headers.x-key]"
    );
}

#[test]
fn a_header_that_is_no_credential_is_no_secret_and_a_query_is_one() {
    let file = "[opentelemetry]\nendpoint = \"http://127.0.0.1:4318\"\nheaders = { x-team = \"shop\", authorization = \"Bearer abcdef\" }\n[prometheus]\npushgateway = \"http://127.0.0.1:9091/?tenant=hush\"\n";
    let told = resolve(inputs(file)).unwrap().redactor;
    assert_eq!(told.text("the shop"), "the shop");
    assert_eq!(
        told.text("abcdef is it"),
        "[secret opentelemetry.headers.authorization] is it"
    );
    assert_eq!(
        told.text("/?tenant=hush"),
        "/?[secret prometheus.pushgateway]"
    );
}

#[test]
fn what_makes_no_sense_is_refused_with_what_to_write() {
    assert_refused(&[
        (
            "[prometheus]\nlisten = \"9464\"",
            "assay.toml:2: `listen`: `9464` is no address with a port",
            "write it like \"127.0.0.1:9464\"; port 0 takes one that is free",
        ),
        (
            "[prometheus]\nlinger = \"1s\"",
            "assay.toml:2: `linger`: it says nothing without `listen`",
            "give `listen` too, or leave it out",
        ),
        (
            "[opentelemetry]\nendpoint = \"collector\"",
            "assay.toml:2: `endpoint`: it is no URL of `http` or `https`",
            "write it like \"http://127.0.0.1:4318\"",
        ),
        (
            "[prometheus]\njob = \"\"",
            "assay.toml:2: `job`: a label without a value is none",
            "give it a value, or leave it out",
        ),
    ]);
}
