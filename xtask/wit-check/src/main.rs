//! `wit-check NEW [OLD]`: the contract's folder must parse, document every item, and only add to the older one.

mod documented;
mod grown;

use std::path::Path;
use std::process::ExitCode;

use wit_parser::{PackageId, Resolve};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(new) = arguments.next() else {
        return refuse(&["usage: wit-check NEW [OLD]".to_owned()]);
    };
    match check(Path::new(&new), arguments.next().as_deref().map(Path::new)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => refuse(&problems),
    }
}

fn check(new: &Path, old: Option<&Path>) -> Result<(), Vec<String>> {
    let (resolve, package) = parse(new)?;
    let mut problems = documented::problems(&resolve, package);
    if let Some(old) = old {
        problems.extend(grown::problems(resolve, package, old));
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
