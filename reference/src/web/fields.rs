//! Reads a JSON object or a query field by field and gathers every problem, so that one answer names them all.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use axum::http::Uri;
use serde_json::{Map, Value};

use super::error::{ApiError, FieldProblem};
use crate::words::Word;

/// The fields of an object that were not asked for yet, and the problems so far.
#[derive(Debug)]
pub struct Fields {
    prefix: String,
    left: Map<String, Value>,
    problems: Vec<FieldProblem>,
}

impl Fields {
    /// The fields of a body; anything but an object is a problem of the field `body`.
    pub fn of(body: Value) -> Self {
        let mut fields = Self {
            prefix: String::new(),
            left: Map::new(),
            problems: Vec::new(),
        };
        match body {
            Value::Object(map) => fields.left = map,
            _ => fields.complain("body", "must be an object"),
        }
        fields
    }

    fn complain(&mut self, name: &str, problem: impl Into<String>) {
        self.problems.push(FieldProblem {
            field: format!("{}{name}", self.prefix),
            problem: problem.into(),
        });
    }

    /// Takes a field; null is as good as absent.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name).filter(|value| !value.is_null())
    }

    /// Complains about a field that has to be there and gives its type's default in its place.
    fn require<T: Default>(&mut self, name: &str, complaints_before: usize, value: Option<T>) -> T {
        if value.is_none() && self.problems.len() == complaints_before {
            self.complain(name, "is required");
        }
        value.unwrap_or_default()
    }

    /// A text with so many characters.
    pub fn text(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        let Value::String(text) = self.take(name)? else {
            self.complain(name, "must be a string");
            return None;
        };
        if !length.contains(&text.chars().count()) {
            let (least, most) = length.into_inner();
            self.complain(name, format!("must have {least} to {most} characters"));
            return None;
        }
        Some(text)
    }

    /// A text that has to be there.
    pub fn required_text(&mut self, name: &str, length: RangeInclusive<usize>) -> String {
        let before = self.problems.len();
        let text = self.text(name, length);
        self.require(name, before, text)
    }

    /// A whole number in a range.
    pub fn integer(&mut self, name: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = self.take(name)?;
        // 3.0 is an integer for JSON Schema, and so it is here.
        let whole = value.as_u64().or_else(|| whole(value.as_f64()?));
        let inside = whole.filter(|number| range.contains(number));
        if inside.is_none() {
            let (least, most) = range.into_inner();
            self.complain(name, format!("must be an integer from {least} to {most}"));
        }
        inside
    }

    /// A whole number that has to be there.
    pub fn required_integer(&mut self, name: &str, range: RangeInclusive<u64>) -> u64 {
        let before = self.problems.len();
        let number = self.integer(name, range);
        self.require(name, before, number)
    }

    /// A number in a range.
    pub fn number(&mut self, name: &str, range: RangeInclusive<f64>) -> Option<f64> {
        let number = self.take(name)?.as_f64();
        if number.is_some_and(|number| range.contains(&number)) {
            return number;
        }
        let (least, most) = range.into_inner();
        self.complain(name, format!("must be a number from {least} to {most}"));
        None
    }

    /// True or false.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.take(name)?.as_bool();
        if value.is_none() {
            self.complain(name, "must be true or false");
        }
        value
    }

    /// True or false, and one of them has to be there.
    pub fn required_boolean(&mut self, name: &str) -> bool {
        let before = self.problems.len();
        let value = self.boolean(name);
        self.require(name, before, value)
    }

    /// One of the words of an enumeration, taken in any case.
    pub fn word<W: Word>(&mut self, name: &str) -> Option<W> {
        let value = self.take(name)?;
        let word = value
            .as_str()
            .and_then(|text| W::from_word(&text.to_ascii_lowercase()));
        if word.is_none() {
            self.complain(
                name,
                format!("must be one of {}", all_words::<W>().join(", ")),
            );
        }
        word
    }

    /// Complains that a field is missing unless it is there.
    pub fn must_have(&mut self, name: &str) {
        if self.left.get(name).is_none_or(Value::is_null) {
            self.complain(name, "is required");
        }
    }

    /// An object of its own, read by the given function.
    pub fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let Value::Object(map) = self.take(name)? else {
            self.complain(name, "must be an object");
            return None;
        };
        let mut inner = Self {
            prefix: format!("{}{name}.", self.prefix),
            left: map,
            problems: Vec::new(),
        };
        let value = read(&mut inner);
        self.problems.extend(inner.into_problems());
        Some(value)
    }

    fn into_problems(mut self) -> Vec<FieldProblem> {
        let unknown: Vec<_> = self.left.keys().cloned().collect();
        for name in unknown {
            self.complain(&name, "is not a field that can be given");
        }
        self.problems
    }

    /// Whether all was well; fields that nobody asked for are problems too.
    ///
    /// # Errors
    /// 422 with all problems.
    pub fn finish(self) -> Result<(), ApiError> {
        let problems = self.into_problems();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(ApiError::validation(problems))
        }
    }
}

fn all_words<W: Word>() -> Vec<&'static str> {
    W::ALL.iter().map(|value| value.word()).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the guard leaves whole numbers below 2^53 only"
)]
fn whole(number: f64) -> Option<u64> {
    (number.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(&number))
        .then_some(number as u64)
}

