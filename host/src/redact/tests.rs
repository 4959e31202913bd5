//! What is found in a text, however it is written, and what is left alone.

use assay_report::event::{
    EventKind, Exchange, ExchangeDetail, Level, Message, MessageBody, Source,
};

use super::*;

fn redactor() -> Redactor {
    let secrets = [("load.token", "s3cr3t/t0ken \"1\""), ("load.pin", "4711")];
    let secrets = secrets.map(|(name, value)| Secret::setting(name, value).unwrap());
    let patterns = Patterns::new(&[r"sk-[a-z0-9]{8}".to_owned()]).unwrap();
    Redactor::new(secrets.to_vec(), patterns)
}

fn redacted(text: &str) -> String {
    redactor().text(text).into_owned()
}

#[test]
fn a_secret_is_told_by_its_name_however_it_is_written() {
    for text in [
        "s3cr3t/t0ken \"1\"",
        "s3cr3t%2Ft0ken%20%221%22",
        "s3cr3t%2ft0ken+%221%22",
        r#"s3cr3t/t0ken \"1\""#,
        r#"s3cr3t\/t0ken \\\"1\\\""#,
        r"s3cr3t\u002ft0ken\u0020\u00221\u0022",
        "s3cr3t/t0ken &quot;1&quot;",
        "s3cr3t/\nt0ken \"1\"",
        r#"s3cr3t/t0\nken \"1\""#,
        "7333637233742f74306b656e20223122",
        "7333637233742F74306B656E20223122",
    ] {
        assert_eq!(
            redacted(&format!("a {text} b")),
            "a [secret load.token] b",
            "{text}"
        );
    }
}

#[test]
fn nothing_of_a_secret_in_base64_is_left() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    for before in ["", "u", "us", "user:"] {
        let encoded = STANDARD.encode(format!("{before}s3cr3t/t0ken \"1\"{before}"));
        let text = redacted(&format!("({encoded})"));
        assert!(text.contains("[secret load.token]"), "{text}");
        let left = text.replace("[secret load.token]", "");
        assert!(left.len() <= 2 + 2 * before.len().div_ceil(3) * 4, "{text}");
    }
}

#[test]
fn what_a_cut_left_of_a_secret_is_found_by_its_longer_part() {
    let secret = "s3cr3t/t0ken \"1\"";
    for at in 4..secret.len() - 4 {
        let (first, second) = secret.split_at(at);
        assert_eq!(
            redacted(&format!("so {first}")),
            "so [secret load.token]",
            "{first}"
        );
        assert_eq!(
            redacted(&format!("{second} so")),
            "[secret load.token] so",
            "{second}"
        );
    }
    assert_eq!(redacted("so s3c"), "so s3c");
    // In the middle of a text nothing was cut.
    assert_eq!(redacted("a s3cr b"), "a s3cr b");
}

#[test]
fn credentials_are_recognised_by_their_form() {
    for (text, expected) in [
        (
            "get http://user:pw@host/a b",
            "get http://[redacted]@host/a b",
        ),
        (
            "next=http%3A%2F%2Fuser%3Apw%40host",
            "next=http%3A%2F%2F[redacted]%40host",
        ),
        ("http://host/a@b", "http://host/a@b"),
        ("Authorization: Bearer abc", "Authorization: [redacted]"),
        (
            r#"{"authorization":"Basic abc","b":1}"#,
            r#"{"authorization":"[redacted]","b":1}"#,
        ),
        (
            r#""{\"Cookie\": \"a=b; c=d\"}""#,
            r#""{\"Cookie\": \"[redacted]"}""#,
        ),
        (
            "set-cookie=a=b\nnext line",
            "set-cookie=[redacted]\nnext line",
        ),
        (
            r#"("proxy-authorization", "x")"#,
            r#"("proxy-authorization", "[redacted]")"#,
        ),
        ("Cookie: theme=\"dark\"; session=0123", "Cookie: [redacted]"),
        (
            "Authorization: Digest username=\"bob\", response=\"66ab\"",
            "Authorization: [redacted]",
        ),
        (
            r#"{"authorization":"Basic YWI=","b":"c"}"#,
            r#"{"authorization":"[redacted]","b":"c"}"#,
        ),
        (
            "get http://user:p@ss@host/a",
            "get http://[redacted]@host/a",
        ),
        ("the key sk-abcd1234 of it", "the key [redacted] of it"),
        ("the key sk%2Dabcd1234", "the key [redacted]"),
        ("the cookie, of course", "the cookie, of course"),
        (
            "cookies are good, authorization too",
            "cookies are good, authorization too",
        ),
    ] {
        assert_eq!(redacted(text), expected);
    }
}

#[test]
fn what_has_no_secret_is_left_as_it_is() {
    for text in [
        "",
        "a%2Fb\\n",
        "http://127.0.0.1:8001/projects/1?at=2",
        "é\n\u{1F600}",
    ] {
        assert!(matches!(redactor().text(text), Cow::Borrowed(same) if same == text));
    }
}

#[test]
fn what_a_request_carried_is_found_elsewhere_afterwards() {
    let redactor = redactor();
    let text = "the token abc-1234567 and the session 0123456789";
    assert_eq!(redactor.text(text), text);
    redactor
        .clone()
        .learn_header("Authorization", b"Bearer abc-1234567");
    redactor.learn_header("set-cookie", b"session=0123456789; Path=/");
    redactor.learn_header("content-type", b"something-else");
    assert_eq!(
        redactor.text(text),
        "the token [redacted] and the session [redacted]"
    );
    let url = reqwest::Url::parse("http://user:pass%2Fword@host/").unwrap();
    redactor.learn_url(&url);
    assert_eq!(
        redactor.text("pass/word, something-else"),
        "[redacted], something-else"
    );
}

