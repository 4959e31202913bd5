//! The system under test: its services, how they are brought up, and where they answer.
//!
//! Services are started in order, each when the one before is ready. Whatever happens, none of them lives on: `down` ends
//! them in an orderly way, dropping the environment kills them, and so does the end of the host itself, even by SIGKILL.

pub mod error;
pub mod identity;
pub mod kept;
pub mod port;
pub mod probe;
mod process;
mod spawner;
mod tail;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Map, Value};
use tempfile::TempDir;
use tokio::{
    select,
    sync::{oneshot, watch},
    time::{Instant, timeout},
};

pub use self::error::EnvironmentError;
use self::{probe::Probe, process::Process, spawner::Spawner};
use crate::{
    config::{
        AddressSource, EnvironmentSettings, Origin, ProcessSettings, Readiness, ServiceSettings,
        ServiceSource,
        environments::setting,
        template::{Part, setting_text},
    },
    event::ServiceInfo,
};

/// How long all services together have to end after SIGTERM.
pub const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// An environment that is up.
#[derive(Debug)]
pub struct Environment {
    services: Vec<ServiceInfo>,
    /// Before the spawner and the folder: dropped first.
    processes: Vec<(String, Process)>,
    spawner: Spawner,
    folder: Option<TempDir>,
    probe: Probe,
}

impl Environment {
    /// Starts what has to be started, in order, and waits until every service answers. `values` are the `[settings]`.
    ///
    /// After an error nothing is left running.
    pub async fn up(
        settings: &EnvironmentSettings,
        values: &Map<String, Value>,
    ) -> Result<Self, EnvironmentError> {
        let mut environment = Self {
            services: Vec::new(),
            processes: Vec::new(),
            spawner: Spawner::start()?,
            folder: Some(tempfile::Builder::new().prefix("assay-").tempdir()?),
            probe: Probe::new()?,
        };
        for service in &settings.services {
            let added = environment.add(service, values).await;
            if let Err(error) = added {
                environment.down().await;
                return Err(error);
            }
        }
        Ok(environment)
    }

    /// Where the services answer, in the order of their start.
    pub fn services(&self) -> &[ServiceInfo] {
        &self.services
    }

    /// The process of a service that this environment started.
    pub fn process_id(&self, service: &str) -> Option<u32> {
        let (_, process) = self.processes.iter().find(|(name, _)| name == service)?;
        process.id()
    }

    /// The first service that ended although nobody asked it to, as an error with its last lines.
    pub async fn fallen(&mut self) -> Option<EnvironmentError> {
        for (service, process) in &mut self.processes {
            if let Some(status) = process.status() {
                let output = process.last_words().await;
                let service = service.clone();
                return Some(EnvironmentError::Died {
                    service,
                    status,
                    output,
                });
            }
        }
        None
    }

    /// Ends every service that was started: SIGTERM for all, [`STOP_PATIENCE`], SIGKILL for those that are left. A second call does nothing.
    pub async fn down(&mut self) {
        for (_, process) in self.processes.iter().rev() {
            process.terminate();
        }
        let deadline = Instant::now() + STOP_PATIENCE;
        for (_, process) in self.processes.iter_mut().rev() {
            process.stop(deadline).await;
        }
        self.processes.clear();
        // What cannot be removed is temporary still: the system clears its folder.
        self.folder = None;
    }

