//! The fixtures as files, and what a test needs to load and run them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use assay_host::{
    access::Rights,
    capability::{
        context, http, metrics,
        recorder::{Evidence, Recorder},
    },
    ledger::{Happened, Ledger},
    load::Threads,
    plugin::{
        Admission, Plugin,
        ending::Ending,
        engine::{Engine, EngineOptions},
        instance::{self, Attempt, Entry, Kind},
        load::load,
    },
};
use assay_report::event::{EventKind, Source};
use tokio::sync::mpsc;

/// Bytes of memory of each attempt in these tests.
pub(crate) const MEMORY: usize = 64 << 20;
/// Bytes of each output that are kept in these tests.
pub(crate) const OUTPUT: usize = 64 << 10;

/// Where the built fixture of this name is: beside the profile in which the tests were built.
pub(crate) fn fixture(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let target = test
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .expect("the tests are in a target folder");
    let file = target.join(format!("wasm32-wasip2/plugin/{name}.wasm"));
    assert!(
        file.is_file(),
        "{} is not there: cargo build --profile plugin --target wasm32-wasip2 -p conformance -p faulty -p loader -p noop -p odd",
        file.display()
    );
    file
}

/// The fixture `odd`, with a description that the test chooses.
pub(crate) fn odd(folder: &Path, word: &str) -> PathBuf {
    let mark = b"odd-description:";
    let mut bytes = fs::read(fixture("odd")).unwrap();
    let place = bytes
        .windows(mark.len())
        .position(|window| window == mark)
        .expect("the mark is in the file")
        + mark.len();
    bytes[place..place + 16].copy_from_slice(format!("{word:<16}").as_bytes());
    let file = folder.join(format!("odd-{word}.wasm"));
    fs::write(&file, bytes).unwrap();
    file
}

/// A file of this content.
pub(crate) fn file(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let file = folder.join(name);
    fs::write(&file, content).unwrap();
    file
}

/// An engine that keeps what it compiles in this folder, if there is one.
pub(crate) fn engine(cache_dir: Option<&Path>) -> Engine {
    Engine::new(&engine_options(cache_dir)).unwrap()
}

/// What such an engine is made for.
pub(crate) fn engine_options(cache_dir: Option<&Path>) -> EngineOptions {
    EngineOptions {
        jobs: 4,
        cache_dir: cache_dir.map(Path::to_owned),
        memory: MEMORY,
    }
}

/// An engine that shares its cache with the other tests: for those that want a plugin to run, and not to see how it is loaded.
pub(crate) fn kept_engine() -> Engine {
    engine(Some(
        &Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled"),
    ))
}

/// A fixture, loaded.
pub(crate) async fn plugin(engine: &Engine, name: &str) -> Arc<Plugin> {
    let mut plugins = load(engine, &[fixture(name)], &Admission::open())
        .await
        .unwrap();
    Arc::new(plugins.remove(0))
}

/// What came of an attempt.
pub(crate) struct Run {
    pub(crate) ending: Ending,
    pub(crate) evidence: Evidence,
    pub(crate) events: Vec<EventKind>,
}

/// An attempt at a case, with the usual limits; a test changes what it wants to see.
pub(crate) fn attempt(plugin: &Arc<Plugin>, case: &str) -> (Attempt, Events) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let source = Source {
        suite: plugin.suite().to_owned(),
        entry: case.to_owned(),
        attempt: 1,
    };
    let kind = match case {
        "setup" => Kind::Setup,
        "teardown" => Kind::Teardown,
        _ => Kind::TestCase,
    };
    let name = if kind == Kind::TestCase { case } else { "" };
    let attempt = Attempt {
        plugin: Arc::clone(plugin),
        entry: Entry {
            kind,
            name: name.to_owned(),
            vu: 0,
            data: "\"from the setup\"".to_owned(),
        },
        recorder: Recorder::new(source, sender, Ledger::default().attempt().attempt()),
        context: Arc::new(context::Shared {
            suite: plugin.suite().to_owned(),
            ..context::Shared::default()
        }),
        http: http::Shared::new().unwrap(),
        metrics: Arc::new(metrics::Shared::new(plugin.description.baselines.clone())),
        chaos: None,
        threads: Threads::default(),
        machines: None,
        rights: Rights::everything(),
        timeout: Duration::from_secs(30),
        memory: MEMORY,
        output: OUTPUT,
    };
    (attempt, receiver)
}

/// What an attempt tells.
pub(crate) type Events = mpsc::UnboundedReceiver<Happened>;

/// Runs an attempt to its end.
pub(crate) async fn run(engine: &Engine, (attempt, mut events): (Attempt, Events)) -> Run {
    let recorder = attempt.recorder.clone();
    let ending = instance::run(engine, attempt).await;
    Run {
        ending,
        evidence: recorder.evidence(),
        events: std::iter::from_fn(|| events.try_recv().ok())
            .map(|happened| happened.kind)
            .collect(),
    }
}
