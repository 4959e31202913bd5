//! What the attributes register, and in which order it is found: by file and line, as it is written.

use std::pin::Pin;

use crate::Baseline;
use crate::bindings::suite::Entry;
use crate::problem::{Problem, Result};
use crate::register::{Register, Registered};
use crate::user::User;

/// The body of a scenario: all iterations of one virtual user.
pub(crate) type UserBody = fn(User) -> Pin<Box<dyn Future<Output = Result<()>>>>;

/// The body of an entry; the text is kept only for `setup`.
pub type Body = fn(Entry) -> Pin<Box<dyn Future<Output = Result<String>>>>;

/// Where something is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the compiler was given it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)
    }
}

/// What `suite!` registers.
pub struct SuiteInfo {
    /// The first part of each case's id.
    pub name: &'static str,
    /// The suite's own version.
    pub version: &'static str,
    /// One line for reports.
    pub summary: &'static str,
    /// The levels the suite judges by.
    pub baselines: &'static [Baseline],
}

/// What `#[case]` registers.
pub struct Case {
    /// Kebab-case.
    pub name: &'static str,
    /// One line for reports.
    pub summary: &'static str,
    /// Words to filter by.
    pub tags: &'static [&'static str],
    /// Services without which the case is skipped.
    pub needs: &'static [&'static str],
    /// Milliseconds; 0 takes the run's default.
    pub timeout_ms: u32,
    /// Whether no other case may be active.
    pub exclusive: bool,
    /// Where it is written.
    pub place: Place,
    /// What runs.
    pub run: Body,
}

/// What `#[scenario]` registers.
pub struct Scenario {
    /// Kebab-case.
    pub name: &'static str,
    /// One line for reports.
    pub summary: &'static str,
    /// Whether it is a plain function, which stops its whole instance when it waits.
    pub is_sync: bool,
    /// Where it is written.
    pub place: Place,
    /// What runs, for each virtual user.
    pub run: UserBody,
}

/// Which hook it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookKind {
    /// Before the first case.
    Setup,
    /// After the last case.
    Teardown,
}

/// What `#[setup]` and `#[teardown]` register.
pub struct Hook {
    /// Which one.
    pub kind: HookKind,
    /// Where it is written.
    pub place: Place,
    /// What runs.
    pub run: Body,
}

macro_rules! registered {
    ($($kind:ty),*) => {$(
        impl Register for $kind {
            fn registered() -> &'static Registered<Self> {
                static ENTRIES: Registered<$kind> = Registered::new();
                &ENTRIES
            }
        }
    )*};
}

registered!(SuiteInfo, Case, Scenario, Hook);

/// What the suite says of itself, if it does.
pub(crate) fn suite() -> Option<&'static SuiteInfo> {
    SuiteInfo::registered().find(|_| true)
}

/// All cases, in the order in which they are written.
pub(crate) fn cases() -> Vec<&'static Case> {
    let mut cases = Case::registered().all();
    cases.sort_by_key(|case| case.place);
    cases
}

/// All scenarios, in the order in which they are written.
pub(crate) fn scenarios() -> Vec<&'static Scenario> {
    let mut scenarios = Scenario::registered().all();
    scenarios.sort_by_key(|scenario| scenario.place);
    scenarios
}

/// The scenario of that name, if there is one.
pub(crate) fn scenario(name: &str) -> Option<&'static Scenario> {
    Scenario::registered().find(|scenario| scenario.name == name)
}

/// The hook of that kind, if there is one.
pub(crate) fn hook(kind: HookKind) -> Option<&'static Hook> {
    Hook::registered().find(|hook| hook.kind == kind)
}

/// What a case, a scenario, a teardown or a clean-up may answer: nothing, or a result without a value.
#[diagnostic::on_unimplemented(
    message = "this answers `{Self}` and has to answer nothing or `Result<()>`"
)]
pub trait Outcome {
    /// The same as a result.
    fn into_result(self) -> Result;
}

impl Outcome for () {
    fn into_result(self) -> Result {
        Ok(())
    }
}

impl<E: Into<Problem>> Outcome for Result<(), E> {
    fn into_result(self) -> Result {
        self.map_err(Into::into)
    }
}
