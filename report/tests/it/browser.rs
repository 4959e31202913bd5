//! The page in a browser: opened from disk it says nothing on its console, and keeps the rules (names, order, keyboard, contrast, width)
//! light and dark, wide and narrow. And a page that breaks a rule is found out.

use std::{fs, path::Path};

use assay_report::Form;
use assay_test_browser::Browser;
use tempfile::TempDir;

use super::{documents::text, situations};

/// The breaches of a page, and what its console says.
fn looked_at(browser: &mut Browser, path: &Path, width: u32, scheme: &str) -> Vec<String> {
    browser.open(&format!("file://{}", path.display()), width, scheme);
    browser.breaches()
}

fn written(folder: &TempDir, name: &str, page: &str) -> std::path::PathBuf {
    let path = folder.path().join(format!("{name}.html"));
    fs::write(&path, page).unwrap();
    path
}

#[test]
fn the_page_of_every_situation_keeps_the_rules() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = TempDir::new().unwrap();
    for (name, events) in situations::all() {
        let path = written(&folder, name, &text(Form::Html, &events));
        let found = looked_at(&mut browser, &path, 1400, "light");
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

#[test]
fn a_page_with_something_of_everything_keeps_them_light_and_dark_wide_and_narrow() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = TempDir::new().unwrap();
    for events in [situations::evidence(), situations::rich()] {
        let path = written(&folder, "page", &text(Form::Html, &events));
        for width in [360, 800, 1400] {
            for scheme in ["light", "dark"] {
                let found = looked_at(&mut browser, &path, width, scheme);
                assert!(found.is_empty(), "{width} {scheme}: {found:#?}");
            }
        }
    }
    let ground = "getComputedStyle(document.body).backgroundColor";
    assert_eq!(browser.evaluate(ground), "rgb(13, 17, 23)", "it is dark");
}

#[test]
fn the_keyboard_comes_first_to_the_way_past_everything() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let path = written(&folder, "rich", &text(Form::Html, &situations::rich()));
    browser.open(&format!("file://{}", path.display()), 1400, "light");
    browser.press("Tab", 9);
    assert_eq!(browser.evaluate("document.activeElement.className"), "skip");
    let place = "document.activeElement.getBoundingClientRect().left >= 0";
    assert_eq!(browser.evaluate(place), true, "it is seen");
}

#[test]
fn a_page_that_breaks_a_rule_is_found_out() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let good = text(Form::Html, &situations::rich());
    for (right, wrong, told) in [
        (" lang=\"en\"", "", "the language is named"),
        (
            "<h2 id=\"why\">",
            "<h2 id=\"loads\">",
            "an id is there once",
        ),
        (
            "<h3 id=\"bad-1-name\">",
            "<h3>",
            "what labels an element is there",
        ),
        (
            "<h2 id=\"timeline\">Timeline</h2>",
            "<h5 id=\"timeline\">Timeline</h5>",
            "no level of headings",
        ),
        (
            "href=\"#streams\"",
            "href=\"#nowhere\"",
            "a link leads somewhere",
        ),
        (
            "class=\"drawing\" role=\"img\"",
            "class=\"drawing\"",
            "a picture has words",
        ),
        (
            "tabindex=\"0\" role=\"region\" aria-labelledby=\"baselines\"",
            "tabindex=\"0\"",
            "a region has a name",
        ),
        (
            "<th scope=\"row\">F1</th>",
            "<th>F1</th>",
            "a head of a table says of what",
        ),
        ("<th scope=\"row\">F1</th>", "", "rows are as wide"),
        ("--quiet: #59636e", "--quiet: #8a949e", "text stands out"),
        ("--calm: #4a7ab5", "--calm: #b5cbe6", "a mark stands out"),
        (
            ".axis { ",
            ".axis { min-width: 2000px; ",
            "no wider than its window",
        ),
        (
            ".axis { margin: 0.125rem 0.75rem 0 3.75rem; color: var(--quiet); font-size: 0.75rem; }",
            ".axis { font-size: 8px; }",
            "text is not tiny",
        ),
        (
            "</main>",
            "<script>alert(1)</script></main>",
            "Content Security Policy",
        ),
        (
            "</main>",
            "<img alt=\"\" src=\"http://127.0.0.1:9/x.png\"></main>",
            "Content Security Policy",
        ),
    ] {
        assert!(good.contains(right), "{right}");
        let path = written(&folder, "broken", &good.replace(right, wrong));
        let found = looked_at(&mut browser, &path, 1400, "light");
        assert!(
            found.iter().any(|found| found.contains(told)),
            "{told}: {found:#?}"
        );
    }
}
