//! Values made from a schema: one that it allows, and many that it does not.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::document::Document;

/// A word that no list of words has.
const UNKNOWN_WORD: &str = "no_such_word";
/// A field that no object has.
const UNKNOWN_FIELD: &str = "noSuchField";
/// Longer texts than this are not tried.
const LONGEST_TRIED: u64 = 20_000;

/// Values that only the caller knows, such as ids, by the name of their field.
pub(crate) type Known = BTreeMap<&'static str, Value>;

/// A value that the schema allows, with all fields that there are.
pub(crate) fn sample(document: &Document, schema: &Value, known: &Known) -> Value {
    let schema = document.resolve(schema);
    if let Some(words) = schema["enum"].as_array() {
        return words.first().cloned().unwrap_or_default();
    }
    match kind(schema) {
        "object" => {
            let mut object = Map::new();
            for (name, property) in properties(schema) {
                let own = known.get(name.as_str()).cloned();
                let value = own.unwrap_or_else(|| sample(document, property, known));
                object.insert(name.clone(), value);
            }
            Value::Object(object)
        }
        "array" => json!([sample(document, &schema["items"], known)]),
        "string" => json!(text(schema["minLength"].as_u64().unwrap_or(1).max(1))),
        "integer" | "number" => match &schema["minimum"] {
            Value::Null => json!(1),
            minimum => minimum.clone(),
        },
        "boolean" => json!(true),
        _ => Value::Null,
    }
}

/// A body that is almost right.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    /// The field that is wrong, with dots.
    pub(crate) field: String,
    /// What is wrong with it.
    pub(crate) what: &'static str,
    pub(crate) body: Value,
}

/// Everything that can be wrong with one field of a good body at a time.
pub(crate) fn violations(document: &Document, schema: &Value, good: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    let schema = document.resolve(schema);
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut add = |field: &str, what: &'static str, value: Option<Value>| {
        let mut body = good.clone();
        if let Some(object) = body.as_object_mut() {
            match value {
                Some(value) => object.insert(field.to_owned(), value),
                None => object.remove(field),
            };
        }
        found.push(Violation {
            field: field.to_owned(),
            what,
            body,
        });
    };
    for (name, property) in properties(schema) {
        if required.contains(&name.as_str()) {
            add(name, "missing", None);
        }
        for (what, value) in wrong_values(document.resolve(property)) {
            add(name, what, Some(value));
        }
    }
    if schema["additionalProperties"] == false {
        add(UNKNOWN_FIELD, "unknown", Some(json!(1)));
    }
    for (name, property) in properties(schema) {
        if kind(document.resolve(property)) == "object" {
            for inner in violations(document, property, &good[name]) {
                let mut body = good.clone();
                body[name] = inner.body;
                let field = format!("{name}.{}", inner.field);
                found.push(Violation {
                    field,
                    body,
                    ..inner
                });
            }
        }
    }
    found
}

/// Values that a field of this schema cannot have.
fn wrong_values(schema: &Value) -> Vec<(&'static str, Value)> {
    if schema["enum"].is_array() {
        return vec![
            ("an unknown word", json!(UNKNOWN_WORD)),
            ("a number and no word", json!(1)),
        ];
    }
    let mut wrong = Vec::new();
    match kind(schema) {
        "string" => {
            wrong.push(("a number and no text", json!(1)));
            if schema["minLength"].as_u64().is_some_and(|least| least > 0) {
                wrong.push(("empty", json!("")));
            }
            let most = schema["maxLength"].as_u64();
            if let Some(most) = most.filter(|most| *most <= LONGEST_TRIED) {
                wrong.push(("too long", json!(text(most + 1))));
            }
        }
        number @ ("integer" | "number") => {
            wrong.push(("a text and no number", json!("one")));
            if let Some(least) = schema["minimum"].as_f64() {
                wrong.push(("too small", json!(least - 1.0)));
            }
            if let Some(most) = schema["maximum"].as_f64() {
                wrong.push(("too large", json!(most + 1.0)));
            }
            if number == "integer" {
                let least = schema["minimum"].as_f64().unwrap_or(1.0);
                wrong.push(("a fraction", json!(least + 0.5)));
            }
        }
        "object" => wrong.push(("a text and no object", json!("text"))),
        "array" => wrong.push(("a text and no list", json!("text"))),
        "boolean" => wrong.push(("a text and neither true nor false", json!("text"))),
        _ => {}
    }
    wrong
}

/// The type of a schema; of several the first that is not null.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str);
            kinds.find(|kind| *kind != "null").unwrap_or_default()
        }
        _ => "",
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"]
        .as_object()
        .into_iter()
        .flat_map(Map::iter)
}

/// A text of so many characters.
fn text(length: u64) -> String {
    "t".repeat(usize::try_from(length).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        Document::new(json!({"components": {"schemas": {
            "Kind": {"type": "string", "enum": ["small", "large"]},
            "Script": {
                "type": "object", "required": ["markdown"], "additionalProperties": false,
                "properties": {
                    "markdown": {"type": "string", "minLength": 1},
                    "tokens": {"type": "integer", "minimum": 0, "maximum": 9},
                },
            },
            "New": {
                "type": "object", "required": ["projectId", "script"], "additionalProperties": false,
                "properties": {
                    "projectId": {"type": "string", "minLength": 2, "maxLength": 5},
                    "kind": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Kind"}]},
                    "title": {"type": ["string", "null"], "maxLength": 3},
                    "temperature": {"type": "number", "minimum": 0, "maximum": 2},
                    "open": {"type": "boolean"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "script": {"$ref": "#/components/schemas/Script"},
                },
            },
        }}}))
    }

    fn schema() -> Value {
        json!({"$ref": "#/components/schemas/New"})
    }

    #[test]
    fn a_sample_has_every_field_and_is_allowed() {
        let (document, known) = (document(), Known::from([("projectId", json!("own"))]));
        let sample = sample(&document, &schema(), &known);
        let expected = json!({
            "projectId": "own", "kind": "small", "title": "t", "temperature": 0, "open": true, "tags": ["t"],
            "script": {"markdown": "t", "tokens": 0},
        });
        assert_eq!(sample, expected);
        assert_eq!(
            document.mismatches(&schema(), &sample),
            Vec::<String>::new()
        );
    }

    #[test]
    fn no_violation_is_allowed() {
        let (document, known) = (document(), Known::new());
        let good = sample(&document, &schema(), &known);
        for violation in violations(&document, &schema(), &good) {
            let mismatches = document.mismatches(&schema(), &violation.body);
            assert!(!mismatches.is_empty(), "{violation:?}");
        }
    }

    #[test]
    fn every_field_is_violated_in_every_way() {
        let document = document();
        let good = sample(&document, &schema(), &Known::new());
        let mut found: Vec<String> = violations(&document, &schema(), &good)
            .into_iter()
            .map(|violation| format!("{} {}", violation.field, violation.what))
            .collect();
        found.sort();
        let expected = [
            "kind a number and no word",
            "kind an unknown word",
            "noSuchField unknown",
            "open a text and neither true nor false",
            "projectId a number and no text",
            "projectId empty",
            "projectId missing",
            "projectId too long",
            "script a text and no object",
            "script missing",
            "script.markdown a number and no text",
            "script.markdown empty",
            "script.markdown missing",
            "script.noSuchField unknown",
            "script.tokens a fraction",
            "script.tokens a text and no number",
            "script.tokens too large",
            "script.tokens too small",
            "tags a text and no list",
            "temperature a text and no number",
            "temperature too large",
            "temperature too small",
            "title a number and no text",
            "title too long",
        ];
        assert_eq!(found, expected);
    }
}
