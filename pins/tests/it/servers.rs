//! Plugins from servers that keep to nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use assay_pins::{
    Digest,
    fetch::{FetchError, How},
    limits::Limits,
};
use assay_report::hint::told;
use assay_test_server::{always, hangs_up_after, server};
use tokio::sync::Barrier;

use super::made::{SHORT, ok, pin, place};

const PLUGIN: &[u8] = b"the bytes of a plugin";

fn plugin() -> String {
    ok("application/wasm", std::str::from_utf8(PLUGIN).unwrap())
}

#[tokio::test]
async fn a_plugin_is_asked_for_once() {
    let server = always(plugin()).await;
    let place = place(Limits::default());
    let pin = pin("a", &server.url, PLUGIN);
    let bytes = PLUGIN.len() as u64;
    assert_eq!(place.fetch(&pin).await.unwrap(), How::Fetched { bytes });
    let asked = server.accepted();
    assert_eq!(place.fetch(&pin).await.unwrap(), How::Present);
    assert_eq!(server.accepted(), asked);
    let there = place.fetcher.cache().read(&pin.digest).unwrap();
    assert_eq!(there.unwrap(), PLUGIN);
}

#[tokio::test]
async fn a_damaged_file_is_thrown_away_and_fetched_anew() {
    let server = always(plugin()).await;
    let place = place(Limits::default());
    let pin = pin("a", &server.url, PLUGIN);
    place.fetch(&pin).await.unwrap();
    let path = place.fetcher.cache().path(&pin.digest);
    std::fs::write(&path, "damaged").unwrap();
    let bytes = PLUGIN.len() as u64;
    assert_eq!(place.fetch(&pin).await.unwrap(), How::Repaired { bytes });
    assert_eq!(std::fs::read(&path).unwrap(), PLUGIN);
}

#[tokio::test]
async fn a_damaged_file_whose_source_is_gone_does_not_stay() {
    let place = place(Limits::default());
    let server = always(plugin()).await;
    let mut pin = pin("a", &server.url, PLUGIN);
    place.fetch(&pin).await.unwrap();
    let path = place.fetcher.cache().path(&pin.digest);
    std::fs::write(&path, "damaged").unwrap();
    pin.source = "./missing.wasm".parse().unwrap();
    let problem = place.problem(&pin).await;
    assert!(problem.contains("missing.wasm"), "{problem}");
    assert!(!path.exists());
}

#[tokio::test]
async fn a_tampered_plugin_is_refused_with_the_digest_that_was_wanted_and_the_one_that_came() {
    let server = always(ok("application/wasm", "the bytes of a plugim")).await;
    let place = place(Limits::default());
    let problem = place.problem(&pin("a", &server.url, PLUGIN)).await;
    let (wanted, got) = (Digest::of(PLUGIN), Digest::of(b"the bytes of a plugim"));
    let expected = format!("has to be {wanted}, and it is {got} (21 bytes)\nhint: ");
    assert!(problem.contains(&expected), "{problem}");
    assert_eq!(place.fetcher.cache().check(&got).unwrap(), None);
}

