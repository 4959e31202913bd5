//! A service's own `OpenAPI` document: what it promises, and whether an answer keeps to it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use assay_client::{Service, User};
use assay_sdk::http::Response;
use assay_sdk::prelude::*;
use jsonschema::Validator;
use serde_json::{Map, Value};

/// More than these mismatches of one answer with its schema are not told.
const MOST_TOLD: usize = 5;
/// References to other schemas that are followed in a row; more is a circle.
const DEEPEST: usize = 32;

/// The document of a service.
pub(crate) struct Document {
    value: Value,
    /// By the text of the schema: most refusals share one.
    validators: RefCell<BTreeMap<String, Rc<Validator>>>,
}

impl Document {
    /// Asks a service for its document.
    pub(crate) async fn of(user: &User, service: Service) -> Result<Self> {
        let url = format!("{}/openapi.json", user.api().base(service));
        let response = user.request_to("GET", url).send().await?;
        Ok(Self::new(response.expect_status(200)?.json()?))
    }

    pub(crate) fn new(value: Value) -> Self {
        Self {
            value,
            validators: RefCell::default(),
        }
    }

    /// All operations, by path and method.
    pub(crate) fn operations(&self) -> Vec<Operation<'_>> {
        let mut operations = Vec::new();
        for (path, item) in entries(&self.value["paths"]) {
            for (method, declaration) in entries(item) {
                operations.push(Operation {
                    document: self,
                    method: method.to_uppercase(),
                    path,
                    declaration,
                });
            }
        }
        operations
    }

    /// The methods of each path, sorted.
    pub(crate) fn methods(&self) -> BTreeMap<&str, Vec<String>> {
        let mut methods: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for operation in self.operations() {
            methods
                .entry(operation.path)
                .or_default()
                .push(operation.method);
        }
        for methods in methods.values_mut() {
            methods.sort();
        }
        methods
    }

    /// The operation of a method and a path as it is documented: `/projects/{id}`.
    pub(crate) fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let mut operations = self.operations().into_iter();
        operations.find(|operation| operation.method == method && operation.path == path)
    }

    /// The schema that is meant: references are followed, and of alternatives the first that is not null is taken.
    pub(crate) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        for _ in 0..DEEPEST {
            if let Some(reference) = schema["$ref"].as_str() {
                let pointer = reference.trim_start_matches('#');
                schema = self.value.pointer(pointer).unwrap_or(&Value::Null);
            } else if let Some(alternatives) = schema["oneOf"].as_array() {
                let mut others = alternatives.iter().filter(|one| one["type"] != "null");
                schema = others.next().unwrap_or(&Value::Null);
            } else {
                break;
            }
        }
        schema
    }

    /// What of a value the schema does not allow.
    pub(crate) fn mismatches(&self, schema: &Value, value: &Value) -> Vec<String> {
        let validator = match self.validator(schema) {
            Ok(validator) => validator,
            Err(problem) => return vec![problem],
        };
        validator
            .iter_errors(value)
            .take(MOST_TOLD)
            .map(|error| format!("at `{}`: {error}", error.instance_path()))
            .collect()
    }

    fn validator(&self, schema: &Value) -> Result<Rc<Validator>, String> {
        let text = schema.to_string();
        if let Some(known) = self.validators.borrow().get(&text) {
            return Ok(Rc::clone(known));
        }
        // References lead to the components of the document, which have to be in the schema for that.
        let mut whole = schema.clone();
        if let Some(whole) = whole.as_object_mut() {
            whole.insert("components".to_owned(), self.value["components"].clone());
        }
        let validator = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(&whole)
            .map_err(|error| format!("the documented schema is none: {error}"))?;
        let validator = Rc::new(validator);
        self.validators
            .borrow_mut()
            .insert(text, Rc::clone(&validator));
        Ok(validator)
    }
}

/// A method of a path, as it is documented.
#[derive(Clone)]
pub(crate) struct Operation<'a> {
    document: &'a Document,
    /// In upper case.
    pub(crate) method: String,
    /// With its parameters: `/projects/{id}`.
    pub(crate) path: &'a str,
    declaration: &'a Value,
}

impl fmt::Display for Operation<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

/// A parameter of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter<'a> {
    pub(crate) name: &'a str,
    /// `path`, `query` or `header`.
    pub(crate) place: &'a str,
    pub(crate) schema: &'a Value,
}

