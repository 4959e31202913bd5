//! The manifests of `deploy/kubernetes` keep to the schemas of Kubernetes, which `kubernetes-validate` of `PyPI` carries.

use std::{env, ffi::OsString, fs, io::Write as _, process::Command};

use crate::invocation::repository;

/// The oldest version in which all that they use is there by default, and a later one.
const VERSIONS: [&str; 2] = ["1.29", "1.33"];

#[test]
fn the_manifests_keep_to_the_schemas_of_kubernetes() {
    let tool = env::var_os("KUBERNETES_VALIDATE");
    let tool = tool.unwrap_or_else(|| OsString::from("kubernetes-validate"));
    if Command::new(&tool).arg("--version").output().is_err() {
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: the manifests of Kubernetes, there is no `kubernetes-validate`: `pip install kubernetes-validate`, and name it with KUBERNETES_VALIDATE"
        );
        return;
    }
    let folder = repository().join("deploy/kubernetes");
    let files = fs::read_dir(&folder).expect("the folder of the manifests");
    let files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    assert!(!files.is_empty());
    for version in VERSIONS {
        let output = Command::new(&tool)
            .args(["--strict", "-k", version])
            .args(&files)
            .output()
            .expect("the tool starts");
        let said =
            String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{version}: {said}");
    }
}
