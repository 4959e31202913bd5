//! The whole system in this process, on free ports, and a client that checks every answer against the service's document.

use std::net::SocketAddr;
use std::time::Duration;

use assay_reference::defects::Defects;
use assay_reference::generation::{Backoff, Pace};
use assay_reference::project::monitoring::{Settings, Thresholds};
use assay_reference::service::Running;
use assay_reference::{cache, generation, project, vector_store};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Client, Reply};
use crate::frames::Frames;

/// How a system is to be; the defaults are fast and without defects.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) defects: &'static str,
    pub(crate) step_ms: u64,
    pub(crate) heartbeat_ms: u64,
    pub(crate) retry_base_ms: u64,
    pub(crate) retry_attempts: u32,
    pub(crate) dependency_timeout_ms: u64,
    pub(crate) body_timeout_ms: u64,
    pub(crate) rate_limit: u32,
    pub(crate) test_hooks: bool,
    pub(crate) alert_period_ms: u64,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            defects: "",
            step_ms: 5,
            heartbeat_ms: 15_000,
            retry_base_ms: 50,
            retry_attempts: 5,
            dependency_timeout_ms: 2_000,
            body_timeout_ms: 5_000,
            rate_limit: 1_000_000,
            test_hooks: false,
            alert_period_ms: 3_600_000,
        }
    }
}

impl Setup {
    pub(crate) fn with_defects(defects: &'static str) -> Self {
        Self {
            defects,
            ..Self::default()
        }
    }

    pub(crate) async fn start(self) -> System {
        System::start(self).await
    }
}

/// A running system.
pub(crate) struct System {
    setup: Setup,
    directory: TempDir,
    cache: Option<Running>,
    cache_address: SocketAddr,
    vector_store: Option<Running>,
    vector_store_address: SocketAddr,
    project_service: Option<Running>,
    project_service_address: SocketAddr,
    pub(crate) projects: Client,
    pub(crate) generations: Client,
    pub(crate) vectors: Client,
    generation_service: Option<Running>,
    generation_service_address: SocketAddr,
}

const ANY: &str = "127.0.0.1:0";

impl System {
    pub(crate) async fn start(setup: Setup) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let any: SocketAddr = ANY.parse().unwrap();
        let cache = cache::start(cache::Options { listen: any }).unwrap();
        let vector_store = start_vector_store(any, &directory).await;
        let (cache_address, vector_store_address) = (cache.address(), vector_store.address());
        let addresses = [any, cache_address, vector_store_address];
        let project_service = start_project_service(&setup, &directory, addresses).await;
        let project_service_address = project_service.address();
        let addresses = [any, cache_address, project_service_address];
        let generation_service = start_generation_service(&setup, &directory, addresses).await;
        Self {
            setup,
            directory,
            cache: Some(cache),
            cache_address,
            vector_store_address,
            project_service_address,
            generation_service_address: generation_service.address(),
            projects: Client::new(&project_service.url()),
            generations: Client::new(&generation_service.url()),
            vectors: Client::new(&vector_store.url()),
            generation_service: Some(generation_service),
            vector_store: Some(vector_store),
            project_service: Some(project_service),
        }
    }

    pub(crate) async fn stop_cache(&mut self) {
        self.cache.take().unwrap().stop().await.unwrap();
    }

    pub(crate) fn start_cache(&mut self) {
        let listen = self.cache_address;
        self.cache = Some(cache::start(cache::Options { listen }).unwrap());
    }

    pub(crate) const fn cache_address(&self) -> SocketAddr {
        self.cache_address
    }

    pub(crate) const fn vector_store_address(&self) -> SocketAddr {
        self.vector_store_address
    }

    pub(crate) const fn project_service_address(&self) -> SocketAddr {
        self.project_service_address
    }

    pub(crate) async fn stop_vector_store(&mut self) {
        self.vector_store.take().unwrap().stop().await.unwrap();
    }

    pub(crate) async fn start_vector_store(&mut self) {
        self.vector_store =
            Some(start_vector_store(self.vector_store_address, &self.directory).await);
    }

    pub(crate) async fn stop_project_service(&mut self) {
        self.project_service.take().unwrap().stop().await.unwrap();
    }

    pub(crate) async fn start_project_service(&mut self) {
        let addresses = [
            self.project_service_address,
            self.cache_address,
            self.vector_store_address,
        ];
        self.project_service =
            Some(start_project_service(&self.setup, &self.directory, addresses).await);
    }

    pub(crate) async fn stop_generation_service(&mut self) {
        let running = self.generation_service.take().unwrap();
        running.stop().await.unwrap();
    }

    pub(crate) async fn start_generation_service(&mut self) {
        let addresses = [
            self.generation_service_address,
            self.cache_address,
            self.project_service_address,
        ];
        self.generation_service =
            Some(start_generation_service(&self.setup, &self.directory, addresses).await);
    }

    /// Makes a project and answers its id.
    pub(crate) async fn project(&self, name: &str) -> String {
        let body = json!({"name": name, "type": "drama"});
        let reply = self.projects.post("/api/v1/projects", &body).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.text("/data/id")
    }

    /// Makes an episode.
    pub(crate) async fn episode(&self, project_id: &str, markdown: &str) -> Reply {
        let path = format!("/api/v1/projects/{project_id}/episodes");
        let body = json!({"script": {"markdown": markdown}});
        self.projects.post(&path, &body).await
    }

    /// The numbers of a project's episodes.
    pub(crate) async fn numbers(&self, project_id: &str) -> Vec<u64> {
        let path = format!("/api/v1/projects/{project_id}/episodes");
        let reply = self.projects.get(&path).await;
        let list = reply.body["data"].as_array().unwrap();
        list.iter()
            .map(|episode| episode["number"].as_u64().unwrap())
            .collect()
    }

    /// Asks for a generation and answers its id.
    pub(crate) async fn generation(&self, project_id: &str, title: &str) -> String {
        let reply = self
            .generations
            .post("/api/v1/generations", &wish(project_id, title))
            .await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.text("/data/jobId")
    }

    /// Opens the stream of a generation.
    pub(crate) async fn stream(&self, job_id: &str, last_event_id: Option<&str>) -> Frames {
        self.generations.stream(job_id, last_event_id).await
    }

    /// Waits for the end of a generation and answers it.
    pub(crate) async fn finished(&self, job_id: &str) -> Value {
        self.stream(job_id, None).await.rest().await;
        let reply = self
            .generations
            .get(&format!("/api/v1/generations/{job_id}"))
            .await;
        reply.body["data"].clone()
    }

    /// The documents of a project in the vector store.
    pub(crate) async fn documents(&self, project_id: &str) -> Value {
        let database = "/api/v2/tenants/default_tenant/databases/default_database";
        let collection = self
            .vectors
            .get(&format!("{database}/collections/episodes"))
            .await;
        if collection.status == 404 {
            return json!({"ids": []});
        }
        let path = format!("{database}/collections/{}/get", collection.text("/id"));
        let body = json!({"where": {"projectId": project_id}});
        self.vectors.post(&path, &body).await.body
    }
}

