//! What grants cost: `cargo run --release -p assay-grants --example cost_of_asking [FILE]`. One decision of each kind with the longest lists that can
//! be written, and reading what a plugin declares out of FILE.
#![expect(clippy::print_stdout, reason = "it is what it is for")]

use std::{env, error::Error, fs, hint::black_box, time::Instant};

use assay_grants::{Grants, Network, Permit, Target, declaration::declared, limits::MAX_ENTRIES};

/// How often each decision is made.
const TIMES: u32 = 100_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut grants = Grants::default();
    for number in 1..MAX_ENTRIES {
        grants
            .hosts
            .add(format!("*.shop{number}.test:443").parse()?);
        grants.services.add(format!("service-{number}").parse()?);
        grants.settings.add(format!("table{number}.*").parse()?);
    }
    grants.hosts.add("last.test:443".parse()?);
    grants.services.add("last".parse()?);
    grants.settings.add("last".parse()?);
    grants.faults.add("drop-first".parse()?);
    let permit = Permit::only("shop", grants);
    let network = Network::new(&permit, []);
    let (url, address) = ("https://last.test/orders".parse()?, "1.1.1.1".parse()?);
    measured("may_ask", || network.may_ask(&url).is_ok());
    measured("may_connect", || {
        network.may_connect("last.test", address, 443).is_ok()
    });
    measured("may_fault", || {
        permit
            .may_fault("drop-first", Target::Service("last"))
            .is_ok()
    });
    measured("may_read", || permit.may_read("last", ["secret"]).is_ok());
    if let Some(file) = env::args_os().nth(1) {
        let bytes = fs::read(file)?;
        let start = Instant::now();
        let wants = declared(&bytes)?;
        println!(
            "declared: {:?} for {} bytes: {wants:?}",
            start.elapsed(),
            bytes.len()
        );
    }
    Ok(())
}

fn measured(name: &str, decision: impl Fn() -> bool) {
    let start = Instant::now();
    let granted = (0..TIMES).all(|_| black_box(decision()));
    println!(
        "{name}: {:?} each, granted: {granted}",
        start.elapsed() / TIMES
    );
}
