//! The ports that services of the environment need, and who has those that are taken.

use super::Finding;
use crate::{
    config::{AddressSource, ServiceSource, Settings},
    environment::{
        kept::Store,
        port::{self, Holder},
    },
};

const AREA: &str = "port";

/// Every port that is written down; those that are chosen at the start cannot be in use.
pub(super) fn look(settings: &Settings) -> Vec<Finding> {
    let is_kept = Store::new(&settings.state_dir, &settings.environment.name)
        .peek()
        .is_ok_and(|record| record.is_some());
    let services = settings.environment.services.iter();
    let fixed = services.filter_map(|service| {
        let ServiceSource::Started(process) = &service.source else {
            return None;
        };
        let AddressSource::Fixed(port) = process.address else {
            return None;
        };
        Some((&service.name, port))
    });
    fixed
        .map(|(service, number)| judge(service, number, user(number), is_kept))
        .collect()
}

/// Who has a port now.
pub(super) fn user(number: u16) -> User {
    if port::is_taken(number) {
        User::Process(port::holder(number))
    } else {
        User::Nobody
    }
}

/// Who listens on a port.
#[derive(Clone, Debug)]
pub(super) enum User {
    Nobody,
    /// None if the system does not tell which.
    Process(Option<Holder>),
}

pub(super) fn judge(service: &str, port: u16, user: User, is_kept: bool) -> Finding {
    let name = format!("{port} of {service}");
    let who = match user {
        User::Nobody => return Finding::ok(AREA, &name, "is free"),
        User::Process(None) => "a process of another user".to_owned(),
        User::Process(Some(holder)) => holder.to_string(),
    };
    let what = format!("is in use by {who}");
    if is_kept {
        return Finding::ok(AREA, &name, format!("{what}; the environment is kept up"));
    }
    Finding::bad(
        AREA,
        &name,
        what,
        "end that process, or give the service another port in assay.toml (of a container by a variable of its compose file)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn a_port_that_somebody_else_has_is_bad_and_names_him() {
        let holder = Holder {
            pid: 7,
            program: "python3".into(),
        };
        let found = judge("shop", 8001, User::Process(Some(holder.clone())), false);
        assert_eq!(found.grade, Grade::Bad);
        assert!(found.what.contains("`python3`, process 7"), "{found:?}");
        assert!(found.hint.is_some());
        assert_eq!(
            judge("shop", 8001, User::Process(None), false).grade,
            Grade::Bad
        );
        assert_eq!(judge("shop", 8001, User::Nobody, false).grade, Grade::Ok);
        let kept = judge("shop", 8001, User::Process(Some(holder)), true);
        assert_eq!(kept.grade, Grade::Ok);
    }
}
