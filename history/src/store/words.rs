//! Values that the database has as words: the same as in the event log.

use rusqlite::types::{FromSqlError, Type};
use serde::{Serialize, de::DeserializeOwned, de::IntoDeserializer, de::value::Error};

/// The word for a value that is one.
pub(super) fn word(value: &impl Serialize) -> Option<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Some(word),
        _ => None,
    }
}

/// The value of a word in a column.
pub(super) fn value<T: DeserializeOwned>(column: usize, word: &str) -> rusqlite::Result<T> {
    T::deserialize(IntoDeserializer::<Error>::into_deserializer(word)).map_err(|_| {
        let unknown = FromSqlError::Other(format!("the unknown word `{word}`").into());
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(unknown))
    })
}

/// As the database has whole numbers: what is beyond 2^63 is that.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A whole number of a column that is never negative.
pub(super) fn number(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let found: i64 = row.get(column)?;
    u64::try_from(found).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, found))
}

#[cfg(test)]
mod tests {
    use assay_report::{
        event::{Direction, Grade, Phase},
        verdict::Verdict,
    };

    use super::*;

    #[test]
    fn each_word_comes_back_as_its_value() {
        let verdicts = [
            Verdict::Passed,
            Verdict::Skipped,
            Verdict::Flaky,
            Verdict::Degraded,
            Verdict::Failed,
            Verdict::Errored,
        ];
        for verdict in verdicts {
            let word = word(&verdict).unwrap();
            assert_eq!(word, verdict.word());
            assert_eq!(value::<Verdict>(0, &word).unwrap(), verdict);
        }
        let direction = word(&Direction::AtLeast).unwrap();
        assert_eq!(
            value::<Direction>(0, &direction).unwrap(),
            Direction::AtLeast
        );
        assert_eq!(value::<Phase>(0, "fault").unwrap(), Phase::Fault);
        assert_eq!(value::<Grade>(0, "missed").unwrap(), Grade::Missed);
        assert!(value::<Grade>(0, "splendid").is_err());
    }
}
