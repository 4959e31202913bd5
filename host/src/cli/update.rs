//! `host update`: looks what the sources of pinned plugins have now, and pins that.

use assay_pins::{
    lock::{self, Lock},
    source::Source,
};
use assay_report::{
    exit::Exit,
    hint::{Hinted, nearest},
};
use clap::Args;

use super::{
    locked::{self, Locked, SignArguments},
    output,
    pinning::{self, Wish},
};
use crate::config::Settings;

/// The options of `host update`.
#[derive(Args, Clone, Debug)]
pub struct UpdateArguments {
    /// Only these plugins, by the names of their suites.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Tell what is other, and pin nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Who vouches for them.
    #[command(flatten)]
    pub sign: SignArguments,
}

/// A name that is not pinned.
#[derive(Debug, thiserror::Error)]
#[error("no plugin is pinned as `{name}`")]
struct NotPinned {
    name: String,
    near: Option<String>,
}

impl Hinted for NotPinned {
    fn hint(&self) -> Option<String> {
        Some(match &self.near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "pin it with `host lock --add SOURCE`".to_owned(),
        })
    }
}

/// A source whose plugin has another name now.
#[derive(Debug, thiserror::Error)]
#[error("what was pinned as `{was}` calls itself `{is}` now")]
struct Renamed {
    was: String,
    is: String,
}

impl Hinted for Renamed {
    fn hint(&self) -> Option<String> {
        Some("if that is right, pin it anew with `host lock --add SOURCE`, and look what `[grants]` gives to that name".to_owned())
    }
}

/// Updates the lock.
pub async fn run(arguments: &UpdateArguments, settings: &Settings) -> Exit {
    match update(arguments, settings).await {
        Ok(()) => Exit::Success,
        Err(exit) => exit,
    }
}

async fn update(arguments: &UpdateArguments, settings: &Settings) -> Result<(), Exit> {
    let key = arguments.sign.key()?;
    let former = Locked::read(settings)?.lock;
    check_names(&arguments.names, &former)?;
    let is_meant = |name: &String| arguments.names.is_empty() || arguments.names.contains(name);
    let (mut kept, mut wishes) = (Vec::new(), Vec::new());
    for pin in former.pins().cloned() {
        // Nothing but its digest says what an address has.
        let can_change = !matches!(pin.source, Source::Web { .. });
        if is_meant(&pin.name) && can_change {
            wishes.push(Wish {
                source: pin.source.clone(),
                former: Some(pin),
            });
        } else {
            kept.push(pin);
        }
    }
    let fetcher = locked::fetcher(settings)?;
    let former_names: Vec<String> = wishes
        .iter()
        .filter_map(|wish| Some(wish.former.as_ref()?.name.clone()))
        .collect();
    let pins = pinning::pins(wishes, &fetcher, key.as_ref(), settings).await?;
    for (pin, was) in pins.iter().zip(&former_names) {
        if pin.name != *was {
            // Grants are by name: a new version does not choose those of another one.
            let renamed = Renamed {
                was: was.clone(),
                is: pin.name.clone(),
            };
            return Err(output::fail(&renamed, Exit::Plugin));
        }
    }
    kept.extend(pins);
    let lock = if arguments.dry_run {
        let lock = Lock::new(kept).map_err(|error| output::fail(&error, Exit::Config))?;
        pinning::tell(&former, &lock);
        lock
    } else {
        pinning::write(kept, &former, settings)?
    };
    if lock::changes(&former, &lock).is_empty() {
        output::note("nothing is other than what is pinned");
    }
    Ok(())
}

fn check_names(names: &[String], lock: &Lock) -> Result<(), Exit> {
    let known = || lock.pins().map(|pin| pin.name.as_str());
    for name in names {
        if lock.get(name).is_none() {
            let unknown = NotPinned {
                name: name.clone(),
                near: nearest(name, known()).map(str::to_owned),
            };
            return Err(output::fail(&unknown, Exit::Usage));
        }
    }
    Ok(())
}
