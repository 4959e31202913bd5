//! A report, from its file.

use std::{fs::File, io::Read as _, path::Path};

use assay_report::json::document::Report;

use crate::error::Error;

/// Bytes that the report of a suite of some dozen cases may have.
pub const MAX_REPORT: u64 = 64 << 20;

/// Reads a `report.json`.
pub fn report(path: &Path) -> Result<Report, Error> {
    let unreadable = |source| Error::Unreadable {
        path: path.to_owned(),
        source,
    };
    let mut text = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_REPORT + 1)
        .read_to_end(&mut text)
        .map_err(unreadable)?;
    if text.len() as u64 > MAX_REPORT {
        return Err(Error::TooBig {
            path: path.to_owned(),
        });
    }
    serde_json::from_slice(&text).map_err(|source| Error::NoReport {
        path: path.to_owned(),
        source,
    })
}
