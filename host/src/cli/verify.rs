//! `host verify`: whether plugins are what is pinned, and who vouches for them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use assay_pins::{
    signature::Trust,
    source::Source,
    verify::{Admitted, Refusal},
};
use assay_report::exit::Exit;
use clap::Args;

use super::{locked::Locked, output};
use crate::config::Settings;

/// The options of `host verify`.
#[derive(Args, Clone, Debug)]
pub struct VerifyArguments {
    /// Only these files. Without one: all that is pinned, in the cache and where its source is a file.
    #[arg(value_name = "PLUGIN")]
    pub plugins: Vec<PathBuf>,
}

/// Looks at the plugins, and tells each.
pub async fn run(arguments: &VerifyArguments, settings: &Settings) -> Exit {
    let arguments = arguments.clone();
    let settings = settings.clone();
    // Reads and digests every byte.
    let looked = tokio::task::spawn_blocking(move || verify(&arguments, &settings)).await;
    looked.unwrap_or(Exit::Plugin)
}

fn verify(arguments: &VerifyArguments, settings: &Settings) -> Exit {
    let locked = match Locked::read(settings) {
        Ok(locked) => locked,
        Err(exit) => return exit,
    };
    let gate = locked.gate();
    let looks: Vec<(String, Result<Admitted<'_>, Refusal>)> = if arguments.plugins.is_empty() {
        let in_cache = gate.look_at_all().into_iter();
        let in_cache = in_cache.map(|(_, looked)| ("in the cache".to_owned(), looked));
        let in_place = locked.lock.pins().filter_map(|pin| match &pin.source {
            Source::File(path) => Some((pin.source.shown(), gate.look(&settings.root.join(path)))),
            Source::Web { .. } | Source::Registry(_) => None,
        });
        in_cache.chain(in_place).collect()
    } else {
        let files = arguments.plugins.iter();
        files
            .map(|file| (file.display().to_string(), gate.look(file)))
            .collect()
    };
    let mut exit = Exit::Success;
    // The file of a plugin and what the cache has of it are one, in two places.
    let mut good: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut bad = BTreeSet::new();
    for (place, look) in looks {
        match look {
            Ok(admitted) => good.entry(told(&admitted)).or_default().push(place),
            // That nobody vouches for it is a matter of the lock, wherever it lies.
            Err(refusal) if !bad.insert(refusal.to_string()) => {}
            Err(refusal) => exit = output::fail(&refusal, Exit::Plugin),
        }
    }
    let lines = good.into_iter();
    let lines = lines.map(|(told, places)| format!("{told} ({})\n", places.join(", ")));
    let written = output::data(&lines.collect::<String>());
    if exit == Exit::Success { written } else { exit }
}

fn told(admitted: &Admitted<'_>) -> String {
    let pin = admitted.pin;
    let trust = match &admitted.trust {
        Trust::Unasked => String::new(),
        Trust::Signed(key) => format!(", signed by {key}"),
        Trust::Warned(distrust) => format!(", warning: {distrust}"),
    };
    format!("{} {} is {}{trust}", pin.name, pin.version, pin.digest)
}
