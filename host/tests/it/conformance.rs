//! The suite that every SDK implements, in Rust, held to what it must come to. Those in other languages are run by `cargo xtask test`.

use assay_conformance::{Suite, differences};

use crate::{fixtures::fixture, invocation::Invocation};

#[test]
fn the_sdk_for_rust_conforms() {
    let answer = Invocation::run(&[fixture("conformance")])
        .with(&["--no-progress"])
        .answer();
    let suite = Suite::conformance().expect("the suite of this repository");
    let found = differences(&suite, &answer.report());
    assert!(found.is_empty(), "{found:#?}\n{}", answer.seen());
}
