//! `wit-check NEW OLD...`: the contract's folder must parse, document every item, and only add to each older one, which has to be as it was
//! released.

mod documented;
mod grown;
mod kept;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use wit_parser::{PackageId, Resolve};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(new) = arguments.next() else {
        return refuse(&["usage: wit-check NEW OLD...".to_owned()]);
    };
    let older: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    match check(Path::new(&new), &older) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => refuse(&problems),
    }
}

fn check(new: &Path, older: &[PathBuf]) -> Result<(), Vec<String>> {
    let (resolve, package) = parse(new)?;
    let mut problems = documented::problems(&resolve, package);
    for old in older {
        let mut found = kept::problems(old);
        found.extend(grown::problems(resolve.clone(), package, old));
        problems.extend(
            found
                .iter()
                .map(|problem| format!("against {}: {problem}", old.display())),
        );
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

/// Every file of a folder, as one package. The parser's message names file, line and column.
fn parse(folder: &Path) -> Result<(Resolve, PackageId), Vec<String>> {
    let mut resolve = Resolve::default();
    match resolve.push_dir(folder) {
        Ok((package, _)) => Ok((resolve, package)),
        Err(error) => Err(vec![format!("{error:#}")]),
    }
}

#[expect(clippy::print_stderr, reason = "the one place where it speaks")]
fn refuse(problems: &[String]) -> ExitCode {
    for problem in problems {
        eprintln!("error: {problem}");
    }
    ExitCode::FAILURE
}
