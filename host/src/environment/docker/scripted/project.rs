//! A compose project on a scripted engine, which refuses to remove what it is told to.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::ScriptedEngine;
use crate::environment::docker::Project;

/// What keeps the engine from removing a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Nothing.
    Nothing,
    /// An endpoint that is counted and that no container has, for so many times that the network is to be removed.
    Endpoint(usize),
    /// A container of somebody else.
    Container(&'static str),
}

/// What the engine has, by the names of the parts, which are their ids as well.
#[derive(Debug, Default)]
struct Has {
    containers: BTreeSet<String>,
    networks: BTreeMap<String, Holds>,
    /// Whether each is in use by somebody else, and when it was made.
    volumes: BTreeMap<String, (bool, String)>,
}

/// Dropping it ends the engine.
pub(crate) struct ScriptedProject {
    pub(crate) engine: ScriptedEngine,
    pub(crate) project: Project,
    has: Arc<Mutex<Has>>,
}

impl ScriptedProject {
    pub(crate) async fn new() -> Self {
        Self::on_an_engine_until(None).await
    }

    /// The engine is gone from the first question on that begins so.
    pub(crate) async fn on_an_engine_until(last: Option<&'static str>) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // No other test claims it.
        let name = format!("shop-{}-{count}", std::process::id());
        let has: Arc<Mutex<Has>> = Arc::default();
        let (asked, label) = (Arc::clone(&has), name.clone());
        let answer = move |question: &str| asked.lock().unwrap().answer(&label, question);
        let engine = ScriptedEngine::start_until(last, answer).await;
        Self {
            project: Project::new(engine.connect().await, &name),
            engine,
            has,
        }
    }

    pub(crate) fn with_container(self, name: &str) -> Self {
        self.has().containers.insert(name.to_owned());
        self
    }

    pub(crate) fn with_network(self, name: &str, holds: Holds) -> Self {
        self.has().networks.insert(name.to_owned(), holds);
        self
    }

    pub(crate) fn with_volume(self, name: &str, is_in_use: bool) -> Self {
        self.volume_of(name, is_in_use, "2026-01-01T00:00:00Z")
    }

    /// A volume that was made later than the others.
    pub(crate) fn with_new_volume(self, name: &str) -> Self {
        self.volume_of(name, false, "2026-01-01T00:00:01Z")
    }

    fn volume_of(self, name: &str, is_in_use: bool, made: &str) -> Self {
        let volume = (is_in_use, made.to_owned());
        self.has().volumes.insert(name.to_owned(), volume);
        self
    }

    /// The names of all parts that are there, in the order of kinds.
    pub(crate) fn left(&self) -> Vec<String> {
        let has = self.has();
        let networks = has.networks.keys();
        let parts = has.containers.iter().chain(networks);
        parts.chain(has.volumes.keys()).cloned().collect()
    }

    fn has(&self) -> MutexGuard<'_, Has> {
        self.has.lock().unwrap()
    }
}

impl Has {
    fn answer(&mut self, project: &str, question: &str) -> Option<(StatusCode, Value)> {
        let labels = json!({"com.docker.compose.project": project});
        let (method, path) = question.split_once(' ')?;
        let path: Vec<_> = path.split('/').skip(1).collect();
        Some(match (method, &path[..]) {
            ("GET", ["containers", "json"]) => ok(self
                .containers
                .iter()
                .map(|id| json!({"Id": id, "State": "running", "Labels": labels}))
                .collect()),
            ("GET", ["networks"]) => ok(self
                .networks
                .keys()
                .map(|name| json!({"Id": name, "Name": name, "Labels": labels}))
                .collect()),
            ("GET", ["volumes"]) => ok(json!({"Volumes": self.volumes(&labels)})),
            ("GET", ["networks", name]) => ok(self.shown(name)?),
            ("DELETE", ["containers", name]) => {
                let was_there = self.containers.remove(*name);
                was_there.then(|| ok(Value::Null))?
            }
            ("DELETE", ["networks", name]) => self.remove_network(name)?,
            ("DELETE", ["volumes", name]) => self.remove_volume(name)?,
            _ => return None,
        })
    }

    fn volumes(&self, labels: &Value) -> Vec<Value> {
        let volumes = self.volumes.iter().map(|(name, (_, made))| {
            json!({
                "Name": name, "CreatedAt": made, "Labels": labels,
                "Driver": "local", "Mountpoint": "/", "Scope": "local", "Options": {},
            })
        });
        volumes.collect()
    }

    fn shown(&self, network: &str) -> Option<Value> {
        let containers = match self.networks.get(network)? {
            Holds::Container(name) => json!({"cd": {"Name": name}}),
            _ => json!({}),
        };
        Some(json!({"Id": network, "Name": network, "Containers": containers}))
    }

    fn remove_network(&mut self, name: &str) -> Option<(StatusCode, Value)> {
        let holds = self.networks.get_mut(name)?;
        match holds {
            Holds::Nothing | Holds::Endpoint(0) => {
                self.networks.remove(name);
                return Some(ok(Value::Null));
            }
            Holds::Endpoint(times) => *times -= 1,
            Holds::Container(_) => {}
        }
        let words = format!(
            "error while removing network: network {name} id 5e87e3c1943d has active endpoints"
        );
        Some((StatusCode::FORBIDDEN, json!({"message": words})))
    }

    fn remove_volume(&mut self, name: &str) -> Option<(StatusCode, Value)> {
        if self.volumes.get(name)?.0 {
            let words = format!("remove {name}: volume is in use - [5e87e3c1943d]");
            return Some((StatusCode::CONFLICT, json!({"message": words})));
        }
        self.volumes.remove(name);
        Some(ok(Value::Null))
    }
}

fn ok(body: Value) -> (StatusCode, Value) {
    (StatusCode::OK, body)
}
