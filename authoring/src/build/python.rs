//! A suite in Python: `componentize-py` puts it into a component together with an interpreter. What `sdk/python/build.sh` does, without a checkout:
//! the package `assay`, the contract and the pinned requirements are in the host.
//!
//! What is fetched is kept below `target/assay`, in a `venv` that is made anew when the requirements change, or Python does, or its own place.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::Command;

use super::{BuildError, BuildOptions};
use crate::{
    FileError, contract,
    embedded::{PYTHON_SDK, python_requirements},
    process::{self, command},
    project::Project,
};

/// Says of what a `venv` was made; written when it is whole.
const MADE_FROM: &str = "made-from";

/// Makes the component; where it is.
pub(super) async fn component(
    project: &Project,
    suite: &Path,
    sdk: Option<&Path>,
    options: &BuildOptions,
    work: &Path,
) -> Result<PathBuf, BuildError> {
    let module = module_of(suite)?;
    let venv = require_packages(project, options, work).await?;
    let entry = work.join("entry");
    write(&entry.join("assay_entry.py"), &entry_of(module))?;
    let carried = work.join("python-sdk");
    for (name, text) in PYTHON_SDK {
        write(&carried.join("assay").join(name), text)?;
    }
    let wit = work.join("wit");
    for (name, text) in contract::files().iter() {
        write(&wit.join(name), text)?;
    }
    let made = work.join("suite.wasm");
    let mut componentize = command(&venv.join("bin/componentize-py"), &project.folder);
    componentize
        .args(["--quiet", "--world", "plugin", "--wit-path"])
        .arg(&wit)
        .args(["componentize", "assay_entry"])
        .arg("--python-path")
        .arg(suite.parent().unwrap_or(&project.folder))
        .arg("--python-path")
        .arg(sdk.unwrap_or(&carried))
        .arg("--python-path")
        .arg(&entry)
        .arg("--output")
        .arg(&made)
        // Without a venv in the environment none of its packages become part of the component.
        .env_remove("VIRTUAL_ENV");
    run(&mut componentize, |command, status| BuildError::Compiler {
        command,
        status,
    })
    .await?;
    Ok(made)
}

/// The module of the suite's file, as `import` takes it.
fn module_of(suite: &Path) -> Result<&str, BuildError> {
    let stem = suite.file_stem().and_then(|stem| stem.to_str());
    let is_word = |stem: &&str| {
        !stem.starts_with(|first: char| first.is_ascii_digit())
            && stem
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    stem.filter(is_word).ok_or_else(|| BuildError::Module {
        suite: suite.to_owned(),
    })
}

/// What the component begins with: the suite's module is loaded, and its cases are known, before the memory is kept.
fn entry_of(module: &str) -> String {
    format!(
        "import {module}\nfrom assay import component\n\ncomponent.prepare()\nSuite = component.Suite\n"
    )
}

/// A `venv` that has what the suite's `requirements.txt` pins, or, without one, what the host does.
async fn require_packages(
    project: &Project,
    options: &BuildOptions,
    work: &Path,
) -> Result<PathBuf, BuildError> {
    let own = project.folder.join("requirements.txt");
    let of_host = python_requirements();
    let wanted = if own.is_file() {
        fs::read_to_string(&own).map_err(FileError::of("read", &own))?
    } else {
        of_host.clone()
    };
    // A new suite has those of the host, in which its author has nothing to mend.
    let is_own = wanted != of_host;
    let venv = work.join("venv");
    let made_from = venv.join(MADE_FROM);
    let version = version(project, options).await?;
    // A venv names itself and its interpreter by their paths, and is of no use when it was moved.
    let ingredients = format!("{version}\n{}\n{wanted}", venv.display());
    if fs::read_to_string(&made_from).is_ok_and(|made| made == ingredients) {
        return Ok(venv);
    }
    if venv.exists() {
        fs::remove_dir_all(&venv).map_err(FileError::of("remove", &venv))?;
    }
    let requirements = work.join("requirements.txt");
    write(&requirements, &wanted)?;
    let offline = options.offline;
    let failed = |own| {
        move |command, status| BuildError::Requirements {
            command,
            status,
            offline,
            own,
        }
    };
    let mut make = command(&options.toolchain.python, &project.folder);
    make.args(["-m", "venv"]).arg(&venv);
    run(&mut make, failed(false)).await?;
    let mut install = command(&venv.join("bin/python"), &project.folder);
    install
        .args(["-m", "pip", "install", "--quiet", "--require-hashes"])
        .args(["--no-deps", "--only-binary=:all:"]);
    if offline {
        install.arg("--no-index");
    }
    install.arg("-r").arg(&requirements);
    run(&mut install, failed(is_own)).await?;
    write(&made_from, &ingredients)?;
    Ok(venv)
}

/// Runs a program to its end. What it prints goes to standard error: standard output is for what commands answer.
async fn run(
    command: &mut Command,
    failed: impl FnOnce(String, std::process::ExitStatus) -> BuildError,
) -> Result<(), BuildError> {
    command.stdin(Stdio::null()).stdout(std::io::stderr());
    let status = command.status().await;
    let status = status.map_err(|source| no_python(command, source))?;
    if status.success() {
        return Ok(());
    }
    Err(failed(process::line(command), status))
}

fn no_python(command: &Command, source: std::io::Error) -> BuildError {
    BuildError::NoPython {
        program: process::program(command),
        source,
    }
}

/// What the interpreter calls itself, such as `Python 3.11.7`.
async fn version(project: &Project, options: &BuildOptions) -> Result<String, BuildError> {
    let mut python = command(&options.toolchain.python, &project.folder);
    python.arg("--version").stdin(Stdio::null());
    python.stderr(Stdio::inherit());
    let output = python.output().await;
    let output = output.map_err(|source| no_python(&python, source))?;
    if !output.status.success() {
        return Err(BuildError::Unreadable {
            command: process::line(&python),
            problem: format!("it ended with {}", output.status),
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Writes a text, unless it is there already.
fn write(path: &Path, text: &str) -> Result<(), FileError> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(FileError::of("make", folder))?;
    }
    fs::write(path, text).map_err(FileError::of("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_a_word_of_python() {
        assert_eq!(module_of(Path::new("a/shop_2.py")).unwrap(), "shop_2");
        for suite in ["my-suite.py", "2shop.py", "sh op.py", "shöp.py"] {
            let error = module_of(Path::new(suite)).unwrap_err();
            assert!(error.is_of_the_suite(), "{suite}: {error}");
        }
    }
}
