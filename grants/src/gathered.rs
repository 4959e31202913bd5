//! All that a plugin was refused in a run, gathered into the one table that would grant it.

use assay_report::event::MAX_TABLE_BYTES;
use serde::{Deserialize, Serialize};

use crate::{denied::Denied, grants::Grants, permit::Permit, table};

/// What a plugin was refused so far, beside what it has for longer than this run. It is bounded, however much is asked for: where the table would be longer than it
/// may be, nothing more is gathered, and it says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Gathered {
    plugin: String,
    held: Grants,
    refused: Grants,
    is_truncated: bool,
}

/// What a plugin was refused elsewhere, to be gathered here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    /// What would grant it.
    grants: Grants,
    /// Whether there was no room for all of it.
    is_truncated: bool,
}

impl Gathered {
    /// Nothing yet, of a plugin with this permit.
    pub fn new(permit: &Permit) -> Self {
        Self {
            plugin: permit.plugin().to_owned(),
            held: permit.lasting().cloned().unwrap_or_default(),
            refused: Grants::default(),
            is_truncated: false,
        }
    }

    /// Takes in what would grant this; nothing if no grant would.
    pub fn add(&mut self, denied: &Denied) {
        self.want(denied.grant());
    }

    /// All that was gathered, for where it is gathered with other things; none if nothing was.
    pub fn wanted(&self) -> Option<Wanted> {
        (self.is_truncated || !self.refused.is_nothing()).then(|| Wanted {
            grants: self.refused.clone(),
            is_truncated: self.is_truncated,
        })
    }

    /// Takes in what was gathered elsewhere.
    pub fn take_in(&mut self, wanted: &Wanted) {
        if wanted.grants.is_within_limits() {
            self.want(&wanted.grants);
        } else {
            self.is_truncated = true;
        }
        self.is_truncated |= wanted.is_truncated;
    }

    fn want(&mut self, wanted: &Grants) {
        if self.is_truncated || self.refused.lacking(wanted).is_nothing() {
            return;
        }
        let refused = self.refused.union(wanted);
        let after = self.held.union(&refused);
        if after.is_within_limits() && table::table(&self.plugin, &after).len() <= MAX_TABLE_BYTES {
            self.refused = refused;
        } else {
            self.is_truncated = true;
        }
    }

    /// The table of `assay.toml` as it would have to be, with what is granted already: at most 64 KiB. None if nothing was gathered.
    pub fn table(&self) -> Option<String> {
        let after = self.held.union(&self.refused);
        (!self.refused.is_nothing()).then(|| table::table(&self.plugin, &after))
    }

    /// What was gathered alone, as one line: for somebody else, of whose grants nothing is known here. None if nothing was.
    pub fn line(&self) -> Option<String> {
        table::line(&self.plugin, &self.refused)
    }

