//! The macros of `assay-sdk`. Use them through that crate: `use assay_sdk::prelude::*;`.
//!
//! They are here, and not `macro_rules!`, for two reasons: a comparison is taken apart so that a failed check shows both sides,
//! and a mistake in an attribute (a bad name, a bad duration) is reported where it stands.

mod argument;
mod check;
mod entry;
mod name;
mod options;
mod scenario;
mod source;
mod suite;
mod summary;
mod wants;

use proc_macro::TokenStream;
use syn::parse_macro_input;

/// Makes a function a case of the suite; the doc comment becomes its summary.
///
/// Its name in reports is the function's, with dashes: `a_project_gets_an_episode` is `a-project-gets-an-episode`.
/// The function is `async fn` or `fn`, takes nothing or what `#[setup]` returned (by value or as `&T`), and answers nothing or `Result<()>`.
///
/// | option | meaning |
/// |---|---|
/// | `tags = ["smoke"]` | words to filter by, at most 16 |
/// | `timeout = "20s"` | how long one attempt may take: a whole number and `ms`, `s` or `m` |
/// | `needs = ["cache"]` | services, or links such as `client->cache`, without which the case is skipped |
/// | `exclusive` | no other case of the run is active meanwhile |
#[proc_macro_attribute]
pub fn case(options: TokenStream, item: TokenStream) -> TokenStream {
    let options = parse_macro_input!(options as options::CaseOptions);
    let function = parse_macro_input!(item as syn::ItemFn);
    finish(entry::case(&options, &function))
}

/// Makes a function the one that runs before the first case. It answers `Result<T>`; `T` is handed to every other entry as JSON.
#[proc_macro_attribute]
pub fn setup(options: TokenStream, item: TokenStream) -> TokenStream {
    parse_macro_input!(options as options::NoOptions);
    let function = parse_macro_input!(item as syn::ItemFn);
    finish(entry::setup(&function))
}

/// Makes a function the one that runs after the last case, also when cases failed. It may take what `#[setup]` returned.
#[proc_macro_attribute]
pub fn teardown(options: TokenStream, item: TokenStream) -> TokenStream {
    parse_macro_input!(options as options::NoOptions);
    let function = parse_macro_input!(item as syn::ItemFn);
    finish(entry::teardown(&function))
}

/// Makes a function a load script; `load::plan` runs it, once for each iteration of each virtual user.
///
/// It takes, in any order and each at most once:
///
/// | argument | meaning |
/// |---|---|
/// | `Vu` | which virtual user and which iteration this is |
/// | `&mut S` | what the virtual user keeps from one iteration to the next |
/// | `&T`, `T` | what `#[setup]` returned; by value it is cloned for each iteration |
/// | `http::Sample` | what the opening request answered |
///
/// `S` is made once for each virtual user, before its first iteration: by `S::default()`, or by the function that `state = path` names. That
/// one takes the `Vu`, and `&T` too if the scenario takes what `#[setup]` returned, and answers `Result<S>`.
///
/// With `opens_with = path` each iteration begins with a prepared request, which the host sends as it hands out the turn: that saves a call. The path
/// is that of a function of `&S` that answers the `&http::Template`; it is called once, before the first iteration. An iteration whose opening
/// request gets no answer fails without the function being called. A request with slots cannot open an iteration.
///
/// An `async fn` runs in an instance that many virtual users share, unless the plan is `isolated`; a plain `fn` always has its own.
#[proc_macro_attribute]
pub fn scenario(options: TokenStream, item: TokenStream) -> TokenStream {
    let options = parse_macro_input!(options as options::ScenarioOptions);
    let function = parse_macro_input!(item as syn::ItemFn);
    finish(scenario::expand(&options, &function))
}

/// Names the suite and exports it. Once in a crate: `suite! { summary: "what it proves" }`.
///
/// Fields, each optional: `name` and `version` (the package's), `summary` (the package's description), `baselines: [Baseline::at_most(...), ...]`,
/// and `wants`: what a project that is not the suite's own has to grant it in `[grants.NAME]` of its `assay.toml`.
///
/// ```ignore
/// suite! {
///     name: "shop",
///     wants: {
///         services: ["shop"], links: ["client->shop"], faults: ["pause", "latency"],
///         hosts: ["api.example.com:443", "*.shop.test:443"],
///         load: { vus: 100, rate: 1000, duration: "5m" },
///         settings: ["shop.*"], secrets: ["shop.token"], attachments: true,
///     },
/// }
/// ```
///
/// The keys are those of `[grants.NAME]`, and each may be left out. What a suite wants gives it nothing: the host tells what is missing
/// before the suite runs, with the lines that would grant it, and not in the middle. It is in the component as the section `assay:wants`.
#[proc_macro]
pub fn suite(input: TokenStream) -> TokenStream {
    let declaration = parse_macro_input!(input as suite::Declaration);
    finish(suite::expand(&declaration))
}

/// Checks a condition and goes on: `check!(response.status() == 200, "message {x}")`. Answers whether it held.
///
/// A comparison is reported with both sides. A failed check fails the case at its end.
#[proc_macro]
pub fn check(input: TokenStream) -> TokenStream {
    let condition = parse_macro_input!(input as check::Condition);
    check::soft(&condition.into()).into()
}

/// Checks that two values are equal and goes on: `check_eq!(actual, expected, "message {x}")`. Answers whether they are.
#[proc_macro]
pub fn check_eq(input: TokenStream) -> TokenStream {
    let pair = parse_macro_input!(input as check::Pair);
    check::soft(&pair.into()).into()
}

/// Checks a condition and ends the case with a failure if it does not hold: `ensure!(count > 0, "message {x}")`.
#[proc_macro]
pub fn ensure(input: TokenStream) -> TokenStream {
    let condition = parse_macro_input!(input as check::Condition);
    check::hard(&condition.into()).into()
}

/// Checks that two values are equal and ends the case with a failure if they are not: `ensure_eq!(actual, expected)`.
#[proc_macro]
pub fn ensure_eq(input: TokenStream) -> TokenStream {
    let pair = parse_macro_input!(input as check::Pair);
    check::hard(&pair.into()).into()
}

fn finish(expansion: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    expansion
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
