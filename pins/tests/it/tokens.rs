//! Registries that want to know who asks.

use assay_pins::{
    limits::Limits,
    registry::{Login, Logins},
};
use assay_test_server::{Server, server};
use tokio::sync::mpsc;

use super::made::{SHORT, ok, pin, place, place_of};

const PLUGIN: &str = "the bytes of a plugin";
/// `somebody:geheim`, as Basic has it.
const BASIC: &str = "authorization: basic c29tzwjvzhk6z2vozwlt";

/// A registry that gives a plugin to whoever brings `proof`, and asks everybody else in the words of `challenge`. Everything that it is
/// asked is passed on.
async fn guarded(
    challenge: &'static str,
    proof: &'static str,
    token: &'static str,
) -> (Server, mpsc::UnboundedReceiver<String>) {
    let (sender, requests) = mpsc::unbounded_channel();
    let server = server(move |mut connection| {
        let sender = sender.clone();
        async move {
            while let Some(request) = connection.request().await {
                let lower = request.to_ascii_lowercase();
                let host = lower.split("host: ").nth(1).and_then(|rest| rest.lines().next());
                let challenge = challenge.replace("HERE", host.unwrap_or_default());
                let answer = if lower.starts_with("get /token") {
                    token.to_owned()
                } else if lower.contains(proof) {
                    ok("application/wasm", PLUGIN)
                } else {
                    format!(
                        "HTTP/1.1 401 No\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n"
                    )
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

fn logins(server: &Server) -> Logins {
    let mut logins = Logins::default();
    let login = Login {
        user: "somebody".to_owned(),
        password: "geheim".to_owned(),
    };
    logins.insert(host(server), login);
    logins
}

fn source(server: &Server) -> String {
    format!("oci://{}/suite:1.0", host(server))
}

#[tokio::test]
async fn a_login_is_sent_where_the_registry_asks_for_it_and_not_before() {
    let (server, mut requests) = guarded("Basic realm=\"a\"", BASIC, "").await;
    let place = place_of(Limits::default(), logins(&server));
    place
        .fetch(&pin("suite", &source(&server), PLUGIN.as_bytes()))
        .await
        .unwrap();
    let first = requests.recv().await.unwrap().to_ascii_lowercase();
    assert!(!first.contains("authorization"), "{first}");
    let second = requests.recv().await.unwrap().to_ascii_lowercase();
    assert!(second.contains(BASIC), "{second}");
}

#[tokio::test]
async fn a_token_is_asked_for_where_the_registry_says() {
    let token = "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"token\":\"abc\"}";
    let challenge = "Bearer realm=\"http://HERE/token\",service=\"the registry\"";
    let (server, mut requests) = guarded(challenge, "authorization: bearer abc", token).await;
    let place = place_of(Limits::default(), logins(&server));
    place
        .fetch(&pin("suite", &source(&server), PLUGIN.as_bytes()))
        .await
        .unwrap();
    requests.recv().await.unwrap();
    let asked = requests.recv().await.unwrap();
    let line = asked.lines().next().unwrap();
    assert_eq!(
        line,
        "GET /token?scope=repository%3Asuite%3Apull&service=the+registry HTTP/1.1"
    );
    assert!(asked.to_ascii_lowercase().contains(BASIC), "{asked}");
}

#[tokio::test]
async fn nobody_is_asked_twice_by_a_registry_that_takes_no_proof() {
    let (server, mut requests) = guarded("Basic", "nobody has this", "").await;
    let place = place_of(Limits::default(), logins(&server));
    let problem = place.problem(&pin("suite", &source(&server), b"x")).await;
    assert!(problem.contains("answered 401"), "{problem}");
    assert!(!problem.contains("geheim"), "{problem}");
    requests.recv().await.unwrap();
    requests.recv().await.unwrap();
    assert!(requests.try_recv().is_err());
}

#[tokio::test]
async fn without_a_login_the_refusal_says_what_to_do() {
    let (server, _) = guarded("Basic", BASIC, "").await;
    let problem = place(Limits::default())
        .problem(&pin("suite", &source(&server), b"x"))
        .await;
    assert!(
        problem.contains("hint: log in to it (`docker login`"),
        "{problem}"
    );
}

#[tokio::test]
async fn a_login_goes_nowhere_where_others_can_read_it() {
    for challenge in [
        "Bearer realm=\"http://192.0.2.1/token\"",
        "Bearer realm=\"ftp://HERE/token\"",
        "Bearer realm=\"token\"",
    ] {
        let (server, _) = guarded(challenge, "nobody has this", "").await;
        let place = place_of(Limits::default(), logins(&server));
        let problem = place.problem(&pin("suite", &source(&server), b"x")).await;
        assert!(
            problem.contains("asks for a login that cannot be given"),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn an_answer_without_a_token_is_none() {
    let challenge = "Bearer realm=\"http://HERE/token\"";
    for (answer, expected) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            "gives no token",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nnot json",
            "gives no token",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n{\"token\":\"a\\r\\nb\"}",
            "gives no token",
        ),
        (
            "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
            "/token?… answered 403",
        ),
    ] {
        let (server, _) = guarded(challenge, "nobody has this", answer).await;
        let place = place_of(Limits::default(), logins(&server));
        let problem = place.problem(&pin("suite", &source(&server), b"x")).await;
        assert!(problem.contains(expected), "{problem}");
    }
}

#[tokio::test]
async fn a_token_without_end_and_one_that_never_comes_are_given_up() {
    let limits = Limits {
        head: SHORT,
        ..Limits::default()
    };
    for (is_endless, expected) in [
        (true, "answered with more than 65536 bytes"),
        (false, "says nothing for 0.2 s"),
    ] {
        let server = server(move |mut connection| async move {
            while let Some(request) = connection.request().await {
                if !request.starts_with("GET /token") {
                    let lower = request.to_ascii_lowercase();
                    let rest = lower.split("host: ").nth(1).unwrap();
                    let host = rest.lines().next().unwrap();
                    let answer = format!(
                        "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm=\"http://{host}/token\"\r\nContent-Length: 0\r\n\r\n"
                    );
                    connection.send(answer).await;
                    continue;
                }
                if is_endless {
                    connection.send("HTTP/1.1 200 OK\r\n\r\n").await;
                    while connection.send([b' '; 1024]).await {}
                }
                connection.ended().await;
            }
        })
        .await;
        let place = place(limits);
        let problem = place.problem(&pin("suite", &source(&server), b"x")).await;
        assert!(problem.contains(expected), "{problem}");
    }
}
