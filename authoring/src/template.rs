//! What `host new` writes: a suite that is green at once, on a service that every machine with a host has.
//!
//! Templates are in the program, so that nothing is fetched. The system that a new suite tests is `host toxiproxy`: a real service over
//! HTTP that keeps what it is told, is started by the host itself, and needs nothing that is not there already.

use std::{fmt, str::FromStr};

use assay_report::hint::{self, Hinted};
use thiserror::Error;

use crate::{
    embedded,
    files::Files,
    name::SuiteName,
    sdk::{Found, SdkError, SdkSource},
};

/// What a suite is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// With the crate `assay-sdk`.
    Rust,
    /// With the package `assay`.
    Python,
}

/// A word that is no language for suites.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no template for `{given}`")]
pub struct LanguageError {
    given: String,
}

/// A new suite that is not written yet.
#[derive(Clone, Debug)]
pub struct Template {
    files: Files,
    advice: Option<&'static str>,
}

/// What is said where a suite in Rust is to have its SDK from crates.io.
const NOT_PUBLISHED: &str = "`assay-sdk` is not on crates.io yet: let `Cargo.toml` name it by `path = \"…/assay/sdk\"`, in a checkout of Assay's repository.";

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Rust, Self::Python];

    /// As it is written on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, LanguageError> {
        let known = Self::ALL.into_iter().find(|known| known.name() == text);
        known.ok_or_else(|| LanguageError {
            given: text.to_owned(),
        })
    }
}

impl Hinted for LanguageError {
    fn hint(&self) -> Option<String> {
        let names = Language::ALL.map(Language::name);
        Some(match hint::nearest(&self.given, names) {
            Some(meant) => format!("is `{meant}` meant?"),
            None => format!(
                "there are `{}`; `host wit` prints the contract for any other language",
                names.join("` and `")
            ),
        })
    }
}

impl Template {
    /// The files of a new suite.
    pub fn render(name: &SuiteName, language: Language, sdk: &SdkSource) -> Result<Self, SdkError> {
        let found = sdk.find()?;
        Ok(match language {
            Language::Rust => rust(name, found),
            Language::Python => python(name, found.as_ref()),
        })
    }

    /// What is to be written.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// What its author has to do before it can be built; nothing in most cases.
    pub fn advice(&self) -> Option<&'static str> {
        self.advice
    }
}

macro_rules! text {
    ($path:literal) => {
        include_str!(concat!("../templates/", $path))
    };
}

fn rust(name: &SuiteName, sdk: Option<Found>) -> Template {
    let advice = sdk.is_none().then_some(NOT_PUBLISHED);
    let dependency = match &sdk {
        Some(found) => format!("assay-sdk = {{ path = {} }}", quoted(&found.rust)),
        None => concat!(
            "# Not on crates.io yet: until it is, give the folder `sdk` of a checkout, { path = \"…/assay/sdk\" }.\n",
            "assay-sdk = \"0.1\""
        )
        .to_owned(),
    };
    let fill = |text: &str| filled(text, name, &dependency, advice);
    let mut files = shared(name);
    files.add("Cargo.toml", fill(text!("rust/Cargo.toml.in")));
    files.add("rust-toolchain.toml", text!("rust/rust-toolchain.toml"));
    files.add("src/lib.rs", fill(text!("rust/lib.rs")));
    files.add("README.md", fill(text!("rust/README.md")));
    files.add(".gitignore", text!("rust/gitignore"));
    // Cargo takes the entries out that the suite does not need.
    if let Some(lock) = sdk.and_then(|found| found.lock) {
        files.add("Cargo.lock", lock);
    }
    Template { files, advice }
}

fn python(name: &SuiteName, sdk: Option<&Found>) -> Template {
    let dependency = match sdk {
        Some(found) => format!("sdk = {}", quoted(&found.python)),
        None => "# sdk = \"…/assay/sdk/python\"".to_owned(),
    };
    let fill = |text: &str| filled(text, name, &dependency, None);
    let mut files = shared(name);
    files.add("pyproject.toml", fill(text!("python/pyproject.toml.in")));
    files.add("requirements.txt", embedded::python_requirements());
    files.add("suite.py", fill(text!("python/suite.py")));
    files.add("README.md", fill(text!("python/README.md")));
    files.add(".gitignore", text!("python/gitignore"));
    Template {
        files,
        advice: None,
    }
}

fn shared(name: &SuiteName) -> Files {
    let mut files = Files::default();
    files.add(
        "assay.toml",
        filled(text!("shared/assay.toml"), name, "", None),
    );
    files
}

fn filled(text: &str, name: &SuiteName, dependency: &str, advice: Option<&str>) -> String {
    let advice = advice.map_or_else(String::new, |advice| format!("\n\n{advice}"));
    text.replace("SUITE_NAME", name.as_str())
        .replace("SDK_DEPENDENCY", dependency)
        .replace(" SDK_ADVICE", &advice)
}

/// A path as TOML has texts. Who found the SDK has seen that it is UTF-8.
fn quoted(path: &std::path::Path) -> String {
    toml::Value::String(path.to_string_lossy().into_owned()).to_string()
}

#[cfg(test)]
mod tests;
