//! What an agent has for whatever it is given to do: the plugins of the run, and how much of them both hosts allow.

use assay_grants::Permit;

use super::on_its_machine;
use crate::{
    access::{Ongoing, Rights},
    agents::work::Given,
    capability::http,
    config::Limits,
    plugin::{Permitted, engine::Engine},
};

/// What is here.
pub(super) struct Site<'a> {
    pub(super) engine: &'a Engine,
    /// What all attempts here share.
    pub(super) http: &'a http::Shared,
    /// The agent's own limits of an attempt.
    pub(super) limits: Limits,
    /// Of the run.
    pub(super) plugins: &'a [Sent],
}

/// A plugin of a run in which this machine takes part.
pub(super) struct Sent {
    permitted: Permitted,
    /// Of all shares that are made of its loads here, at once: the ceiling of this machine is for all of them.
    loads: Ongoing,
}

impl From<Permitted> for Sent {
    fn from(permitted: Permitted) -> Self {
        Self {
            permitted,
            loads: Ongoing::default(),
        }
    }
}

impl<'a> Site<'a> {
    /// The plugin that is meant, and what it may do here.
    pub(super) fn rights(&self, given: &Given) -> Result<(&'a Permitted, Rights), String> {
        let mut plugins = self.plugins.iter();
        let sent = plugins.find(|sent| sent.permitted.plugin.digest == given.digest);
        let Sent { permitted, loads } =
            sent.ok_or_else(|| format!("it has no plugin {}", given.digest))?;
        let permit = granted_by_both(&permitted.permit, given)?;
        let services = &given.context.services;
        let rights = Rights::beside(loads, &permit, services, &given.secrets);
        Ok((permitted, rights))
    }
}

/// What both the host that conducts the run and this agent grant.
fn granted_by_both(own: &Permit, given: &Given) -> Result<Permit, String> {
    let Some(granted) = &given.granted else {
        return Ok(own.clone());
    };
    match own.missing(granted) {
        Some(missing) => Err(format!("{missing}\nhint: {}", on_its_machine(&missing))),
        None => Ok(Permit::only(own.plugin(), granted.clone())),
    }
}

#[cfg(test)]
mod tests {
    use assay_grants::{Grants, Permit};

    use super::granted_by_both;
    use crate::agents::work::tests::given;

    fn grants(line: &str) -> Grants {
        toml::from_str(line).unwrap()
    }

    #[test]
    fn nothing_is_granted_that_only_one_of_two_hosts_grants() {
        let one = grants("services = [\"cart\"]");
        let both = grants("services = [\"cart\", \"stock\"]");
        let cases = [
            (Permit::everything("p"), None, Ok(None)),
            (Permit::everything("p"), Some(&one), Ok(Some(&one))),
            (Permit::only("p", both.clone()), Some(&one), Ok(Some(&one))),
            (Permit::only("p", one.clone()), None, Ok(Some(&one))),
            (Permit::only("p", one.clone()), Some(&both), Err("stock")),
        ];
        for (own, sent, expected) in cases {
            let mut given = given();
            given.granted = sent.cloned();
            match (granted_by_both(&own, &given), expected) {
                (Ok(permit), Ok(expected)) => assert_eq!(permit.grants(), expected),
                (Err(error), Err(word)) => {
                    assert!(error.contains(word), "{error}");
                    assert!(error.contains("hint: on the agent's machine: "), "{error}");
                }
                (found, _) => panic!("{own:?} with {sent:?}: {found:?}"),
            }
        }
    }
}
