use super::*;

const DIGITS: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn source(text: &str) -> Source {
    text.parse().unwrap()
}

fn problem(text: &str) -> String {
    assay_report::hint::told(&text.parse::<Source>().unwrap_err())
}

#[test]
fn each_source_is_read_back_as_it_is_written() {
    let pinned = format!("https://example.org/a.wasm#sha256:{DIGITS}");
    let by_digest = format!("oci://ghcr.io/org/suite@sha256:{DIGITS}");
    for text in [
        "./plugins/a.wasm",
        "../a.wasm",
        "/srv/a.wasm",
        "https://example.org/a.wasm",
        "http://127.0.0.1:8080/a.wasm?version=1",
        &pinned,
        "oci://ghcr.io/org/suite:1.0",
        "oci://127.0.0.1:5000/suite:1.0",
        "oci://[::1]:5000/suite:1.0",
        &by_digest,
    ] {
        assert_eq!(source(text).to_string(), text);
    }
}

#[test]
fn a_name_in_a_registry_needs_no_scheme_and_a_path_stays_a_path() {
    for (text, shown) in [
        ("ghcr.io/org/suite:1", "oci://ghcr.io/org/suite:1"),
        ("localhost/suite:1", "oci://localhost/suite:1"),
        ("localhost:5000/suite:1", "oci://localhost:5000/suite:1"),
        ("plugins/a.wasm", "./plugins/a.wasm"),
        ("a.wasm", "./a.wasm"),
        ("plugins.d/a", "./plugins.d/a"),
        ("build.1/a:b.wasm", "./build.1/a:b.wasm"),
        (".cache/a:1", ".cache/a:1"),
    ] {
        assert_eq!(source(text).to_string(), shown, "{text}");
    }
}

#[test]
fn http_is_for_loopback_alone() {
    for text in [
        "http://127.0.0.1/a",
        "http://[::1]:1/a",
        "http://localhost/a",
    ] {
        assert!(!source(text).is_secure(), "{text}");
    }
    for text in [
        "http://example.org/a.wasm",
        "http://10.0.0.1/a.wasm",
        "http://localhost.example.org/a.wasm",
    ] {
        assert!(problem(text).contains("is not encrypted"), "{text}");
    }
    assert!(problem("ftp://example.org/a").contains("over `ftp`"));
    assert!(source("oci://ghcr.io/a:1").is_secure());
    assert!(!source("oci://localhost:5000/a:1").is_secure());
    assert!(source("oci://localhost.example.org/a:1").is_secure());
}

#[test]
fn credentials_are_refused_and_never_shown() {
    for text in [
        "https://somebody:geheim@example.org/a.wasm?token=geheim",
        "https://geheim@example.org/a.wasm",
        "oci://somebody:geheim@example.org/a:1",
        "oci://somebody:geheim@example.org",
        "somebody:geheim@example.org/a:1",
        "ftp://somebody:geheim@example.org/a",
        "https://somebody:geheim@exa mple.org/a",
        "https://example.org/a.wasm?token=geheim#geheim",
        "http://example.org/a.wasm?token=geheim",
    ] {
        let problem = problem(text);
        assert!(!problem.contains("geheim"), "{problem}");
    }
    let shown = source("https://example.org/a.wasm?token=geheim").shown();
    assert_eq!(shown, "https://example.org/a.wasm?…");
}

#[test]
fn credentials_are_not_shown_where_an_address_has_no_slashes_before_them() {
    for text in [
        "https:somebody:geheim@example.org/a://b",
        "https:/somebody:geheim@example.org/a:b",
    ] {
        let told = problem(text);
        assert!(told.contains("example.org"), "{told}");
        assert!(!told.contains("geheim"), "{told}");
    }
}

#[test]
fn a_reference_that_is_none_says_why() {
    let long_name = format!("oci://example.org/{}:1", "a".repeat(201));
    let long_tag = format!("oci://example.org/a:{}", "1".repeat(129));
    for (text, expected) in [
        ("oci://example.org", "no `/`"),
        ("oci://example.org/a", "neither a tag nor a digest"),
        ("oci://example.org/a:", "its tag is none"),
        ("oci://example.org/a:-1", "its tag is none"),
        (&long_tag, "its tag is none"),
        (&long_name, "its name is"),
        ("oci://example.org/A:1", "its name is"),
        ("oci://example.org/a..b:1", "its name is"),
        ("oci://example.org/a//b:1", "its name is"),
        ("oci://example.org/../a:1", "its name is"),
        ("oci://example.org/a@sha256:1", "behind `@`"),
        ("oci:///a:1", "no host"),
        ("oci://example.org:0/a:1", "no host"),
        ("oci://example.org:port/a:1", "no host"),
        ("oci://0x7f.1/a:1", "no host"),
        ("oci://exa%6dple.org/a:1", "no host"),
    ] {
        let problem = problem(text);
        assert!(problem.contains(expected), "{text}: {problem}");
    }
    source(&format!("oci://example.org/{}:1", "a".repeat(200)));
    source(&format!("oci://example.org/a:{}", "1".repeat(128)));
}

#[test]
fn a_source_is_as_long_as_it_may_be_and_no_longer() {
    source(&format!("/{}", "a".repeat(MAX_SOURCE - 1)));
    assert!(problem(&format!("/{}", "a".repeat(MAX_SOURCE))).contains("2049 bytes"));
    assert!(problem("").contains("is empty"));
    assert!(problem("./a\n.wasm").contains("cannot be seen"));
}

#[test]
fn a_lock_has_an_address_without_its_digest() {
    let source = source(&format!("https://example.org/a.wasm#sha256:{DIGITS}"));
    assert_eq!(source.locked().to_string(), "https://example.org/a.wasm");
}

#[test]
fn a_folder_stands_for_its_plugins_by_name() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        plugins_of(folder.path()),
        Err(SourceError::NoPlugins(_))
    ));
    for name in ["b.wasm", "a.wasm", "notes.txt"] {
        std::fs::write(folder.path().join(name), name).unwrap();
    }
    let names: Vec<String> = plugins_of(folder.path())
        .unwrap()
        .iter()
        .map(|source| source.to_string().rsplit('/').next().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["a.wasm", "b.wasm"]);
    let text = folder.path().to_str().unwrap();
    let given = Given::read(text, Path::is_dir).unwrap();
    assert_eq!(given, Given::Folder(folder.path().to_owned()));
    assert!(matches!(
        Given::read("a.wasm", Path::is_dir),
        Ok(Given::One(Source::File(_)))
    ));
}
