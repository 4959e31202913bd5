//! The real world of a run: services as the environment brings them up, and instances of the loaded plugins.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use assay_grants::Permit;
use assay_report::{
    event::{
        EncodedHistogram, MetricSnapshot, Proposal, RegressionCheck, RunInfo, ServiceInfo,
        ServiceState, ServiceStatus, Source,
    },
    hint,
};
use async_trait::async_trait;
use futures::future::join_all;
use tokio::time::{sleep, timeout};

use super::world::{Fallen, Task, World, Wrote};
use crate::{
    access::Rights,
    agents::{
        Agents,
        placing::{MAX_SENT_DATA, makes_load, may_go},
        work::{AttemptWork, Given},
    },
    capability::{context, http, metrics, recorder::Recorder},
    chaos::Faults,
    config::{
        Settings,
        links::{ARROW, CLIENT},
    },
    environment::{Environment, Left},
    history::Judge,
    journal::Journal,
    ledger::{Happenings, Ledger},
    load::Loads,
    plan::Plan,
    plugin::{
        Permitted, Plugin,
        ending::Ending,
        engine::Engine,
        instance::{self, Attempt, Entry, Kind},
    },
};

/// How long one service may take to say something after a bad attempt: one that hangs must not hide what the others say.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long a service may take to write of what happened in an attempt.
const AFTERWARDS: Duration = Duration::from_millis(20);

/// What a run works with. Nothing is up before [`World::up`].
pub struct Live<'a> {
    engine: &'a Engine,
    settings: &'a Settings,
    http: http::Shared,
    journal: &'a Journal,
    suites: Vec<Suite>,
    loads: Loads,
    judge: Option<Judge>,
    agents: Option<Agents>,
    up: Option<Up>,
}

/// An environment that is up.
struct Up {
    environment: Arc<Environment>,
    faults: Faults,
}

/// One suite of the plan, with what lives as long as the run.
struct Suite {
    plugin: Arc<Plugin>,
    metrics: Arc<metrics::Shared>,
    context: Arc<context::Shared>,
    permit: Permit,
    /// What the permit means in the environment that is up.
    rights: Rights,
}

impl<'a> Live<'a> {
    /// The world of this plan. `plugins` are those that the plan was built from, in the same order.
    pub fn new(
        engine: &'a Engine,
        settings: &'a Settings,
        http: http::Shared,
        plan: &Plan,
        plugins: &[Permitted],
        info: &RunInfo,
        journal: &'a Journal,
    ) -> Self {
        let suite = |planned: &crate::plan::PlannedSuite| Suite {
            plugin: Arc::clone(&plugins[planned.plugin].plugin),
            // Nothing runs before the environment is up.
            rights: Rights::nothing(&planned.name),
            permit: plugins[planned.plugin].permit.clone(),
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
            journal,
            suites: plan.suites.iter().map(suite).collect(),
            loads: Loads::default(),
            judge: None,
            agents: None,
            up: None,
        }
    }

    /// The same, with somebody who compares the run with former ones.
    #[must_use]
    pub fn judged_by(self, judge: Option<Judge>) -> Self {
        Self { judge, ..self }
    }

    /// The same, with agents that run what attempts can run elsewhere.
    #[must_use]
    pub fn shared_with(self, agents: Option<Agents>) -> Self {
        Self { agents, ..self }
    }

    /// The agents that run the entries of a suite which are given this by its setup; none if they run here.
    fn agents_of(&self, suite: &Suite, data: &str) -> Option<&Agents> {
        let agents = self.agents.as_ref()?;
        (may_go(&suite.plugin.calls) && data.len() <= MAX_SENT_DATA).then_some(agents)
    }

    /// What an agent needs for anything of a suite.
    fn given(&self, suite: &Suite) -> Given {
        Given {
            digest: suite.plugin.digest.clone(),
            context: context::Shared::clone(&suite.context),
            baselines: suite.metrics.baselines().to_vec(),
            granted: suite.permit.grants().cloned(),
            secrets: self.settings.grants.secrets.clone(),
            memory: self.settings.limits.memory,
        }
    }