#[tokio::test]
async fn a_download_that_is_cut_off_is_no_plugin() {
    let place = place(Limits::default());
    for (answer, expected) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\nthe bytes",
            "broke off in the middle of its answer",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nthe bytes\r\n",
            "broke off in the middle of its answer",
        ),
        // Without a length the end of the connection is the end of the body: then only the digest tells.
        ("HTTP/1.1 200 OK\r\n\r\nthe bytes", "(9 bytes)"),
        ("HTTP/1.1 200 OK\r\nContent-Le", "does not answer"),
        ("", "does not answer"),
    ] {
        let server = hangs_up_after(answer).await;
        let problem = place.problem(&pin("a", &server.url, PLUGIN)).await;
        assert!(problem.contains(expected), "{answer}: {problem}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_not_waited_for_for_ever() {
    let limits = Limits {
        head: SHORT,
        stall: SHORT,
        ..Limits::default()
    };
    let place = place(limits);
    for (sent, expected) in [
        ("", "says nothing for 0.2 s"),
        ("HTTP/1.1 200 OK\r\n", "says nothing for 0.2 s"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\nthe bytes",
            "stopped in the middle of its answer for 0.2 s",
        ),
        // What it says of its refusal is not worth the wait either.
        (
            "HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\n",
            "answered 500",
        ),
    ] {
        let server = server(move |mut connection| async move {
            connection.request().await;
            connection.send(sent).await;
            connection.ended().await;
        })
        .await;
        let problem = place.problem(&pin("a", &server.url, PLUGIN)).await;
        assert!(problem.contains(expected), "{sent}: {problem}");
    }
}

#[tokio::test]
async fn a_plugin_that_comes_too_slowly_is_given_up() {
    let limits = Limits {
        total: SHORT,
        ..Limits::default()
    };
    let server = server(|mut connection| async move {
        connection.request().await;
        connection.send("HTTP/1.1 200 OK\r\n\r\n").await;
        let mut drops = tokio::time::interval(Duration::from_millis(10));
        while connection.send("x").await {
            drops.tick().await;
        }
    })
    .await;
    let problem = place(limits).problem(&pin("a", &server.url, PLUGIN)).await;
    assert!(problem.contains("was not there after 0.2 s"), "{problem}");
}

#[tokio::test]
async fn a_body_is_as_big_as_it_may_be_and_one_without_end_is_not_taken() {
    let limits = |bytes| Limits {
        bytes,
        ..Limits::default()
    };
    let size = PLUGIN.len() as u64;
    let whole = always(plugin()).await;
    let exact = place(limits(size));
    exact.fetch(&pin("a", &whole.url, PLUGIN)).await.unwrap();
    let endless = server(|mut connection| async move {
        connection.request().await;
        connection.send("HTTP/1.1 200 OK\r\n\r\n").await;
        while connection.send([b'x'; 1024]).await {}
    })
    .await;
    for url in [&whole.url, &endless.url] {
        let place = place(limits(size - 1));
        let problem = place.problem(&pin("a", url, PLUGIN)).await;
        assert!(problem.contains("has more than 20 bytes"), "{problem}");
    }
}

#[tokio::test]
async fn a_plugin_may_be_elsewhere_a_few_times_and_not_for_ever() {
    let server = server(|mut connection| async move {
        while let Some(request) = connection.request().await {
            let left: u32 = request
                .strip_prefix("GET /")
                .and_then(|rest| rest.split(' ').next())
                .and_then(|number| number.parse().ok())
                .unwrap();
            let answer = match left {
                0 => plugin(),
                left => format!(
                    "HTTP/1.1 302 Found\r\nLocation: /{}\r\nContent-Length: 0\r\n\r\n",
                    left - 1
                ),
            };
            connection.send(answer).await;
        }
    })
    .await;
    let from = |times: &str| pin("a", &format!("{}/{times}", server.url), PLUGIN);
    place(Limits::default()).fetch(&from("5")).await.unwrap();
    let place = place(Limits::default());
    for times in ["6", "1000000"] {
        let problem = place.problem(&from(times)).await;
        assert!(problem.contains("sent on more than 5 times"), "{problem}");
    }
}

#[tokio::test]
async fn nobody_is_led_from_this_machine_to_another() {
    let place = place(Limits::default());
    for (to, expected) in [
        ("http://192.0.2.1/a.wasm", "does not answer by itself"),
        ("https://192.0.2.1/a.wasm", "does not answer by itself"),
        ("ftp://192.0.2.1/a.wasm", "does not answer by itself"),
        // What is no address of a server is no redirect.
        ("file:///etc/passwd", "answered 307"),
    ] {
        let server = always(format!(
            "HTTP/1.1 307 Elsewhere\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
        ))
        .await;
        let problem = place.problem(&pin("a", &server.url, PLUGIN)).await;
        assert!(problem.contains(expected), "{to}: {problem}");
    }
}

#[tokio::test]
async fn a_refusal_is_told_with_what_it_says_and_what_to_do() {
    let place = place(Limits::default());
    for (status, hint) in [
        (401, "log in to it"),
        (403, "log in to it"),
        (404, "look at its name"),
        (429, "try again later"),
        (500, "ask who runs it"),
        (204, "look at its name"),
    ] {
        let server = always(format!(
            "HTTP/1.1 {status} X\r\nContent-Length: 7\r\n\r\nbecause"
        ))
        .await;
        let source = format!("{}/a.wasm?token=geheim", server.url);
        let problem = place.problem(&pin("a", &source, PLUGIN)).await;
        let expected = format!("/a.wasm?… answered {status}");
        assert!(problem.contains(&expected), "{problem}");
        assert!(problem.contains(hint), "{problem}");
        assert!(!problem.contains("geheim"), "{problem}");
    }
}

#[tokio::test]
async fn a_page_instead_of_a_plugin_is_recognised() {
    let place = place(Limits::default());
    for kind in ["text/html; charset=utf-8", "Text/Plain", "application/json"] {
        let server = always(ok(kind, "<p>Please log in</p>")).await;
        let problem = place.problem(&pin("a", &server.url, PLUGIN)).await;
        assert!(problem.contains("and not with a plugin"), "{problem}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told() {
    let gone = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let problem = place(Limits::default())
        .problem(&pin("a", &gone, PLUGIN))
        .await;
    assert!(problem.contains("does not answer"), "{problem}");
}

#[tokio::test]
async fn one_that_fails_stops_no_other_and_their_order_stays() {
    let good = always(plugin()).await;
    let bad = always("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n").await;
    let place = place(Limits::default());
    std::fs::write(place.folder.path().join("b.wasm"), "b").unwrap();
    let pins = [
        pin("gone", &bad.url, b"gone"),
        pin("a", &good.url, PLUGIN),
        pin("b", "./b.wasm", b"b"),
        pin("missing", "./missing.wasm", b"missing"),
        pin("folder", ".", b"folder"),
    ];
    let all = place.fetcher.fetch(&pins).await.unwrap();
    let outcomes: Vec<(&str, bool)> = all
        .iter()
        .map(|(pin, outcome)| (pin.name.as_str(), outcome.is_ok()))
        .collect();
    assert_eq!(
        outcomes,
        [
            ("gone", false),
            ("a", true),
            ("b", true),
            ("missing", false),
            ("folder", false)
        ]
    );
}

#[tokio::test]
async fn plugins_are_fetched_side_by_side_and_not_too_many_at_once() {
    const AT_ONCE: usize = 3;
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let together = Arc::new(Barrier::new(AT_ONCE));
    let counts = (Arc::clone(&now), Arc::clone(&most));
    let server = server(move |mut connection| {
        let (now, most) = counts.clone();
        let together = Arc::clone(&together);
        async move {
            while connection.request().await.is_some() {
                let running = now.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(running, Ordering::SeqCst);
                // Nobody is answered before as many ask as may.
                together.wait().await;
                now.fetch_sub(1, Ordering::SeqCst);
                connection.send(plugin()).await;
            }
        }
    })
    .await;
    let place = place(Limits {
        at_once: AT_ONCE,
        ..Limits::default()
    });
    let pins: Vec<_> = (0..2 * AT_ONCE)
        .map(|number| {
            pin(
                &format!("p{number}"),
                &server.url,
                format!("{number}").as_bytes(),
            )
        })
        .collect();
    let all = place.fetcher.fetch(&pins).await.unwrap();
    // All of them came, and none is what was pinned.
    for (_, outcome) in all {
        assert!(matches!(outcome, Err(FetchError::Other { .. })));
    }
    assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
}

#[tokio::test]
async fn what_is_to_be_locked_is_found_and_brought() {
    let server = always(plugin()).await;
    let place = place(Limits::default());
    std::fs::write(place.folder.path().join("a.wasm"), "a").unwrap();
    let find = async |source: &str| place.fetcher.find(&source.parse().unwrap()).await;
    let file = find("./a.wasm").await.unwrap();
    assert_eq!((file.digest, file.size), (Digest::of(b"a"), 1));
    let digest = Digest::of(PLUGIN);
    let source = format!("{}/a.wasm#{digest}", server.url);
    for _ in 0..2 {
        assert_eq!(find(&source).await.unwrap().digest, digest);
    }
    assert_eq!(server.accepted(), 1, "what is there is not asked for again");
    let error = find(&server.url).await.unwrap_err();
    assert!(told(&error).contains("hint: write its digest behind it"));
    let wrong = format!("{}/a.wasm#{}", server.url, Digest::of(b"other"));
    assert!(matches!(find(&wrong).await, Err(FetchError::Other { .. })));
}
