//! How a suite names a setting: by the name itself, or through nested tables with dots.

use serde_json::{Map, Value};

/// Bytes of the longest name that is looked up.
const MAX_NAME_BYTES: usize = 1 << 10;

/// The setting of this name; none for a name over the limit, however many dots it has to be tried at. A name that has dots itself (`"a.b" = 1`) is found before a table's member.
pub(super) fn find<'a>(settings: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if name.len() > MAX_NAME_BYTES {
        return None;
    }
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

    #[test]
    fn a_name_that_is_over_the_limit_is_not_searched_for() {
        for (bytes, found) in [(MAX_NAME_BYTES, true), (MAX_NAME_BYTES + 1, false)] {
            let name = "n".repeat(bytes);
            let settings = Map::from_iter([(name.clone(), Value::Null)]);
            assert_eq!(find(&settings, &name).is_some(), found, "{bytes}");
        }
    }
}
