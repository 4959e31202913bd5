//! Chroma's `where`: conditions on metadata, joined by `$and` and `$or`.

use std::cmp::Ordering;

use serde_json::{Map, Value};
use thiserror::Error;

/// How deep conditions may be nested.
const DEPTH: usize = 16;

/// A `where` that is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}; see Chroma's guide to `where` filters")]
pub(super) struct FilterError(String);

/// A parsed `where`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Field(String, Condition),
}

/// What a field has to be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    Is(Value),
    IsNot(Value),
    Compares(&'static [Ordering], f64),
    In(Vec<Value>),
    NotIn(Vec<Value>),
}

impl Filter {
    pub(super) fn parse(value: &Value) -> Result<Self, FilterError> {
        parse(value, 0)
    }

    /// Whether the metadata fulfil it. A field that is not there is not anything, as in Chroma.
    pub(super) fn holds(&self, metadata: &Map<String, Value>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(metadata)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(metadata)),
            Self::Field(name, condition) => condition.holds(metadata.get(name)),
        }
    }
}

impl Condition {
    fn holds(&self, field: Option<&Value>) -> bool {
        match self {
            Self::Is(wanted) => field.is_some_and(|field| equal(field, wanted)),
            Self::IsNot(unwanted) => field.is_none_or(|field| !equal(field, unwanted)),
            Self::Compares(orders, number) => field
                .and_then(Value::as_f64)
                .and_then(|field| field.partial_cmp(number))
                .is_some_and(|order| orders.contains(&order)),
            Self::In(list) => {
                field.is_some_and(|field| list.iter().any(|wanted| equal(field, wanted)))
            }
            Self::NotIn(list) => {
                field.is_none_or(|field| !list.iter().any(|unwanted| equal(field, unwanted)))
            }
        }
    }
}

/// Numbers are equal by value, whether written `3` or `3.0`.
fn equal(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.partial_cmp(&other) == Some(Ordering::Equal),
        _ => one == other,
    }
}

fn parse(value: &Value, depth: usize) -> Result<Filter, FilterError> {
    let wrong = |text: &str| FilterError(text.to_owned());
    if depth > DEPTH {
        return Err(wrong("`where` is nested too deep"));
    }
    let object = value
        .as_object()
        .ok_or_else(|| wrong("`where` must be an object"))?;
    let mut entries = object.iter();
    let (Some((name, operand)), None) = (entries.next(), entries.next()) else {
        return Err(wrong("`where` must have exactly one field or operator"));
    };
    match name.as_str() {
        "$and" | "$or" => {
            let parts = operand
                .as_array()
                .ok_or_else(|| FilterError(format!("`{name}` must have a list")))?
                .iter()
                .map(|part| parse(part, depth + 1))
                .collect::<Result<_, _>>()?;
            Ok(if name == "$and" {
                Filter::All(parts)
            } else {
                Filter::Any(parts)
            })
        }
        _ => Ok(Filter::Field(name.clone(), condition(operand)?)),
    }
}

fn condition(operand: &Value) -> Result<Condition, FilterError> {
    let Value::Object(object) = operand else {
        return Ok(Condition::Is(operand.clone()));
    };
    let mut entries = object.iter();
    let (Some((operator, operand)), None) = (entries.next(), entries.next()) else {
        return Err(FilterError(
            "a condition must have exactly one operator".to_owned(),
        ));
    };
    let number = || {
        operand
            .as_f64()
            .ok_or_else(|| FilterError(format!("`{operator}` must have a number")))
    };
    let list = || {
        operand
            .as_array()
            .cloned()
            .ok_or_else(|| FilterError(format!("`{operator}` must have a list")))
    };
    Ok(match operator.as_str() {
        "$eq" => Condition::Is(operand.clone()),
        "$ne" => Condition::IsNot(operand.clone()),
        "$gt" => Condition::Compares(&[Ordering::Greater], number()?),
        "$gte" => Condition::Compares(&[Ordering::Greater, Ordering::Equal], number()?),
        "$lt" => Condition::Compares(&[Ordering::Less], number()?),
        "$lte" => Condition::Compares(&[Ordering::Less, Ordering::Equal], number()?),
        "$in" => Condition::In(list()?),
        "$nin" => Condition::NotIn(list()?),
        _ => return Err(FilterError(format!("`{operator}` is no operator"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_hold_as_in_chroma() {
        let metadata = json!({"projectId": "p", "number": 3});
        let metadata = metadata.as_object().unwrap();
        for (filter, wanted) in [
            (json!({"projectId": "p"}), true),
            (json!({"projectId": {"$ne": "p"}}), false),
            (json!({"other": {"$ne": "p"}}), true),
            (json!({"other": "p"}), false),
            (json!({"number": {"$gte": 3}}), true),
            (json!({"number": {"$gt": 3}}), false),
            (json!({"number": {"$lt": 3.5}}), true),
            (json!({"number": {"$lte": 2}}), false),
            (json!({"number": {"$in": [1, 3.0]}}), true),
            (json!({"number": {"$nin": [1, 3]}}), false),
            (json!({"$and": [{"projectId": "p"}, {"number": 4}]}), false),
            (json!({"$or": [{"projectId": "p"}, {"number": 4}]}), true),
        ] {
            let parsed = Filter::parse(&filter).unwrap();
            assert_eq!(parsed.holds(metadata), wanted, "{filter}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        let mut deep = json!({"a": 1});
        for _ in 0..=DEPTH {
            deep = json!({"$and": [deep]});
        }
        for filter in [
            json!([]),
            json!({}),
            json!({"a": 1, "b": 2}),
            json!({"a": {"$like": "x"}}),
            json!({"a": {"$gt": "x"}}),
            json!({"$and": {}}),
            deep,
        ] {
            assert!(Filter::parse(&filter).is_err(), "{filter}");
        }
    }
}
