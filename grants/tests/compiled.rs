//! The compiler's part of a declaration: where it puts what `suite!` writes, also when it strips all that it may.
#![expect(clippy::print_stderr, reason = "a test that cannot run says so")]

use std::{fs, process::Command};

use assay_grants::{Grants, declaration};

/// What `suite!` writes, twice, as two crates of one component would.
const SOURCE: &str = r#"
    #![no_std]
    const _: () = {
        #[used]
        #[unsafe(link_section = "assay:wants")]
        static WANTS: [u8; 19] = *b"{\"faults\":[\"stop\"]}";
    };
    const _: () = {
        #[used]
        #[unsafe(link_section = "assay:wants")]
        static WANTS: [u8; 22] = *b"{\"services\":[\"shop\"]}\n";
    };
    #[panic_handler]
    fn stop(_: &core::panic::PanicInfo<'_>) -> ! { loop {} }
"#;

#[test]
fn what_a_suite_in_rust_declares_is_found_in_what_the_compiler_makes() {
    let folder = tempfile::tempdir().unwrap();
    let (source, component) = (
        folder.path().join("suite.rs"),
        folder.path().join("suite.wasm"),
    );
    fs::write(&source, SOURCE).unwrap();
    let made = Command::new("rustc")
        .args([
            "--edition",
            "2024",
            "--crate-type",
            "cdylib",
            "--target",
            "wasm32-wasip2",
        ])
        .args([
            "-O",
            "-C",
            "panic=abort",
            "-C",
            "lto=fat",
            "-C",
            "strip=symbols",
            "-o",
        ])
        .args([&component, &source])
        .output();
    let made = made.expect("rustc, which has compiled this test");
    let said = String::from_utf8_lossy(&made.stderr);
    if said.contains("E0463") {
        eprintln!(
            "SKIPPED: the target wasm32-wasip2 is not installed: `cargo xtask plugins` installs it"
        );
        return;
    }
    assert!(made.status.success(), "{said}");
    let found = declaration::declared(&fs::read(&component).unwrap()).unwrap();
    let expected: Grants =
        serde_json::from_str(r#"{"faults":["stop"],"services":["shop"]}"#).unwrap();
    assert_eq!(found, Some(expected));
}
