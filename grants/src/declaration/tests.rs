use super::*;

const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// A section with its length.
fn section(id: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![id];
    write_number(&mut bytes, content.len());
    bytes.extend_from_slice(content);
    bytes
}

fn custom(name: &str, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_number(&mut bytes, name.len());
    bytes.extend_from_slice(name.as_bytes());
    bytes.extend_from_slice(content);
    section(0, &bytes)
}

fn of(start: &[u8], sections: &[Vec<u8>]) -> Vec<u8> {
    [start, &sections.concat()].concat()
}

fn wants(json: &str) -> Vec<u8> {
    custom(SECTION, json.as_bytes())
}

/// One declaration at the top, one in a module, and two that a linker has joined in the module of a nested component.
fn sample() -> Vec<u8> {
    let module = of(
        MODULE,
        &[custom("name", b"x"), wants(r#"{"faults":["pause"]}"#)],
    );
    let joined = of(MODULE, &[wants(r#"{"services":["a"]}{"services":["b"]}"#)]);
    let inner = of(COMPONENT, &[section(1, &joined)]);
    of(
        COMPONENT,
        &[
            wants(r#"{"hosts":["a.test:80"]}"#),
            section(1, &module),
            section(4, &inner),
            custom("assay:wants ", b"not ours"),
        ],
    )
}

fn grants(json: &str) -> Grants {
    serde_json::from_str(json).unwrap()
}

#[test]
fn declarations_are_found_wherever_they_are_and_count_together() {
    let expected = r#"{"hosts":["a.test:80"],"faults":["pause"],"services":["a","b"]}"#;
    assert_eq!(declared(&sample()).unwrap(), Some(grants(expected)));
}

#[test]
fn a_plugin_that_declares_nothing_is_told_from_one_that_wants_nothing() {
    assert_eq!(declared(COMPONENT).unwrap(), None);
    assert_eq!(
        declared(&of(COMPONENT, &[wants("")])).unwrap(),
        Some(Grants::default())
    );
    assert_eq!(
        declared(&of(COMPONENT, &[wants("{}")])).unwrap(),
        Some(Grants::default())
    );
}

#[test]
fn a_file_that_ends_within_a_nested_component_is_broken() {
    let inner = of(COMPONENT, &[wants("{}")]);
    let whole = of(COMPONENT, &[section(4, &inner)]);
    let cut = &whole[..whole.len() - inner.len() + COMPONENT.len()];
    let error = declared(cut).unwrap_err();
    assert!(matches!(error, DeclarationError::Broken(_)), "{error}");
    assert!(declared(&whole).is_ok());
}

#[test]
fn no_end_and_no_flipped_bit_brings_the_reader_down() {
    let sample = sample();
    for end in 0..sample.len() {
        // What a truncation leaves is an error or a shorter component: it only must not panic.
        let _ = declared(&sample[..end]);
    }
    for at in 0..sample.len() {
        for bit in 0..8 {
            let mut flipped = sample.clone();
            flipped[at] ^= 1 << bit;
            let _ = declared(&flipped);
        }
        let mut replaced = sample.clone();
        replaced[at] = 0xff;
        let _ = declared(&replaced);
    }
    for end in 1..HEADER {
        assert!(declared(&sample[..end]).is_err(), "{end}");
    }
    assert!(declared(b"").is_err() && declared(b"not WebAssembly").is_err());
}

#[test]
fn a_section_that_says_what_nobody_knows_is_refused() {
    for json in [
        "[]",
        "{",
        "{\"host\":[]}",
        "{\"hosts\":[\"a.test\"]}",
        "{} x",
        "\0",
    ] {
        let found = declared(&of(COMPONENT, &[wants(json)]));
        assert!(
            matches!(found, Err(DeclarationError::Unreadable(_))),
            "{json}: {found:?}"
        );
    }
}

#[test]
fn all_sections_together_have_at_most_64_kib() {
    for (extra, good) in [(0, true), (1, false)] {
        let half = MAX_DECLARATION / 2;
        let sections = [
            wants(&format!("{{}}{}", " ".repeat(half - 2))),
            wants(&format!("{{}}{}", " ".repeat(half - 2 + extra))),
        ];
        let found = declared(&of(COMPONENT, &sections));
        assert_eq!(found.is_ok(), good, "{extra}");
    }
}

#[test]
fn all_sections_together_have_lists_of_at_most_256() {
    let list = |from: usize, to: usize| {
        let names: Vec<String> = (from..to).map(|number| format!("\"s{number}\"")).collect();
        wants(&format!("{{\"services\":[{}]}}", names.join(",")))
    };
    for (last, good) in [(256, true), (257, false)] {
        let found = declared(&of(COMPONENT, &[list(0, 200), list(200, last)]));
        assert_eq!(found.is_ok(), good, "{last}");
    }
}

#[test]
fn components_are_followed_64_deep_and_no_deeper() {
    for (depth, good) in [(MAX_DEPTH, true), (MAX_DEPTH + 1, false)] {
        let inner = of(COMPONENT, &[wants("{\"attachments\":true}")]);
        let nested = (1..depth).fold(inner, |inner, _| of(COMPONENT, &[section(4, &inner)]));
        let found = declared(&nested);
        assert_eq!(found.is_ok(), good, "{depth}: {found:?}");
    }
}

#[test]
fn what_is_declared_is_found_beside_what_was_declared_before() {
    let once = declare(COMPONENT, &grants(r#"{"faults":["pause"]}"#)).unwrap();
    let twice = declare(&once, &grants(r#"{"faults":["kill"]}"#)).unwrap();
    let expected = grants(r#"{"faults":["pause","kill"]}"#);
    assert_eq!(declared(&twice).unwrap(), Some(expected));
    assert!(twice.starts_with(&once));
    let long: String = "x".repeat(380);
    let many: Vec<String> = (0..200)
        .map(|number| format!("\"{long}{number}\""))
        .collect();
    let many = grants(&format!("{{\"services\":[{}]}}", many.join(",")));
    assert!(matches!(
        declare(COMPONENT, &many),
        Err(DeclarationError::TooLong)
    ));
    assert!(declare(b"nothing", &many).is_err());
}
