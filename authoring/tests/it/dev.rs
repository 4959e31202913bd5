//! The loop's real workshop with a host that is a script: what it is called with, what is believed of it, and how it is stopped.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use assay_authoring::{
    build::BuildOptions,
    dev::{DevError, DevOptions, Outcome, Selection, Step, SuiteFolder, Workshop},
};
use assay_report::hint::Hinted;

use crate::script;

/// A suite's folder, and a program that stands in for the host.
struct Scene {
    base: tempfile::TempDir,
}

impl Scene {
    /// The script runs in the suite's folder with the host's arguments.
    fn new(script: &str) -> Self {
        let base = tempfile::tempdir().unwrap();
        fs::create_dir(base.path().join("suite")).unwrap();
        fs::write(base.path().join("suite/suite.py"), "").unwrap();
        script::program(&base.path().join("host"), script);
        Self { base }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.base.path().join(name)
    }

    fn workshop(&self) -> SuiteFolder<impl FnMut(&Step<'_>)> {
        let options = DevOptions {
            host: self.path("host"),
            build: BuildOptions::default(),
            filters: vec!["tag:smoke".into()],
            arguments: vec!["--profile".into(), "quick".into()],
            also_watch: Vec::new(),
        };
        SuiteFolder::new(&self.path("suite"), options, |_: &Step<'_>| {}).unwrap()
    }
}

/// Writes a report in which one case failed, as the host would.
const REPORT: &str = r#"mkdir -p .assay/dev && echo '{"suites": [{"name": "shop", "cases": [
    {"name": "a", "verdict": "failed"}, {"name": "b", "verdict": "passed"}]}]}' > .assay/dev/report.json"#;

#[tokio::test]
async fn the_host_is_asked_for_all_and_then_for_what_failed_alone() {
    let scene = Scene::new(&format!("echo \"$@\" >> ../called\n{REPORT}\nexit 1"));
    let mut workshop = scene.workshop();
    let component = Path::new("shop.wasm");
    let all = Selection::All;
    let ran = workshop.run(component, &all, std::future::pending()).await;
    let outcome = ran.unwrap().expect("it came to its end");
    assert!(!outcome.good);
    assert_eq!(outcome.passed, 1);
    let failed = Selection::Only(outcome.failed);
    let ran = workshop
        .run(component, &failed, std::future::pending())
        .await;
    assert!(ran.unwrap().is_some());
    let reports = scene
        .path("suite")
        .canonicalize()
        .unwrap()
        .join(".assay/dev");
    let end = format!("--report-dir {} --profile quick\n", reports.display());
    assert_eq!(
        fs::read_to_string(scene.path("called")).unwrap(),
        format!("run shop.wasm --filter tag:smoke {end}run shop.wasm --filter */a {end}")
    );
}

#[tokio::test]
async fn the_report_of_an_earlier_run_is_not_believed() {
    let once = format!("[ -e ../once ] && exit 4\ntouch ../once\n{REPORT}");
    let scene = Scene::new(&once);
    let mut workshop = scene.workshop();
    let component = Path::new("shop.wasm");
    let ran = workshop
        .run(component, &Selection::All, std::future::pending())
        .await;
    assert!(ran.unwrap().expect("it came to its end").good);
    let ran = workshop
        .run(component, &Selection::All, std::future::pending())
        .await;
    let error = ran.unwrap_err();
    assert!(matches!(error, DevError::NotRun { .. }), "{error}");
    assert!(error.waits_for_a_change());
}

#[tokio::test]
async fn a_failing_case_that_was_renamed_is_let_go() {
    // As the host does it: a filter that selects nothing leaves no report.
    let scene = Scene::new(&format!("case $* in *'*/gone'*) exit 7; esac\n{REPORT}"));
    let mut workshop = scene.workshop();
    let gone = Selection::Only(["shop/gone".to_owned()].into());
    let ran = workshop
        .run(Path::new("shop.wasm"), &gone, std::future::pending())
        .await;
    assert_eq!(ran.unwrap(), Some(Outcome::default()));
}

#[tokio::test]
async fn arguments_that_the_host_does_not_take_end_the_loop() {
    let scene = Scene::new("exit 2");
    let mut workshop = scene.workshop();
    let ran = workshop
        .run(
            Path::new("shop.wasm"),
            &Selection::All,
            std::future::pending(),
        )
        .await;
    let error = ran.unwrap_err();
    assert!(matches!(error, DevError::Arguments), "{error}");
    assert!(!error.waits_for_a_change());
    assert!(error.hint().unwrap().contains("--report-dir"));
}

#[tokio::test]
async fn a_host_that_is_to_stop_is_asked_to_and_waited_for() {
    let scene = Scene::new(
        "trap 'echo asked > ../asked; exit 130' TERM\necho > ../started\nwhile :; do sleep 0.05; done",
    );
    let mut workshop = scene.workshop();
    let started = scene.path("started");
    let stop = async {
        while !started.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let ran = workshop.run(Path::new("shop.wasm"), &Selection::All, stop);
    let ran = tokio::time::timeout(Duration::from_mins(1), ran).await;
    assert_eq!(ran.expect("it ends soon").unwrap(), None);
    assert!(
        scene.path("asked").exists(),
        "it had time for its last words"
    );
}

#[tokio::test]
async fn a_program_that_is_gone_ends_the_loop() {
    let scene = Scene::new("");
    let mut workshop = scene.workshop();
    fs::remove_file(scene.path("host")).unwrap();
    let ran = workshop
        .run(
            Path::new("shop.wasm"),
            &Selection::All,
            std::future::pending(),
        )
        .await;
    let error = ran.unwrap_err();
    assert!(matches!(error, DevError::Start { .. }), "{error}");
    assert!(!error.waits_for_a_change());
}
