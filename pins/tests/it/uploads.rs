//! Publishing at registries that do not take what they are sent.

use assay_pins::{
    Digest,
    limits::{Limits, MAX_PLUGIN},
    registry::{Login, Logins},
    source::{Reference, Source},
};
use assay_report::hint::told;
use assay_test_server::{Server, server};
use tokio::sync::mpsc;

use super::made::{artifact, place, place_of};

const PLUGIN: &[u8] = b"the bytes of a plugin";

/// What a registry answers to each kind of question.
#[derive(Clone)]
struct Answers {
    begin: String,
    blob: String,
    manifest: String,
}

fn taken() -> Answers {
    Answers {
        begin: empty("202 Accepted\r\nLocation: /v2/suite/blobs/uploads/1?state=x"),
        blob: empty("201 Created"),
        manifest: empty("201 Created"),
    }
}

fn empty(head: &str) -> String {
    format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n")
}

async fn registry(answers: Answers) -> (Server, mpsc::UnboundedReceiver<String>) {
    let (sender, requests) = mpsc::unbounded_channel();
    let server = server(move |mut connection| {
        let (sender, answers) = (sender.clone(), answers.clone());
        async move {
            while let Some(request) = connection.request().await {
                let answer = if request.starts_with("POST ") {
                    &answers.begin
                } else if request.starts_with("PUT /v2/suite/manifests/") {
                    &answers.manifest
                } else {
                    &answers.blob
                };
                // A test that looks at none of them has dropped its end.
                let _ = sender.send(request);
                connection.send(answer).await;
            }
        }
    })
    .await;
    (server, requests)
}

fn host(server: &Server) -> &str {
    server.url.strip_prefix("http://").unwrap()
}

/// What a person is told when that registry is published to.
async fn problem(answers: Answers) -> String {
    let (server, _requests) = registry(answers).await;
    let place = place(Limits::default());
    let reference = reference(&format!("oci://{}/suite:1.0", host(&server)));
    let published = place.fetcher.publish(&reference, &artifact(PLUGIN)).await;
    told(&published.unwrap_err())
}

fn reference(text: &str) -> Reference {
    match text.parse().unwrap() {
        Source::Registry(reference) => reference,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_plugin_and_its_configuration_are_there_before_the_manifest() {
    let (server, mut requests) = registry(taken()).await;
    let reference = reference(&format!("oci://{}/suite:1.0", host(&server)));
    let place = place(Limits::default());
    let published = place.fetcher.publish(&reference, &artifact(PLUGIN)).await;
    assert_eq!(published.unwrap().plugin, Digest::of(PLUGIN));
    let mut lines = Vec::new();
    while let Ok(request) = requests.try_recv() {
        lines.push(request.lines().next().unwrap().to_owned());
    }
    let digest = Digest::of(PLUGIN).to_string().replace(':', "%3A");
    let upload = format!("PUT /v2/suite/blobs/uploads/1?state=x&digest={digest} HTTP/1.1");
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert_eq!(lines[0], "POST /v2/suite/blobs/uploads/ HTTP/1.1");
    assert_eq!(lines[1], upload);
    assert_eq!(lines[2], lines[0]);
    assert_eq!(lines[4], "PUT /v2/suite/manifests/1.0 HTTP/1.1");
}

#[tokio::test]
async fn what_a_registry_does_not_take_is_told() {
    let refused =
        "HTTP/1.1 400 No\r\nContent-Length: 38\r\n\r\n{\"errors\":[{\"code\":\"DIGEST_INVALID\"}]}";
    let other = format!(
        "201 Created\r\nDocker-Content-Digest: {}",
        Digest::of(b"other")
    );
    for (answers, expected) in [
        (
            Answers {
                begin: empty("403 No"),
                ..taken()
            },
            "answered 403",
        ),
        (
            Answers {
                begin: empty("202 Accepted"),
                ..taken()
            },
            "names no place",
        ),
        (
            Answers {
                begin: empty("202 Accepted\r\nLocation: http://[/"),
                ..taken()
            },
            "no address",
        ),
        (
            Answers {
                begin: empty("202 Accepted\r\nLocation: http://192.0.2.1/"),
                ..taken()
            },
            "others can read on the way",
        ),
        (
            Answers {
                blob: refused.to_owned(),
                ..taken()
            },
            "answered 400: DIGEST_INVALID",
        ),
        (
            Answers {
                blob: empty("200 OK"),
                ..taken()
            },
            "answered 200",
        ),
        (
            Answers {
                manifest: empty("413 No"),
                ..taken()
            },
            "answered 413",
        ),
        (
            Answers {
                manifest: empty(&other),
                ..taken()
            },
            "and not the manifest",
        ),
    ] {
        let problem = problem(answers).await;
        assert!(problem.contains(expected), "{expected}: {problem}");
    }
}

#[tokio::test]
async fn the_login_does_not_follow_a_plugin_to_another_server() {
    let (elsewhere, mut sent) = registry(taken()).await;
    let place_to_send = format!("202 Accepted\r\nLocation: {}/x", elsewhere.url);
    let answers = Answers {
        begin: empty(&place_to_send),
        ..taken()
    };
    let registry = server(move |mut connection| {
        let answers = answers.clone();
        async move {
            while let Some(request) = connection.request().await {
                let is_known = request
                    .to_ascii_lowercase()
                    .contains("authorization: basic");
                let answer = match () {
                    () if !is_known => empty("401 No\r\nWWW-Authenticate: Basic"),
                    () if request.starts_with("POST ") => answers.begin.clone(),
                    () => answers.manifest.clone(),
                };
                connection.send(answer).await;
            }
        }
    })
    .await;
    let mut logins = Logins::default();
    let login = Login {
        user: "somebody".to_owned(),
        password: "geheim".to_owned(),
    };
    logins.insert(host(&registry), login);
    let place = place_of(Limits::default(), logins);
    let reference = reference(&format!("oci://{}/suite:1.0", host(&registry)));
    place
        .fetcher
        .publish(&reference, &artifact(PLUGIN))
        .await
        .unwrap();
    let request = sent.recv().await.unwrap();
    assert!(request.starts_with("PUT /x?digest="), "{request}");
    assert!(
        !request.to_ascii_lowercase().contains("authorization"),
        "{request}"
    );
}

#[tokio::test]
async fn nothing_is_published_under_a_digest_or_beyond_the_limits() {
    let (server, _requests) = registry(taken()).await;
    let place = place(Limits::default());
    let at = format!("oci://{}/suite@{}", host(&server), Digest::of(b"x"));
    let error = place
        .fetcher
        .publish(&reference(&at), &artifact(PLUGIN))
        .await
        .unwrap_err();
    assert!(told(&error).contains("names a digest"));
    let tag = reference(&format!("oci://{}/suite:1.0", host(&server)));
    let mut many = artifact(PLUGIN);
    many.imports = vec!["x".repeat(1 << 20); 4];
    let error = place.fetcher.publish(&tag, &many).await.unwrap_err();
    assert!(told(&error).contains("the manifest of"), "{}", told(&error));
    let mut big = artifact(PLUGIN);
    // Zeros that nobody looks at take no room.
    big.bytes = vec![0; usize::try_from(MAX_PLUGIN).unwrap() + 1].into();
    let error = place.fetcher.publish(&tag, &big).await.unwrap_err();
    assert!(told(&error).contains("the plugin of"), "{}", told(&error));
    assert_eq!(server.accepted(), 0);
}
