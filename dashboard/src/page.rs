//! The page itself: what is around the parts, with the script that puts new ones in. All of it is in one answer; nothing comes from
//! elsewhere.

use std::fmt;

use askama::Template;
use assay_report::html::live::{Part, STYLE};
use axum::http::HeaderValue;

use crate::board::{Board, Shown};

/// What a page is made of. Texts are escaped where they are put in; parts are HTML that [`assay_report`] has made.
#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    nonce: &'a str,
    report_style: &'static str,
    style: &'static str,
    script: &'static str,
    head: Option<&'a Shown>,
    parts: Vec<&'a Shown>,
    note: String,
    is_over: bool,
}

/// The page as it was last looked at. Only what has the nonce is obeyed by the browser.
pub(crate) fn page(board: &Board, nonce: &str) -> Result<String, fmt::Error> {
    let (head, parts): (Vec<_>, Vec<_>) = board
        .since(0)
        .partition(|shown| shown.part == Part::Verdict);
    let page = Page {
        nonce,
        report_style: STYLE,
        style: include_str!("../templates/dashboard.css"),
        script: include_str!("../templates/dashboard.js"),
        head: head.first().copied(),
        parts,
        note: board.note().unwrap_or_default(),
        is_over: board.is_over(),
    };
    page.render().map_err(|_| fmt::Error)
}

/// What the browser may do with a page of this nonce: its own style and its own script, and to ask where it came from for more.
pub(crate) fn policy(nonce: &str) -> Option<HeaderValue> {
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).ok()
}
