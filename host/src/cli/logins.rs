//! Who one is for registries: what `docker login` left.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use assay_pins::registry::Logins;
use assay_report::{exit::Exit, hint::Hinted};

use super::output;
use crate::config::Settings;

/// Bytes of docker's `config.json` that are read.
const MAX_LOGINS: u64 = 1 << 20;

/// The logins of docker, if there are some. Their passwords are learned: nothing that is written has them.
pub(super) fn of(settings: &Settings) -> Result<Logins, Exit> {
    let Some(file) = file() else {
        return Ok(Logins::default());
    };
    let text = match read(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Logins::default()),
        Err(error) => return Err(output::fail(&Unreadable { file, error }, Exit::Config)),
    };
    let logins = Logins::of_docker(&text).map_err(|error| output::fail(&error, Exit::Config))?;
    for secret in logins.secrets() {
        settings.redactor.learn_credential("password", secret);
    }
    Ok(logins)
}

/// Where `docker login` leaves them.
fn file() -> Option<PathBuf> {
    let folder = std::env::var_os("DOCKER_CONFIG")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".docker")))?;
    Some(folder.join("config.json"))
}

fn read(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(file)?
        .take(MAX_LOGINS)
        .read_to_string(&mut text)?;
    Ok(text)
}

/// A file of logins that is there and cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the logins of registries in `{}`: {error}", file.display())]
struct Unreadable {
    file: PathBuf,
    error: io::Error,
}

impl Hinted for Unreadable {
    fn hint(&self) -> Option<String> {
        Some("let its user read it, or name another folder with `DOCKER_CONFIG`".to_owned())
    }
}
