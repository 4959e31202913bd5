//! The keys of `[report]`: which documents a run leaves behind beside its own, and where.

use std::path::{Path, PathBuf};

use assay_report::{Document, Form, html, in_the_way, json, log};

use crate::config::{
    entry::{Entry, Value, overlay},
    error::ConfigError,
    origin::Origin,
};

/// The names of the keys, which are also those of the arguments.
pub(super) fn keys() -> Vec<&'static str> {
    Form::ALL.map(Form::word).to_vec()
}

/// What the file says, and over it what the command line does.
pub(super) fn entries(
    file: &[Entry],
    given: &[(&'static str, String)],
) -> Result<Vec<Entry>, ConfigError> {
    let mut entries = file.to_vec();
    let given = given.iter().map(|(key, path)| {
        let origin = Origin::Argument(format!("--{key}"));
        Entry::new(key, Value::Text(path.clone()), origin)
    });
    overlay(&mut entries, given.collect())?;
    Ok(entries)
}

/// The documents. Paths of the file start at `root`, those of arguments at `directory`. None may be written over another one, or
/// over what every run leaves in `report_dir`.
pub(super) fn documents(
    entries: &[Entry],
    root: &Path,
    directory: &Path,
    report_dir: &Path,
) -> Result<Vec<Document>, ConfigError> {
    let own = [json::FILE_NAME, html::FILE_NAME, log::FILE_NAME].map(|name| report_dir.join(name));
    let own: Vec<&Path> = own.iter().map(PathBuf::as_path).collect();
    let mut documents = Vec::new();
    for form in Form::ALL {
        let Some(entry) = entries.iter().find(|entry| entry.key == form.word()) else {
            continue;
        };
        let start = match entry.origin {
            Origin::Argument(_) | Origin::Variable(_) => directory,
            Origin::Default | Origin::Random | Origin::File { .. } => root,
        };
        let text = entry.text()?;
        if text.is_empty() {
            return Err(entry.wrong(
                "no place is named",
                "name a file, such as \"reports/junit.xml\"",
            ));
        }
        documents.push(Document {
            form,
            path: start.join(text),
        });
        if in_the_way(&documents, &own).is_some() {
            let message = format!("`{text}` is the place of another report");
            return Err(entry.wrong(message, "name another file"));
        }
    }
    Ok(documents)
}
