//! A service's own `OpenAPI` document, and whether an answer keeps to it.

use serde_json::{Value, json};

/// The document of a service.
#[derive(Clone, Debug)]
pub(crate) struct Contract(pub(crate) Value);

impl Contract {
    /// The documented path that this path is one of: the one with the fewest variable parts.
    pub(crate) fn template(&self, path: &str) -> Option<String> {
        let path = path.split('?').next().unwrap_or_default();
        let parts: Vec<_> = path.trim_end_matches('/').split('/').collect();
        self.0["paths"]
            .as_object()
            .unwrap()
            .keys()
            .filter(|template| {
                let wanted: Vec<_> = template.split('/').collect();
                wanted.len() == parts.len()
                    && wanted
                        .iter()
                        .zip(&parts)
                        .all(|(wanted, part)| wanted == part || wanted.starts_with('{'))
            })
            .min_by_key(|template| template.matches('{').count())
            .cloned()
    }

    pub(crate) fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let template = self.template(path)?;
        self.0["paths"][template].get(method.to_lowercase())
    }

    /// Panics unless the answer is one that is documented. Paths and methods that are not documented must be refused.
    pub(crate) fn check(
        &self,
        method: &str,
        path: &str,
        status: u16,
        content_type: &str,
        body: &[u8],
    ) {
        let Some(operation) = self.operation(method, path) else {
            assert!(
                matches!(status, 404 | 405 | 429),
                "{method} {path} is not documented and answered {status}"
            );
            return;
        };
        let answer = &operation["responses"][status.to_string()];
        assert!(
            answer.is_object(),
            "{method} {path} answered {status}, which is not documented"
        );
        let Some(content) = answer["content"].as_object() else {
            assert!(
                body.is_empty(),
                "{method} {path} {status} has a body that is not documented"
            );
            return;
        };
        let essence = content_type.split(';').next().unwrap_or_default();
        let media = content.get(essence).unwrap_or_else(|| {
            panic!("{method} {path} {status} is {essence}, documented are {content:?}")
        });
        if essence == "application/json" {
            let instance = serde_json::from_slice(body).unwrap();
            if let Err(problem) = self.validate(&media["schema"], &instance) {
                panic!("{method} {path} {status}: {problem}\n{instance:#}");
            }
        }
    }

    /// Whether this is what the schema describes.
    pub(crate) fn validate(&self, schema: &Value, instance: &Value) -> Result<(), String> {
        let mut schema = schema.clone();
        schema["components"] = self.0["components"].clone();
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap();
        validator
            .validate(instance)
            .map_err(|error| format!("{error} at {}", error.instance_path()))
    }
}

#[test]
fn an_answer_that_is_not_documented_is_caught() {
    let contract = Contract(json!({
        "paths": {"/a/{id}": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}}}},
        "components": {"schemas": {"A": {"type": "object", "required": ["b"], "additionalProperties": false, "properties": {"b": {"type": "integer"}}}}},
    }));
    let kind = "application/json";
    contract.check("GET", "/a/1", 200, kind, br#"{"b": 1}"#);
    for (method, path, status, body) in [
        ("GET", "/a/1", 200, r#"{"b": "1"}"#),
        ("GET", "/a/1", 200, r#"{"b": 1, "c": 2}"#),
        ("GET", "/a/1", 201, r#"{"b": 1}"#),
        ("PUT", "/a/1", 200, r#"{"b": 1}"#),
        ("GET", "/a", 200, r#"{"b": 1}"#),
    ] {
        let contract = contract.clone();
        let caught = std::panic::catch_unwind(|| {
            contract.check(method, path, status, kind, body.as_bytes());
        });
        assert!(caught.is_err(), "{method} {path} {status} {body}");
    }
}
