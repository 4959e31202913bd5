//! What an entry answered, cut to the limits of the contract.

use super::Kind;
use crate::{
    capability::recorder::cut,
    plugin::{
        bindings::exports::assay::suite::suite as contract,
        ending::{Ending, Failure, MAX_DATA_BYTES, MAX_MESSAGE_BYTES},
    },
};

/// How an entry ended that answered.
pub(super) fn ending(kind: Kind, answer: Result<String, contract::Problem>) -> Ending {
    match answer {
        Ok(text) if kind != Kind::Setup => {
            drop(text);
            Ending::Returned(String::new())
        }
        Ok(text) if text.len() > MAX_DATA_BYTES => Ending::handed_on_too_much(text.len()),
        Ok(text) => Ending::Returned(text),
        Err(contract::Problem::Failed(failure)) => Ending::Failed(bounded(failure)),
        Err(contract::Problem::Skipped(why)) => {
            Ending::Skipped(cut(&why, MAX_MESSAGE_BYTES).to_owned())
        }
        Err(contract::Problem::Errored(failure)) => Ending::Errored(bounded(failure)),
    }
}

fn bounded(failure: contract::Failure) -> Failure {
    let contract::Failure {
        message,
        expected,
        actual,
        location,
    } = failure;
    let failure = Failure {
        message,
        expected,
        actual,
        location,
    };
    failure.within_limits()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::ending::MAX_VALUE_BYTES;

    #[test]
    fn only_setup_hands_something_on_and_at_most_a_mebibyte() {
        let text = "x".repeat(MAX_DATA_BYTES);
        assert_eq!(
            ending(Kind::Setup, Ok(text.clone())),
            Ending::Returned(text.clone())
        );
        assert_eq!(
            ending(Kind::TestCase, Ok(text.clone())),
            Ending::Returned(String::new())
        );
        assert!(matches!(
            ending(Kind::Setup, Ok(text + "x")),
            Ending::Broken { .. }
        ));
    }

    #[test]
    fn long_failures_are_cut_to_the_limits_of_the_contract() {
        let failure = contract::Failure {
            message: "m".repeat(MAX_MESSAGE_BYTES + 1),
            expected: Some("e".repeat(MAX_VALUE_BYTES + 1)),
            actual: None,
            location: Some("src/lib.rs:1".into()),
        };
        let Ending::Failed(failure) =
            ending(Kind::TestCase, Err(contract::Problem::Failed(failure)))
        else {
            panic!("it is not failed");
        };
        assert_eq!(failure.message.len(), MAX_MESSAGE_BYTES);
        assert_eq!(
            failure.expected.map(|text| text.len()),
            Some(MAX_VALUE_BYTES)
        );
        assert_eq!(failure.location.as_deref(), Some("src/lib.rs:1"));
    }
}
