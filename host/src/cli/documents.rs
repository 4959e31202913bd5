//! The arguments that name documents: the same for a run and for a recorded one.

use std::path::PathBuf;

use assay_report::{Document, Form};
use clap::Args;

use crate::cli::settings::given;

/// Documents that are to be made.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Reports")]
pub struct DocumentArguments {
    /// The whole run as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<String>,
    /// JUnit XML, for CI systems.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<String>,
    /// TAP 14, for test harnesses.
    #[arg(long, value_name = "FILE")]
    pub tap: Option<String>,
    /// Tables of performance data, for spreadsheets.
    #[arg(long, value_name = "FOLDER")]
    pub csv: Option<String>,
    /// Whole distributions, for the tools of HDR histograms.
    #[arg(long, value_name = "FOLDER")]
    pub hdr: Option<String>,
    /// The summary for those who decide, as Markdown.
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<String>,
    /// The page for people.
    #[arg(long, value_name = "FILE")]
    pub html: Option<String>,
}

impl DocumentArguments {
    /// Those that were given, by the keys of `[report]`.
    pub fn overrides(&self) -> Vec<(&'static str, String)> {
        given(Form::ALL.map(|form| (form.word(), self.of(form).map(str::to_owned))))
    }

    /// Those that were given, in the working folder.
    pub fn documents(&self) -> Vec<Document> {
        let documents = Form::ALL.into_iter().filter_map(|form| {
            let path = PathBuf::from(self.of(form)?);
            Some(Document { form, path })
        });
        documents.collect()
    }

    fn of(&self, form: Form) -> Option<&str> {
        let given = match form {
            Form::Json => &self.json,
            Form::Junit => &self.junit,
            Form::Tap => &self.tap,
            Form::Csv => &self.csv,
            Form::Hdr => &self.hdr,
            Form::Markdown => &self.markdown,
            Form::Html => &self.html,
        };
        given.as_deref()
    }
}