/// The body of a generation.
pub(crate) fn wish(project_id: &str, title: &str) -> Value {
    json!({"projectId": project_id, "title": title, "description": format!("about {title}"), "lengthTarget": 120})
}

/// Thresholds that tests can reach, in the usual window.
pub(crate) fn monitoring(period_ms: u64) -> Settings {
    Settings {
        window: Duration::from_mins(15),
        period: Duration::from_millis(period_ms),
        thresholds: Thresholds {
            failure_percent: 20.0,
            conflict_percent: 5.0,
            latency: Duration::from_millis(500),
        },
    }
}

async fn start_vector_store(listen: SocketAddr, directory: &TempDir) -> Running {
    let data = directory.path().join("vector-store");
    vector_store::start(vector_store::Options { listen, data })
        .await
        .unwrap()
}

async fn start_project_service(
    setup: &Setup,
    directory: &TempDir,
    [listen, cache, vector_store]: [SocketAddr; 3],
) -> Running {
    project::start(project::Options {
        listen,
        data: directory.path().join("project-service"),
        cache_url: format!("redis://{cache}"),
        vector_store_url: format!("http://{vector_store}"),
        rate_limit: setup.rate_limit,
        body_timeout: Duration::from_millis(setup.body_timeout_ms),
        dependency_timeout: Duration::from_millis(setup.dependency_timeout_ms),
        test_hooks: setup.test_hooks,
        monitoring: monitoring(setup.alert_period_ms),
        defects: setup.defects.parse::<Defects>().unwrap(),
    })
    .await
    .unwrap()
}

async fn start_generation_service(
    setup: &Setup,
    directory: &TempDir,
    [listen, cache, project_service]: [SocketAddr; 3],
) -> Running {
    generation::start(generation::Options {
        listen,
        data: directory.path().join("generation-service"),
        cache_url: format!("redis://{cache}"),
        project_service_url: format!("http://{project_service}"),
        rate_limit: setup.rate_limit,
        body_timeout: Duration::from_millis(setup.body_timeout_ms),
        dependency_timeout: Duration::from_millis(setup.dependency_timeout_ms),
        pace: Pace {
            step: Duration::from_millis(setup.step_ms),
            heartbeat: Duration::from_millis(setup.heartbeat_ms),
            backoff: Backoff {
                base: Duration::from_millis(setup.retry_base_ms),
                attempts: setup.retry_attempts,
            },
        },
        defects: setup.defects.parse::<Defects>().unwrap(),
    })
    .await
    .unwrap()
}

/// Waits until the condition holds; panics after 20 s.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let held = tokio::time::timeout(Duration::from_secs(20), async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    assert!(held.is_ok(), "it never came true: {what}");
}
