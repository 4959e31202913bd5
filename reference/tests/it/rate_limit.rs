//! The limit: counted for each client, told in headers, refused with 429.

use crate::system::Setup;

#[tokio::test]
async fn over_the_limit_is_429_and_what_operators_ask_is_never_limited() {
    let system = Setup {
        rate_limit: 3,
        ..Setup::default()
    }
    .start()
    .await;
    for client in [&system.projects, &system.generations] {
        // Asking for the document is a request too.
        client.contract().await.unwrap();
        let path = if client.url == system.projects.url {
            "/api/v1/projects"
        } else {
            "/api/v1/generations"
        };
        for remaining in ["1", "0"] {
            let reply = client.get(path).await;
            assert_eq!(reply.status, 200);
            assert_eq!(reply.header("x-ratelimit-limit"), Some("3"));
            assert_eq!(reply.header("x-ratelimit-remaining"), Some(remaining));
        }
        let spoofed = [("x-forwarded-for", "10.1.2.3")];
        for headers in [&[][..], &spoofed] {
            let over = client.call("GET", path, headers, None).await;
            assert_eq!(
                (over.status, over.code().as_str()),
                (429, "RATE_LIMIT_EXCEEDED")
            );
            let wait: u64 = over.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=60).contains(&wait));
            assert_eq!(over.header("retry-after"), over.header("x-ratelimit-reset"));
            assert_eq!(over.header("x-ratelimit-remaining"), Some("0"));
        }
        assert_eq!(client.get("/nothing").await.status, 429);
        for free in [
            "/health",
            "/health/",
            "/api/v1/health",
            "/livez",
            "/readyz",
            "/metrics",
        ] {
            let reply = client.get(free).await;
            assert_ne!(reply.status, 429, "{free}");
            assert_eq!(reply.header("x-ratelimit-limit"), None, "{free}");
        }
    }
}
