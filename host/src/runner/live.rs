//! The real world of a run: services as the environment brings them up, and instances of the loaded plugins.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;

use super::world::{Task, World};
use crate::{
    capability::{context, http, metrics, recorder::Recorder},
    config::Settings,
    environment::Environment,
    event::{MetricSnapshot, RunInfo, ServiceInfo},
    hint,
    plan::Plan,
    plugin::{
        Plugin,
        ending::Ending,
        engine::Engine,
        instance::{self, Attempt, Entry, Kind},
    },
};

/// What a run works with. Nothing is up before [`World::up`].
pub struct Live<'a> {
    engine: &'a Engine,
    settings: &'a Settings,
    http: http::Shared,
    suites: Vec<Suite>,
    environment: Option<Environment>,
}

/// One suite of the plan, with what lives as long as the run.
struct Suite {
    plugin: Arc<Plugin>,
    metrics: Arc<metrics::Shared>,
    context: Arc<context::Shared>,
}

impl<'a> Live<'a> {
    /// The world of this plan. `plugins` are those that the plan was built from, in the same order.
    pub fn new(
        engine: &'a Engine,
        settings: &'a Settings,
        http: http::Shared,
        plan: &Plan,
        plugins: &[Arc<Plugin>],
        info: &RunInfo,
    ) -> Self {
        let suite = |planned: &crate::plan::PlannedSuite| Suite {
            plugin: Arc::clone(&plugins[planned.plugin]),
            metrics: Arc::new(metrics::Shared::new(planned.baselines.clone())),
            context: Arc::new(context::Shared {
                run_id: info.run_id.clone(),
                suite: planned.name.clone(),
                profile: info.profile.clone(),
                environment: info.environment.clone(),
                seed: info.seed,
                settings: settings.values.clone(),
                services: BTreeMap::new(),
            }),
        };
        Self {
            engine,
            settings,
            http,
            suites: plan.suites.iter().map(suite).collect(),
            environment: None,
        }
    }

    fn services(&self) -> &[ServiceInfo] {
        self.environment.as_ref().map_or(&[], Environment::services)
    }
}

#[async_trait]
impl World for Live<'_> {
    async fn up(&mut self) -> Result<Vec<ServiceInfo>, String> {
        let environment = Environment::up(&self.settings.environment, &self.settings.values)
            .await
            .map_err(|error| hint::told(&error))?;
        let services = environment.services().to_vec();
        self.environment = Some(environment);
        let urls: BTreeMap<String, String> = services
            .iter()
            .map(|service| (service.name.clone(), service.url.clone()))
            .collect();
        for suite in &mut self.suites {
            suite.context = Arc::new(context::Shared {
                services: urls.clone(),
                ..context::Shared::clone(&suite.context)
            });
        }
        Ok(services)
    }

    fn has_service(&self, name: &str) -> bool {
        self.services().iter().any(|service| service.name == name)
    }

    async fn run(
        &self,
        suite: usize,
        task: Task<'_>,
        recorder: Recorder,
        timeout: Duration,
    ) -> Ending {
        let suite = &self.suites[suite];
        let attempt = Attempt {
            plugin: Arc::clone(&suite.plugin),
            entry: entry(task),
            recorder,
            context: Arc::clone(&suite.context),
            http: self.http.clone(),
            metrics: Arc::clone(&suite.metrics),
            timeout,
            memory: self.settings.limits.memory,
            output: self.settings.limits.output,
        };
        instance::run(self.engine, attempt).await
    }

    fn metrics(&self, suite: usize) -> Vec<MetricSnapshot> {
        self.suites[suite].metrics.snapshot()
    }

    async fn down(&mut self) {
        if let Some(environment) = self.environment.take() {
            environment.down().await;
        }
    }
}

fn entry(task: Task<'_>) -> Entry {
    let (kind, name, data) = match task {
        Task::Setup => (Kind::Setup, "", ""),
        Task::Case { name, data } => (Kind::TestCase, name, data),
        Task::Teardown { data } => (Kind::Teardown, "", data),
    };
    Entry {
        kind,
        name: name.to_owned(),
        vu: 0,
        iteration: 0,
        data: data.to_owned(),
    }
}
