//! `host fetch`: brings pinned plugins into the cache, so that a run needs no network.

use assay_pins::{fetch::How, lock::Pin};
use assay_report::exit::Exit;
use clap::Args;

use super::{
    locked::{self, Locked},
    output,
};
use crate::config::Settings;

/// The options of `host fetch`: there are none.
#[derive(Args, Clone, Debug)]
pub struct FetchArguments {}

/// Fetches what is pinned.
pub async fn run(settings: &Settings) -> Exit {
    match fetch(settings).await {
        Ok(exit) | Err(exit) => exit,
    }
}

async fn fetch(settings: &Settings) -> Result<Exit, Exit> {
    let lock = Locked::read(settings)?.lock;
    let fetcher = locked::fetcher(settings)?;
    let all = fetcher.fetch(lock.pins()).await;
    let all = all.map_err(|error| output::fail(&error, Exit::Plugin))?;
    let mut exit = Exit::Success;
    for (pin, outcome) in all {
        match outcome {
            Ok(how) => output::note(&told(pin, how)),
            Err(error) => exit = output::fail(&error, Exit::Plugin),
        }
    }
    Ok(exit)
}

fn told(pin: &Pin, how: How) -> String {
    let Pin { name, version, .. } = pin;
    let from = pin.source.shown();
    match how {
        How::Present => format!("{name} {version} is there"),
        How::Fetched { bytes } => format!("{name} {version} fetched from {from}, {bytes} bytes"),
        How::Repaired { bytes } => {
            format!("{name} {version} was damaged, and fetched anew from {from}, {bytes} bytes")
        }
    }
}
