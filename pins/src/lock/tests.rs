use super::*;
use crate::signature::SecretKey;
use assay_report::hint::told;

fn pin(name: &str) -> Pin {
    Pin {
        name: name.to_owned(),
        version: "0.1.0".to_owned(),
        contract: "assay:suite@0.1.0".to_owned(),
        source: format!("./plugins/{name}.wasm").parse().unwrap(),
        digest: Digest::of(name.as_bytes()),
        size: name.len() as u64,
        signatures: Vec::new(),
    }
}

fn lock(names: &[&str]) -> Lock {
    Lock::new(names.iter().map(|name| pin(name))).unwrap()
}

/// With a first line that is true of it, whoever wrote it.
fn sealed(body: &str) -> String {
    format!("digest = \"{}\"\n{body}", Digest::of(body.as_bytes()))
}

fn problem(body: &str) -> String {
    Lock::from_text(&sealed(body)).unwrap_err().to_string()
}

#[test]
fn the_same_pins_are_the_same_bytes_in_any_order() {
    let text = lock(&["core-flow", "analysis"]).to_text();
    assert_eq!(text, lock(&["analysis", "core-flow"]).to_text());
    let body = text.split_once('\n').unwrap().1;
    assert_eq!(
        body,
        "# The digest is that of all that is below it. `host lock` writes this file, and no hand: what is changed here does not run.
version = 1

[[plugins]]
name = \"analysis\"
version = \"0.1.0\"
contract = \"assay:suite@0.1.0\"
source = \"./plugins/analysis.wasm\"
digest = \"sha256:f44e85c4b8ea2addc796f8beab6600e801d767ccd26c800dce6d88fdaa5eb4e6\"
size = 8

[[plugins]]
name = \"core-flow\"
version = \"0.1.0\"
contract = \"assay:suite@0.1.0\"
source = \"./plugins/core-flow.wasm\"
digest = \"sha256:93c8d3c92ffc72ba50755d1269b7c6d23dbfe185ae3b199e8ae158281aaee134\"
size = 9
"
    );
}

#[test]
fn a_lock_is_read_back_as_it_was_written() {
    let mut signed = pin("signed");
    for seed in 0..MAX_SIGNATURES {
        let secret = SecretKey::from_seed(&[u8::try_from(seed).unwrap(); 32]);
        signed
            .signatures
            .push(Signature::sign(&secret, &signed.digest));
    }
    let mut odd = pin("odd");
    odd.version = "1.0 \"é\" \\ 'x' # [a]".to_owned();
    odd.source = "oci://127.0.0.1:5000/suites/odd:1.0".parse().unwrap();
    let mut far = pin("far");
    far.source = "https://example.org/a.wasm?x=1".parse().unwrap();
    for pins in [vec![], vec![signed, odd, far]] {
        let lock = Lock::new(pins).unwrap();
        assert_eq!(Lock::from_text(&lock.to_text()).unwrap(), lock);
    }
}

#[test]
fn each_flipped_byte_is_refused_with_the_digest_that_was_wanted_and_the_one_that_is() {
    let text = lock(&["analysis", "core-flow"]).to_text();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(&path, &bytes).unwrap();
        match Lock::read(&path) {
            Err(LockError::Changed { wanted, got }) => assert_ne!(wanted, got),
            Err(LockError::NoDigest { .. }) if at <= text.find('\n').unwrap() => {}
            other => panic!("byte {at}: {other:?}"),
        }
    }
}

#[test]
fn a_digest_in_the_first_line_says_what_was_wanted() {
    let text = lock(&["a"]).to_text() + "\n";
    let error = told(&Lock::from_text(&text).unwrap_err());
    assert!(error.starts_with("the lock was changed: it says that it is sha256:"));
    assert!(
        error.contains("\nhint: take back what was changed"),
        "{error}"
    );
    assert!(matches!(
        Lock::from_text(""),
        Err(LockError::NoDigest { .. })
    ));
}

#[test]
fn a_later_version_is_refused_whatever_else_it_has() {
    assert!(matches!(
        Lock::from_text(&sealed("version = 2\nnew = true\n")),
        Err(LockError::Version(2))
    ));
    assert!(problem("").contains("version"), "{}", problem(""));
}

#[test]
fn what_no_lock_has_is_told_with_its_line() {
    let text = lock(&["a"]).to_text();
    let body = text.split_once('\n').unwrap().1;
    for (from, to, expected) in [
        (
            "version = 1\n",
            "version = 1\nother = 1\n",
            "line 4 of the lock: unknown field `other`",
        ),
        (
            "size = 1",
            "size = 1\nother = 1",
            "line 12 of the lock: unknown field `other`",
        ),
        (
            "size = 1",
            "size = -1",
            "line 11 of the lock: invalid value",
        ),
        ("\"sha256:", "\"sha512:", "line 10 of the lock: `sha512:"),
        (
            "\"./plugins/a.wasm",
            "\"ftp://x/",
            "line 9 of the lock: `ftp://x/` is no address",
        ),
        ("name = \"a\"\n", "", "missing field `name`"),
        ("[[plugins]]", "[[plugins]", "line 5 of the lock"),
    ] {
        assert!(body.contains(from), "{from}");
        let problem = problem(&body.replacen(from, to, 1));
        assert!(problem.contains(expected), "{expected}: {problem}");
    }
}

