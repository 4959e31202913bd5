//! Load that a suite may make: its ceiling is for all loads of the suite that go on at the same time, in whatever cases.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use assay_grants::Denied;

use super::Rights;

/// The loads of a suite that go on, for all who have rights of it on this machine. Cheap to clone: all clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ongoing(Arc<Mutex<Sum>>);

/// What goes on of a suite.
#[derive(Debug, Default)]
struct Sum {
    vus: u32,
    rate: f64,
}

/// A load that is granted, for as long as this is held.
#[derive(Debug)]
pub struct GrantedLoad {
    rights: Rights,
    vus: u32,
    rate: f64,
    ceiling: Option<Duration>,
}

impl GrantedLoad {
    /// Asks for so many virtual users and so many starts a second (none where the system under test sets the pace), for so long (none where
    /// it ends with its last iteration).
    pub(super) fn ask(
        rights: &Rights,
        vus: u32,
        rate: Option<f64>,
        duration: Option<Duration>,
    ) -> Result<Self, Denied> {
        let mut sum = sum(rights);
        let all_vus = sum.vus.saturating_add(vus);
        let all_rate = match rate {
            None if sum.rate > 0.0 => Some(sum.rate),
            None => None,
            Some(rate) => Some(sum.rate + rate),
        };
        let ceiling = rights.0.permit.may_load(all_vus, all_rate, duration)?;
        let rate = rate.unwrap_or_default();
        sum.vus = all_vus;
        sum.rate += rate;
        Ok(Self {
            rights: rights.clone(),
            vus,
            rate,
            ceiling,
        })
    }

    /// When one that does not end by the clock has to be stopped; none if never.
    pub fn ceiling(&self) -> Option<Duration> {
        self.ceiling
    }
}

impl Drop for GrantedLoad {
    fn drop(&mut self) {
        let mut sum = sum(&self.rights);
        sum.vus = sum.vus.saturating_sub(self.vus);
        sum.rate = match sum.vus {
            // What rounding left.
            0 => 0.0,
            _ => (sum.rate - self.rate).max(0.0),
        };
    }
}

/// Numbers: a panic of another holder leaves none half-written.
fn sum(rights: &Rights) -> MutexGuard<'_, Sum> {
    let Ongoing(sum) = &rights.0.loads;
    sum.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use assay_grants::{Grants, Permit};

    use super::*;

    #[test]
    fn a_ceiling_is_for_all_loads_of_a_suite_on_this_machine_whoever_was_given_the_rights() {
        let grants: Grants = toml::from_str("load = { vus = 5, duration = \"1m\" }").unwrap();
        let permit = Permit::only("shop", grants);
        let ongoing = Ongoing::default();
        let rights = || Rights::beside(&ongoing, &permit, &BTreeMap::new(), &[]);
        let ask = |rights: &Rights, vus| GrantedLoad::ask(rights, vus, None, Some(Duration::ZERO));
        let (one, other) = (rights(), rights());
        let held = ask(&one, 4).unwrap();
        assert!(ask(&other, 2).is_err());
        drop(held);
        assert!(ask(&other, 5).is_ok());
    }
}