    /// An attempt for an agent.
    fn work(
        &self,
        suite: &Suite,
        task: Task<'_>,
        source: &Source,
        timeout: Duration,
    ) -> AttemptWork {
        AttemptWork {
            given: self.given(suite),
            source: source.clone(),
            entry: task.into(),
            traced: self.settings.traceparent,
            timeout,
            output: self.settings.limits.output,
        }
    }

    fn services(&self) -> &[ServiceInfo] {
        self.up.as_ref().map_or(&[], |up| up.environment.services())
    }
}

#[async_trait]
impl World for Live<'_> {
    async fn up(&mut self) -> Result<Vec<ServiceInfo>, String> {
        let Settings {
            environment,
            values,
            ..
        } = self.settings;
        let environment = Environment::up(environment, values, Some(self.journal))
            .await
            .map_err(|error| hint::told(&error))?;
        let services = environment.services().to_vec();
        let urls = urls(&environment);
        let environment = Arc::new(environment);
        self.up = Some(Up {
            faults: Faults::new(Arc::clone(&environment), self.settings.seed),
            environment,
        });
        for suite in &mut self.suites {
            suite.context = Arc::new(context::Shared {
                services: urls.clone(),
                ..context::Shared::clone(&suite.context)
            });
            let secrets = &self.settings.grants.secrets;
            suite.rights = Rights::new(&suite.permit, &urls, secrets);
        }
        Ok(services)
    }

    fn tell(&self, events: &Happenings, ledger: &Ledger) {
        if let Some(agents) = &self.agents {
            agents.tell(events, ledger);
        }
    }

    fn has_service(&self, name: &str) -> bool {
        let is_service = self.services().iter().any(|service| service.name == name);
        let environment = self.up.as_ref().map(|up| &up.environment);
        is_service || environment.is_some_and(|known| known.link(name).is_ok())
    }

    fn near_service(&self, name: &str) -> Option<String> {
        let environment = &self.up.as_ref()?.environment;
        let services = environment.services().iter().map(|service| &*service.name);
        let links = environment.links().map(|link| &*link.name);
        hint::nearest(name, services.chain(links)).map(str::to_owned)
    }

    fn runs_elsewhere(&self, suite: usize, data: &str) -> bool {
        self.agents_of(&self.suites[suite], data).is_some()
    }

    async fn run(
        &self,
        suite: usize,
        task: Task<'_>,
        recorder: Recorder,
        timeout: Duration,
    ) -> Ending {
        let suite = &self.suites[suite];
        if let Some(agents) = self.agents_of(suite, task.data()) {
            let work = self.work(suite, task, recorder.source(), timeout);
            let (metrics, rights) = (&suite.metrics, &suite.rights);
            return agents.attempt(work, &recorder, metrics, rights).await;
        }
        let machines = self.agents.as_ref();
        let machines = machines.filter(|_| makes_load(&suite.plugin.calls));
        let machines = machines.map(|agents| agents.machines(self.given(suite), &suite.rights));
        let chaos = self.up.as_ref().map(|up| up.faults.attempt(&recorder));
        let threads = self.loads.attempt(recorder.source());
        let attempt = Attempt {
            plugin: Arc::clone(&suite.plugin),
            entry: entry(task),
            recorder,
            context: Arc::clone(&suite.context),
            http: self.http.clone(),
            metrics: Arc::clone(&suite.metrics),
            chaos,
            threads,
            machines,
            rights: suite.rights.clone(),
            timeout,
            memory: self.settings.limits.memory,
            output: self.settings.limits.output,
        };
        instance::run(self.engine, attempt).await
    }

    async fn settle(&self, source: &Source) -> Vec<String> {
        let mut left: Vec<String> = self.loads.settle(source).await.err().into_iter().collect();
        if let Some(agents) = &self.agents {
            agents.settle(source).await;
        }
        if let Some(up) = &self.up {
            let unhealed = up.faults.settle(source).await;
            left.extend(unhealed.iter().map(hint::told));
        }
        left
    }

    async fn fallen(&self) -> Vec<Fallen> {
        let Some(Up {
            environment,
            faults,
        }) = &self.up
        else {
            return Vec::new();
        };
        let services = environment.services().iter().map(|service| &service.name);
        // What a fault does to its service is that fault's to tell.
        let undisturbed = services.filter(|name| !faults.is_on_service(name));
        let asked = undisturbed.map(|name| async {
            let error = environment.fallen(name).await?;
            // A fault may have begun meanwhile.
            (!faults.is_on_service(name)).then(|| Fallen {
                service: name.clone(),
                message: hint::told(&error),
            })
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    async fn wrote(&self, within: Duration) -> Vec<Wrote> {
        let Some(Up { environment, .. }) = &self.up else {
            return Vec::new();
        };
        // What a service says of a request it may say right after the answer, and its pipe is read by another task.
        sleep(AFTERWARDS).await;
        let services = environment.services().iter().map(|service| &service.name);
        let asked = services.map(|service| async {
            let control = environment.control(service).ok()?;
            let asked = timeout(PATIENCE, control.wrote(within + AFTERWARDS));
            let written = asked.await.ok()?.ok()?;
            (!written.lines.is_empty()).then(|| Wrote {
                service: service.clone(),
                written,
            })
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    async fn look(&self, _: &Source) -> Vec<ServiceState> {
        let Some(Up {
            environment,
            faults,
        }) = &self.up
        else {
            return Vec::new();
        };
        let services = environment.services().iter();
        let looks = services.map(|service| async {
            let look = timeout(PATIENCE, environment.look(&service.name));
            ServiceState {
                disturbed: faults.is_on_service(&service.name),
                ..look.await.unwrap_or_else(|_| silent(&service.name))
            }
        });
        join_all(looks).await
    }

    fn metrics(&self, suite: usize) -> Vec<MetricSnapshot> {
        self.suites[suite].metrics.snapshot()
    }

    fn proposal(&self, suite: usize) -> Option<Proposal> {
        self.suites[suite].rights.proposal()
    }

    async fn compare(&mut self) -> Option<RegressionCheck> {
        let judge = self.judge.take()?;
        // It reads a database, and former runs in full.
        let check = tokio::task::spawn_blocking(move || judge.compare()).await;
        Some(check.unwrap_or_else(|error| RegressionCheck {
            not_judged: Some(format!("the comparison broke: {error}")),
            ..RegressionCheck::default()
        }))
    }

    fn distributions(&self, suite: usize) -> Vec<EncodedHistogram> {
        self.suites[suite].metrics.encoded()
    }

    async fn down(&mut self) -> Vec<Left> {
        match self.up.take() {
            Some(up) => {
                let left = up.environment.down().await;
                left.iter().map(Left::from).collect()
            }
            None => Vec::new(),
        }
    }
}

/// A service that does not say how it is.
fn silent(service: &str) -> ServiceState {
    ServiceState {
        service: service.to_owned(),
        status: ServiceStatus::Unreachable,
        problem: Some(format!(
            "it did not say within {} s how it is",
            PATIENCE.as_secs()
        )),
        disturbed: false,
    }
}

/// What suites may ask the URL of: the services, and their own links to them.
fn urls(environment: &Environment) -> BTreeMap<String, String> {
    let services = environment.services().iter();
    let services = services.map(|service| (service.name.clone(), service.url.clone()));
    let links = environment.links().filter(|link| link.is_of_client);
    let links = links.map(|link| (format!("{CLIENT}{ARROW}{}", link.to), link.url.clone()));
    services.chain(links).collect()
}

/// The same as an instance has it.
pub(crate) fn entry(task: Task<'_>) -> Entry {
    let (kind, name, data) = match task {
        Task::Setup => (Kind::Setup, "", ""),
        Task::Case { name, data } => (Kind::TestCase, name, data),
        Task::Teardown { data } => (Kind::Teardown, "", data),
    };
    Entry {
        kind,
        name: name.to_owned(),
        vu: 0,
        data: data.to_owned(),
    }
}