#[test]
fn a_name_is_there_once() {
    let error = Lock::new([pin("a"), pin("a")]).unwrap_err();
    assert!(matches!(error, LockError::Twice(name) if name == "a"));
    let same = Lock::new([
        pin("a"),
        Pin {
            name: "b".to_owned(),
            ..pin("a")
        },
    ])
    .unwrap_err();
    assert!(matches!(same, LockError::Same(..)), "{same}");
    let text = lock(&["a"]).to_text();
    let body = text.split_once('\n').unwrap().1;
    let table = &body[body.find("\n[[").unwrap()..];
    assert!(problem(&format!("{body}{table}")).contains("two plugins called `a`"));
}

#[test]
fn a_value_is_as_long_as_it_may_be_and_no_longer() {
    let refused = |change: &dyn Fn(&mut Pin)| {
        let mut pin = pin("a");
        change(&mut pin);
        matches!(Lock::new([pin]), Err(LockError::Value { .. }))
    };
    let secret = SecretKey::from_seed(&[1; 32]);
    let signature = Signature::sign(&secret, &Digest::of(b"a"));
    assert!(!refused(&|pin| pin.name = "a".repeat(64)));
    assert!(refused(&|pin| pin.name = "a".repeat(65)));
    assert!(!refused(&|pin| pin.version = "1".repeat(400)));
    assert!(refused(&|pin| pin.version = "1".repeat(401)));
    assert!(refused(&|pin| pin.contract = "1".repeat(401)));
    assert!(refused(&|pin| pin.contract = "a\nb".to_owned()));
    assert!(!refused(&|pin| pin.size = MAX_PLUGIN));
    assert!(refused(&|pin| pin.size = MAX_PLUGIN + 1));
    assert!(!refused(&|pin| pin.signatures = vec![signature.clone(); 16]));
    assert!(refused(&|pin| pin.signatures = vec![signature.clone(); 17]));
    assert!(refused(&|pin| pin.source = Source::File("a\nb".into())));
    for name in ["", "A", "1a", "a_b", "-a", "a-", "a--b", "../a"] {
        assert!(refused(&|pin| pin.name = name.to_owned()), "{name}");
    }
}

#[test]
fn as_many_plugins_as_may_be_fit_into_the_file_and_no_more() {
    let names: Vec<String> = (0..=MAX_PLUGINS)
        .map(|number| format!("p{number}"))
        .collect();
    let secret = SecretKey::from_seed(&[1; 32]);
    let all = names.iter().map(|name| {
        let mut pin = pin(name);
        pin.signatures.push(Signature::sign(&secret, &pin.digest));
        pin
    });
    let full = Lock::new(all.clone().take(MAX_PLUGINS)).unwrap();
    assert!((full.to_text().len() as u64) < MAX_FILE);
    assert!(matches!(Lock::new(all), Err(LockError::TooMany)));
}

#[test]
fn a_file_is_as_big_as_it_may_be_and_no_bigger() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let version = "version = 1\n";
    let first_line = sealed("").len();
    for (beyond, is_read) in [(0, true), (1, false)] {
        let room = usize::try_from(MAX_FILE).unwrap() - first_line - version.len() + beyond;
        let body = format!("{version}{}", "#".repeat(room));
        std::fs::write(&path, sealed(&body)).unwrap();
        assert_eq!(Lock::read(&path).is_ok(), is_read);
    }
}

#[test]
fn a_file_takes_the_place_of_the_former_one_and_leaves_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    assert!(matches!(Lock::read(&path), Err(LockError::Missing(_))));
    for names in [&["a", "b"][..], &["c"]] {
        lock(names).write(&path).unwrap();
        assert_eq!(Lock::read(&path).unwrap(), lock(names));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let nowhere = folder.path().join("missing").join(FILE);
    assert!(matches!(
        lock(&[]).write(&nowhere),
        Err(LockError::Write { .. })
    ));
}

#[test]
fn what_is_other_is_told_by_name() {
    let from = lock(&["gone", "moved", "newer", "same"]);
    let mut pins: Vec<Pin> = from
        .pins()
        .filter(|pin| pin.name != "gone")
        .cloned()
        .collect();
    pins.push(pin("added"));
    for pin in &mut pins {
        match pin.name.as_str() {
            "newer" => {
                pin.digest = Digest::of(b"newer still");
                pin.version = "0.2.0".to_owned();
            }
            "moved" => pin.source = "https://example.org/a?token=geheim".parse().unwrap(),
            _ => {}
        }
    }
    let to = Lock::new(pins).unwrap();
    let told: Vec<String> = changes(&from, &to)
        .iter()
        .map(ToString::to_string)
        .collect();
    let newer = (Digest::of(b"newer"), Digest::of(b"newer still"));
    assert_eq!(
        told,
        [
            format!("added 0.1.0 is new: {}", Digest::of(b"added")),
            "gone 0.1.0 is gone".to_owned(),
            "moved comes from https://example.org/a?… instead of ./plugins/moved.wasm".to_owned(),
            format!("newer 0.1.0 was {}, and 0.2.0 is {}", newer.0, newer.1),
        ]
    );
    assert!(changes(&to, &to).is_empty());
}
