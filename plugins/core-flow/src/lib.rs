//! Placeholder.
use assay_sdk::prelude::*;

suite! {}

/// The service answers
#[case(tags = ["smoke"], timeout = "2s")]
async fn the_service_answers() -> Result<()> {
    let url = context::service_url("project-service")?;
    http::get(format!("{url}/health"))
        .send()
        .await?
        .expect_status(200)?;
    Ok(())
}

#[case]
fn the_service_answers_in_the_sync_style() -> Result<()> {
    let url = context::service_url("project-service")?;
    http::get(format!("{url}/health"))
        .send()
        .wait()?
        .expect_status(200)?;
    sleep(Duration::from_millis(10)).wait();
    Ok(())
}
