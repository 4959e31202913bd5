//! The page in a browser while the run goes on: parts come anew and nothing else moves, it says nothing on the console, and it keeps the
//! rules light and dark, wide and narrow.

use std::time::Duration;

use assay_dashboard::{Dashboard, Limits};
use assay_report::Reporter as _;
use assay_test_browser::Browser;

use super::{
    FAST, IN_FAULT, dashboard,
    scripted::{until, whole},
    tell,
};

const IS_LIVE: &str = "document.getElementById('state').textContent === 'Live'";

fn goes_on(dashboard: &mut Dashboard, from: f64, to: f64) {
    tell(dashboard, &until(to).split_off(until(from).len()));
}

fn says(part: &str, words: &str) -> String {
    format!("document.querySelector('[data-part=\"{part}\"]').innerText.includes('{words}')")
}

#[test]
fn the_page_of_a_run_that_goes_on_keeps_the_rules_light_and_dark_wide_and_narrow() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    // Slow enough that the page holds still while it is looked at.
    let limits = Limits {
        interval: Duration::from_millis(500),
        viewers: 8,
        ..FAST
    };
    let (dashboard, _) = dashboard(limits, &until(IN_FAULT));
    for width in [360, 800, 1400] {
        for scheme in ["light", "dark"] {
            browser.open(&dashboard.url(), width, scheme);
            browser.wait_for(IS_LIVE);
            browser.wait_for(&says("now", "F1: stop KILL on project"));
            let found = browser.breaches();
            assert!(found.is_empty(), "{width} {scheme}: {found:#?}");
        }
    }
}

#[test]
fn every_part_is_there_before_anything_has_happened_and_at_the_end() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let (mut dashboard, _) = dashboard(FAST, &[]);
    browser.open(&dashboard.url(), 1400, "light");
    browser.wait_for(IS_LIVE);
    let number = "document.querySelectorAll('main section').length";
    assert_eq!(browser.evaluate(number), 8);
    let found = browser.breaches();
    assert!(found.is_empty(), "{found:#?}");
    tell(&mut dashboard, &whole());
    dashboard.finish().unwrap();
    browser.wait_for("document.getElementById('state').textContent === 'The run is over'");
    assert_eq!(browser.evaluate("document.title"), "Assay: failed");
    assert_eq!(browser.evaluate(number), 8);
    browser.wait_for(&says("verdict", "Exit code 1"));
    let found = browser.breaches();
    assert!(
        found.is_empty(),
        "the page is usable without its server: {found:#?}"
    );
}

#[test]
fn what_is_open_or_has_the_focus_or_is_scrolled_stays_so_when_a_part_comes_anew() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let (mut dashboard, _) = dashboard(FAST, &until(20.0));
    browser.open(&dashboard.url(), 1400, "light");
    browser.wait_for(IS_LIVE);
    browser.wait_for(&says("timeline", "a-job-streams"));
    browser.evaluate(
        "(() => {
            const suites = [...document.querySelectorAll('details.suite')];
            suites.find((suite) => suite.querySelector('b').textContent === 'jobs').open = false;
            const figures = [...document.querySelectorAll('[data-part=\"loads\"] figure')];
            window.figure = figures.find((figure) => figure.querySelector('figcaption').textContent === 'Times of iterations');
            const details = window.figure.querySelector('details');
            details.open = true;
            details.querySelector('summary').focus({preventScroll: true});
            window.scrolled = details.querySelector('.scroll');
            window.scrolled.scrollTop = 40;
            window.before = window.figure.querySelector('path').getAttribute('d');
        })()",
    );
    goes_on(&mut dashboard, 20.0, IN_FAULT);
    browser.wait_for(&says("now", "F1: stop KILL on project"));
    browser.wait_for("window.figure.querySelector('path').getAttribute('d') !== window.before");
    for kept in [
        "window.figure.isConnected",
        "window.figure.querySelector('details').open",
        "window.figure.contains(document.activeElement)",
        "window.scrolled.isConnected && window.scrolled.scrollTop === 40",
        "![...document.querySelectorAll('details.suite')].find((suite) => suite.querySelector('b').textContent === 'jobs').open",
        "[...document.querySelectorAll('details.suite')].find((suite) => suite.querySelector('b').textContent === 'shop').open",
    ] {
        assert_eq!(browser.evaluate(kept), true, "{kept}");
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_page_for_which_there_is_no_room_says_so_and_stands_still() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let limits = Limits { viewers: 0, ..FAST };
    let (dashboard, _) = dashboard(limits, &until(IN_FAULT));
    browser.open(&dashboard.url(), 1400, "light");
    browser.wait_for("document.getElementById('state').textContent.includes('close one of them')");
    browser.wait_for(&says("verdict", "running"));
}
