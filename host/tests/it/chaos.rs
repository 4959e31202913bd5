//! Faults on real services and links, as seen from outside: each is there, does what it says, and is gone after its heal.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod links;
mod runs;
mod services;

use std::{io, sync::Arc, time::Duration};

use assay_host::{
    capability::recorder::Recorder,
    chaos::{Act, Attempt, ChaosError, Faults, Handle, Options, Order, Target},
    config::{
        AddressSource, EnvironmentSettings, LinkSettings, Origin, ServiceSettings, ServiceSource,
    },
    environment::Environment,
    ledger::{Happened, Ledger},
};
use assay_report::{
    event::{Check, EventKind, Source},
    hint::Hinted,
};
use serde_json::Map;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    time::timeout,
};

use crate::environment::{reference, service};

const PING: &[u8] = b"*1\r\n$4\r\nPING\r\n";

/// A cache that is a script of the shell; `"$0" cache --listen "$1"` begins it.
fn cache(script: &str) -> ServiceSettings {
    let command = ["/bin/sh", "-c", script, &reference(), "127.0.0.1:{port}"];
    let line = AddressSource::ReadyLine("listening on ".to_owned());
    let mut cache = service("cache", &command, line);
    if let ServiceSource::Started(process) = &mut cache.source {
        "redis".clone_into(&mut process.scheme);
    }
    cache
}

fn ordinary() -> ServiceSettings {
    cache("exec \"$0\" cache --listen \"$1\"")
}

/// An environment with the link `client->cache`, and one attempt in it.
struct World {
    environment: Arc<Environment>,
    faults: Faults,
    attempt: Arc<Attempt>,
    source: Source,
    events: mpsc::UnboundedReceiver<Happened>,
}

impl World {
    async fn of(services: Vec<ServiceSettings>) -> Self {
        let settings = EnvironmentSettings {
            docker: None,
            name: "test".to_owned(),
            services,
            links: vec![LinkSettings {
                from: "client".to_owned(),
                to: "cache".to_owned(),
                origin: Origin::Default,
            }],
        };
        let environment = Environment::up(&settings, &Map::new(), None).await.unwrap();
        let environment = Arc::new(environment);
        let faults = Faults::new(Arc::clone(&environment), 7);
        let (attempt, source, events) = attempt(&faults, "first");
        Self {
            environment,
            faults,
            attempt,
            source,
            events,
        }
    }

    async fn new() -> Self {
        Self::of(vec![ordinary()]).await
    }

    /// A service of this environment as another environment uses it.
    async fn beside(&self) -> Self {
        let mut found = ordinary();
        found.source = ServiceSource::Running {
            url: self.environment.services()[0].url.clone(),
            origin: Origin::Default,
        };
        Self::of(vec![found]).await
    }

    /// `HOST:PORT` of the cache itself.
    fn address(&self) -> &str {
        address_of(&self.environment.services()[0].url)
    }

    /// `HOST:PORT` of the link to it.
    fn link(&self) -> &str {
        address_of(&self.environment.link("client->cache").unwrap().url)
    }

    async fn on_cache(&self, act: Act) -> Result<Handle, ChaosError> {
        self.attempt.inject(on_cache(act)).await
    }

    async fn on_link(&self, act: Act) -> Result<Handle, ChaosError> {
        self.attempt.inject(on_link(act)).await
    }

    /// The attempt is over; it is told what could not be healed.
    async fn settle(&self) -> Vec<ChaosError> {
        self.faults.settle(&self.source).await
    }

    /// The checks of the host's own so far.
    fn checks(&mut self) -> Vec<Check> {
        let told = std::iter::from_fn(|| self.events.try_recv().ok());
        told.filter_map(|happened| match happened.kind {
            EventKind::Checked { check, .. } => Some(check),
            _ => None,
        })
        .collect()
    }
}

fn address_of(url: &str) -> &str {
    url.split_once("://").unwrap().1
}

fn attempt(
    faults: &Faults,
    entry: &str,
) -> (Arc<Attempt>, Source, mpsc::UnboundedReceiver<Happened>) {
    let source = Source {
        suite: "suite".to_owned(),
        entry: entry.to_owned(),
        attempt: 1,
    };
    let (sender, events) = mpsc::unbounded_channel();
    let ongoing = Ledger::default().attempt();
    let recorder = Recorder::new(source.clone(), sender, ongoing.attempt());
    (faults.attempt(&recorder), source, events)
}

fn on_cache(act: Act) -> Order {
    Order {
        target: Target::Service("cache".to_owned()),
        act,
        options: Options::default(),
    }
}

fn on_link(act: Act) -> Order {
    Order {
        target: Target::Link("client->cache".to_owned()),
        act,
        options: Options::default(),
    }
}

/// A refusal, which has something to do.
fn hinted<T: std::fmt::Debug>(outcome: Result<T, ChaosError>) -> ChaosError {
    let error = outcome.expect_err("it is refused");
    assert!(error.hint().is_some(), "{error}");
    error
}

/// What a PING over a new connection brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Pong,
    Refused,
    Reset,
    Closed,
    Silence,
}

/// Long enough for an answer on a busy machine where one must come.
const PATIENCE: Duration = Duration::from_secs(20);
/// Long enough to see that none comes.
const SILENCE: Duration = Duration::from_millis(200);

async fn ping(address: &str, patience: Duration) -> Answer {
    let asking = async {
        let mut connection = TcpStream::connect(address).await?;
        connection.write_all(PING).await?;
        let mut answer = [0; 7];
        connection.read_exact(&mut answer).await?;
        assert_eq!(&answer, b"+PONG\r\n");
        // A fault that comes next is not to meet the end of this connection.
        connection.shutdown().await?;
        connection.read_to_end(&mut Vec::new()).await?;
        io::Result::Ok(())
    };
    match timeout(patience, asking).await {
        Err(_) => Answer::Silence,
        Ok(Ok(())) => Answer::Pong,
        Ok(Err(error)) => match error.kind() {
            io::ErrorKind::ConnectionRefused => Answer::Refused,
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Answer::Reset,
            io::ErrorKind::UnexpectedEof => Answer::Closed,
            _ => panic!("{error}"),
        },
    }
}
