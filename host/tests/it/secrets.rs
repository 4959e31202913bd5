//! Secrets are planted wherever a run has a place for them, and looked for in all that it leaves behind, in each way in which they may
//! have been written.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fmt::Write as _,
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    fixtures::{file, fixture},
    invocation::{Answer, Invocation, host},
};

/// The setting that is secret, with what must be escaped somewhere.
const TOKEN: &str = r#"hush/7f3a "q"&é=Z0\9c41"#;
/// What the suite and the server have besides, and what names it.
const OTHERS: [&str; 7] = [
    "bearer-5a71c0de-token",
    "sent-cookie-90c1e",
    "set-cookie-44fa0",
    "basic-pass-77cd",
    "url-pass-17bd",
    "sk-abcd1234efgh",
    "cmVhbG0tcGFzcw",
];

/// With percent signs, and the digits behind them as `hexadecimal` has them.
fn percent(text: &str, hexadecimal: fn(&str) -> String) -> String {
    text.chars().fold(String::new(), |mut all, letter| {
        if letter.is_ascii_alphanumeric() {
            all.push(letter);
        } else {
            let digits = hexadecimal(letter.encode_utf8(&mut [0; 4]));
            for byte in 0..letter.len_utf8() {
                let _ = write!(all, "%{}", &digits[2 * byte..2 * byte + 2]);
            }
        }
        all
    })
}

fn hexadecimal(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        let _ = write!(all, "{byte:02x}");
        all
    })
}

fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

/// How it may be written.
fn written(secret: &str) -> Vec<String> {
    let mut ways = in_letters(secret);
    ways.extend(BEFORE.map(|before| STANDARD.encode(format!("{before}{secret}"))));
    ways
}

/// What shows that it was written: each way, and of base64 what does not depend on what stands beside it.
fn traces(secret: &str) -> Vec<String> {
    let mut traces = in_letters(secret);
    for before in BEFORE {
        let encoded = STANDARD.encode(format!("{before}{secret}"));
        traces.push(encoded[before.len() * 2..encoded.len() - 4].to_owned());
    }
    traces
}

/// What may stand before it in base64.
const BEFORE: [&str; 3] = ["", "a", "ab"];

fn in_letters(secret: &str) -> Vec<String> {
    vec![
        secret.to_owned(),
        percent(secret, |text| hexadecimal(text).to_uppercase()),
        percent(secret, hexadecimal),
        json(secret),
        json(&json(secret)),
        hexadecimal(secret),
        hexadecimal(secret).to_uppercase(),
        secret.replace('&', "&amp;").replace('"', "&quot;"),
    ]
}

/// What of the secrets is in a text.
fn found(text: &str) -> Vec<String> {
    let secrets = [TOKEN].into_iter().chain(OTHERS);
    let ways = secrets.flat_map(traces);
    // Halves of the token, which may be in lines of their own.
    let halves = [&TOKEN[..9], &TOKEN[9..]].map(str::to_owned);
    ways.chain(halves)
        .filter(|way| text.contains(way))
        .collect()
}

/// Everything that a call left behind: what it wrote, and all its files.
fn left_behind(answer: &Answer) -> Vec<(String, String)> {
    let mut left = vec![
        ("standard output".to_owned(), answer.stdout.clone()),
        ("standard error".to_owned(), answer.stderr.clone()),
    ];
    let mut folders = vec![answer.folder().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
                left.push((path.display().to_string(), text));
            }
        }
    }
    left
}

/// Answers every request with itself, and sets a cookie; its address. Ends with the test's process.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || echo(stream));
        }
    });
    address.to_string()
}

fn echo(mut stream: TcpStream) {
    let mut buffer = [0; 16 << 10];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        let head = format!(
            "HTTP/1.1 500 Oh\r\nSet-Cookie: id=set-cookie-44fa0; Path=/\r\nX-Realm: cmVhbG0tcGFzcw\r\nContent-Length: {length}\r\n\r\n"
        );
        let answer = [head.as_bytes(), &buffer[..length]].concat();
        if stream.write_all(&answer).is_err() {
            return;
        }
    }
}

