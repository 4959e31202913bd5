//! What a new suite looks like; whether it builds and passes is tried in `tests/`.

use std::path::{Path, PathBuf};

use super::*;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn rendered(language: Language, sdk: &SdkSource) -> Template {
    Template::render(&"my-suite".parse().unwrap(), language, sdk).unwrap()
}

fn toml_of(template: &Template, path: &str) -> toml::Table {
    template.files().get(path).unwrap().parse().unwrap()
}

#[test]
fn nothing_of_a_template_is_left_to_fill() {
    for language in Language::ALL {
        for sdk in [SdkSource::Version, SdkSource::Path(repository())] {
            for (path, text) in rendered(language, &sdk).files().iter() {
                for place in ["SUITE_NAME", "SDK_DEPENDENCY", "SDK_ADVICE"] {
                    assert!(
                        !text.contains(place),
                        "{language} {}: {place}",
                        path.display()
                    );
                }
            }
        }
    }
}

#[test]
fn a_suite_in_rust_is_a_component_in_a_workspace_of_its_own() {
    let manifest = toml_of(&rendered(Language::Rust, &SdkSource::Version), "Cargo.toml");
    assert_eq!(manifest["package"]["name"].as_str(), Some("my-suite"));
    assert_eq!(manifest["lib"]["crate-type"][0].as_str(), Some("cdylib"));
    assert!(manifest.contains_key("workspace"));
    let edition = manifest["package"]["edition"].as_str();
    let own: toml::Table = std::fs::read_to_string(repository().join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(edition, own["workspace"]["package"]["edition"].as_str());
}

#[test]
fn the_sdk_is_named_by_its_folder_or_by_its_version() {
    let by_path = toml_of(
        &rendered(Language::Rust, &SdkSource::Path(repository())),
        "Cargo.toml",
    );
    let path = by_path["dependencies"]["assay-sdk"]["path"]
        .as_str()
        .unwrap();
    assert_eq!(
        Path::new(path),
        repository().join("sdk").canonicalize().unwrap()
    );
    let published = rendered(Language::Rust, &SdkSource::Version);
    let by_version = toml_of(&published, "Cargo.toml");
    assert_eq!(
        by_version["dependencies"]["assay-sdk"].as_str(),
        Some("0.1")
    );
    assert!(env!("CARGO_PKG_VERSION").starts_with("0.1."));
    assert!(published.advice().unwrap().contains("not on crates.io"));
    let readme = published.files().get("README.md").unwrap();
    assert!(readme.contains("not on crates.io"), "{readme}");
}

#[test]
fn a_suite_in_python_needs_no_sdk_beside_the_host() {
    let template = rendered(Language::Python, &SdkSource::Version);
    assert_eq!(template.advice(), None);
    let project = toml_of(&template, "pyproject.toml");
    assert_eq!(project["tool"]["assay"]["suite"].as_str(), Some("suite.py"));
    assert!(project["tool"]["assay"].get("sdk").is_none());
    let by_path = rendered(Language::Python, &SdkSource::Path(repository()));
    let project = toml_of(&by_path, "pyproject.toml");
    let sdk = project["tool"]["assay"]["sdk"].as_str().unwrap();
    assert!(Path::new(sdk).join("assay/__init__.py").is_file(), "{sdk}");
}

#[test]
fn a_new_suite_speaks_of_nothing_that_is_only_in_the_repository_of_its_sdk() {
    let template = rendered(Language::Python, &SdkSource::Version);
    for (path, text) in template.files().iter() {
        for word in ["build.sh", "calls.py", "conformance"] {
            assert!(!text.contains(word), "{word} in {}", path.display());
        }
    }
    let pinned = template.files().get("requirements.txt").unwrap();
    assert!(pinned.contains("componentize-py==") && pinned.contains("--hash=sha256:"));
}

#[test]
fn both_languages_test_the_service_that_assay_toml_starts() {
    for language in Language::ALL {
        let template = rendered(language, &SdkSource::Version);
        let configuration = toml_of(&template, "assay.toml");
        let environment = configuration["run"]["environment"].as_str().unwrap();
        let services = &configuration["environments"][environment]["services"];
        assert!(services.get("example").is_some());
        let source = ["src/lib.rs", "suite.py"];
        let source = source.iter().find_map(|path| template.files().get(path));
        assert!(source.unwrap().contains("service_url(\"example\")"));
    }
}

#[test]
fn the_toolchain_is_the_one_of_the_sdk() {
    let template = rendered(Language::Rust, &SdkSource::Version);
    let own = std::fs::read_to_string(repository().join("rust-toolchain.toml")).unwrap();
    let own: toml::Table = own.parse().unwrap();
    let toolchain = toml_of(&template, "rust-toolchain.toml");
    assert_eq!(
        toolchain["toolchain"]["channel"],
        own["toolchain"]["channel"]
    );
}

#[test]
fn another_language_is_refused_with_what_there_is() {
    let error = "pyton".parse::<Language>().unwrap_err();
    assert_eq!(error.hint().as_deref(), Some("is `python` meant?"));
    let error = "cobol".parse::<Language>().unwrap_err();
    assert!(error.hint().unwrap().contains("`host wit`"));
}
