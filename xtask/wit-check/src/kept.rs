//! What was released stays as it was: each file of a released version has its SHA-256 in a list that is written when it is released. A copy
//! that were changed together with the contract would be compared with itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

/// The list, in the form of `sha256sum`, beside the folders of the versions.
const LIST: &str = "SHA256SUMS";

/// One line for each file of a released version that is another one, that is gone, or that is not in the list.
pub(crate) fn problems(released: &Path) -> Vec<String> {
    let Some((parent, name)) = released.parent().zip(released.file_name()) else {
        return vec![format!("{} is no folder of a version", released.display())];
    };
    let name = name.to_string_lossy();
    let files = match sums(released) {
        Ok(files) => files,
        Err(error) => return vec![format!("it cannot be read: {error}")],
    };
    let listed = match fs::read_to_string(parent.join(LIST)) {
        Ok(text) => listed(&text, &name),
        Err(error) => return vec![format!("{LIST} cannot be read: {error}")],
    };
    let mut problems = Vec::new();
    for (file, sum) in &files {
        match listed.get(file) {
            None => problems.push(format!("{file} is not in {LIST}\nhint: when a version is released, `sha256sum {name}/*.wit >> {LIST}`")),
            Some(kept) if kept != sum => problems.push(format!("{file} is not what was released\nhint: put it back; what is new belongs into a new version")),
            Some(_) => {}
        }
    }
    let gone = listed.keys().filter(|file| !files.contains_key(*file));
    problems.extend(gone.map(|file| format!("{file} was released and is gone\nhint: put it back")));
    problems
}

/// The SHA-256 of each file of the folder, by its name.
fn sums(folder: &Path) -> std::io::Result<BTreeMap<String, String>> {
    let mut sums = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let digest = Sha256::digest(fs::read(entry.path())?);
        let sum = format!("{digest:x}");
        sums.insert(entry.file_name().to_string_lossy().into_owned(), sum);
    }
    Ok(sums)
}

/// What the list has of one version, by the name of the file.
fn listed(text: &str, version: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.split_once("  "));
    let files = lines.filter_map(|(sum, path)| {
        let (folder, file) = path.split_once('/')?;
        (folder == version).then(|| (file.to_owned(), sum.to_owned()))
    });
    files.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of `abc`, from FIPS 180-4's examples.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    /// What is said of version `1.0.0` with these files, under this list.
    fn said(test: &str, files: &[(&str, &str)], list: &str) -> Vec<String> {
        let base = std::env::temp_dir().join(format!("kept-{test}-{}", std::process::id()));
        let version = base.join("1.0.0");
        fs::create_dir_all(&version).unwrap();
        for (name, text) in files {
            fs::write(version.join(name), text).unwrap();
        }
        fs::write(base.join(LIST), list).unwrap();
        let problems = problems(&version);
        fs::remove_dir_all(&base).unwrap();
        problems
    }

    #[test]
    fn a_released_file_that_is_as_it_was_is_fine() {
        let list = format!("0000  0.9.0/b.wit\n{ABC}  1.0.0/a.wit\n");
        assert_eq!(said("same", &[("a.wit", "abc")], &list), [""; 0]);
    }

    #[test]
    fn a_released_file_that_was_changed_added_or_removed_is_told() {
        let list = format!("{ABC}  1.0.0/a.wit\n");
        for (test, files, expected) in [
            (
                "changed",
                &[("a.wit", "abd")][..],
                "a.wit is not what was released",
            ),
            (
                "added",
                &[("a.wit", "abc"), ("b.wit", "abc")],
                "b.wit is not in",
            ),
            ("removed", &[], "a.wit was released and is gone"),
        ] {
            let problems = said(test, files, &list);
            assert_eq!(problems.len(), 1, "{test}: {problems:?}");
            assert!(problems[0].starts_with(expected), "{problems:?}");
        }
    }

    #[test]
    fn every_version_of_the_repository_is_as_it_was_released() {
        let released = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/released");
        let mut versions = 0;
        for entry in fs::read_dir(released).unwrap() {
            let folder = entry.unwrap().path();
            if folder.is_dir() {
                versions += 1;
                assert_eq!(problems(&folder), [""; 0], "{}", folder.display());
            }
        }
        assert!(versions > 0);
    }
}
