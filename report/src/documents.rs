//! Reports that are made of the whole run once it is over. They share one gathering of it, which has bounded memory; one that cannot
//! be written does not keep the others from it.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    path::{self, Path, PathBuf},
};

use crate::{
    ReportError, csv,
    event::Event,
    file,
    former::Former,
    former_file::FormerFile,
    github::GithubStep,
    hdr::{self, Distributions},
    html,
    json::{self, Gatherer, document::Report},
    junit, markdown, tap,
};

/// What a document can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The whole run, for programs.
    Json,
    /// JUnit XML, for CI systems.
    Junit,
    /// TAP 14, for test harnesses.
    Tap,
    /// A folder with tables of performance data, for spreadsheets.
    Csv,
    /// A folder with whole distributions, for the tools of HDR histograms.
    Hdr,
    /// The summary for those who decide.
    Markdown,
    /// One page for people.
    Html,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Json,
        Self::Junit,
        Self::Tap,
        Self::Csv,
        Self::Hdr,
        Self::Markdown,
        Self::Html,
    ];

    /// The word for it on the command line and in `assay.toml`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Tap => "tap",
            Self::Csv => "csv",
            Self::Hdr => "hdr",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }
}

/// A document that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub form: Form,
    /// The file, or the folder of a form that has several files. What is there is replaced.
    pub path: PathBuf,
}

/// The first of these documents that would be written where another one is, or where something is that must stay.
pub fn in_the_way<'a>(documents: &'a [Document], others: &[&Path]) -> Option<&'a Document> {
    let absolute = |path: &Path| path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut taken: BTreeSet<PathBuf> = others.iter().map(|path| absolute(path)).collect();
    documents
        .iter()
        .find(|document| !taken.insert(absolute(&document.path)))
}

/// Gathers a run and writes documents.
#[derive(Debug, Default)]
pub struct Documents {
    gatherer: Gatherer,
    distributions: Distributions,
    pending: Vec<Pending>,
    before: Before,
    github: Option<GithubStep>,
}

#[derive(Debug)]
struct Pending {
    document: Document,
    failure: Option<ReportError>,
}

/// The run before this one.
#[derive(Debug, Default)]
enum Before {
    #[default]
    Nothing,
    Run(Former),
    File(FormerFile),
}

/// What documents are made of.
struct Gathered {
    report: Report,
    distributions: Distributions,
    former: html::Before,
}

impl Documents {
    /// To be written in this order. Nothing is touched before the run is over, unless [`Self::remove_former`] is called.
    pub fn new(documents: Vec<Document>) -> Self {
        let pending = documents
            .into_iter()
            .map(|document| Pending {
                document,
                failure: None,
            })
            .collect();
        Self {
            pending,
            ..Self::default()
        }
    }

    /// Shows the run in a step of GitHub Actions, too.
    #[must_use]
    pub fn in_github(mut self, step: Option<GithubStep>) -> Self {
        self.github = step;
        self
    }

    /// Shows the run beside one before it, where a document can.
    #[must_use]
    pub fn against(mut self, former: Option<Former>) -> Self {
        self.before = former.map_or(Before::Nothing, Before::Run);
        self
    }

    /// The same with one whose report is read only when such a document is written. If it cannot be read, the document says so.
    #[must_use]
    pub fn against_file(mut self, file: Option<FormerFile>) -> Self {
        self.before = file.map_or(Before::Nothing, Before::File);
        self
    }

    /// Whether there is anybody to gather for.
    fn is_idle(&self) -> bool {
        self.pending.is_empty() && self.github.is_none()
    }

    fn wants(&self, form: Form) -> bool {
        let mut pending = self.pending.iter();
        pending.any(|pending| pending.document.form == form)
    }

    /// Removes what a former run left: a run that dies must not leave behind what looks like its result.
    pub fn remove_former(&mut self) {
        for pending in &mut self.pending {
            pending.failure = pending.document.remove_former().err();
        }
    }

    /// Takes in an event.
    pub fn event(&mut self, event: &Event) {
        if self.is_idle() {
            return;
        }
        self.gatherer.event(event);
        if self.wants(Form::Hdr) {
            self.distributions.event(event);
        }
    }

    /// Writes each document, and gives the errors of those that could not be written.
    pub fn finish(self) -> Vec<ReportError> {
        if self.is_idle() {
            return Vec::new();
        }
        let has_page = self.wants(Form::Html);
        let gathered = Gathered {
            report: self.gatherer.finish(),
            distributions: self.distributions,
            former: self.before.read(has_page),
        };
        let written = self.pending.into_iter().filter_map(|pending| {
            let write = || pending.document.write(&gathered).err();
            pending.failure.or_else(write)
        });
        let mut failures: Vec<_> = written.collect();
        if let Some(step) = self.github {
            failures.extend(step.finish(&gathered.report, &mut io::stdout().lock()));
        }
        failures
    }
}

impl Before {
    fn read(self, is_wanted: bool) -> html::Before {
        match self {
            Self::Run(former) => html::Before::Run(former),
            Self::File(file) if is_wanted => match file.read() {
                Ok(former) => html::Before::Run(former),
                Err(error) => html::Before::Unreadable(error.to_string()),
            },
            Self::Nothing | Self::File(_) => html::Before::Nothing,
        }
    }
}

/// How the one file of a form is written.
type WriteFile = fn(&Report, &mut dyn Write) -> io::Result<()>;

impl Document {
    fn write(&self, gathered: &Gathered) -> Result<(), ReportError> {
        let Gathered {
            report,
            distributions,
            former,
        } = gathered;
        let write: WriteFile = match self.form {
            Form::Csv => return csv::write(report, &self.path),
            Form::Hdr => return hdr::write(report, distributions, &self.path),
            Form::Json => json::write,
            Form::Junit => junit::write,
            Form::Tap => tap::write,
            Form::Markdown => markdown::write,
            Form::Html => {
                let write = |writer: &mut dyn Write| html::write(report, former, writer);
                return file::write_whole(&self.path, write);
            }
        };
        file::write_whole(&self.path, |writer| write(report, writer))
    }

    fn remove_former(&self) -> Result<(), ReportError> {
        match self.form {
            Form::Csv => csv::remove_former(&self.path),
            Form::Hdr => hdr::remove_former(&self.path),
            Form::Json | Form::Junit | Form::Tap | Form::Markdown | Form::Html => {
                file::remove_former(&self.path)
            }
        }
    }
}
