//! What a plugin wants and has no grant for, known before it runs.

use assay_report::hint::Hinted;
use thiserror::Error;

use crate::{grants::Grants, table, text};

/// A plugin declares that it wants more than it is granted.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("the plugin `{plugin}` wants what it has no grant for: {}", self.words().join("; "))]
pub struct Missing {
    plugin: String,
    lacking: Grants,
    after: Grants,
}

impl Missing {
    /// `held` is all that it has, `lasting` what of it holds for the next run, too.
    pub(crate) fn new(
        plugin: &str,
        held: &Grants,
        lasting: &Grants,
        wants: &Grants,
    ) -> Option<Self> {
        let lacking = held.lacking(wants);
        (!lacking.is_nothing()).then(|| Self {
            plugin: plugin.to_owned(),
            after: lasting.union(&lasting.lacking(wants)),
            lacking,
        })
    }

    /// Whose it is.
    pub fn plugin(&self) -> &str {
        &self.plugin
    }

    /// What is missing.
    pub fn lacking(&self) -> &Grants {
        &self.lacking
    }

    /// What is missing, a line for each key: `hosts = ["api.example.com:443"]`.
    pub fn words(&self) -> Vec<String> {
        table::lines(&self.lacking)
    }

    /// The table of `assay.toml` as it has to be, with what is granted for longer than this run.
    pub fn table(&self) -> String {
        table::table(&self.plugin, &self.after)
    }

    /// What stands after `--grant` to grant what is missing to one run; none if it cannot be said there.
    pub fn argument(&self) -> Option<String> {
        text::argument(&self.plugin, &self.lacking)
    }
}

impl Hinted for Missing {
    fn hint(&self) -> Option<String> {
        let hint = "if it is to have it, this has to be in assay.toml";
        Some(match self.argument() {
            Some(argument) => format!("{hint}, or `--grant '{argument}'` on the command line:"),
            None => format!("{hint}:"),
        })
    }

    fn details(&self) -> Option<String> {
        Some(self.table())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Grants {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn what_is_missing_is_told_with_the_table_as_it_has_to_be() {
        let held = read("hosts = [\"a.test:80\"]\nload = { vus = 5, duration = \"10m\" }");
        let wants = read(
            "hosts = [\"a.test:80\", \"b.test:80\"]\nfaults = [\"pause\"]\nload = { vus = 10, rate = 2.5, duration = \"1m\" }",
        );
        let missing = Missing::new("shop", &held, &held, &wants).unwrap();
        let expected = r#"the plugin `shop` wants what it has no grant for: hosts = ["b.test:80"]; faults = ["pause"]; load = { vus = 10, rate = 2.5, duration = "1m" }
hint: if it is to have it, this has to be in assay.toml, or `--grant 'shop: hosts=b.test:80; faults=pause; load=vus:10,rate:2.5,duration:1m'` on the command line:
[grants.shop]
hosts = ["a.test:80", "b.test:80"]
faults = ["pause"]
load = { vus = 10, rate = 2.5, duration = "10m" }"#;
        assert_eq!(assay_report::hint::told(&missing), expected);
        let after = held.union(missing.lacking());
        assert_eq!(Missing::new("shop", &after, &after, &wants), None);
    }
}