impl<'a> Operation<'a> {
    pub(crate) fn parameters(&self) -> Vec<Parameter<'a>> {
        let declared = self.declaration["parameters"].as_array();
        let parameters = declared.into_iter().flatten().filter_map(|declared| {
            Some(Parameter {
                name: declared["name"].as_str()?,
                place: declared["in"].as_str()?,
                schema: &declared["schema"],
            })
        });
        parameters.collect()
    }

    /// Whether it takes a header of that name.
    pub(crate) fn takes_header(&self, name: &str) -> bool {
        let mut parameters = self.parameters().into_iter();
        parameters.any(|parameter| parameter.place == "header" && parameter.name == name)
    }

    /// The schema of the JSON that it takes; none if it takes no body.
    pub(crate) fn body(&self) -> Option<&'a Value> {
        let content = &self.declaration["requestBody"]["content"];
        content.get("application/json")?.get("schema")
    }

    /// In what an answer differs from what is documented: its status, its headers, its type, its body.
    pub(crate) fn mismatches(&self, response: &Response) -> Vec<String> {
        let status = response.status();
        let answer = &self.declaration["responses"][status.to_string()];
        if !answer.is_object() {
            return vec![format!("the status {status} is not documented")];
        }
        let mut mismatches = self.header_mismatches(answer, response);
        mismatches.extend(self.content_mismatches(answer, response));
        mismatches
    }

    fn header_mismatches(&self, answer: &Value, response: &Response) -> Vec<String> {
        let mut mismatches = Vec::new();
        for (name, header) in entries(&answer["headers"]) {
            let Some(text) = response.header(name) else {
                mismatches.push(format!("there is no header `{name}`"));
                continue;
            };
            let schema = &header["schema"];
            let value = match schema["type"].as_str() {
                Some("integer" | "number" | "boolean") => serde_json::from_str(text).ok(),
                _ => None,
            };
            let value = value.unwrap_or_else(|| Value::from(text));
            let found = self.document.mismatches(schema, &value).into_iter();
            mismatches.extend(found.map(|mismatch| format!("header `{name}` {mismatch}")));
        }
        mismatches
    }

    fn content_mismatches(&self, answer: &Value, response: &Response) -> Vec<String> {
        let Some(content) = answer["content"].as_object() else {
            return match response.body().len() {
                0 => Vec::new(),
                bytes => vec![format!("a body of {bytes} bytes is not documented")],
            };
        };
        let full_type = response.header("content-type").unwrap_or_default();
        let essence = full_type.split(';').next().unwrap_or_default().trim();
        let Some(media) = content.get(essence) else {
            let documented: Vec<&String> = content.keys().collect();
            return vec![format!("it is `{essence}`, documented is {documented:?}")];
        };
        if essence != "application/json" {
            return Vec::new();
        }
        match response.json::<Value>() {
            Ok(body) => self.document.mismatches(&media["schema"], &body),
            Err(error) => vec![error.to_string()],
        }
    }
}

/// The entries of an object; none of anything else.
fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Document {
        Document::new(json!({
            "paths": {"/things/{id}": {"get": {"responses": {
                "200": {
                    "headers": {"X-Left": {"schema": {"type": "integer", "minimum": 0}}},
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                },
                "307": {"description": "elsewhere"},
            }}}},
            "components": {"schemas": {
                "Thing": {
                    "type": "object", "required": ["kind"], "additionalProperties": false,
                    "properties": {"kind": {"$ref": "#/components/schemas/Kind"}},
                },
                "Kind": {"type": "string", "enum": ["small", "large"]},
            }},
        }))
    }

    fn mismatches(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<String> {
        let document = document();
        let operation = document.operation("GET", "/things/{id}").unwrap();
        operation.mismatches(&Response::for_tests(status, headers, body))
    }

    const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

    #[test]
    fn an_answer_as_documented_has_no_mismatch() {
        let good = mismatches(200, &[JSON, ("x-left", "0")], r#"{"kind": "small"}"#);
        assert_eq!(good, Vec::<String>::new());
        assert_eq!(mismatches(307, &[], ""), Vec::<String>::new());
    }

    #[test]
    fn every_difference_is_seen() {
        let left = ("x-left", "3");
        for (status, headers, body, told) in [
            (
                201,
                vec![JSON, left],
                r#"{"kind": "small"}"#,
                "the status 201 is not documented",
            ),
            (
                200,
                vec![JSON],
                r#"{"kind": "small"}"#,
                "there is no header `X-Left`",
            ),
            (
                200,
                vec![JSON, ("x-left", "-1")],
                r#"{"kind": "small"}"#,
                "header `X-Left` at ``: -1 is less",
            ),
            (
                200,
                vec![JSON, ("x-left", "many")],
                r#"{"kind": "small"}"#,
                "header `X-Left` at ``: \"many\" is not",
            ),
            (
                200,
                vec![("content-type", "text/plain"), left],
                "small",
                "it is `text/plain`",
            ),
            (
                200,
                vec![JSON, left],
                r#"{"kind": "huge"}"#,
                "at `/kind`: \"huge\"",
            ),
            (
                200,
                vec![JSON, left],
                r#"{"kind": "small", "more": 1}"#,
                "at ``: Additional",
            ),
            (200, vec![JSON, left], "{", "answered 200, which is no"),
            (307, vec![], "text", "a body of 4 bytes is not documented"),
        ] {
            let found = mismatches(status, &headers, body);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(told), "{found:?}");
        }
    }

    #[test]
    fn a_circle_of_references_comes_to_an_end() {
        let document = Document::new(json!({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}}));
        let schema = json!({"$ref": "#/a"});
        assert!(document.resolve(&schema)["$ref"].is_string());
    }
}
