//! Which cores are measured on: the server has one to itself and all clients take turns on another, so that none disturbs the other and
//! all clients have the same.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::unexpected;
use crate::Outcome;
use crate::process;

/// The two cores; the same one twice where there is no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cores {
    pub(super) client: usize,
    pub(super) server: usize,
}

impl Cores {
    /// The first and the last of those that this process may use.
    pub(super) fn find() -> Outcome<Self> {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        Self::of(&status).ok_or_else(|| unexpected("no `Cpus_allowed_list` in /proc".to_owned()))
    }

    fn of(status: &str) -> Option<Self> {
        let name = "Cpus_allowed_list:";
        let list = status.lines().find_map(|line| line.strip_prefix(name))?;
        let mut cores = list.trim().split([',', '-']).map(str::parse);
        let client = cores.next()?.ok()?;
        let server = cores.next_back().unwrap_or(Ok(client)).ok()?;
        Some(Self { client, server })
    }
}

/// A program on one core.
pub(super) fn pinned<I: AsRef<OsStr>>(
    core: usize,
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = I>,
) -> Command {
    let mut command = process::command("taskset", ["--cpu-list", &core.to_string()]);
    command.arg(program).args(arguments);
    command
}

/// How a person would write it: without the folders of this machine.
pub(super) fn written(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<String> = words
        .map(|word| {
            relative(
                Path::new(word),
                process::root(),
                &process::target_directory(),
            )
        })
        .collect();
    words.join(" ")
}

fn relative(word: &Path, root: &Path, target: &Path) -> String {
    let path = if let Ok(built) = word.strip_prefix(target) {
        Path::new("target").join(built)
    } else if let Ok(inside) = word.strip_prefix(root) {
        inside.to_owned()
    } else if word.is_absolute() {
        // Of what is installed anywhere else the name is enough.
        word.file_name().map_or_else(PathBuf::new, PathBuf::from)
    } else {
        word.to_owned()
    };
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_written_without_the_folders_of_this_machine() {
        let (root, target) = (Path::new("/home/me/assay"), Path::new("/var/target"));
        let table = [
            ("/var/target/release/host", "target/release/host"),
            (
                "/home/me/assay/plugins/core-flow.wasm",
                "plugins/core-flow.wasm",
            ),
            ("/usr/bin/wrk", "wrk"),
            (
                "--set=load.parameter=http://127.0.0.1:1/",
                "--set=load.parameter=http://127.0.0.1:1/",
            ),
            ("run", "run"),
        ];
        for (word, written) in table {
            assert_eq!(relative(Path::new(word), root, target), written);
        }
    }

    #[test]
    fn the_first_and_the_last_core_are_taken() {
        let of = |list| Cores::of(&format!("Name:\tx\nCpus_allowed_list:\t{list}\n"));
        let cores = |client, server| Some(Cores { client, server });
        assert_eq!(of("0-1"), cores(0, 1));
        assert_eq!(of("2-5,8,10-11"), cores(2, 11));
        assert_eq!(of("3"), cores(3, 3));
        assert_eq!(Cores::of("Name:\tx\n"), None);
    }
}
