//! From the folder of a suite to its component, whatever it is written in.

mod cargo;
mod error;
mod python;
mod work_folder;

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use assay_grants::{Grants, declaration};

use crate::{
    FileError, Toolchain,
    project::{Kind, Project},
};

pub use error::BuildError;
use work_folder::WorkFolder;

/// The target of components in Rust.
pub const TARGET: &str = "wasm32-wasip2";

/// How a suite is built.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// Where the component goes, as `NAME.wasm`; `plugins` of the suite's folder if not given.
    pub out: Option<PathBuf>,
    /// Nothing is fetched: what is not there is an error.
    pub offline: bool,
    /// Where what is made on the way is kept; `target` of the suite's folder if not given, and for Rust what cargo says.
    pub target: Option<PathBuf>,
    /// The compilers.
    pub toolchain: Toolchain,
}

impl BuildOptions {
    /// With paths from the root: those that were given are meant from the caller's folder, and programs are started in the suite's.
    fn absolute(&self) -> Result<Self, FileError> {
        let absolute = |path: &Option<PathBuf>| match path {
            Some(path) => std::path::absolute(path)
                .map(Some)
                .map_err(FileError::of("find", path)),
            None => Ok(None),
        };
        Ok(Self {
            out: absolute(&self.out)?,
            target: absolute(&self.target)?,
            ..self.clone()
        })
    }
}

/// A component that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// Its file, as a path from the root.
    pub component: PathBuf,
    /// Bytes of it.
    pub size: u64,
    /// Whether it is other than before: a file with the same bytes is left as it is, so that what is compiled of it stays good.
    pub changed: bool,
}

/// Makes the component. What compilers say goes to standard error, as they say it. Dropping the future ends them.
pub async fn build(project: &Project, options: &BuildOptions) -> Result<Built, BuildError> {
    let options = &options.absolute()?;
    let folder = match &options.out {
        Some(folder) => folder.clone(),
        None => project.folder.join("plugins"),
    };
    let (made, _work) = match &project.kind {
        // Cargo has a lock of its own.
        Kind::Rust => (cargo::component(project, options).await?, None),
        Kind::Python { suite, sdk, wants } => {
            let work = WorkFolder::open(project, options).await?;
            let sdk = sdk.as_deref();
            let made = python::component(project, suite, sdk, options, work.path()).await?;
            declare(&made, wants)?;
            (made, Some(work))
        }
    };
    Ok(place(&made, &folder, &project.name)?)
}

/// Adds what the suite wants to its component. A suite in Rust has it already, by its macro.
fn declare(component: &Path, wants: &Grants) -> Result<(), BuildError> {
    if wants.is_nothing() {
        return Ok(());
    }
    let bytes = fs::read(component).map_err(FileError::of("read", component))?;
    let declaring = declaration::declare(&bytes, wants)?;
    fs::write(component, declaring).map_err(FileError::of("write", component))?;
    Ok(())
}

/// Puts a component where it belongs, in one step: nobody reads half of one.
fn place(made: &Path, folder: &Path, name: &str) -> Result<Built, FileError> {
    fs::create_dir_all(folder).map_err(FileError::of("make", folder))?;
    let component = folder.join(format!("{name}.wasm"));
    let new = fs::read(made).map_err(FileError::of("read", made))?;
    let changed = !fs::read(&component).is_ok_and(|old| old == new);
    if changed {
        write_whole(&component, &new).map_err(FileError::of("write", &component))?;
    }
    Ok(Built {
        component,
        size: new.len() as u64,
        changed,
    })
}

/// By a file of this build's own, which becomes the other one when it is whole.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut partial = tempfile::Builder::new()
        .prefix(".assay-")
        .suffix(".partial")
        // As for any file: what of it is taken away is the user's to say.
        .permissions(fs::Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    partial.write_all(bytes)?;
    partial.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_replaced_only_by_another_one() {
        let base = tempfile::tempdir().unwrap();
        let (made, folder) = (base.path().join("made"), base.path().join("out"));
        fs::write(&made, b"one").unwrap();
        let built = place(&made, &folder, "shop").unwrap();
        assert_eq!(
            built,
            Built {
                component: folder.join("shop.wasm"),
                size: 3,
                changed: true
            }
        );
        assert!(!place(&made, &folder, "shop").unwrap().changed);
        fs::write(&made, b"three").unwrap();
        assert!(place(&made, &folder, "shop").unwrap().changed);
        assert_eq!(fs::read(&built.component).unwrap(), b"three");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn a_component_may_be_read_by_whoever_may_read_files_of_its_author() {
        let folder = tempfile::tempdir().unwrap();
        let (usual, whole) = (folder.path().join("usual"), folder.path().join("whole"));
        fs::write(&usual, b"one").unwrap();
        write_whole(&whole, b"one").unwrap();
        let mode = |path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&whole), mode(&usual));
    }
}
