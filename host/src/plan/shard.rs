//! A part of a plan, for several hosts that know nothing of each other: which case belongs to which shard is said by its id alone.
//!
//! So a case that is added, or a plugin that is named in another place, moves no other one; and all shards together are the plan, each case
//! once. A suite's setup and teardown belong to each shard that has a case of it: every shard has an environment of its own.

use assay_report::event::{Shard, ShardInfo};

use super::{Plan, PlannedSuite};
use crate::plugin::digest;

/// Hexadecimal digits of a digest that choose the shard: 64 bits, by which the shards are equally probable.
const DIGITS: usize = 16;

/// The number of the shard that a case belongs to, of so many, from 1.
fn number_of(suite: &str, case: &str, of: u32) -> u32 {
    let digest = digest::of(format!("{suite}/{case}").as_bytes());
    let number = u64::from_str_radix(&digest[..DIGITS], 16).unwrap_or_default();
    // Less than `of`, and so it fits.
    u32::try_from(number % u64::from(of)).unwrap_or_default() + 1
}

impl Plan {
    /// What of it belongs to a shard, which may be nothing. All of a plan is no shard.
    #[must_use]
    pub fn shard(mut self, shard: Shard) -> Self {
        if shard.is_whole() {
            return self;
        }
        self.shard = Some(ShardInfo {
            shard,
            plan_cases: self.cases() as u64,
            plan_digest: self.digest(),
        });
        for suite in &mut self.suites {
            let name = &suite.name;
            suite
                .cases
                .retain(|case| number_of(name, &case.name, shard.of) == shard.number);
        }
        self.suites.retain(|suite| !suite.cases.is_empty());
        self
    }

    /// Whether it is a part of a larger plan in which no case is. A plan that is the whole is none, whatever it has.
    pub(crate) fn is_empty_shard(&self) -> bool {
        self.shard.is_some() && self.suites.is_empty()
    }

    /// How many cases will run.
    pub fn cases(&self) -> usize {
        self.suites.iter().map(|suite| suite.cases.len()).sum()
    }

    /// What tells the plan from others, whatever the order of its plugins.
    fn digest(&self) -> String {
        let ids = |suite: &PlannedSuite| {
            let (digest, name) = (suite.digest.clone(), suite.name.clone());
            let cases = suite.cases.iter();
            let lines: Vec<String> = cases
                .map(|case| format!("{digest} {name}/{}\n", case.name))
                .collect();
            lines
        };
        let mut lines: Vec<String> = self.suites.iter().flat_map(ids).collect();
        lines.sort();
        digest::of(lines.concat().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::plan::tests::suite;

    /// Enough cases that each shard has some.
    fn plan() -> Plan {
        let names: Vec<String> = (0..100).map(|number| format!("case-{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Plan {
            suites: vec![suite("first", &names), suite("second", &names)],
            shard: None,
        }
    }

    fn ids(plan: &Plan) -> Vec<String> {
        let of = |suite: &PlannedSuite| {
            let cases = suite.cases.iter();
            let ids: Vec<_> = cases
                .map(|case| format!("{}/{}", suite.name, case.name))
                .collect();
            ids
        };
        let mut ids: Vec<String> = plan.suites.iter().flat_map(of).collect();
        ids.sort();
        ids
    }

    /// The shard of each case.
    fn shards(plan: &Plan, of: u32) -> BTreeMap<String, u32> {
        let mut shards = BTreeMap::new();
        for number in 1..=of {
            for id in ids(&plan.clone().shard(Shard { number, of })) {
                assert_eq!(
                    shards.insert(id.clone(), number),
                    None,
                    "{id} is there twice"
                );
            }
        }
        shards
    }

    #[test]
    fn all_shards_together_are_the_plan_and_each_case_is_there_once() {
        for of in [1, 2, 3, 7, 256] {
            let together: Vec<String> = shards(&plan(), of).into_keys().collect();
            assert_eq!(together, ids(&plan()), "{of}");
        }
    }

    #[test]
    fn a_case_that_is_added_moves_no_other() {
        let before = shards(&plan(), 4);
        let mut more = plan();
        more.suites.insert(0, suite("another", &["a-case"]));
        more.suites[1].cases.remove(3);
        for (id, number) in shards(&more, 4) {
            let moved = before.get(&id).is_some_and(|known| *known != number);
            assert!(!moved, "{id}");
        }
    }

    #[test]
    fn the_order_of_plugins_means_nothing() {
        let mut turned = plan();
        turned.suites.reverse();
        let second_of = |plan: Plan| plan.shard(Shard { number: 2, of: 4 });
        assert_eq!(ids(&second_of(turned.clone())), ids(&second_of(plan())));
        assert_eq!(second_of(turned).shard, second_of(plan()).shard);
    }

    #[test]
    fn shards_are_of_about_the_same_size() {
        let mut sizes = [0; 4];
        for number in shards(&plan(), 4).into_values() {
            sizes[number as usize - 1] += 1;
        }
        assert_eq!(sizes.iter().sum::<i32>(), 200);
        assert!(
            sizes.iter().all(|size| (30..=70).contains(size)),
            "{sizes:?}"
        );
    }

    /// These are a promise: whoever changes them moves the cases of everybody.
    #[test]
    fn a_case_stays_in_its_shard_over_versions_of_the_host() {
        let of = |case| [2, 4, 256].map(|of| number_of("core-flow", case, of));
        assert_eq!(of("streams-end"), [2, 4, 196]);
        assert_eq!(of("numbers-are-dense"), [1, 3, 63]);
    }

    #[test]
    fn a_shard_may_be_empty_and_knows_of_what() {
        let plan = Plan {
            suites: vec![suite("only", &["one"])],
            shard: None,
        };
        let filled = number_of("only", "one", 4);
        for number in (1..=4).filter(|number| *number != filled) {
            let empty = plan.clone().shard(Shard { number, of: 4 });
            assert_eq!(empty.suites, []);
            assert_eq!(empty.shard.map(|info| info.plan_cases), Some(1));
        }
    }

    #[test]
    fn another_plugin_or_another_choice_of_cases_is_another_plan() {
        let digest = |plan: Plan| plan.digest();
        let mut built_anew = plan();
        built_anew.suites[0].digest = "11".repeat(32);
        assert_ne!(digest(built_anew), digest(plan()));
        let mut fewer = plan();
        fewer.suites[0].cases.pop();
        assert_ne!(digest(fewer), digest(plan()));
    }

    #[test]
    fn all_of_a_plan_is_no_shard() {
        let whole = plan().shard(Shard::WHOLE);
        assert_eq!(whole, plan());
    }
}
