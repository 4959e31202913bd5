//! Folders with suites, and folders that are none.

use super::*;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn found(files: &[(&str, &str)]) -> Result<(String, Language), ProjectError> {
    let project = Project::find(folder(files).path())?;
    Ok((project.name.clone(), project.language()))
}

const CRATE: &str = "[package]\nname = \"shop\"\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n";

#[test]
fn a_crate_and_a_module_are_told_apart() {
    let table: [(&[(&str, &str)], _, _); 3] = [
        (
            &[("Cargo.toml", CRATE), ("suite.py", "")],
            "shop",
            Language::Rust,
        ),
        (
            &[
                ("pyproject.toml", "[project]\nname = \"cart\"\n"),
                ("suite.py", ""),
            ],
            "cart",
            Language::Python,
        ),
        (
            &[
                (
                    "pyproject.toml",
                    "[project]\nname = \"cart\"\n[tool.assay]\nsuite = \"a/b.py\"\n",
                ),
                ("a/b.py", ""),
            ],
            "cart",
            Language::Python,
        ),
    ];
    for (files, name, language) in table {
        assert_eq!(found(files).unwrap(), (name.to_owned(), language));
    }
}

#[test]
fn a_module_without_a_project_is_called_like_its_folder() {
    let base = folder(&[("till/suite.py", "")]);
    let project = Project::find(&base.path().join("till")).unwrap();
    assert_eq!(project.name, "till");
}

#[test]
fn what_is_no_suite_is_refused_with_the_reason() {
    let table: [(&[(&str, &str)], &str); 8] = [
        (&[], "has no suite"),
        (
            &[("Cargo.toml", "[package]\nname = \"a\"\n")],
            "makes no component",
        ),
        (&[("Cargo.toml", "[workspace]\n")], "of no crate"),
        (&[("Cargo.toml", "[package\n")], "not as it must be"),
        (
            &[("Cargo.toml", &CRATE.replace("shop", "../shop"))],
            "no name for a file",
        ),
        (
            &[("Cargo.toml", &CRATE.replace("name", "title"))],
            "has no name",
        ),
        (
            &[("pyproject.toml", "[tool.assay]\nsuite = \"a.py\"\n")],
            "names `suite`",
        ),
        (
            &[
                ("pyproject.toml", "[tool.assay]\nsdk = \"far\"\n"),
                ("suite.py", ""),
            ],
            "names `sdk`",
        ),
    ];
    for (files, reason) in table {
        let error = found(files).unwrap_err();
        assert!(error.to_string().contains(reason), "{reason}: {error}");
        assert!(error.hint().is_some(), "{error}");
    }
}

#[test]
fn a_manifest_has_at_most_a_mebibyte() {
    let rest = usize::try_from(MAX_MANIFEST).unwrap() - CRATE.len();
    let full = format!("{CRATE}{}", "#".repeat(rest));
    assert!(found(&[("Cargo.toml", &full)]).is_ok());
    let error = found(&[("Cargo.toml", &format!("{full}#"))]).unwrap_err();
    assert!(error.to_string().contains("1048577 bytes"), "{error}");
}

#[test]
fn a_suite_in_python_says_what_it_wants_and_a_slip_in_it_is_told() {
    let wants = |text: &str| {
        let manifest = format!("[tool.assay.wants]\n{text}\n");
        let folder = folder(&[("suite.py", ""), ("pyproject.toml", &manifest)]);
        Project::find(folder.path()).map(|project| project.kind)
    };
    let Ok(Kind::Python { wants: some, .. }) = wants("services = [\"shop\"]") else {
        panic!("it is a suite in Python");
    };
    assert_eq!(assay_grants::table::lines(&some), ["services = [\"shop\"]"]);
    let error = wants("service = [\"shop\"]").unwrap_err();
    assert!(
        error.to_string().contains("`[tool.assay]`") && error.to_string().contains("`service`"),
        "{error}"
    );
}

#[test]
fn a_slip_in_what_a_suite_in_python_says_of_itself_is_told() {
    for (text, told) in [
        ("suite = 3", "suite"),
        ("sdk = [\"a\"]", "sdk"),
        ("want = { services = [\"shop\"] }", "`want`"),
        ("wants = 3", "wants"),
    ] {
        let manifest = format!("[tool.assay]\n{text}\n");
        let error = found(&[("suite.py", ""), ("pyproject.toml", &manifest)]).unwrap_err();
        assert!(matches!(error, ProjectError::Malformed { .. }), "{error}");
        assert!(error.to_string().contains(told), "{text}: {error}");
    }
    let error = found(&[("suite.py", ""), ("pyproject.toml", "[tool]\nassay = 3\n")]);
    assert!(matches!(error, Err(ProjectError::Malformed { .. })));
}
