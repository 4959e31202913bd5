//! A cache that comes back with what it had: it must not bring back what was replaced meanwhile.

use assay_client::{Api, Service, User};
use assay_sdk::chaos::Action;
use assay_sdk::prelude::*;
use serde_json::json;

use crate::faults::{self, CACHE};
use crate::truth;

/// How often a name is asked for after the cache is back.
const ASKED: usize = 20;

/// What was changed while the cache was frozen stays changed when it wakes up with the old value
#[case(tags = ["cache", "consistency"], timeout = "30s", exclusive, needs = ["project-service", "cache"])]
async fn a_cache_that_wakes_up_shows_nothing_old(api: Api) -> Result<()> {
    let user = api.user("author");
    let project = user.temporary_project("old name").await?.id;
    let old = user.project(&project).await?.name;
    check_eq!(
        user.project(&project).await?.name,
        old,
        "the name is read, and cached"
    );
    let fault = faults::on_service(CACHE, Action::Pause).await?;
    rename(&user, &project, "new name").await?;
    check_eq!(
        user.project(&project).await?.name,
        "new name",
        "the change is seen at once"
    );

    faults::recover(fault, "cache-recovery", || user.project(&project)).await?;
    truth::ensure_all_well(&api).await?;
    let mut names = Vec::new();
    for _ in 0..ASKED {
        names.push(user.project(&project).await?.name);
    }
    check!(
        names.iter().all(|name| name == "new name"),
        "the old name never comes back: {names:?}"
    );
    rename(&user, &project, "newest name").await?;
    check_eq!(
        user.project(&project).await?.name,
        "newest name",
        "later changes are seen too"
    );
    Ok(())
}

async fn rename(user: &User, project: &str, name: &str) -> Result<()> {
    let path = format!("/projects/{project}");
    let request = user.request("PUT", Service::Project, &path);
    request
        .json(&json!({"name": name}))
        .send()
        .await?
        .expect_status(200)?;
    Ok(())
}
