//! `report.json`: the whole run as one document with a published schema, for programs. It is gathered in bounded memory and
//! written at the end in one piece, also when the run was interrupted.

use std::io::{self, Write};

use self::document::Report;

mod budget;
pub mod course;
mod cut;
pub mod document;
mod environment;
mod evidence;
mod gather;
mod hearing;
pub mod loads;
pub mod notable;
mod planned;
pub(crate) mod refusals;
mod traffic;

pub use self::{
    budget::MAX_EVIDENCE_BYTES,
    course::MAX_POINTS,
    evidence::{
        MAX_ATTACHMENTS, MAX_EXCHANGES, MAX_FAILED_CHECKS, MAX_FAULTS, MAX_LOGS, MAX_OUTPUT_BYTES,
        MAX_OUTPUTS, MAX_PASSED_CHECKS, MAX_SERVICES,
    },
    gather::{Gatherer, MAX_JUDGEMENTS},
    loads::MAX_LOADS,
    notable::MAX_NOTABLE_STREAMS,
    refusals::MAX_REFUSALS,
    traffic::{MAX_KINDS, MAX_NAMES},
};

/// The file's name in the report folder.
pub const FILE_NAME: &str = "report.json";

/// Writes the document.
pub(crate) fn write(report: &Report, writer: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *writer, report).map_err(io::Error::from)?;
    writer.write_all(b"\n")
}
