//! Registries that lie.

use assay_pins::{Digest, fetch::How, limits::Limits};
use assay_report::hint::told;
use assay_test_server::{Server, server};

use super::made::{Place, SHORT, ok, pin, place};

const PLUGIN: &str = "the bytes of a plugin";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.wasm.config.v0+json";

/// The manifest of a plugin, as a registry has it.
fn manifest(plugin: &str) -> String {
    let digest = Digest::of(plugin.as_bytes());
    let size = plugin.len();
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{{"mediaType":"{CONFIG}","digest":"{}","size":2}},"layers":[{{"mediaType":"application/wasm","digest":"{digest}","size":{size}}}]}}"#,
        Digest::of(b"{}")
    )
}

/// A registry that answers what is asked below the first path that fits, and nothing else.
async fn registry(answers: Vec<(String, String)>) -> Server {
    server(move |mut connection| {
        let answers = answers.clone();
        async move {
            while let Some(request) = connection.request().await {
                let path = request.strip_prefix("GET /v2/suite/").unwrap_or_default();
                let answer = answers.iter().find(|(begin, _)| path.starts_with(begin));
                let missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
                connection
                    .send(answer.map_or(missing, |(_, answer)| answer))
                    .await;
            }
        }
    })
    .await
}

fn named(server: &Server, at: &str) -> String {
    let host = server.url.strip_prefix("http://").unwrap();
    format!("oci://{host}/suite{at}")
}

/// What a person is told when a tag cannot be looked at.
async fn problem(place: &Place, source: &str) -> String {
    told(
        &place
            .fetcher
            .find(&source.parse().unwrap())
            .await
            .unwrap_err(),
    )
}

#[tokio::test]
async fn a_tag_that_was_moved_leaves_what_is_pinned_and_is_seen_by_an_update() {
    let new = "the bytes of a later plugin";
    let answers = [PLUGIN, new].map(|plugin| {
        let path = format!("blobs/{}", Digest::of(plugin.as_bytes()));
        (path, ok("application/octet-stream", plugin))
    });
    let tag = ("manifests/1.0".to_owned(), ok(MANIFEST, &manifest(new)));
    let server = registry([answers.to_vec(), vec![tag]].concat()).await;
    let place = place(Limits::default());
    let pinned = pin("suite", &named(&server, ":1.0"), PLUGIN.as_bytes());
    let bytes = PLUGIN.len() as u64;
    assert_eq!(place.fetch(&pinned).await.unwrap(), How::Fetched { bytes });
    let found = place.fetcher.find(&pinned.source).await.unwrap();
    assert_eq!(found.digest, Digest::of(new.as_bytes()));
    assert_eq!(found.size, new.len() as u64);
}

#[tokio::test]
async fn a_tampered_blob_is_refused_with_both_digests() {
    let wanted = Digest::of(PLUGIN.as_bytes());
    let blob = (
        format!("blobs/{wanted}"),
        ok("application/octet-stream", "tampered"),
    );
    let tag = ("manifests/1.0".to_owned(), ok(MANIFEST, &manifest(PLUGIN)));
    let server = registry(vec![blob, tag]).await;
    let place = place(Limits::default());
    let pinned = pin("suite", &named(&server, ":1.0"), PLUGIN.as_bytes());
    let got = Digest::of(b"tampered");
    let expected = format!("has to be {wanted}, and it is {got} (8 bytes)");
    for problem in [
        place.problem(&pinned).await,
        problem(&place, &named(&server, ":1.0")).await,
    ] {
        assert!(problem.contains(&expected), "{problem}");
    }
}

#[tokio::test]
async fn a_manifest_that_is_not_the_one_of_its_digest_is_refused() {
    let body = manifest(PLUGIN);
    let wanted = Digest::of(b"another manifest");
    let lying = ok(MANIFEST, &body).replacen(
        "\r\n\r\n",
        &format!("\r\nDocker-Content-Digest: {wanted}\r\n\r\n"),
        1,
    );
    let server = registry(vec![
        (format!("manifests/{wanted}"), ok(MANIFEST, &body)),
        ("manifests/1.0".to_owned(), lying),
    ])
    .await;
    let place = place(Limits::default());
    let got = Digest::of(body.as_bytes());
    for at in [format!("@{wanted}"), ":1.0".to_owned()] {
        let problem = problem(&place, &named(&server, &at)).await;
        let expected = format!("has to be {wanted}, and it is {got}");
        assert!(problem.contains(&expected), "{problem}");
    }
}

