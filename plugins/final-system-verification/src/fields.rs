//! Fields and parameters that are wrong: refused with 422 and by their name, at every endpoint, and without any effect.

use assay_client::{Api, Service};
use assay_sdk::prelude::*;
use serde_json::{Value, json};

use crate::refusal::{INVALID, check_refusal};
use crate::subject::Subject;

/// The endpoint, the field with dots, and what it is given; none takes it away.
type Wrong = (&'static str, &'static str, Option<Value>);

/// A field that has to be there and is not is named
#[case(tags = ["errors", "validation"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_missing_field_is_named(api: Api) -> Result<()> {
    check_each(
        &api,
        vec![
            ("create project", "name", None),
            ("create project", "type", None),
            ("create project", "name", Some(json!(null))),
            ("create episode", "script", None),
            ("create episode", "script.markdown", None),
            ("change script", "script", None),
            ("change script", "script.markdown", None),
            ("create generation", "projectId", None),
            ("create generation", "description", None),
        ],
    )
    .await
}

/// A field of another type is named
#[case(tags = ["errors", "validation"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_field_of_another_type_is_named(api: Api) -> Result<()> {
    check_each(
        &api,
        vec![
            ("create project", "name", Some(json!(5))),
            ("create project", "type", Some(json!(["drama"]))),
            ("create project", "description", Some(json!([]))),
            ("change project", "name", Some(json!({}))),
            ("change project", "status", Some(json!(1))),
            ("create episode", "title", Some(json!(true))),
            ("create episode", "script", Some(json!("text"))),
            ("create episode", "script.markdown", Some(json!(1))),
            ("create episode", "script.tokens", Some(json!("many"))),
            ("create episode", "promptSnapshot", Some(json!(1))),
            ("change script", "script", Some(json!(["text"]))),
            ("create generation", "projectId", Some(json!(1))),
            ("create generation", "description", Some(json!({}))),
            ("create generation", "temperature", Some(json!("hot"))),
            ("create generation", "lengthTarget", Some(json!(100.5))),
        ],
    )
    .await
}

/// A word that is none of those that a field knows is named
#[case(tags = ["errors", "validation"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn an_unknown_word_is_named(api: Api) -> Result<()> {
    check_each(
        &api,
        vec![
            ("create project", "type", Some(json!("epic"))),
            ("create project", "type", Some(json!(""))),
            ("change project", "type", Some(json!("epic"))),
            ("change project", "status", Some(json!("done"))),
            ("create generation", "scriptType", Some(json!("epic"))),
        ],
    )
    .await
}

/// A value just outside of what a field may have is named
#[case(tags = ["errors", "validation"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_value_out_of_range_is_named(api: Api) -> Result<()> {
    let long = |length| Some(json!("x".repeat(length)));
    check_each(
        &api,
        vec![
            ("create project", "name", long(0)),
            ("create project", "name", long(201)),
            ("create project", "description", long(5_001)),
            ("change project", "name", long(0)),
            ("change project", "description", long(5_001)),
            ("create episode", "title", long(201)),
            ("create episode", "script.markdown", long(0)),
            ("create episode", "script.tokens", Some(json!(-1))),
            ("change script", "script.markdown", long(0)),
            ("create generation", "description", long(0)),
            ("create generation", "description", long(5_001)),
            ("create generation", "title", long(201)),
            ("create generation", "temperature", Some(json!(-0.1))),
            ("create generation", "temperature", Some(json!(2.1))),
            ("create generation", "lengthTarget", Some(json!(99))),
            ("create generation", "lengthTarget", Some(json!(10_001))),
        ],
    )
    .await
}

/// A field that nobody can give, such as an episode's number, is named
#[case(tags = ["errors", "validation"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_field_that_cannot_be_given_is_named(api: Api) -> Result<()> {
    check_each(
        &api,
        vec![
            ("create project", "id", Some(json!("proj_mine"))),
            ("change project", "progress", Some(json!(100))),
            ("create episode", "number", Some(json!(7))),
            ("create episode", "script.author", Some(json!("me"))),
            ("change script", "number", Some(json!(7))),
            ("create generation", "episodeNumber", Some(json!(7))),
        ],
    )
    .await
}