    async fn add(
        &mut self,
        service: &ServiceSettings,
        values: &Map<String, Value>,
    ) -> Result<(), EnvironmentError> {
        let started = Instant::now();
        let (url, managed) = match &service.source {
            ServiceSource::Running { url, origin } => {
                self.reach(service, url, origin).await?;
                (url.clone(), false)
            }
            ServiceSource::Started(process) => (self.start(service, process, values).await?, true),
        };
        self.services.push(ServiceInfo {
            name: service.name.clone(),
            url,
            managed,
            ready_after_ns: u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX),
        });
        Ok(())
    }

    /// Waits for a service that is said to run.
    async fn reach(
        &self,
        service: &ServiceSettings,
        url: &str,
        origin: &Origin,
    ) -> Result<(), EnvironmentError> {
        let (problem, _) = watch::channel("no answer".to_owned());
        let waiting = self.probe.wait(url, &service.readiness, &problem);
        timeout(service.readiness.within, waiting)
            .await
            .map_err(|_| EnvironmentError::Unreachable {
                service: service.name.clone(),
                url: url.to_owned(),
                problem: problem.borrow().clone(),
                origin: origin.to_string(),
            })
    }

    /// Starts a service, waits until it is ready, and answers its URL.
    async fn start(
        &mut self,
        service: &ServiceSettings,
        settings: &ProcessSettings,
        values: &Map<String, Value>,
    ) -> Result<String, EnvironmentError> {
        let name = &service.name;
        let port = pick_port(name, &settings.address)?;
        let words = self.words(name, settings, values, port)?;
        let (program, arguments) = words.split_first().ok_or_else(|| EnvironmentError::Place {
            service: name.clone(),
            place: "a program".to_owned(),
        })?;
        let started = Process::start(&self.spawner, program.as_ref(), arguments).await;
        let (mut process, first_line) = started.map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => EnvironmentError::MissingProgram {
                service: name.clone(),
                program: PathBuf::from(program),
            },
            _ => EnvironmentError::Start {
                service: name.clone(),
                source,
            },
        })?;
        let address = Address {
            settings,
            first_line,
            port,
        };
        let url = self
            .ready(name, &service.readiness, &mut process, address)
            .await;
        // Also if it is not ready: `down` then ends it with all others.
        self.processes.push((name.clone(), process));
        url
    }

    /// Waits until a service is ready, dies, or has had its time.
    async fn ready(
        &self,
        name: &str,
        readiness: &Readiness,
        process: &mut Process,
        address: Address<'_>,
    ) -> Result<String, EnvironmentError> {
        let (problem, _) =
            watch::channel("its address is not known: it has written no line".to_owned());
        let getting_ready = async {
            let url = address.url(name).await?;
            self.probe.wait(&url, readiness, &problem).await;
            Ok(url)
        };
        let ended = select! {
            biased;
            ended = process.ended() => ended,
            outcome = timeout(readiness.within, getting_ready) => {
                return outcome.unwrap_or_else(|_| Err(EnvironmentError::NotReady {
                    service: name.to_owned(),
                    within: readiness.within,
                    problem: problem.borrow().clone(),
                    output: process.output(),
                }));
            }
        };
        let output = process.last_words().await;
        let service = name.to_owned();
        Err(match ended {
            Ok(status) => EnvironmentError::Died {
                service,
                status,
                output,
            },
            Err(source) => EnvironmentError::Start { service, source },
        })
    }

    /// The command with its places filled.
    fn words(
        &self,
        service: &str,
        settings: &ProcessSettings,
        values: &Map<String, Value>,
        port: Option<u16>,
    ) -> Result<Vec<String>, EnvironmentError> {
        let missing = |place: &str| EnvironmentError::Place {
            service: service.to_owned(),
            place: place.to_owned(),
        };
        let fill = |part: &Part| match part {
            Part::Text(text) => Ok(text.clone()),
            Part::Data => self.data_folder(service),
            Part::ExeDir => exe_folder(),
            Part::Port => port
                .map(|port| port.to_string())
                .ok_or_else(|| missing("a port")),
            Part::Url(other) => self
                .url_of(other)
                .ok_or_else(|| missing(&format!("the URL of `{other}`"))),
            Part::Address(other) => self
                .url_of(other)
                .and_then(|url| Some(url.split_once("://")?.1.to_owned()))
                .ok_or_else(|| missing(&format!("the address of `{other}`"))),
            Part::Setting(name) => setting(values, name)
                .and_then(setting_text)
                .ok_or_else(|| missing(&format!("the setting `{name}`"))),
        };
        settings
            .command
            .iter()
            .map(|word| word.fill(fill))
            .collect()
    }

    fn url_of(&self, service: &str) -> Option<String> {
        let found = self.services.iter().find(|known| known.name == service)?;
        Some(found.url.clone())
    }

    fn data_folder(&self, service: &str) -> Result<String, EnvironmentError> {
        let folder = self
            .folder
            .as_ref()
            .map_or(Path::new("."), TempDir::path)
            .join(service);
        fs::create_dir_all(&folder)?;
        path_text(&folder)
    }
}

/// How the address of a service that was just started gets known.
struct Address<'a> {
    settings: &'a ProcessSettings,
    first_line: oneshot::Receiver<String>,
    port: Option<u16>,
}

impl Address<'_> {
    async fn url(self, service: &str) -> Result<String, EnvironmentError> {
        let scheme = &self.settings.scheme;
        let expected = match (&self.settings.address, self.port) {
            (AddressSource::ReadyLine(expected), _) => expected,
            (_, Some(port)) => return Ok(format!("{scheme}://127.0.0.1:{port}")),
            (_, None) => return std::future::pending().await,
        };
        let Ok(line) = self.first_line.await else {
            // Its output is closed: it ends, or is never ready.
            return std::future::pending().await;
        };
        match line
            .strip_prefix(expected.as_str())
            .map(str::parse::<std::net::SocketAddr>)
        {
            Some(Ok(address)) => Ok(format!("{scheme}://{address}")),
            _ => Err(EnvironmentError::ReadyLine {
                service: service.to_owned(),
                line,
                expected: expected.clone(),
            }),
        }
    }
}

/// The port that the host chooses for a service; none if the service chooses.
fn pick_port(service: &str, source: &AddressSource) -> Result<Option<u16>, EnvironmentError> {
    match source {
        AddressSource::ReadyLine(_) => Ok(None),
        AddressSource::Picked => Ok(Some(port::free()?)),
        AddressSource::Fixed(port) if port::is_taken(*port) => Err(EnvironmentError::PortInUse {
            service: service.to_owned(),
            port: *port,
            holder: port::holder(*port),
        }),
        AddressSource::Fixed(port) => Ok(Some(*port)),
    }
}

fn exe_folder() -> Result<String, EnvironmentError> {
    let host = std::env::current_exe()?;
    path_text(host.parent().unwrap_or(&host))
}

fn path_text(path: &Path) -> Result<String, EnvironmentError> {
    let text = path
        .to_str()
        .ok_or_else(|| io::Error::other(format!("{} is no UTF-8", path.display())))?;
    Ok(text.to_owned())
}
