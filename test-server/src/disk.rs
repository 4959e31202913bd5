//! A small file system in memory, for tests of what happens when a disk is full. Only root can make one: elsewhere its tests say that they were
//! skipped.

#![expect(clippy::print_stderr, reason = "a skipped test has to be loud")]

use std::{
    fs::File,
    io::{ErrorKind, Write as _},
    path::Path,
    process::Command,
};

use tempfile::TempDir;

/// A file system with little room, which goes with the test.
#[derive(Debug)]
pub struct Disk {
    folder: TempDir,
}

impl Disk {
    /// One with room for so many MiB.
    pub fn of(mebibytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        let size = format!("size={mebibytes}m");
        mount
            .args(["-t", "tmpfs", "-o", &size, "none"])
            .arg(folder.path());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(Self { folder });
        }
        eprintln!("SKIPPED: no file system can be mounted here, which takes root");
        None
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all the room that is left.
    pub fn fill(&self) {
        let mut file = File::create(self.path().join("filled")).unwrap();
        let page = [0; 4 << 10];
        loop {
            match file.write_all(&page) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return,
                Err(error) => panic!("it cannot be filled: {error}"),
            }
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Its server is dead by now, or the test has failed in another way.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}
