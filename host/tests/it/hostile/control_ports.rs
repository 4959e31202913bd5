//! The host's own ports are on loopback, as what it tests is: a plugin that is led to them does not get there.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
    sync::{Mutex, mpsc},
    time::Duration,
};

use crate::{fixtures::fixture, invocation::host};

use super::{project::Project, server::Server};

/// Longer than the host takes to begin.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn a_plugin_reaches_neither_the_page_of_its_own_run_nor_its_metrics() {
    let (lead, leads) = mpsc::channel::<String>();
    let leads = Mutex::new(leads);
    // It is answered once the addresses are known: the suite is told them by a server that it may ask.
    let granted = Server::leading_to(move || leads.lock().unwrap().recv_timeout(PATIENCE).unwrap());
    let project = Project::new()
        .granting("hosts", &format!("[\"{}\"]", granted.address))
        .having("[prometheus]\nlisten = \"127.0.0.1:0\"\n[environments.none]")
        .told("urls", &[granted.url(), granted.url()]);
    let reports = project.folder().join("reports");
    let mut child = host()
        .arg("run")
        .arg(fixture("hostile"))
        .arg("--config")
        .arg(project.write())
        .args(["--trust", "own", "--environment", "none", "--no-history"])
        .args(["--filter", "hostile/asks-once", "--dashboard"])
        .arg("--report-dir")
        .arg(&reports)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut addresses = Vec::new();
    for line in lines.map_while(Result::ok) {
        if let Some((_, url)) = line.split_once("http://") {
            let url = url.trim_end();
            addresses.push(url.split('/').next().unwrap().to_owned());
            lead.send(format!("http://{url}")).unwrap();
        }
        if addresses.len() == 2 {
            break;
        }
    }
    assert_eq!(
        addresses.len(),
        2,
        "the page and the metrics have an address"
    );
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(5), "the plugin is at fault");
    let report = std::fs::read(reports.join("report.json")).unwrap();
    let report: assay_report::json::document::Report = serde_json::from_slice(&report).unwrap();
    let refusals = &report.suites[0].cases[0].attempts[0].refusals;
    let subjects: Vec<&str> = refusals.iter().map(|told| &*told.refusal.subject).collect();
    assert_eq!(subjects, addresses);
    for told in refusals {
        let line = format!("grants.hostile.hosts = [\"{}\"]", told.refusal.subject);
        assert_eq!(told.refusal.grant, line);
    }
}
