//! A dependency that is not there: told as such, with a time to come back, and leaving nothing behind.
//!
//! The service of these cases is started with stores that do not exist. What is made in it can therefore not be deleted again,
//! since that too needs the vector store; it goes with the environment.

use assay_client::{Api, NewProject, Service, User, data, unique};
use assay_sdk::prelude::*;
use serde_json::{Value, json};

use crate::refusal::{Expected, check_refusal, check_retry_after};

const NO_VECTOR_STORE: Expected = (503, "VECTOR_STORE_UNAVAILABLE");

/// Without its vector store the project service refuses what needs it with 503, does the rest, and gives no number away
#[case(tags = ["errors", "outage"], timeout = "30s", needs = ["project-service-detached"])]
async fn a_missing_vector_store_is_told_as_such(api: Api) -> Result<()> {
    let detached = context::service_url("project-service-detached")?;
    let user = Api::new(detached, api.base(Service::Generation)).user("author");
    let project = user
        .create_project(&NewProject::named(unique("detached")))
        .await?;

    let episodes = format!("/projects/{}/episodes", project.id);
    let script = json!({"script": {"markdown": "# Nowhere to go"}});
    let refused = user
        .request("POST", Service::Project, &episodes)
        .json(&script)
        .send()
        .await?;
    check_refusal("an episode", &refused, NO_VECTOR_STORE);
    check_retry_after("an episode", &refused);
    let path = format!("/projects/{}", project.id);
    let refused = user
        .request("DELETE", Service::Project, &path)
        .send()
        .await?;
    check_refusal("a deletion", &refused, NO_VECTOR_STORE);
    check_retry_after("a deletion", &refused);

    check_eq!(
        user.project(&project.id).await?,
        project,
        "the project is there as it was"
    );
    check_eq!(
        user.episodes(&project.id).await?,
        [],
        "the refused episode is not"
    );
    check_eq!(
        next_number(&user, &episodes).await?,
        1,
        "and has used no number"
    );
    Ok(())
}

async fn next_number(user: &User, episodes: &str) -> Result<u64> {
    let path = format!("{episodes}/_next-number");
    let response = user
        .request("GET", Service::Project, &path)
        .send()
        .await?
        .expect_status(200)?;
    let answer: Value = data(&response)?;
    answer["nextNumber"].as_u64().context("the next number")
}
