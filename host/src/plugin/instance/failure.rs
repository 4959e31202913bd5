//! What an entry answered, cut to the limits of the contract.

use super::Kind;
use crate::{
    capability::recorder::cut,
    plugin::{
        bindings::exports::assay::suite::suite as contract,
        ending::{Ending, Failure},
    },
};

/// Bytes of a message that are kept.
const MAX_MESSAGE_BYTES: usize = 64 << 10;
/// Bytes of an expected or an actual value that are kept.
const MAX_VALUE_BYTES: usize = 4 << 10;
/// Bytes of what `setup` hands on.
const MAX_DATA_BYTES: usize = 1 << 20;

/// How an entry ended that answered.
pub(super) fn ending(kind: Kind, answer: Result<String, contract::Problem>) -> Ending {
    match answer {
        Ok(text) if kind != Kind::Setup => {
            drop(text);
            Ending::Returned(String::new())
        }
        Ok(text) if text.len() > MAX_DATA_BYTES => Ending::Broken {
            message: format!(
                "setup returned {} bytes and may return {MAX_DATA_BYTES}: hand over ids, not contents",
                text.len()
            ),
            backtrace: Vec::new(),
        },
        Ok(text) => Ending::Returned(text),
        Err(contract::Problem::Failed(failure)) => Ending::Failed(bounded(failure)),
        Err(contract::Problem::Skipped(why)) => {
            Ending::Skipped(cut(&why, MAX_MESSAGE_BYTES).to_owned())
        }
        Err(contract::Problem::Errored(failure)) => Ending::Errored(bounded(failure)),
    }
}

fn bounded(failure: contract::Failure) -> Failure {
    let value = |text: Option<String>| text.map(|text| cut(&text, MAX_VALUE_BYTES).to_owned());
    Failure {
        message: cut(&failure.message, MAX_MESSAGE_BYTES).to_owned(),
        expected: value(failure.expected),
        actual: value(failure.actual),
        location: value(failure.location),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