#[tokio::test]
async fn what_is_no_plugin_is_refused_with_what_it_is() {
    let index = "application/vnd.oci.image.index.v1+json";
    let image = "application/vnd.oci.image.config.v1+json";
    let whole = manifest(PLUGIN);
    let big = whole.replace("\"size\":21", "\"size\":99999999999");
    let no_sha = whole.replace("sha256:", "sha512:");
    let place = place(Limits::default());
    for (answer, expected) in [
        (ok(index, r#"{"schemaVersion":2,"manifests":[]}"#), index),
        (ok("", &whole), "of the kind ``"),
        (ok(MANIFEST, &whole.replace(CONFIG, image)), image),
        (ok(MANIFEST, &big), "99999999999 bytes, more than"),
        (ok(MANIFEST, &no_sha), "is no digest"),
        (ok(MANIFEST, "{}"), "missing field"),
        (ok(MANIFEST, "not json"), "cannot be read"),
    ] {
        let server = registry(vec![("manifests/1.0".to_owned(), answer)]).await;
        let problem = problem(&place, &named(&server, ":1.0")).await;
        assert!(problem.contains("is no plugin"), "{problem}");
        assert!(problem.contains(expected), "{expected}: {problem}");
    }
}

#[tokio::test]
async fn a_refusal_of_a_registry_is_told_in_its_own_words() {
    let place = place(Limits::default());
    for (status, code, hint) in [
        (401, "UNAUTHORIZED", "log in to it"),
        (404, "MANIFEST_UNKNOWN", "look at its name"),
        (500, "UNKNOWN", "ask who runs it"),
    ] {
        let body = format!(r#"{{"errors":[{{"code":"{code}","message":"no such thing"}}]}}"#);
        let answer = ok("application/json", &body).replacen("200 OK", &format!("{status} No"), 1);
        let server = registry(vec![(String::new(), answer)]).await;
        for problem in [
            problem(&place, &named(&server, ":1.0")).await,
            place
                .problem(&pin("suite", &named(&server, ":1.0"), b"x"))
                .await,
        ] {
            let expected = format!("answered {status}: {code}, no such thing");
            assert!(problem.contains(&expected), "{problem}");
            assert!(problem.contains(hint), "{problem}");
        }
    }
}

#[tokio::test]
async fn a_registry_that_hangs_or_never_ends_is_given_up() {
    let limits = Limits {
        head: SHORT,
        stall: SHORT,
        bytes: 1000,
        ..Limits::default()
    };
    let place = place(limits);
    let silent = server(|mut connection| async move { connection.ended().await }).await;
    let endless = server(|mut connection| async move {
        connection.request().await;
        connection
            .send(format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {MANIFEST}\r\n\r\n"
            ))
            .await;
        while connection.send([b' '; 1024]).await {}
    })
    .await;
    let cut = server(|mut connection| async move {
        connection.request().await;
        let answer = ok(MANIFEST, &manifest(PLUGIN));
        connection.send(&answer[..answer.len() - 10]).await;
    })
    .await;
    for (server, of_tag, of_blob) in [
        (&silent, "says nothing for 0.2 s", "says nothing for 0.2 s"),
        (
            &endless,
            "answered with more than 4194304 bytes",
            "has more than 1000 bytes",
        ),
        (&cut, "broke off in the middle", "broke off in the middle"),
    ] {
        let source = named(server, ":1.0");
        let told = problem(&place, &source).await;
        assert!(told.contains(of_tag), "{told}");
        let told = place.problem(&pin("suite", &source, b"x")).await;
        assert!(told.contains(of_blob), "{told}");
    }
}