/// A parameter that is wrong is named
#[case(tags = ["errors", "validation"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn a_parameter_that_is_wrong_is_named(api: Api) -> Result<()> {
    let subject = Subject::new(&api, "wrong parameters").await?;
    let progress = format!("/projects/{}/progress", subject.project.id);
    let (projects, generations) = (Service::Project, Service::Generation);
    for (service, method, path, name, values) in [
        (projects, "GET", "/projects", "skip", &["-1", "few"][..]),
        (projects, "GET", "/projects", "limit", &["0", "101", "ten"]),
        (projects, "GET", "/projects", "type", &["epic"]),
        (projects, "GET", "/projects", "status", &["done"]),
        (
            projects,
            "PATCH",
            &progress,
            "progress",
            &["-1", "101", "1.5", "half"],
        ),
        (generations, "GET", "/generations", "skip", &["-1", "few"]),
        (
            generations,
            "GET",
            "/generations",
            "limit",
            &["0", "101", "ten"],
        ),
        (generations, "GET", "/generations", "status", &["done"]),
    ] {
        for value in values {
            let request = subject.user.request(method, service, path);
            let response = request.query(name, value).send().await?;
            let what = format!("{method} {path}?{name}={value}");
            let fields = check_refusal(&what, &response, INVALID);
            check_eq!(fields, [name], "{what} names the parameter");
        }
    }
    let request = subject.user.request("PATCH", projects, &progress);
    let fields = check_refusal("no progress", &request.send().await?, INVALID);
    check_eq!(fields, ["progress"], "a missing parameter is named");
    subject.check_unchanged().await
}

async fn check_each(api: &Api, table: Vec<Wrong>) -> Result<()> {
    let subject = Subject::new(api, "wrong fields").await?;
    let endpoints = subject.endpoints();
    for (name, field, value) in table {
        let endpoint = endpoints.iter().find(|endpoint| endpoint.name == name);
        let endpoint = endpoint.context("the table names an endpoint")?;
        let what = format!("{name}, {field} = {}", shown(value.as_ref()));
        let body = with(&endpoint.good, field, value);
        let response = subject.request(endpoint).json(&body).send().await?;
        let fields = check_refusal(&what, &response, INVALID);
        check_eq!(fields, [field], "{what}: exactly that field is named");
    }
    subject.check_unchanged().await
}

/// A body with one field changed, or taken away.
fn with(good: &Value, field: &str, value: Option<Value>) -> Value {
    let mut body = good.clone();
    let (path, name) = match field.rsplit_once('.') {
        Some((path, name)) => (format!("/{}", path.replace('.', "/")), name),
        None => (String::new(), field),
    };
    if let Some(Value::Object(object)) = body.pointer_mut(&path) {
        match value {
            Some(value) => object.insert(name.to_owned(), value),
            None => object.remove(name),
        };
    }
    body
}

/// A value for a message, the beginning of a long one.
fn shown(value: Option<&Value>) -> String {
    const SHOWN: usize = 30;
    let Some(value) = value else {
        return "nothing".to_owned();
    };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_is_changed_and_the_rest_stays() {
        let good = json!({"a": 1, "b": {"c": 2}});
        assert_eq!(
            with(&good, "a", Some(json!(3))),
            json!({"a": 3, "b": {"c": 2}})
        );
        assert_eq!(with(&good, "a", None), json!({"b": {"c": 2}}));
        assert_eq!(with(&good, "b.c", None), json!({"a": 1, "b": {}}));
        assert_eq!(
            with(&good, "b.d", Some(json!(4))),
            json!({"a": 1, "b": {"c": 2, "d": 4}})
        );
    }

    #[test]
    fn long_values_are_cut_in_messages() {
        assert_eq!(shown(None), "nothing");
        assert_eq!(shown(Some(&json!("ä"))), "\"ä\"");
        let long = shown(Some(&json!("ä".repeat(100))));
        assert!(long.ends_with("… (202 bytes)"), "{long}");
    }
}
