//! A server, agents and a coordinator for one test.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use assay_agents::{
    agent::{Agent, Notice},
    connection::{Access, Connection},
    coordinator::Coordinator,
    error::{AgentError, RunError},
    identity::{AgentId, AgentInfo, CoordinatorInfo},
    settings::{Settings, Times},
    stop::{StopReason, Stopper},
};
use assay_test_server::nats::Nats;
use tokio::{task::JoinHandle, time::Instant};

use super::scripted::{Picky, Scripted};

/// How long a test waits for something that has to come.
const PATIENCE: Duration = Duration::from_mins(2);
pub(crate) const CONTRACT: &str = "0.1.0";
pub(crate) const WORDS: u32 = 1;

/// Everything of one test.
pub(crate) struct Stage {
    pub(crate) nats: Nats,
    folder: tempfile::TempDir,
}

impl Stage {
    /// None where there is no server to start.
    pub(crate) fn open() -> Option<Self> {
        Nats::start().map(Self::on)
    }

    pub(crate) fn on(nats: Nats) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { nats, folder }
    }

    /// A file of this test, which is not there yet.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) async fn connection(&self) -> Connection {
        connection_to(&self.nats.url()).await
    }

    pub(crate) async fn agent(&self, name: &str, slots: u32) -> Playing {
        self.agent_with(info(name, slots), Picky::default()).await
    }

    pub(crate) async fn agent_with(&self, info: AgentInfo, policy: Picky) -> Playing {
        Playing::start(self.connection().await, info, policy).await
    }

    pub(crate) async fn coordinator(&self, settings: Settings) -> Coordinator {
        let connection = self.connection().await;
        Coordinator::open(connection, coordinator_info(), settings)
            .await
            .unwrap()
    }

    /// A coordinator with so many agents, which take part.
    pub(crate) async fn joined(&self, settings: Settings, agents: usize) -> Coordinator {
        let mut coordinator = self.coordinator(settings).await;
        coordinator.call(Some(agents)).await.unwrap();
        coordinator.join(&[]).await.unwrap();
        coordinator
    }

    /// Streams that are on the server.
    pub(crate) async fn streams(&self) -> Vec<String> {
        use futures::TryStreamExt as _;
        let client = async_nats::connect(self.nats.url()).await.unwrap();
        let context = async_nats::jetstream::new(client);
        context.stream_names().try_collect().await.unwrap()
    }
}

/// An agent in this process.
pub(crate) struct Playing {
    pub(crate) worker: Scripted,
    pub(crate) id: AgentId,
    notices: Arc<Mutex<Vec<Notice>>>,
    stopper: Stopper,
    serving: JoinHandle<Result<(), AgentError>>,
}

impl Playing {
    pub(crate) async fn start(connection: Connection, info: AgentInfo, policy: Picky) -> Self {
        let (worker, id) = (Scripted::default(), info.id.clone());
        let notices = Arc::new(Mutex::new(Vec::new()));
        let sender = Arc::clone(&notices);
        let notice = move |notice| sender.lock().unwrap().push(notice);
        let agent = Agent::new(connection, info, worker.clone(), policy, notice).unwrap();
        let (stopper, stop) = Stopper::new();
        let serving = tokio::spawn(async move { agent.serve(stop).await });
        let playing = Self {
            worker,
            id,
            notices,
            stopper,
            serving,
        };
        eventually("it is ready", || playing.notices().contains(&Notice::Ready)).await;
        playing
    }

    pub(crate) fn notices(&self) -> Vec<Notice> {
        self.notices.lock().unwrap().clone()
    }

    /// Why it left the last run, if it did.
    pub(crate) fn left(&self) -> Option<StopReason> {
        let reason = |notice: &Notice| match notice {
            Notice::Left(_, reason) => Some(reason.clone()),
            _ => None,
        };
        self.notices.lock().unwrap().iter().rev().find_map(reason)
    }

    pub(crate) async fn stop(self) {
        self.stopper.stop(StopReason::Asked);
        self.serving.await.unwrap().unwrap();
    }
}

pub(crate) async fn connection_to(url: &str) -> Connection {
    Connection::open(&access(url), "a test").await.unwrap()
}

pub(crate) fn access(url: &str) -> Access {
    let url = url.to_owned();
    Access {
        url,
        ..Access::default()
    }
}

pub(crate) fn info(name: &str, slots: u32) -> AgentInfo {
    AgentInfo {
        id: AgentId::random(),
        name: name.to_owned(),
        version: "0.1.0".to_owned(),
        contract: CONTRACT.to_owned(),
        words: WORDS,
        slots,
        processors: 2,
    }
}

pub(crate) fn coordinator_info() -> CoordinatorInfo {
    CoordinatorInfo {
        version: "0.1.0".to_owned(),
        contract: CONTRACT.to_owned(),
        words: WORDS,
    }
}

/// Settings with which nobody is lost, however busy the machine is.
pub(crate) fn settings() -> Settings {
    Settings {
        events_bytes: 8 << 20,
        shards_bytes: 8 << 20,
        times: Times {
            beat: Duration::from_millis(100),
            absence: Duration::from_mins(2),
            outage: Duration::from_mins(3),
            grace: Duration::from_secs(1),
            call: Duration::from_secs(20),
            joining: Duration::from_mins(1),
        },
        ..Settings::default()
    }
}

/// Settings for tests that wait until somebody is lost: short, and yet long enough for a machine that is busy with others.
pub(crate) fn impatient() -> Settings {
    let mut settings = settings();
    settings.times.absence = Duration::from_secs(1);
    settings.times.outage = Duration::from_secs(5);
    settings
}

/// A call that has to find out soon that there are too few.
pub(crate) fn hasty(mut settings: Settings) -> Settings {
    settings.times.call = Duration::from_secs(1);
    settings
}

/// Waits until something holds.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "it did not come true that {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until a count that grows does not for longer than anything on the way takes.
pub(crate) async fn until_it_stalls(count: impl Fn() -> u64) {
    let (mut before, mut since) = (0, Instant::now());
    soon(async {
        while before == 0 || since.elapsed() < Duration::from_secs(3) {
            if count() != before {
                (before, since) = (count(), Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
}

/// Waits for something that has to come.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap()
}

pub(crate) fn message(error: &RunError) -> String {
    assay_report::hint::told(error)
}
