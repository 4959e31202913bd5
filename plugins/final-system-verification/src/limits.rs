//! The rate limit: exact, told in time, and not to be got around.

use assay_client::{Api, User};
use assay_sdk::http::Response;
use assay_sdk::prelude::*;

use crate::refusal::{Expected, check_refusal, check_retry_after};

/// The service that is started with a small limit, for the one case of this file.
const LIMITED: &str = "project-service-limited";
/// What is asked for until the limit is reached; what operators ask is never limited.
const PATH: &str = "/api/v1/projects/proj_none";
/// More requests than this are no small limit.
const MOST: u64 = 200;
const OVER_LIMIT: Expected = (429, "RATE_LIMIT_EXCEEDED");

/// A client over its limit is refused until its minute is over, whatever address it claims to have, and sees it coming
#[case(tags = ["errors", "rate-limit"], timeout = "30s", needs = ["project-service-limited"])]
async fn a_client_over_its_limit_is_refused(api: Api) -> Result<()> {
    let base = context::service_url(LIMITED)?;
    let user = api.user("eager client");
    let first = get(&user, &base, PATH, None).await?;
    let limit = number(&first, "x-ratelimit-limit").context("the limit is told")?;
    ensure!(limit <= MOST, "the limit of {LIMITED} is small: {limit}");

    let over = use_up(&user, &base, first).await?;
    check_refusal("over the limit", &over, OVER_LIMIT);
    check_retry_after("over the limit", &over);
    check_eq!(number(&over, "x-ratelimit-remaining"), Some(0));
    check_eq!(
        number(&over, "x-ratelimit-reset"),
        number(&over, "retry-after"),
        "both headers say when the minute is over"
    );
    for claimed in ["10.0.0.1", "203.0.113.7, 10.0.0.1"] {
        let spoofed = get(&user, &base, PATH, Some(claimed)).await?;
        let what = format!("over the limit, claiming to be {claimed}");
        check_refusal(&what, &spoofed, OVER_LIMIT);
    }
    for path in ["/health", "/healthz", "/livez", "/readyz", "/metrics"] {
        let exempt = get(&user, &base, path, None).await?;
        check!(
            exempt.status() < 400 && exempt.header("x-ratelimit-limit").is_none(),
            "{path} is not limited: {}",
            exempt.status()
        );
    }
    Ok(())
}

/// Asks until the answer is another one than the one that is expected of this path: what remains counts down by one each time.
async fn use_up(user: &User, base: &str, first: Response) -> Result<Response> {
    let usual = 404;
    let mut answer = first;
    for _ in 0..=MOST {
        if answer.status() != usual {
            break;
        }
        let remaining = number(&answer, "x-ratelimit-remaining").context("what remains is told")?;
        answer = get(user, base, PATH, None).await?;
        let expected = if remaining == 0 {
            (OVER_LIMIT.0, 0)
        } else {
            (usual, remaining - 1)
        };
        let left = number(&answer, "x-ratelimit-remaining").context("what remains is told")?;
        ensure_eq!(
            (answer.status(), left),
            expected,
            "with {remaining} requests left"
        );
    }
    Ok(answer)
}

async fn get(user: &User, base: &str, path: &str, claimed: Option<&str>) -> Result<Response> {
    let request = user.request_to("GET", format!("{base}{path}")).redirects(0);
    let request = match claimed {
        Some(address) => request.header("x-forwarded-for", address),
        None => request,
    };
    Ok(request.send().await?)
}

fn number(response: &Response, header: &str) -> Option<u64> {
    response.header(header)?.parse().ok()
}
