//! Addresses that lead nowhere: ids that nothing has, paths that are not there, and methods that a path does not have.

use assay_client::{Api, Service};
use assay_sdk::prelude::*;
use serde_json::{Value, json};

use crate::document::Document;
use crate::refusal::{Expected, NO_EPISODE, NO_GENERATION, NO_PROJECT, NO_ROUTE, check_refusal};
use crate::routes;
use crate::subject::Subject;

/// What a path may be asked with.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const OTHER_METHOD: Expected = (405, "METHOD_NOT_ALLOWED");

/// A request for something that is not there.
type Unknown = (Service, &'static str, String, Option<Value>, Expected);

/// An id that nothing has is 404 at every endpoint that takes one, with the code of what is missing
#[case(tags = ["errors"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn an_unknown_id_is_not_found(api: Api) -> Result<()> {
    let subject = Subject::new(&api, "unknown ids").await?;
    let other = subject.user.temporary_project("another").await?;
    let mut table = unknown_projects("/projects/proj_00000000-0000-4000-8000-000000000000");
    table.extend(unknown_episodes(
        &format!("/projects/{}/episodes", subject.project.id),
        "00000000-0000-4000-8000-000000000000",
    ));
    table.extend(unknown_episodes(
        &format!("/projects/{}/episodes", other.id),
        &subject.episode.id,
    ));
    table.extend(unknown_generations());
    for (service, method, path, body, expected) in table {
        let request = subject.user.request(method, service, &path);
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        check_refusal(
            &format!("{method} {path}"),
            &request.send().await?,
            expected,
        );
    }
    subject.check_unchanged().await
}

fn unknown_projects(one: &str) -> Vec<Unknown> {
    let script = json!({"script": {"markdown": "m"}});
    let table = [
        ("GET", "", None),
        ("PUT", "", Some(json!({"name": "Nobody"}))),
        ("DELETE", "", None),
        ("PATCH", "/progress?progress=1", None),
        ("GET", "/episodes", None),
        ("POST", "/episodes", Some(script.clone())),
        ("GET", "/episodes/_next-number", None),
        ("GET", "/episodes/_stats", None),
        ("GET", "/episodes/nobody", None),
        ("DELETE", "/episodes/nobody", None),
        ("PUT", "/episodes/nobody/script", Some(script)),
    ];
    let of_project = |(method, rest, body)| {
        (
            Service::Project,
            method,
            format!("{one}{rest}"),
            body,
            NO_PROJECT,
        )
    };
    table.into_iter().map(of_project).collect()
}

/// Episodes that nothing has, or that belong to another project.
fn unknown_episodes(episodes: &str, id: &str) -> [Unknown; 3] {
    let script = json!({"script": {"markdown": "m"}});
    [
        ("GET", "", None),
        ("DELETE", "", None),
        ("PUT", "/script", Some(script)),
    ]
    .map(|(method, rest, body)| {
        let path = format!("{episodes}/{id}{rest}");
        (Service::Project, method, path, body, NO_EPISODE)
    })
}

fn unknown_generations() -> [Unknown; 3] {
    [("GET", ""), ("DELETE", ""), ("GET", "/events")].map(|(method, rest)| {
        let path = format!("/generations/job_0000000000000000{rest}");
        (Service::Generation, method, path, None, NO_GENERATION)
    })
}

/// A method that a path does not have is 405 at every documented path, and `Allow` names exactly those that it has
#[case(tags = ["errors", "documentation"], timeout = "30s", needs = ["project-service", "generation-service"])]
async fn another_method_is_refused(api: Api) -> Result<()> {
    for service in [Service::Project, Service::Generation] {
        let user = api.user("careless client");
        let document = Document::of(&user, service).await?;
        for (path, documented) in document.methods() {
            let url = format!("{}{}", api.base(service), path.replace(['{', '}'], ""));
            for method in METHODS {
                if documented.contains(&method.to_owned()) {
                    continue;
                }
                let response = user.request_to(method, &url).redirects(0).send().await?;
                let what = format!("{method} {path}");
                check_refusal(&what, &response, OTHER_METHOD);
                let allow = allowed(response.header("allow").unwrap_or_default());
                check_eq!(allow, documented, "{what}: `Allow` names what there is");
            }
        }
    }
    Ok(())
}

/// The methods in `Allow`, sorted. `HEAD` comes with `GET` and has no place in a document.
fn allowed(header: &str) -> Vec<String> {
    let methods = header.split(',').map(|method| method.trim().to_owned());
    let mut methods: Vec<String> = methods
        .filter(|method| !method.is_empty() && method != "HEAD")
        .collect();
    methods.sort();
    methods
}

/// Nothing is at paths that no document has, least of all where services often have something
#[case(tags = ["errors", "documentation"], timeout = "20s", needs = ["project-service", "generation-service"])]
async fn nothing_is_there_that_is_not_documented(api: Api) -> Result<()> {
    for service in [Service::Project, Service::Generation] {
        let user = api.user("prober");
        let document = Document::of(&user, service).await?;
        let documented = document.methods();
        for path in routes::TELLTALE {
            if documented
                .keys()
                .any(|documented| routes::may_be(documented, path))
            {
                continue;
            }
            let url = format!("{}{path}", api.base(service));
            let response = user.request_to("GET", url).redirects(0).send().await?;
            let what = format!("{path} of {}", service.name());
            check_refusal(&what, &response, NO_ROUTE);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allowed_methods_are_those_without_head_in_order() {
        assert_eq!(allowed("POST, GET,HEAD"), ["GET", "POST"]);
        assert_eq!(allowed(""), Vec::<String>::new());
    }
}
