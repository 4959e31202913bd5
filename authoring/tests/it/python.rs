//! A new suite in Python, built with what the index of Python's packages has. Where that index cannot be reached, it is said; whatever else
//! keeps the packages away is an error.

#![expect(clippy::print_stderr, reason = "a test that cannot be made says so")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use assay_authoring::{
    Toolchain,
    build::{BuildError, BuildOptions, build},
    project::Project,
    sdk::SdkSource,
    template::{Language, Template},
};
use assay_report::hint::Hinted;

use crate::script;

fn new_suite(folder: &Path) -> Project {
    let name = "my-suite".parse().unwrap();
    let template = Template::render(&name, Language::Python, &SdkSource::Version).unwrap();
    template.files().write(folder).unwrap();
    Project::find(folder).unwrap()
}

/// In a target folder inside the one of these tests: what was fetched there once is kept.
fn options() -> BuildOptions {
    BuildOptions {
        target: Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("authoring")),
        ..BuildOptions::default()
    }
}

/// What the checkout's own `build.sh` ends with where no index of packages can be reached: `EX_UNAVAILABLE` of sysexits.h.
const UNREACHABLE: i32 = 69;

/// Whether this machine's Python has what `venv` needs; Debian has it in a package of its own.
fn can_make_venv() -> bool {
    let wanted = ["-c", "import ensurepip, venv"];
    Command::new("python3")
        .args(wanted)
        .output()
        .is_ok_and(|output| output.status.success())
}

/// Whether the same requirements cannot be had because nobody answers. `build.sh` judges what pip says, which is tested in `xtask`.
fn is_unreachable() -> bool {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/python/build.sh");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fetched");
    let fetched = Command::new(script)
        .arg("--fetch")
        .env_remove("PYTHON")
        .env("CARGO_TARGET_DIR", target)
        .status();
    fetched.unwrap().code() == Some(UNREACHABLE)
}

#[tokio::test]
async fn a_new_suite_builds_and_what_it_cannot_be_is_told_while_it_is_built() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("my-suite");
    new_suite(&folder);
    let manifest = folder.join("pyproject.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let wants = "[tool.assay.wants]\nservices = [\"example\"]\n";
    fs::write(&manifest, format!("{text}\n{wants}")).unwrap();
    let project = Project::find(&folder).unwrap();
    let built = match build(&project, &options()).await {
        Err(error @ BuildError::NoPython { .. }) => {
            eprintln!("not tried: {error}");
            return;
        }
        Err(error @ BuildError::Requirements { .. }) if !can_make_venv() || is_unreachable() => {
            eprintln!("not tried: {error}");
            return;
        }
        built => built.unwrap(),
    };
    let component = fs::read(&built.component).unwrap();
    assert_eq!(component[..8], *b"\0asm\x0d\0\x01\0");
    let declared = assay_grants::declaration::declared(&component).unwrap();
    let lines = assay_grants::table::lines(&declared.unwrap());
    assert_eq!(lines, ["services = [\"example\"]"]);

    let suite = fs::read_to_string(folder.join("suite.py")).unwrap();
    let wrong = suite.replace("timeout=10", "timeout=-1");
    assert_ne!(suite, wrong);
    fs::write(folder.join("suite.py"), wrong).unwrap();
    let error = build(&project, &options()).await.unwrap_err();
    assert!(matches!(error, BuildError::Compiler { .. }), "{error}");
}

#[tokio::test]
async fn without_python_the_author_is_told_what_to_install() {
    let base = tempfile::tempdir().unwrap();
    let project = new_suite(&base.path().join("my-suite"));
    let options = with_python("/nowhere/python3".into());
    let error = build(&project, &options).await.unwrap_err();
    assert!(matches!(error, BuildError::NoPython { .. }), "{error}");
    assert!(error.hint().unwrap().contains("Python 3.11"));
}

#[tokio::test]
async fn requirements_that_cannot_be_had_are_told_and_nothing_half_made_is_believed() {
    let base = tempfile::tempdir().unwrap();
    let project = new_suite(&base.path().join("my-suite"));
    // A Python that makes an environment, in which pip reaches nobody.
    let python = base.path().join("python");
    let pip = "#!/bin/sh\\nexit 1\\n";
    script::program(&python, &making_venv(&format!("printf '{pip}'")));
    for offline in [false, true, false] {
        let options = BuildOptions {
            offline,
            ..with_python(python.clone())
        };
        let error = build(&project, &options).await.unwrap_err();
        assert!(matches!(error, BuildError::Requirements { .. }), "{error}");
        let hint = error.hint().unwrap();
        assert_eq!(hint.contains("once with a network"), offline, "{hint}");
        assert!(!error.is_of_the_suite(), "{error}");
    }
    // Its own requirements are its author's to mend.
    fs::write(
        project.folder.join("requirements.txt"),
        "no-such-thing==1\n",
    )
    .unwrap();
    let options = with_python(python);
    let error = build(&project, &options).await.unwrap_err();
    assert!(matches!(error, BuildError::Requirements { .. }), "{error}");
    assert!(error.is_of_the_suite(), "{error}");
}

/// A script of a Python that makes environments, whose own Python is what another command prints.
fn making_venv(inside: &str) -> String {
    format!(
        "[ \"$2\" = venv ] || {{ echo Python 3.11.0; exit; }}
         mkdir -p \"$3/bin\" && {inside} > \"$3/bin/python\" && chmod 755 \"$3/bin/python\""
    )
}

fn with_python(python: PathBuf) -> BuildOptions {
    BuildOptions {
        toolchain: Toolchain {
            python,
            ..Toolchain::default()
        },
        ..BuildOptions::default()
    }
}

/// A Python that counts the environments that it makes, in which `pip` puts a `componentize-py` that names itself by its path.
fn installing_python(base: &Path, version: &str) -> PathBuf {
    let text = r#"#!/bin/sh
bin=$(dirname "$0")
printf '#!/bin/sh\n[ "$0" = "%s" ] || exit 127\nwhile [ "$1" != --output ]; do shift; done\necho made > "$2"\n' "$bin/componentize-py" > "$bin/componentize-py"
chmod 755 "$bin/componentize-py"
"#;
    let pip = base.join("pip");
    fs::write(&pip, text).unwrap();
    let python = base.join("python");
    let make = making_venv(&format!("cat '{}'", pip.display()));
    let count = format!("echo \"$*\" >> '{}'", base.join("called").display());
    script::program(
        &python,
        &format!("{count}\n{}", make.replace("3.11.0", version)),
    );
    python
}

#[tokio::test]
async fn a_suite_that_was_moved_and_a_python_that_was_replaced_get_another_environment() {
    let base = tempfile::tempdir().unwrap();
    let project = new_suite(&base.path().join("my-suite"));
    let options = with_python(installing_python(base.path(), "3.11.0"));
    let environments = || {
        let called = fs::read_to_string(base.path().join("called")).unwrap();
        called.lines().filter(|line| line.contains("venv")).count()
    };
    for _ in 0..2 {
        build(&project, &options).await.unwrap();
        assert_eq!(environments(), 1);
    }
    let moved = base.path().join("moved");
    fs::rename(&project.folder, &moved).unwrap();
    let project = Project::find(&moved).unwrap();
    build(&project, &options).await.unwrap();
    assert_eq!(environments(), 2);
    installing_python(base.path(), "3.12.0");
    build(&project, &options).await.unwrap();
    assert_eq!(environments(), 3);
}
