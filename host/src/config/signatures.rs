//! The keys of `[signatures]`: whether locked plugins have to be signed, and by whom.

use assay_pins::signature::{Policy, PublicKey};
use assay_report::hint::Hinted as _;

use crate::config::{
    entry::{Entry, find},
    error::ConfigError,
    origin::Origin,
};

/// The names of the keys.
const KEYS: [&str; 2] = ["policy", "keys"];
/// The policies, from the mildest to the strictest.
const POLICIES: [&str; 3] = ["none", "warn", "require"];
/// Keys that may be trusted.
pub(super) const MAX_KEYS: usize = 100;

/// The table of the file, if no key of it is unknown.
pub(super) fn table(top: &[Entry]) -> Result<&[Entry], ConfigError> {
    find(top, "signatures").map_or(Ok(&[][..]), |signatures| {
        signatures.table_of("key of `[signatures]`", &KEYS)
    })
}

/// Reads the table. Keys alone mean that they are required: whoever trusts some does not mean to trust all.
pub(super) fn read(table: &[Entry]) -> Result<Policy, ConfigError> {
    let keys = find(table, "keys");
    let trusted = keys.map_or(Ok(Vec::new()), trusted)?;
    let policy = find(table, "policy");
    let demand = match policy.map(Entry::text).transpose()? {
        Some("none") => return Ok(Policy::None),
        Some("warn") => Policy::Warn,
        Some("require") | None => Policy::Require,
        Some(other) => {
            let origin = policy.map_or(&Origin::Default, |entry| &entry.origin);
            let what = "policy of signatures";
            return Err(ConfigError::unknown(origin, what, other, POLICIES));
        }
    };
    match policy.or(keys) {
        Some(entry) if trusted.is_empty() => Err(entry.wrong(
            "nobody is trusted",
            "name the keys: `keys = [\"ed25519:…\"]`; `host key FILE` makes one and shows it",
        )),
        Some(_) => Ok(demand(trusted)),
        None => Ok(Policy::None),
    }
}

fn trusted(entry: &Entry) -> Result<Vec<PublicKey>, ConfigError> {
    let texts = entry.texts()?;
    if texts.len() > MAX_KEYS {
        let message = format!("{} keys are more than {MAX_KEYS}", texts.len());
        return Err(entry.wrong(message, "name those that sign now"));
    }
    texts
        .into_iter()
        .map(|text| {
            text.parse()
                .map_err(|error: assay_pins::signature::KeyError| {
                    entry.wrong(&error, error.hint().unwrap_or_default())
                })
        })
        .collect()
}
