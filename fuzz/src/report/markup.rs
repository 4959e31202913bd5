//! Documents with markup: the page in HTML, and JUnit XML. They have the elements and the attributes that they have with plain texts, and
//! no others.

use std::{collections::BTreeSet, sync::OnceLock};

use quick_xml::{Reader, escape::unescape, events::Event as Xml};

use super::{Reports, run};

/// Elements of HTML that hold nothing and say so by their name alone.
const VOID: [&str; 2] = ["meta", "link"];

/// Names of elements, and of their attributes with the element before them.
pub(super) type Names = BTreeSet<String>;

/// What pages have whose texts are plain; the first call makes reports for it.
pub(super) fn own() -> &'static Names {
    static OWN: OnceLock<Names> = OnceLock::new();
    OWN.get_or_init(|| {
        let mut own = Names::new();
        for run in run::recorded() {
            for texts in [&b"x"[..], b""] {
                Reports::make(&run::told_with(run, texts));
                own.append(&mut names(&Reports::read("html")));
            }
        }
        own
    })
}

/// Holds a page to be whole, and made of what pages are made of.
pub(super) fn page(page: &str, known: &Names) {
    let others: Vec<_> = names(page).difference(known).cloned().collect();
    assert!(others.is_empty(), "{others:?}: {page}");
    for hidden in page.chars().filter(|character| character.is_control()) {
        assert!(matches!(hidden, '\n' | '\t'), "{hidden:?}: {page}");
    }
    for turning in ['\u{202a}', '\u{202e}', '\u{2066}', '\u{2028}'] {
        assert!(!page.contains(turning), "{turning:?}: {page}");
    }
}

/// The names of a page; each element that is opened is closed where it belongs.
fn names(page: &str) -> Names {
    let body = page.strip_prefix("<!DOCTYPE html>").expect("it is a page");
    let mut names = Names::new();
    let mut open: Vec<&str> = Vec::new();
    for part in body.split('<').skip(1) {
        let (tag, _) = part.split_once('>').expect("every tag ends");
        if let Some(closing) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closing), "{page}");
            continue;
        }
        let end = tag.find([' ', '\n', '/']).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(end);
        names.insert(name.to_owned());
        for attribute in attributes_of(attributes) {
            names.insert(format!("{name} {attribute}"));
        }
        if !VOID.contains(&name) && !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}: {page}");
    names
}

/// The names of attributes, with the values of those that lead somewhere or do something.
fn attributes_of(mut text: &str) -> Vec<String> {
    let mut names = Vec::new();
    loop {
        text = text.trim_start_matches([' ', '\n', '/']);
        if text.is_empty() {
            return names;
        }
        let end = text.find(['=', ' ', '\n']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let quoted = rest.strip_prefix("=\"");
        let value = quoted.map(|quoted| quoted.split_once('"').expect("a value ends"));
        let (value, rest) = value.unwrap_or(("", rest));
        let leads = matches!(name, "href" | "src" | "content" | "style");
        // Into the page itself, it may lead to anything.
        let shown = if leads && !value.starts_with('#') {
            value
        } else {
            ""
        };
        names.push(format!("{name}={shown}"));
        text = rest;
    }
}

/// Elements of JUnit XML.
const ELEMENTS: [&str; 16] = [
    "testsuites",
    "testsuite",
    "properties",
    "property",
    "testcase",
    "skipped",
    "failure",
    "error",
    "flakyFailure",
    "flakyError",
    "rerunFailure",
    "rerunError",
    "stackTrace",
    "system-out",
    "system-err",
    "",
];

/// Holds a document to be well-formed XML with the elements of JUnit.
pub(super) fn junit(document: &str) {
    let mut reader = Reader::from_str(document);
    reader.config_mut().check_end_names = true;
    let mut depth = 0_u32;
    loop {
        let event = reader
            .read_event()
            .unwrap_or_else(|error| panic!("{error}: {document}"));
        match event {
            Xml::Start(element) => {
                depth += 1;
                known(&element, document);
            }
            Xml::Empty(element) => known(&element, document),
            Xml::End(_) => depth -= 1,
            Xml::Text(text) => allowed(&text, document),
            Xml::GeneralRef(reference) => {
                allowed(&format!("&{};", &*reference), document);
            }
            Xml::Decl(_) => {}
            Xml::Eof => break,
            other => panic!("{other:?}: {document}"),
        }
    }
    assert_eq!(depth, 0, "{document}");
}

fn known(element: &quick_xml::events::BytesStart<'_>, document: &str) {
    let name = element.name().into_inner().to_owned();
    assert!(ELEMENTS.contains(&name.as_str()), "{name}: {document}");
    for attribute in element.attributes() {
        let attribute = attribute.unwrap_or_else(|error| panic!("{error}: {document}"));
        let name = attribute.key.into_inner();
        assert!(
            name.bytes().all(|byte| byte.is_ascii_lowercase()),
            "{document}"
        );
        allowed(&attribute.value, document);
    }
}

/// A text of XML: its references are known, and it has no character that XML 1.0 forbids (<https://www.w3.org/TR/xml/#charsets>).
fn allowed(text: &str, document: &str) {
    let plain = unescape(text).unwrap_or_else(|error| panic!("{error}: {document}"));
    let is_allowed = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(plain.chars().all(is_allowed), "{text:?}");
    assert!(!text.contains('<'), "{text:?}");
}
