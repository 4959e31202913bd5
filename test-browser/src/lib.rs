//! A page in a browser, for tests: it says nothing on its console, and keeps the rules of `rules.js` (names, order, keyboard, contrast,
//! width). What can be read by everybody is the same for each page, so the rules are in one place.
//!
//! Only tests depend on this crate: where a test cannot go on, it panics.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on has failed"
)]

mod devtools;

pub use self::devtools::Browser;

/// Opens everything that can be opened: what is closed is looked at, too.
const OPEN_ALL: &str =
    "document.querySelectorAll('details').forEach((details) => { details.open = true })";
const RULES: &str = include_str!("rules.js");

impl Browser {
    /// The breaches of the page that is open, all of it opened up, and what its console says.
    pub fn breaches(&mut self) -> Vec<String> {
        self.evaluate(OPEN_ALL);
        let breaches = self.evaluate(RULES);
        let breaches = breaches.as_array().into_iter().flatten();
        let breaches = breaches.map(|breach| breach.as_str().unwrap_or_default().to_owned());
        breaches.chain(self.complaints()).collect()
    }
}