/// The parameters of a query; those that nobody asks for are ignored, and of one given twice the last counts.
#[derive(Debug)]
pub struct Parameters {
    given: BTreeMap<String, String>,
    problems: Vec<FieldProblem>,
}

impl Parameters {
    /// The query of this address.
    pub fn of(uri: &Uri) -> Self {
        let mut problems = Vec::new();
        let given = match axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri) {
            Ok(pairs) => pairs.0.into_iter().collect(),
            Err(error) => {
                problems.push(FieldProblem {
                    field: "query".to_owned(),
                    problem: error.to_string(),
                });
                BTreeMap::new()
            }
        };
        Self { given, problems }
    }

    fn complain(&mut self, name: &str, problem: String) {
        self.problems.push(FieldProblem {
            field: name.to_owned(),
            problem,
        });
    }

    /// A text with so many characters.
    pub fn text(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        let text = self.given.remove(name)?;
        if length.contains(&text.chars().count()) {
            return Some(text);
        }
        let (least, most) = length.into_inner();
        self.complain(name, format!("must have {least} to {most} characters"));
        None
    }

    /// A whole number in a range.
    pub fn integer(&mut self, name: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let text = self.given.remove(name)?;
        let number = text.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = range.into_inner();
            self.complain(name, format!("must be an integer from {least} to {most}"));
        }
        number
    }

    /// True or false.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.given.remove(name)?.parse().ok();
        if value.is_none() {
            self.complain(name, "must be true or false".to_owned());
        }
        value
    }

    /// A whole number that has to be there.
    pub fn required_integer(&mut self, name: &str, range: RangeInclusive<u64>) -> u64 {
        if !self.given.contains_key(name) {
            self.complain(name, "is required".to_owned());
        }
        self.integer(name, range).unwrap_or_default()
    }

    /// One of the words of an enumeration, taken in any case.
    pub fn word<W: Word>(&mut self, name: &str) -> Option<W> {
        let text = self.given.remove(name)?;
        let word = W::from_word(&text.to_ascii_lowercase());
        if word.is_none() {
            self.complain(
                name,
                format!("must be one of {}", all_words::<W>().join(", ")),
            );
        }
        word
    }

    /// Whether all was well.
    ///
    /// # Errors
    /// 422 with all problems.
    pub fn finish(self) -> Result<(), ApiError> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(ApiError::validation(self.problems))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problems(error: &ApiError) -> Vec<&str> {
        error
            .problems
            .iter()
            .map(|problem| problem.field.as_str())
            .collect()
    }

    #[test]
    fn every_problem_of_a_body_is_named_once() {
        let mut fields = Fields::of(
            json!({"name": 5, "script": {"tokens": -1, "x": 1}, "number": 3, "whole": 2.0}),
        );
        fields.required_text("name", 1..=3);
        fields.required_text("type", 1..=3);
        assert_eq!(fields.integer("whole", 0..=9), Some(2));
        fields.object("script", |script| script.integer("tokens", 0..=9));
        let error = fields.finish().unwrap_err();
        assert_eq!(
            problems(&error),
            ["name", "type", "script.tokens", "script.x", "number"]
        );
    }

    #[test]
    fn the_ends_of_a_range_are_inside_and_their_neighbours_are_not() {
        for (text, inside) in [("", false), ("a", true), ("äöü", true), ("abcd", false)] {
            let mut fields = Fields::of(json!({"name": text}));
            fields.text("name", 1..=3);
            assert_eq!(fields.finish().is_ok(), inside, "{text}");
        }
        for (number, inside) in [
            (json!(0), false),
            (json!(1), true),
            (json!(9), true),
            (json!(9.5), false),
            (json!(10), false),
        ] {
            let mut fields = Fields::of(json!({"n": number}));
            fields.integer("n", 1..=9);
            assert_eq!(fields.finish().is_ok(), inside, "{number}");
        }
    }

    #[test]
    fn only_true_and_false_are_true_or_false() {
        let mut fields = Fields::of(json!({"yes": true, "no": false, "word": "true"}));
        assert_eq!(fields.boolean("yes"), Some(true));
        assert!(!fields.required_boolean("no"));
        fields.required_boolean("word");
        fields.required_boolean("absent");
        assert_eq!(problems(&fields.finish().unwrap_err()), ["word", "absent"]);
        let uri: Uri = "/x?yes=true&no=false&number=1".parse().unwrap();
        let mut parameters = Parameters::of(&uri);
        assert_eq!(parameters.boolean("yes"), Some(true));
        assert_eq!(parameters.boolean("no"), Some(false));
        assert_eq!(parameters.boolean("absent"), None);
        assert_eq!(parameters.boolean("number"), None);
        assert_eq!(problems(&parameters.finish().unwrap_err()), ["number"]);
    }

    #[test]
    fn a_query_is_read_as_strictly_as_a_body_but_may_have_more() {
        let uri: Uri = "/x?limit=0&skip=abc&search=a%20b&other=1".parse().unwrap();
        let mut parameters = Parameters::of(&uri);
        assert_eq!(parameters.text("search", 1..=3).as_deref(), Some("a b"));
        assert_eq!(parameters.integer("limit", 1..=100), None);
        assert_eq!(parameters.integer("skip", 0..=9), None);
        parameters.required_integer("progress", 0..=100);
        assert_eq!(
            problems(&parameters.finish().unwrap_err()),
            ["limit", "skip", "progress"]
        );
    }
}
