//! The host, killed while a fault of each kind is active or being healed: of services that it started and of links nothing is left.

use serde_json::Value;

use super::{AtWork, Place};
use crate::{environment::reference, fixtures::fixture};

/// Each kind for processes and links.
const KINDS: [&str; 14] = [
    "stop cache",
    "kill cache",
    "pause cache",
    "restart cache",
    "disconnect client->cache",
    "blackhole client->cache",
    "latency:60000 client->cache",
    "bandwidth:1 client->cache",
    "refuse client->cache",
    "reset client->cache",
    "cut-after-bytes:1 client->cache",
    "cut-after-ms:1 client->cache",
    "slow-close:60000 client->cache",
    "drop-first:1000 client->cache",
];

fn place() -> Place {
    Place::with(&format!(
        "[run]\nenvironment = \"own\"\n[environments.own.services.cache]\n\
        command = ['{}', \"cache\", \"--listen\", \"127.0.0.1:{{port}}\"]\n\
        ready-line = \"listening on \"\nscheme = \"redis\"\n\
        [environments.own.links]\n\"client->cache\" = {{}}\n",
        reference()
    ))
}

/// A run that makes faults and then waits, or heals them.
pub(crate) fn harmful(place: &Place, faults: &[&str], then: &str) -> AtWork {
    let plugin = fixture("harmful").display().to_string();
    place.start_with(&[
        "run",
        &plugin,
        "--no-progress",
        "--filter",
        "harmful/a-leaves-its-faults-behind",
        "--set",
        &format!("harmful.faults={}", Value::from(faults.to_vec())),
        "--set",
        &format!("harmful.then={then}"),
    ])
}

/// The proxy of a link is a part of the host, and went with it.
fn nothing_is_left(place: &Place, host: AtWork, what: &str) {
    let trace = host.kill();
    let (exit, told, error) = place.tell(&["heal"]);
    assert_eq!(exit, Some(0), "{what}: {told}{error}");
    place.assert_clean(&trace);
}

#[test]
fn a_host_that_is_killed_with_a_fault_of_any_kind_leaves_nothing_after_a_heal() {
    for kind in KINDS {
        let place = place();
        let host = harmful(&place, &[kind], "wait");
        place.until_logged("all faults are active");
        nothing_is_left(&place, host, kind);
    }
}

#[test]
fn a_host_that_is_killed_while_it_heals_leaves_nothing_after_a_heal() {
    for kind in KINDS {
        let place = place();
        let host = harmful(&place, &[kind], "heal");
        place.until_logged("about to heal");
        nothing_is_left(&place, host, kind);
    }
}