/// The configuration, with its secrets marked or not.
fn config(folder: &Path, redact: &str) -> String {
    let halves = [&TOKEN[..9], &TOKEN[9..]];
    let written = serde_json::to_string(&written(TOKEN)).unwrap();
    let settings = format!(
        "token = {}\nwritten = {written}\nhalves = {}\n",
        serde_json::to_string(TOKEN).unwrap(),
        serde_json::to_string(&halves).unwrap()
    );
    let talk = "echo \"basic: $(printf 'user:basic-pass-77cd' | base64)\" >&2; \
        (while true; do echo \"serving with $0\" >&2; echo 'GET / authorization: Basic dXNlcjpiYXNpYy1wYXNzLTc3Y2Q=' >&2; sleep 0.01; done) & \
        exec \"$1\" cache --listen 127.0.0.1:0";
    let text = format!(
        "{redact}\n[settings.leaky]\n{settings}\n[environments.loud.services.talker]\n\
        command = [\"/bin/sh\", \"-c\", {}, \"{{setting:leaky.token}}\", \"{{exe-dir}}/reference\"]\n\
        ready-line = \"listening on \"\nscheme = \"redis\"\n[environments.loud.services.shop]\nurl = \"http://127.0.0.1:1\"\n",
        serde_json::to_string(talk).unwrap()
    );
    file(folder, "assay.toml", text).display().to_string()
}

const REDACT: &str = "[redact]\nsettings = [\"leaky.token\"]\npatterns = [\"sk-[a-z0-9]{8,}\", \"cmVhbG0[A-Za-z0-9]*\"]\n";

fn run(redact: &str) -> Answer {
    let folder = tempfile::TempDir::new().unwrap();
    let config = config(folder.path(), redact);
    let shop = format!("shop=http://user:basic-pass-77cd@{}", server());
    let reports = tempfile::TempDir::new().unwrap();
    let document = |name: &str| reports.path().join(name).display().to_string();
    let answer = Invocation::run(&[fixture("leaky")])
        .with(&[
            "--config",
            &config,
            "--environment",
            "loud",
            "--service",
            &shop,
        ])
        .with(&[
            "--junit",
            &document("junit.xml"),
            "--markdown",
            &document("summary.md"),
        ])
        .answer();
    for name in ["junit.xml", "summary.md"] {
        fs::copy(document(name), answer.folder().join(name)).unwrap();
    }
    answer
}

#[test]
fn no_secret_gets_out_of_a_run_in_any_way() {
    let answer = run(REDACT);
    assert_eq!(answer.exit, Some(1), "{}", answer.seen());
    for (place, text) in left_behind(&answer) {
        assert_eq!(found(&text), [""; 0], "{place} has secrets");
    }
    let log = fs::read_to_string(answer.folder().join("events.jsonl")).unwrap();
    for expected in [
        "the token is [secret leaky.token]",
        "written: [secret leaky.token]",
        "serving with [secret leaky.token]",
        "no use for [secret leaky.token]",
        "http://[redacted]@127.0.0.1:1/tokens",
        "service_wrote",
        "exchange_recalled",
    ] {
        assert!(
            log.contains(expected),
            "{expected:?} is not in the log:\n{log}"
        );
    }
}

#[test]
fn without_a_mark_the_same_run_tells_what_it_was_given() {
    let answer = run("");
    let all: String = left_behind(&answer)
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let found = found(&all);
    for way in traces(TOKEN) {
        assert!(
            found.contains(&way) || all.contains(&json(&way)),
            "{way} is not found"
        );
    }
    assert!(found.contains(&"sk-abcd1234efgh".to_owned()));
    // What is recognised by its form is taken out all the same.
    for form in [
        "bearer-5a71c0de-token",
        "set-cookie-44fa0",
        "url-pass-17bd",
        "basic-pass-77cd",
    ] {
        assert!(!found.contains(&form.to_owned()), "{form}");
    }
}

#[test]
fn the_configuration_is_shown_without_its_secrets_and_so_is_what_is_wrong_with_it() {
    let folder = tempfile::TempDir::new().unwrap();
    let config = config(folder.path(), REDACT);
    let shown = |arguments: &[&str]| {
        let mut command = host();
        command.args(["config", "--config", &config, "--environment", "loud"]);
        let output = command.args(arguments).output().unwrap();
        let texts = [output.stdout, output.stderr];
        texts
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .concat()
    };
    let all = shown(&[
        "--set",
        "leaky.token=given-on-the-line",
        "--set",
        "leaky.written=x",
    ]);
    assert!(all.contains("[secret leaky.token]"), "{all}");
    assert!(!all.contains("given-on-the-line"), "{all}");
    let broken = shown(&["--set", "leaky.token=[given-on-the-line"]);
    assert!(broken.contains("error"), "{broken}");
    assert!(!broken.contains("given-on-the-line"), "{broken}");
    let short = shown(&["--set", "leaky.token=x-y"]);
    assert!(
        short.contains("fewer than 4 bytes") && !short.contains("x-y"),
        "{short}"
    );
}
