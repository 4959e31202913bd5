//! Whether what was forged is anything but text in HTML, XML and Markdown.

/// Between `<` and `>` there is neither an element nor an attribute of theirs, nor an address that leads to them.
#[track_caller]
pub(super) fn assert_page(page: &str) {
    assert!(
        page.contains("&lt;script") || page.contains("&#60;script"),
        "it is shown"
    );
    let mut elements = 0;
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let inside = &rest[start + 1..];
        let (names, values, length) = tag(inside);
        for forged in [
            "forged",
            "hostile.invalid",
            "onerror",
            "onload",
            "onfocus",
            "onmouseover",
            "onclick",
        ] {
            assert!(!names.contains(forged), "<{names}>");
        }
        for value in values {
            let value = value.trim_start().to_ascii_lowercase();
            let leads = ["javascript:", "data:text", "http://hostile", "//hostile"];
            assert!(
                !leads.iter().any(|lead| value.starts_with(lead)),
                "<{names}>: {value}"
            );
        }
        let name = names.split_whitespace().next().unwrap_or_default();
        for forbidden in ["img", "iframe", "object", "embed", "base", "form"] {
            assert_ne!(name, forbidden);
        }
        elements += 1;
        rest = &inside[length..];
        // What a style or a script is made of is the page's own, and none of theirs.
        for raw in ["style", "script"] {
            if name == raw {
                let end = rest.find(&format!("</{raw}>")).unwrap();
                for forged in ["hostile.invalid", "forged()"] {
                    assert!(!rest[..end].contains(forged), "{forged} in a {raw}");
                }
                rest = &rest[end..];
            }
        }
    }
    assert!(elements > 100, "{elements} elements");
}

/// What a tag has outside of its quotes, what it has in them, and how long it is.
fn tag(text: &str) -> (String, Vec<String>, usize) {
    let (mut names, mut values, mut quote) = (String::new(), Vec::new(), None);
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (None, '>') => return (names, values, at + 1),
            (None, '"' | '\'') => {
                quote = Some(character);
                values.push(String::new());
            }
            (None, other) => names.push(other),
            (Some(open), close) if open == close => quote = None,
            (Some(_), other) => {
                if let Some(value) = values.last_mut() {
                    value.push(other);
                }
            }
        }
    }
    panic!("<{names} has no end");
}

/// Elements nest, every `&` is one of XML's own entities or a number, and each character is one that XML has.
#[track_caller]
pub(super) fn assert_xml(text: &str) {
    let allowed = |character: char| matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert_eq!(text.chars().find(|character| !allowed(*character)), None);
    for after in text.split('&').skip(1) {
        let (entity, _) = after.split_once(';').unwrap();
        let known =
            ["lt", "gt", "amp", "quot", "apos"].contains(&entity) || entity.starts_with('#');
        assert!(known, "&{entity};");
    }
    assert!(
        !text.contains("<!DOCTYPE") && !text.contains("<!ENTITY") && !text.contains("<?forged")
    );
    let mut open: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let inside = &rest[start + 1..];
        if inside.starts_with('?') {
            rest = &inside[inside.find("?>").unwrap()..];
            continue;
        }
        if let Some(data) = inside.strip_prefix("![CDATA[") {
            rest = &data[data.find("]]>").unwrap()..];
            continue;
        }
        let (names, _, length) = tag(inside);
        assert!(!names.contains("forged"), "<{names}>");
        let name = names.split_whitespace().next().unwrap_or_default();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
        } else if !names.ends_with('/') {
            open.push(name.to_owned());
        }
        rest = &inside[length..];
    }
    assert_eq!(open, [""; 0]);
}

/// Outside of code there is no element, no link, no image and no mention of theirs, and no line is a heading, a table or a list of theirs.
#[track_caller]
pub(super) fn assert_markdown(text: &str) {
    assert!(text.contains("forged"), "it is shown");
    for line in outside_of_blocks(text) {
        let begins = [
            "# forged",
            "| forged",
            "- forged",
            "> forged",
            "    forged",
            "===",
            "~~~",
            "[forged",
            "![",
        ];
        assert!(
            !begins.iter().any(|begin| line.starts_with(begin)),
            "{line:?}"
        );
        let plain = outside_of_code(line);
        for live in [
            "<script",
            "<img",
            "<b>",
            "<http",
            "<svg",
            "<a ",
            "](",
            "![",
            "~~forged",
            " *forged*",
            " _forged_",
        ] {
            for (at, _) in plain.match_indices(live) {
                let escaped = plain[..at].ends_with('\\')
                    || plain[at..].starts_with("](") && plain[..at].ends_with('\\');
                assert!(escaped, "{live} in {line:?}");
            }
        }
        assert!(
            !plain.contains("http://hostile.invalid"),
            "{line:?} becomes a link"
        );
        assert!(
            !line.contains('\u{1b}') && !line.contains('\u{202e}'),
            "{line:?}"
        );
    }
}

/// The lines outside of blocks of code. A block ends at the first line that is as many backticks as began it, or more.
fn outside_of_blocks(text: &str) -> Vec<&str> {
    let fence = |line: &str| line.bytes().take_while(|byte| *byte == b'`').count();
    let mut outside = Vec::new();
    let mut block = None;
    for line in text.lines() {
        let length = fence(line);
        match block {
            Some(open) if length >= open && length == line.len() => block = None,
            Some(_) => {}
            None if length >= 3 && !line[length..].contains('`') => block = Some(length),
            None => outside.push(line),
        }
    }
    assert_eq!(block, None, "a block of code has no end");
    outside
}

/// A line without its spans of code.
fn outside_of_code(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        if rest[..start].ends_with('\\') {
            plain.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
            continue;
        }
        plain.push_str(&rest[..start]);
        let ticks = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        let fence = "`".repeat(ticks);
        let behind = &rest[start + ticks..];
        let Some(end) = behind.find(&fence) else {
            plain.push_str(behind);
            return plain;
        };
        rest = &behind[end + ticks..];
    }
    plain.push_str(rest);
    plain
}

#[test]
fn what_is_live_is_found() {
    let long = "<p>&lt;script</p>".repeat(101);
    let pages = [
        "<script src=//hostile.invalid></script>",
        "<p title=\"\" onclick=forged()>",
        "<a href=\"javascript:forged()\">",
        "<img>",
    ];
    assert_page(&long);
    for page in pages {
        assert!(
            std::panic::catch_unwind(|| assert_page(&format!("{long}{page}"))).is_err(),
            "{page}"
        );
    }
    assert_xml("<?xml version=\"1.0\"?><a b=\"&lt;forged>\"><c/></a>");
    for xml in [
        "<a><forged/></a>",
        "<a>\u{1}</a>",
        "<a>&forged;</a>",
        "<a></b>",
        "<a>",
    ] {
        assert!(
            std::panic::catch_unwind(|| assert_xml(xml)).is_err(),
            "{xml}"
        );
    }
    assert_markdown("`<b>forged</b>` \\[forged\\](x) &lt;b&gt;");
    for line in [
        "# forged",
        "a <b>forged</b>",
        "[forged](x)",
        "see http://hostile.invalid forged",
    ] {
        assert!(
            std::panic::catch_unwind(|| assert_markdown(line)).is_err(),
            "{line}"
        );
    }
}
