//! The way through a service's document: each operation is called so that it succeeds, and so that its body breaks the document.

use assay_client::{Api, Refusal, Service, User};
use assay_sdk::http::Response;
use assay_sdk::prelude::*;

use crate::calls::{KEY, addressed, succeeding, things_for, undo_at_the_end};
use crate::document::{Document, Operation};
use crate::routes::{self, Route};
use crate::sample::{self, Violation};

/// Every operation of the project service succeeds as documented, refuses what the document forbids, and none is left out of the document
#[case(tags = ["documentation", "baseline"], timeout = "60s", needs = ["project-service"])]
async fn the_project_service_is_as_documented(api: Api) -> Result<()> {
    walk(&api, Service::Project).await
}

/// Every operation of the generation service succeeds as documented, refuses what the document forbids, and none is left out of the document
#[case(tags = ["documentation", "baseline"], timeout = "60s", needs = ["project-service", "generation-service"])]
async fn the_generation_service_is_as_documented(api: Api) -> Result<()> {
    walk(&api, Service::Generation).await
}

/// Paths with fixed words, such as `recent` and `_stats`, are not taken for ids by the routes beside them
#[case(tags = ["documentation"], timeout = "20s", needs = ["project-service", "generation-service"])]
async fn fixed_paths_are_not_taken_for_ids(api: Api) -> Result<()> {
    for service in [Service::Project, Service::Generation] {
        let user = api.user("reader");
        let document = Document::of(&user, service).await?;
        let operations = document.operations();
        let mut tried = 0;
        for fixed in &operations {
            let shadows = |other: &&Operation<'_>| routes::may_shadow(other.path, fixed.path);
            let Some(other) = operations.iter().find(shadows) else {
                continue;
            };
            tried += 1;
            let known = things_for(&user, fixed).await?;
            let response = succeeding(&user, service, &document, fixed, &known)
                .send()
                .await?;
            // Whether the answer is a good one is a question of the walk.
            check!(
                response.status() != 404,
                "{fixed} is not taken for {}",
                other.path
            );
        }
        check!(tried > 0, "{} has fixed paths beside ids", service.name());
    }
    Ok(())
}

async fn walk(api: &Api, service: Service) -> Result<()> {
    let user = api.user("reader");
    let document = Document::of(&user, service).await?;
    let operations = document.operations();
    let steps = operations
        .iter()
        .map(|operation| step(&user, service, &document, operation));
    let as_documented = try_join_all(steps).await?.into_iter().filter(|good| *good);
    let as_documented = as_documented.count();

    let known = routes::known(service);
    let missing = known.iter().filter(|(method, path)| {
        let is_it = |operation: &Operation<'_>| {
            operation.method == *method && routes::is_same(operation.path, path)
        };
        !operations.iter().any(is_it)
    });
    let missing: Vec<_> = missing.collect();
    check_eq!(
        missing,
        Vec::<&Route>::new(),
        "the document leaves nothing out"
    );
    let all = operations.len() + missing.len();
    metrics::judge(
        "api-documentation-coverage",
        percent(as_documented, all),
        u64::try_from(all)?,
    )?;
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a document has far fewer operations than 2^52"
)]
fn percent(part: usize, all: usize) -> f64 {
    part as f64 / all as f64 * 100.0
}

/// Calls one operation in all ways; answers whether it is as documented when it succeeds.
async fn step(
    user: &User,
    service: Service,
    document: &Document,
    operation: &Operation<'_>,
) -> Result<bool> {
    let known = things_for(user, operation).await?;
    let request = succeeding(user, service, document, operation, &known);
    let first = request.clone().send().await?;
    undo_at_the_end(user, &first);
    let mut is_good = succeeds(operation, &first);
    if operation.takes_header(KEY) {
        is_good &= succeeds(operation, &request.send().await?);
    }
    if let Some(schema) = operation.body() {
        let good = sample::sample(document, schema, &known);
        for violation in sample::violations(document, schema, &good) {
            let request = addressed(user, service, document, operation, &known);
            let response = request.json(&violation.body).send().await?;
            refuses(operation, &violation, &response);
        }
    }
    Ok(is_good)
}

fn succeeds(operation: &Operation<'_>, response: &Response) -> bool {
    let succeeded = check!(response.status() < 400, "{operation} succeeds");
    if !succeeded {
        warn!("{operation} answered {}", response.text());
    }
    let documented = check_eq!(
        operation.mismatches(response),
        Vec::<String>::new(),
        "{operation} answers as documented"
    );
    succeeded && documented
}

/// What the document forbids is refused, and the field is named, at least the one that the wrong one is in.
fn refuses(operation: &Operation<'_>, violation: &Violation, response: &Response) {
    let (field, what) = (&violation.field, violation.what);
    check_eq!(
        response.status(),
        422,
        "{operation} refuses `{field}` that is {what}"
    );
    check_eq!(
        operation.mismatches(response),
        Vec::<String>::new(),
        "{operation} refuses `{field}` as documented"
    );
    let named: Vec<String> = Refusal::of(response)
        .map(|refusal| refusal.details)
        .unwrap_or_default()
        .into_iter()
        .map(|detail| detail.field)
        .collect();
    check!(
        named.iter().any(|named| named == field),
        "{operation} names `{field}`: {named:?}"
    );
}

/// The page for people is there and shows the document that is there for programs
#[case(tags = ["documentation"], timeout = "20s", needs = ["project-service", "generation-service"])]
async fn the_page_shows_the_document(api: Api) -> Result<()> {
    let user = api.user("reader");
    for service in [Service::Project, Service::Generation] {
        let url = format!("{}/docs", api.base(service));
        let page = user
            .request_to("GET", url)
            .send()
            .await?
            .expect_status(200)?;
        let kind = page.header("content-type").unwrap_or_default();
        check!(kind.starts_with("text/html"), "it is a page: {kind}");
        check!(
            page.text().contains("/openapi.json"),
            "it shows the document"
        );
        let document = Document::of(&user, service).await?;
        check!(
            document.operation("GET", "/docs").is_some(),
            "the document names the page"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_is_in_percent() {
        assert!((percent(19, 20) - 95.0).abs() < f64::EPSILON);
    }
}
