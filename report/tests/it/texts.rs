//! No text of an event is passed over: one of each kind, made from the published schema with something planted in every text.

use std::collections::BTreeSet;

use assay_report::{
    event::Event,
    schema,
    texts::{Texts as _, Visit},
};
use serde_json::{Map, Value, json};

const PLANTED: &str = "planted";

/// Takes out what is planted, but for one text in so many.
struct Take {
    seen: usize,
    but_for: Option<usize>,
}

impl Take {
    fn take(&mut self, text: &mut String) {
        assert_eq!(text, PLANTED);
        if self.but_for != Some(self.seen) {
            text.clear();
        }
        self.seen += 1;
    }
}

impl Visit for Take {
    fn name(&mut self, name: &mut String) {
        self.take(name);
    }

    fn text(&mut self, text: &mut String) {
        self.take(text);
    }

    fn lines(&mut self, lines: &mut Vec<String>) {
        for line in lines {
            self.take(line);
        }
    }

    fn header(&mut self, name: &mut String, value: &mut String) {
        self.take(name);
        self.take(value);
    }
}

/// A value of a schema in which every text is planted, every list has one item and nothing is left out.
fn planted(schema: &Value, whole: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let of = planted(whole.pointer(&reference[1..]).unwrap(), whole);
        return merged(of, object(schema, whole));
    }
    for word in ["const", "enum"] {
        match &schema[word] {
            Value::Null => {}
            Value::Array(values) => return values[0].clone(),
            value => return value.clone(),
        }
    }
    for word in ["anyOf", "oneOf"] {
        if let Some(ways) = schema[word].as_array() {
            let null = |way: &&Value| way["type"] == "null";
            let chosen = planted(ways.iter().find(|way| !null(way)).unwrap(), whole);
            return merged(chosen, object(schema, whole));
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds[0].as_str(),
        kind => kind.as_str(),
    };
    match kind {
        Some("string") => json!(PLANTED),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([planted(&schema["items"], whole)]),
        Some("object") => object(schema, whole).into(),
        other => panic!("a schema of the type {other:?}: {schema:#}"),
    }
}

fn object(schema: &Value, whole: &Value) -> Map<String, Value> {
    let properties = schema["properties"].as_object();
    let mut object: Map<String, Value> = properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.clone(), planted(schema, whole)))
        .collect();
    if schema["additionalProperties"].is_object() {
        let value = planted(&schema["additionalProperties"], whole);
        object.insert(PLANTED.to_owned(), value);
    }
    // Numbers in base64: no text of anybody's, and so it is left as it is.
    if let Some(Value::String(histogram)) = object.get_mut("histogram") {
        histogram.clear();
    }
    // Its keys are no texts, which the schema does not say.
    if let Some(Value::Object(by_phase)) = object.get_mut("by_phase") {
        let fault = by_phase.remove(PLANTED);
        by_phase.extend(fault.map(|value| ("fault".to_owned(), value)));
    }
    object
}

fn merged(value: Value, with: Map<String, Value>) -> Value {
    match value {
        Value::Object(mut object) => {
            object.extend(with);
            object.into()
        }
        other => other,
    }
}

/// An event of each kind.
fn events() -> Vec<Event> {
    let schema: Value = serde_json::from_str(&schema::event()).unwrap();
    let kinds = schema["oneOf"].as_array().unwrap();
    let common = object(&schema, &schema);
    let event = |kind: &Value| {
        let value = merged(planted(kind, &schema), common.clone());
        serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value:#}"))
    };
    kinds.iter().map(event).collect()
}

fn texts(event: &Event, but_for: Option<usize>) -> (usize, String) {
    let mut event = event.clone();
    let mut take = Take { seen: 0, but_for };
    event.texts(&mut take);
    (take.seen, serde_json::to_string(&event).unwrap())
}

#[test]
fn every_text_of_every_kind_of_event_is_shown() {
    let mut kinds = BTreeSet::new();
    for event in events() {
        let before = serde_json::to_value(&event).unwrap();
        kinds.insert(before["event"].as_str().unwrap().to_owned());
        let planted = before.to_string().matches(PLANTED).count();
        let (seen, after) = texts(&event, None);
        assert!(!after.contains(PLANTED), "{after}");
        assert_eq!(seen, planted, "{before:#}");
    }
    assert!(kinds.len() >= 29, "{kinds:?}");
}

#[test]
fn a_single_text_that_is_passed_over_is_found() {
    for event in events() {
        let (seen, _) = texts(&event, None);
        for passed_over in 0..seen {
            let (_, after) = texts(&event, Some(passed_over));
            assert_eq!(after.matches(PLANTED).count(), 1, "{after}");
        }
    }
}

/// Takes out everything that nothing refers to again.
struct KeepIdentities;

impl Visit for KeepIdentities {
    fn name(&mut self, name: &mut String) {
        name.clear();
    }

    fn identity(&mut self, _name: &mut String) {}

    fn text(&mut self, text: &mut String) {
        text.clear();
    }

    fn lines(&mut self, lines: &mut Vec<String>) {
        lines.clear();
    }

    fn header(&mut self, name: &mut String, value: &mut String) {
        name.clear();
        value.clear();
    }
}

/// Where something planted is left, each place by its key and that of what it is in.
fn places(value: &Value, of: &str, key: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text == PLANTED => {
            found.insert(format!("{of}{key}"));
        }
        Value::Array(items) => items.iter().for_each(|item| places(item, of, key, found)),
        Value::Object(object) => {
            let of = if key.is_empty() {
                String::new()
            } else {
                format!("{key}.")
            };
            for (key, value) in object {
                places(value, &of, key, found);
            }
        }
        _ => {}
    }
}

#[test]
fn a_name_that_other_events_refer_to_is_told_from_the_others() {
    let mut found = BTreeSet::new();
    for mut event in events() {
        event.texts(&mut KeepIdentities);
        let left = serde_json::to_value(&event).unwrap();
        places(&left, "", "", &mut found);
    }
    let found: Vec<&str> = found.iter().map(String::as_str).collect();
    let expected = [
        "baseline.name",
        "baselines.name",
        "case",
        "cases.name",
        "entry",
        "fault.target",
        "links.from",
        "load.scenario",
        "metrics.name",
        "plugins.suite",
        "regressions.suite",
        "scenario",
        "service",
        "services.name",
        "services.service",
        "source.entry",
        "source.suite",
        "suite",
    ];
    assert_eq!(found, expected);
}
