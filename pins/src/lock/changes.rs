//! What is other in a lock than in the former one: what `host update` tells before it writes.

use std::{collections::BTreeSet, fmt};

use super::{Lock, Pin};

/// One plugin that is other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// It was not there.
    Added(&'a Pin),
    /// It is there no more.
    Removed(&'a Pin),
    /// Its bytes, its source, its version, its contract or its signatures are others.
    Changed {
        /// What it was.
        from: &'a Pin,
        /// What it is.
        to: &'a Pin,
    },
}

/// What is other, by name.
pub fn changes<'a>(from: &'a Lock, to: &'a Lock) -> Vec<Change<'a>> {
    let names: BTreeSet<&String> = from.pins.keys().chain(to.pins.keys()).collect();
    names
        .into_iter()
        .filter_map(|name| match (from.get(name), to.get(name)) {
            (None, Some(to)) => Some(Change::Added(to)),
            (Some(from), None) => Some(Change::Removed(from)),
            (Some(from), Some(to)) if from != to => Some(Change::Changed { from, to }),
            _ => None,
        })
        .collect()
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(pin) => write!(
                formatter,
                "{} {} is new: {}",
                pin.name, pin.version, pin.digest
            ),
            Self::Removed(pin) => write!(formatter, "{} {} is gone", pin.name, pin.version),
            Self::Changed { from, to } if from.digest != to.digest => write!(
                formatter,
                "{} {} was {}, and {} is {}",
                to.name, from.version, from.digest, to.version, to.digest
            ),
            Self::Changed { from, to } if from.source != to.source => write!(
                formatter,
                "{} comes from {} instead of {}",
                to.name,
                to.source.shown(),
                from.source.shown()
            ),
            Self::Changed { from, to } if from.signatures != to.signatures => {
                let keys: Vec<String> = to
                    .signatures
                    .iter()
                    .map(|signature| signature.key().to_string())
                    .collect();
                match keys.as_slice() {
                    [] => write!(formatter, "{} is not signed any more", to.name),
                    keys => write!(
                        formatter,
                        "{} is signed by {} now",
                        to.name,
                        keys.join(", ")
                    ),
                }
            }
            Self::Changed { to, .. } => write!(formatter, "{} is described otherwise", to.name),
        }
    }
}
