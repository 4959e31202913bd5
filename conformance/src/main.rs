//! `conformance REPORT.json`: says what of the conformance suite does not hold. Ends with 0 if all of it does, with 1 if not, and with 2
//! if that cannot be said.

use std::{
    env,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use assay_conformance::{Error, Suite, differences, report};
use assay_report::hint;

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let (Some(path), None) = (arguments.next(), arguments.next()) else {
        return unclear("usage: conformance REPORT.json");
    };
    match look(&PathBuf::from(path), &mut io::stdout().lock()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => unclear(&format!("error: {}", hint::told(&error))),
    }
}

/// Whether all of it holds; what does not is told.
fn look(path: &Path, out: &mut impl Write) -> Result<bool, Error> {
    let suite = Suite::conformance()?;
    let found = differences(&suite, &report(path)?);
    let told = found
        .iter()
        .map(|difference| format!("{difference}\n"))
        .chain([format!(
            "{} cases, {} differences\n",
            suite.cases.len(),
            found.len()
        )])
        .try_for_each(|line| out.write_all(line.as_bytes()));
    // Whoever reads no further has the exit code.
    drop(told);
    Ok(found.is_empty())
}

#[expect(
    clippy::print_stderr,
    reason = "the one place where it speaks of errors"
)]
fn unclear(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(2)
}
