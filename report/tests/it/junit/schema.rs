//! The rules that CI systems hold JUnit XML to: those of the schema that Jenkins' xUnit plugin publishes as `junit-10.xsd`, written
//! down as a table, and the counts, which a schema cannot check.

use std::collections::BTreeMap;

use quick_xml::{Reader, events::Event as Xml};

/// An element that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) children: Vec<Element>,
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    /// All elements of this name in it, at any depth.
    pub(crate) fn all(&self, name: &str) -> Vec<&Element> {
        let mut found = Vec::new();
        for child in &self.children {
            if child.name == name {
                found.push(child);
            }
            found.extend(child.all(name));
        }
        found
    }

    /// 0 if there is none; one that must be there is missed elsewhere.
    fn number(&self, name: &str) -> usize {
        self.attribute(name).parse().unwrap_or_default()
    }
}

/// Reads a document; whatever is not well-formed ends the test.
pub(crate) fn read(text: &str) -> Element {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().unwrap() {
            Xml::Start(start) => open.push(element(&start)),
            Xml::Empty(start) => {
                let element = element(&start);
                open.last_mut().unwrap().children.push(element);
            }
            Xml::End(_) => {
                let element = open.pop().unwrap();
                open.last_mut().unwrap().children.push(element);
            }
            Xml::Text(text) => open.last_mut().unwrap().text += &text.xml10_content(),
            Xml::GeneralRef(reference) => {
                let text = match reference.resolve_char_ref().unwrap() {
                    Some(character) => character.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&reference)
                        .unwrap()
                        .to_owned(),
                };
                open.last_mut().unwrap().text += &text;
            }
            Xml::Eof => break,
            Xml::Decl(_) => {}
            other => panic!("this has no place in it: {other:?}"),
        }
    }
    let mut document = open.pop().unwrap();
    assert!(open.is_empty() && document.children.len() == 1);
    document.children.remove(0)
}

fn element(start: &quick_xml::events::BytesStart<'_>) -> Element {
    let attributes = start.attributes().map(|attribute| {
        let attribute = attribute.unwrap();
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Explicit1_0)
            .unwrap();
        (attribute.key.as_ref().to_owned(), value.into_owned())
    });
    Element {
        name: start.name().as_ref().to_owned(),
        attributes: attributes.collect(),
        ..Element::default()
    }
}

/// For an element: its required attributes, its optional ones, the elements that it may hold, and whether it may hold text.
type Rule = (
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
    bool,
);

fn rule(name: &str) -> Option<Rule> {
    Some(match name {
        "testsuites" => (
            &[],
            &["name", "time", "tests", "failures", "errors"],
            &["testsuite"],
            false,
        ),
        "testsuite" => (
            &["name", "tests", "failures", "errors"],
            &[
                "group",
                "time",
                "skipped",
                "timestamp",
                "hostname",
                "id",
                "package",
                "file",
                "log",
                "url",
            ],
            &[
                "testsuite",
                "properties",
                "testcase",
                "system-out",
                "system-err",
            ],
            false,
        ),
        "properties" => (&[], &[], &["property"], false),
        "property" => (&["name", "value"], &[], &[], false),
        "testcase" => (
            &["name"],
            &["time", "classname", "group"],
            &[
                "skipped",
                "error",
                "failure",
                "rerunFailure",
                "rerunError",
                "flakyFailure",
                "flakyError",
                "system-out",
                "system-err",
            ],
            false,
        ),
        "failure" | "error" | "skipped" => (&[], &["type", "message"], &[], true),
        "rerunFailure" | "rerunError" | "flakyFailure" | "flakyError" => (
            &["type"],
            &["message"],
            &["stackTrace", "system-out", "system-err"],
            true,
        ),
        "stackTrace" | "system-out" | "system-err" => (&[], &[], &[], true),
        _ => return None,
    })
}

/// What breaks a rule, each as a sentence.
pub(crate) fn broken_rules(root: &Element) -> Vec<String> {
    let mut broken = Vec::new();
    if root.name != "testsuites" {
        broken.push(format!("`{}` is no root", root.name));
    }
    check(root, &mut broken);
    for suite in root.all("testsuite") {
        counts(suite, &mut broken);
    }
    for name in ["tests", "failures", "errors"] {
        let suites = root.children.iter().map(|suite| suite.number(name));
        if suites.sum::<usize>() != root.number(name) {
            broken.push(format!("`{name}` is not the sum of all suites"));
        }
    }
    broken
}

fn check(element: &Element, broken: &mut Vec<String>) {
    let name = &element.name;
    let Some((required, optional, children, has_text)) = rule(name) else {
        broken.push(format!("there is no `{name}`"));
        return;
    };
    for attribute in required {
        if !element.attributes.contains_key(*attribute) {
            broken.push(format!("`{name}` has no `{attribute}`"));
        }
    }
    for (attribute, value) in &element.attributes {
        if !required.contains(&attribute.as_str()) && !optional.contains(&attribute.as_str()) {
            broken.push(format!("`{name}` cannot have `{attribute}`"));
        }
        if attribute == "time" && !is_time(value) {
            broken.push(format!("`{value}` is no time"));
        }
    }
    if !has_text && !element.text.trim().is_empty() {
        broken.push(format!("`{name}` has text"));
    }
    for child in &element.children {
        if !children.contains(&child.name.as_str()) {
            broken.push(format!("`{name}` cannot hold `{}`", child.name));
        }
        check(child, broken);
    }
}

/// Whole seconds, or seconds with a fraction.
fn is_time(value: &str) -> bool {
    let (seconds, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = |text: &str| text.chars().all(|character| character.is_ascii_digit());
    !seconds.is_empty() && digits(seconds) && digits(fraction)
}

fn counts(suite: &Element, broken: &mut Vec<String>) {
    for (attribute, inside) in [
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ] {
        let number = suite.all(inside).len();
        if suite.number(attribute) != number {
            broken.push(format!("`{attribute}` is not {number}"));
        }
    }
    if suite.number("tests") != suite.all("testcase").len() {
        broken.push("`tests` is not the number of cases".to_owned());
    }
}
