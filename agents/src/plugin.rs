//! Plugins on their way to agents, and whether an agent lets them in.

use assay_pins::Digest;
use assay_report::words::{clean, one_line};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Bytes of one plugin, at most.
pub const MAX_PLUGIN_BYTES: u64 = 256 << 20;
/// Bytes of all plugins of a run, at most: an agent has them in memory at the same time.
pub const MAX_ALL_PLUGIN_BYTES: u64 = 1 << 30;
/// Plugins of a run, at most.
pub const MAX_PLUGINS: usize = 1_000;

/// A plugin and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// What the coordinator's configuration calls it.
    pub name: String,
    /// Which one it is.
    pub digest: Digest,
    /// The component itself.
    pub bytes: Bytes,
}

impl Plugin {
    /// The plugin that these bytes are.
    pub fn new(name: &str, bytes: Bytes) -> Self {
        Self {
            name: name.to_owned(),
            digest: Digest::of(&bytes),
            bytes,
        }
    }

    pub(crate) fn offered(&self) -> Offered {
        Offered {
            name: self.name.clone(),
            digest: self.digest,
            size: self.bytes.len() as u64,
        }
    }
}

/// What an agent is told of a plugin before it has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// What the coordinator's configuration calls it.
    pub name: String,
    /// Which one it is.
    pub digest: Digest,
    /// Bytes that it has.
    pub size: u64,
}

/// What of these is more than may be, if something is.
pub(crate) fn too_much<'a>(sizes: impl IntoIterator<Item = (&'a str, u64)>) -> Option<String> {
    let (mut count, mut all) = (0, 0_u64);
    for (name, size) in sizes {
        count += 1;
        all = all.saturating_add(size);
        if size > MAX_PLUGIN_BYTES {
            return Some(format!("plugin `{name}` of {size} bytes"));
        }
    }
    if count > MAX_PLUGINS {
        return Some(format!("{count} plugins"));
    }
    (all > MAX_ALL_PLUGIN_BYTES).then(|| format!("{all} bytes of plugins"))
}

/// That an agent does not use a plugin, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What the plugin is called; none if it is not about one.
    pub plugin: Option<String>,
    /// Why, in lower case, without a full stop.
    pub reason: String,
    /// What to do about it, if there is something.
    pub hint: Option<String>,
}

impl Refusal {
    /// A refusal of this plugin.
    pub fn of(plugin: &str, reason: impl Into<String>) -> Self {
        Self {
            plugin: Some(plugin.to_owned()),
            reason: reason.into(),
            hint: None,
        }
    }

    /// The same as somebody else said it: what it is about and why in one line each, and what to do with all of it seen.
    pub(crate) fn in_lines(self) -> Self {
        Self {
            plugin: self.plugin.as_deref().map(one_line),
            reason: one_line(&self.reason),
            hint: self.hint.as_deref().map(clean),
        }
    }

    /// The same with something to do.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// What an agent's own policy and lock say. Its answer is asked for twice, and nothing of a plugin is used before both.
pub trait Policy: Send + Sync + 'static {
    /// Whether it may be fetched at all.
    fn may_fetch(&self, offered: &Offered) -> Result<(), Refusal>;

    /// Whether it may be used. Its bytes are those of its digest.
    fn may_use(&self, plugin: &Plugin) -> Result<(), Refusal>;
}

#[cfg(test)]
mod tests {
    use super::{MAX_ALL_PLUGIN_BYTES, MAX_PLUGIN_BYTES, MAX_PLUGINS, Refusal, too_much};

    #[test]
    fn plugins_have_limits_of_size_of_number_and_of_both() {
        let some = |count, size| too_much(vec![("one", size); count]);
        let whole = usize::try_from(MAX_ALL_PLUGIN_BYTES / MAX_PLUGIN_BYTES).unwrap();
        for (count, size) in [(0, 0), (MAX_PLUGINS, 1), (whole, MAX_PLUGIN_BYTES)] {
            assert_eq!(some(count, size), None);
        }
        for (count, size, expected) in [
            (MAX_PLUGINS + 1, 1, "1001 plugins"),
            (1, MAX_PLUGIN_BYTES + 1, "plugin `one` of 268435457 bytes"),
            (whole + 1, MAX_PLUGIN_BYTES, "1342177280 bytes of plugins"),
            (
                MAX_PLUGINS,
                u64::MAX,
                "plugin `one` of 18446744073709551615 bytes",
            ),
        ] {
            assert_eq!(some(count, size).as_deref(), Some(expected));
        }
    }

    #[test]
    fn why_an_agent_refuses_something_stays_in_its_line() {
        let evil = "it\nis so\u{1b}[2J";
        let refusal = Refusal::of(evil, evil).hint("write\n[grants.shop]\u{9b}");
        let said = refusal.in_lines();
        let shown = "it is so\\u{1b}[2J";
        let expected = Refusal::of(shown, shown).hint("write\n[grants.shop]\\u{9b}");
        assert_eq!(said, expected);
    }
}