    /// Whether something would have to be granted for which the table has no room.
    pub fn is_truncated(&self) -> bool {
        self.is_truncated
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{limits::MAX_ENTRIES, permit::Target};

    fn permit(grants: &str) -> Permit {
        Permit::only("shop", toml::from_str(grants).unwrap())
    }

    fn granted(table: &str) -> Permit {
        let document: toml::Table = table.parse().unwrap();
        let grants = document["grants"]["shop"].clone().try_into().unwrap();
        Permit::only("shop", grants)
    }

    #[test]
    fn what_one_run_was_granted_is_no_part_of_a_table_that_lasts() {
        let more: Grants = toml::from_str("hosts = [\"10.0.0.0/8:*\"]").unwrap();
        let permit = permit("services = [\"cache\"]").with(&more);
        let mut gathered = Gathered::new(&permit);
        gathered.add(&permit.may_look("store").unwrap_err());
        let table = gathered.table().unwrap();
        assert_eq!(table, "[grants.shop]\nservices = [\"cache\", \"store\"]");
        let line = gathered.line().unwrap();
        assert_eq!(line, "grants.shop.services = [\"store\"]");
    }

    #[test]
    fn all_that_was_refused_is_one_table_with_what_is_granted_which_grants_it() {
        let before = permit("services = [\"cache\"]\nattachments = \"1KiB\"");
        let refusals = |permit: &Permit| {
            [
                permit.may_look("store").err(),
                permit.may_look("store").err(),
                permit.may_look("a->b").err(),
                permit.may_fault("kill", Target::Service("store")).err(),
                permit.may_load(3, None, None).err(),
                permit.may_load(2, Some(4.0), None).err(),
                permit.may_attach(0, 1_025).err(),
                permit.may_read("shop.url", []).err(),
            ]
        };
        let mut gathered = Gathered::new(&before);
        assert_eq!(gathered.table(), None);
        for denied in refusals(&before).into_iter().flatten() {
            gathered.add(&denied);
        }
        let table = gathered.table().unwrap();
        let expected = r#"[grants.shop]
services = ["cache", "store"]
links = ["a->b"]
faults = ["kill"]
settings = ["shop.url"]
load = { vus = 3, rate = 4, duration = "1m" }
attachments = true"#;
        assert_eq!(table, expected);
        assert!(!gathered.is_truncated());
        assert!(refusals(&granted(&table)).iter().all(Option::is_none));
    }

    #[test]
    fn what_was_gathered_elsewhere_is_one_table_with_what_was_gathered_here() {
        let permit = permit("services = [\"cache\"]");
        let (mut here, mut there) = (Gathered::new(&permit), Gathered::new(&permit));
        assert_eq!(there.wanted(), None);
        here.add(&permit.may_look("store").unwrap_err());
        there.add(&permit.may_look("mail").unwrap_err());
        let wanted = serde_json::to_string(&there.wanted()).unwrap();
        let wanted: Option<Wanted> = serde_json::from_str(&wanted).unwrap();
        here.take_in(&wanted.unwrap());
        let table = here.table().unwrap();
        assert_eq!(
            table,
            "[grants.shop]\nservices = [\"cache\", \"store\", \"mail\"]"
        );
        assert!(!here.is_truncated());
    }

    #[test]
    fn what_was_gathered_elsewhere_has_the_limits_of_here_and_says_what_is_missing() {
        let permit = permit("");
        let mut here = Gathered::new(&permit);
        here.take_in(&Wanted {
            is_truncated: true,
            ..Wanted::default()
        });
        assert!(here.is_truncated());
        for (number, is_truncated) in [(MAX_ENTRIES, false), (MAX_ENTRIES + 1, true)] {
            let mut grants = Grants::default();
            for number in 0..number {
                let denied = permit.may_look(&format!("s{number}")).unwrap_err();
                grants = grants.union(denied.grant());
            }
            let mut here = Gathered::new(&permit);
            here.take_in(&Wanted {
                grants,
                is_truncated: false,
            });
            assert_eq!(here.is_truncated(), is_truncated);
            assert_eq!(here.table().is_none(), is_truncated);
        }
    }

    #[test]
    fn what_no_grant_would_lift_is_not_gathered() {
        let permit = permit("");
        let mut gathered = Gathered::new(&permit);
        gathered.add(&permit.may_look("*").unwrap_err());
        assert_eq!((gathered.table(), gathered.is_truncated()), (None, false));
    }

    #[test]
    fn a_list_at_its_limit_is_whole_and_what_is_beyond_is_said_to_be_missing() {
        let permit = permit("services = [\"held\"]");
        let mut gathered = Gathered::new(&permit);
        for number in 1..MAX_ENTRIES {
            gathered.add(&permit.may_look(&format!("s{number}")).unwrap_err());
        }
        assert!(!gathered.is_truncated());
        let table = gathered.table();
        for name in ["one-more", "and-another"] {
            gathered.add(&permit.may_look(name).unwrap_err());
        }
        assert!(gathered.is_truncated());
        assert_eq!(gathered.table(), table, "what was there is still told");
        assert!(granted(&table.unwrap()).may_look("s255").is_ok());
    }

    #[test]
    fn a_table_at_its_limit_is_whole_and_none_is_longer() {
        let permit = permit("");
        let mut gathered = Gathered::new(&permit);
        // Each list has room for more of them than the table has.
        for number in 0..MAX_ENTRIES {
            let name = format!("{number:0>398}");
            gathered.add(&permit.may_look(&name).unwrap_err());
        }
        assert!(gathered.is_truncated());
        let table = gathered.table().unwrap();
        assert!(table.len() <= MAX_TABLE_BYTES && table.len() + 402 > MAX_TABLE_BYTES);
    }
}