#[test]
fn a_crowd_of_learned_secrets_is_found_also_after_it_was_put_together() {
    let redactor = redactor();
    let secret = |number: usize| format!("learned-secret-{number:04}.");
    let count = 2 * MAX_RECENT + 3;
    for number in 0..count {
        redactor.learn_header(
            "authorization",
            format!("Bearer {}", secret(number)).as_bytes(),
        );
        assert_eq!(
            redactor.text(&format!("<{}>", secret(number))),
            "<[redacted]>"
        );
    }
    for number in 0..count {
        assert_eq!(
            redactor.text(&format!("<{}>", secret(number))),
            "<[redacted]>"
        );
    }
    assert_eq!(redactor.text("4711"), "[secret load.pin]");
}

#[test]
fn events_are_told_without_secrets_and_names_are_left_alone_at_their_ends() {
    let source = Source {
        suite: "s3cr".into(),
        entry: "case-4711".into(),
        attempt: 1,
    };
    let mut log = EventKind::Log {
        source: source.clone(),
        level: Level::Info,
        message: "s3cr".into(),
    };
    redactor().redact(&mut log);
    let EventKind::Log {
        source: told,
        message,
        ..
    } = log
    else {
        unreachable!();
    };
    assert_eq!(
        (&*told.suite, &*told.entry),
        ("s3cr", "case-[secret load.pin]")
    );
    assert_eq!(message, "[secret load.token]");

    let mut wrote = EventKind::ServiceWrote {
        source,
        service: "cache".into(),
        lines: vec![
            "begins s3cr3t/t0".into(),
            "ken \"1\" ends".into(),
            "more".into(),
        ],
        dropped_lines: 0,
    };
    redactor().redact(&mut wrote);
    let EventKind::ServiceWrote { lines, .. } = wrote else {
        unreachable!();
    };
    assert_eq!(lines, ["begins [secret load.token] ends", "more"]);
}

#[test]
fn headers_that_carry_credentials_are_never_told() {
    let mut request = Message {
        body: MessageBody::new(b"4711", 4),
        ..Message::default()
    };
    for name in [
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "accept",
    ] {
        request.header(name, "x");
    }
    let mut kind = EventKind::ExchangeRecalled {
        source: Source {
            suite: String::new(),
            entry: String::new(),
            attempt: 1,
        },
        exchange: Exchange {
            connect_ns: None,
            name: "get".into(),
            method: "GET".into(),
            url: "http://a:b@host/".into(),
            status: None,
            error: None,
            sent_bytes: 0,
            received_bytes: 0,
            first_byte_ns: None,
            duration_ns: 0,
            number: 1,
            traceparent: None,
            detail: Some(Box::new(ExchangeDetail {
                request,
                response: None,
                redirected_to: None,
            })),
        },
    };
    redactor().redact(&mut kind);
    let EventKind::ExchangeRecalled { exchange, .. } = kind else {
        unreachable!();
    };
    assert_eq!(exchange.url, "http://[redacted]@host/");
    let request = exchange.detail.unwrap().request;
    let values = request.headers.iter().map(|header| &*header.value);
    assert_eq!(
        values.collect::<Vec<_>>(),
        [REDACTED, REDACTED, REDACTED, REDACTED, "x"]
    );
    assert_eq!(request.body.text.as_deref(), Some("[secret load.pin]"));
}

#[test]
fn a_cookie_that_says_deleted_renames_no_case() {
    let redactor = Redactor::default();
    redactor.learn_header("set-cookie", b"session=deleted; Path=/");
    let mut event = EventKind::CaseStarted {
        suite: "jobs".into(),
        case: "job-is-deleted".into(),
        attempts: 1,
    };
    let before = event.clone();
    redactor.redact(&mut event);
    assert_eq!(event, before);
    assert_eq!(redactor.text("it is deleted"), "it is [redacted]");
}

#[test]
fn a_plugin_that_is_a_stranger_teaches_tokens_and_no_words() {
    let redactor = Redactor::default();
    let wary = redactor.wary();
    wary.learn_header("authorization", b"Bearer one and one is three");
    wary.learn_header("authorization", b"Bearer counters-move-by-what-was-done");
    let words = "one and one is three, and counters-move-by-what-was-done";
    assert_eq!(redactor.text(words), words);
    wary.learn_header("authorization", b"Bearer a1b2c3d4e5f6g7h8");
    assert_eq!(redactor.text("a1b2c3d4e5f6g7h8"), "[redacted]");
}

#[test]
fn strangers_push_out_nothing_that_others_have_taught() {
    let redactor = Redactor::default();
    redactor.learn_header("authorization", b"Bearer of-somebody-else-0123");
    let wary = redactor.wary();
    let token = |number: usize| format!("token-of-a-stranger-{number:05}");
    for number in 0..10_000 {
        wary.learn_header(
            "authorization",
            format!("Bearer {}", token(number)).as_bytes(),
        );
    }
    assert_eq!(redactor.text("of-somebody-else-0123"), "[redacted]");
    assert_eq!(redactor.text(&token(MAX_OF_STRANGERS - 1)), "[redacted]");
    assert_eq!(
        redactor.text(&token(MAX_OF_STRANGERS)),
        token(MAX_OF_STRANGERS)
    );
}
