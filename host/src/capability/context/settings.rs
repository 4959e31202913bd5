//! How a suite names a setting: by the name itself, or through nested tables with dots.

use serde_json::{Map, Value};

/// The setting of this name. A name that has dots itself (`"a.b" = 1`) is found before a table's member.
pub(super) fn find<'a>(settings: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = settings.get(name) {
        return Some(value);
    }
    name.match_indices('.').find_map(|(dot, _)| {
        let table = settings.get(&name[..dot])?.as_object()?;
        find(table, &name[dot + 1..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_tables_are_reached_by_dots() {
        let settings = serde_json::json!({
            "users": 15,
            "reference": {"defects": "D1", "deep": {"er": [1, "two"]}},
            "a.b": {"c": true},
            "a": {"b": {"c": false, "d": null}},
        });
        let settings = settings.as_object().unwrap();
        for (name, expected) in [
            ("users", Some("15")),
            ("reference.defects", Some("\"D1\"")),
            ("reference.deep.er", Some("[1,\"two\"]")),
            ("reference.deep", Some("{\"er\":[1,\"two\"]}")),
            ("a.b.d", Some("null")),
            ("users.more", None),
            ("reference.", None),
            (".", None),
            ("", None),
            ("defects", None),
        ] {
            let found = find(settings, name).map(Value::to_string);
            assert_eq!(found.as_deref(), expected, "{name}");
        }
    }
}
