//! What SUITE_NAME proves. `host build` makes a component of it, `host run plugins/SUITE_NAME.wasm` runs it.
//!
//! The two cases look at the service `example` of `assay.toml`. Put your own system there, and your own cases here.

use assay_sdk::prelude::*;
use serde::{Deserialize, Serialize};

suite! {
    summary: "What is made can be read, and is gone once it is deleted",
}

/// A proxy, as the service makes and shows it.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Proxy {
    name: String,
    upstream: String,
    enabled: bool,
}

/// Where the service is. Runs once; what it returns is handed to every case.
#[setup]
async fn service() -> Result<String> {
    context::service_url("example")
}

/// The service answers, and says which version it is
#[case(tags = ["smoke"], timeout = "10s", needs = ["example"])]
async fn the_service_says_its_version(url: String) -> Result<()> {
    let response = http::get(format!("{url}/version")).send().await?;
    let answer: serde_json::Value = response.expect_status(200)?.json()?;
    let version = answer["version"].as_str().unwrap_or_default();
    check!(
        version.starts_with("2."),
        "the version is one that this suite knows: {version}"
    );
    Ok(())
}

/// What is made can be read as it was made, and nothing is left of it once it is deleted
#[case(timeout = "10s", needs = ["example"])]
async fn what_is_made_can_be_read_until_it_is_deleted(url: String) -> Result<()> {
    // A name of its own, so that cases that run side by side do not meet.
    let name = format!("made-by-{}", context::identity().entry);
    let wanted = Proxy {
        name,
        upstream: "127.0.0.1:9".to_owned(),
        enabled: true,
    };
    let one = format!("{url}/proxies/{}", wanted.name);

    let response = http::post(format!("{url}/proxies"))
        .json(&wanted)
        .send()
        .await?;
    let made: Proxy = response.expect_status(201)?.json()?;
    // Runs at the end of the case, also when a check ends it early.
    let deletion = cleanup({
        let one = one.clone();
        async move { http::delete(one).send().await?.expect_status(204).map(drop) }
    });
    check_eq!(made, wanted, "the answer is what was asked for");

    let read: Proxy = http::get(&one).send().await?.expect_status(200)?.json()?;
    check_eq!(read, wanted, "it is read as it was made");

    deletion.now().await?;
    let gone = http::get(&one).send().await?;
    check_eq!(gone.status(), 404, "nothing is left of it");
    Ok(())
}
