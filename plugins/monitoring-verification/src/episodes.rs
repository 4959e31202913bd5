//! Episodes as the cases make them: well, badly, slowly, and past all rules.

use std::time::Duration;

use assay_client::{Episode, Interference, NewEpisode, Refusal, Service, User, unique};
use assay_sdk::http::Response;
use assay_sdk::prelude::*;
use serde_json::json;

/// Makes an episode and answers it, and how long that took.
pub(crate) async fn create(user: &User, project: &str) -> Result<(Episode, Duration)> {
    let begun = std::time::Instant::now();
    let episode = user
        .create_episode(project, &NewEpisode::new("A scene", "# A scene"))
        .await?;
    Ok((episode, begun.elapsed()))
}

/// Makes so many, one after another.
pub(crate) async fn create_many(user: &User, project: &str, count: usize) -> Result<()> {
    for _ in 0..count {
        create(user, project).await?;
    }
    Ok(())
}

/// Asks for an episode under an idempotency key.
pub(crate) async fn create_with_key(
    user: &User,
    project: &str,
    key: &str,
    text: &str,
) -> Result<Response> {
    let path = format!("/projects/{project}/episodes");
    let request = user
        .request("POST", Service::Project, &path)
        .header("idempotency-key", key)
        .json(&json!({"script": {"markdown": text}}));
    Ok(request.send().await?)
}

/// A creation that is told to fail, and does: 503 with the code of the vector store. Answers how long that took.
pub(crate) async fn fail(user: &User, project: &str) -> Result<Duration> {
    user.interfere(Interference {
        fail_next: 1,
        ..Interference::default()
    })
    .await?;
    let begun = std::time::Instant::now();
    let path = format!("/projects/{project}/episodes");
    let body = json!({"script": {"markdown": "# Nowhere to go"}});
    let request = user.request("POST", Service::Project, &path).json(&body);
    let refused = request.send().await?;
    let took = begun.elapsed();
    let code = Refusal::of(&refused).and_then(|refusal| refusal.code);
    ensure_eq!(
        (refused.status(), code.as_deref()),
        (503, Some("VECTOR_STORE_UNAVAILABLE")),
        "the creation fails as it was told to"
    );
    Ok(took)
}

/// A creation that is a conflict: the key was used for another one.
pub(crate) async fn conflict(user: &User, project: &str, key: &str) -> Result<()> {
    let refused = create_with_key(user, project, key, &unique("# Another")).await?;
    ensure_eq!(
        refused.status(),
        409,
        "the key was used for another request"
    );
    Ok(())
}

/// An idempotency key that no other case has.
pub(crate) fn key(user: &User) -> String {
    let plain = |character: char| {
        if character.is_ascii_alphanumeric() {
            character
        } else {
            '-'
        }
    };
    unique(user.name()).chars().map(plain).collect()
}

/// Has nothing in the window, nothing interfered with, and no alert of what was, now and after the case.
pub(crate) async fn quiet(user: &User) -> Result<()> {
    undisturbed(user).await?;
    let user = user.clone();
    cleanup(async move { undisturbed(&user).await });
    Ok(())
}

async fn undisturbed(user: &User) -> Result<()> {
    user.interfere(Interference::default()).await?;
    user.forget_operations().await?;
    user.check_alerts().await.map(drop)
}

#[cfg(test)]
mod tests {
    use assay_client::Api;

    use super::*;

    #[test]
    fn keys_are_plain_and_differ() {
        let user = Api::new("http://p", "http://g").user("some one");
        let (one, other) = (key(&user), key(&user));
        assert_ne!(one, other);
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        assert!(one.len() <= 255 && one.bytes().all(is_plain), "{one}");
    }
}
