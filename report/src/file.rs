//! Files of a report: in a folder that is made when it is missing, and whole or not there at all.

use std::{fs, io, io::Write, path::Path};

use tempfile::NamedTempFile;

use super::ReportError;

/// The folder that a file is in, or is to be.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Makes the folder of the reports.
pub(super) fn create_folder(folder: &Path) -> Result<(), ReportError> {
    fs::create_dir_all(folder).map_err(|source| ReportError::Folder {
        path: folder.to_owned(),
        source,
    })
}

/// Removes the report of a former run: a run that dies must not leave behind what looks like its result. A device or a pipe is none.
pub(super) fn remove_former(path: &Path) -> Result<(), ReportError> {
    if is_special(path) {
        return Ok(());
    }
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(ReportError::Create {
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

/// Whether something is there that is written into and never replaced: `/dev/null`, a named pipe, and `/dev/stdout` also where it leads to
/// a file.
fn is_special(path: &Path) -> bool {
    fs::metadata(path)
        .is_ok_and(|found| !found.is_dir() && (!found.is_file() || is_of_the_system(path)))
}

/// Whether it is a link that the system keeps, to what a process has open.
fn is_of_the_system(path: &Path) -> bool {
    ["/dev", "/proc"].iter().any(|root| path.starts_with(root))
        && fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// Writes a file beside its place first and moves it there when it is whole; into what is special it is
/// written behind what is there. Its folder is made when it is missing.
pub(super) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), ReportError> {
    let folder = folder_of(path);
    create_folder(folder)?;
    let failed = |source| ReportError::Write {
        path: path.to_owned(),
        source,
    };
    if is_special(path) {
        let mut file = fs::OpenOptions::new()
            .append(true)
            .open(path)
            .map_err(failed)?;
        return buffered(&mut file, write).map_err(failed);
    }
    let mut beside = temporary(folder).map_err(|source| ReportError::Create {
        path: path.to_owned(),
        source,
    })?;
    buffered(beside.as_file_mut(), write).map_err(failed)?;
    beside
        .persist(path)
        .map_err(|error| failed(error.error))
        .map(drop)
}

fn buffered(
    file: &mut fs::File,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = io::BufWriter::new(file);
    write(&mut buffer)?;
    buffer.flush()
}

/// A temporary file is its owner's alone; a report is for whoever the umask lets read it.
pub(super) fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
