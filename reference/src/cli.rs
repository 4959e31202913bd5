//! The command line. Every switch can also come from the environment, under the name of its service.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::defects::Defects;
use crate::generation::{Backoff, Pace};
use crate::project::monitoring::{Settings, Thresholds};
use crate::{cache, generation, project, vector_store};

/// The reference system: a small AI script generator to try tests on.
#[derive(Debug, Parser)]
#[command(name = "reference", version, max_term_width = 120)]
pub struct Cli {
    /// Which service to start.
    #[command(subcommand)]
    pub command: Command,
}

/// The services.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A cache with expiry that speaks RESP2.
    Cache(CacheArguments),
    /// Collections of documents with embeddings, over Chroma's HTTP API.
    VectorStore(VectorStoreArguments),
    /// Projects and their numbered episodes.
    ProjectService(ProjectArguments),
    /// Generates scripts, streams their progress, stores the result as an episode.
    GenerationService(GenerationArguments),
}

impl Command {
    /// The service's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Cache(_) => "cache",
            Self::VectorStore(_) => "vector-store",
            Self::ProjectService(_) => project::NAME,
            Self::GenerationService(_) => generation::NAME,
        }
    }
}

/// Switches of the cache.
#[derive(Debug, Args)]
pub struct CacheArguments {
    /// Where to listen; port 0 picks one that is free.
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "CACHE_LISTEN",
        default_value = "127.0.0.1:6379"
    )]
    listen: SocketAddr,
    /// The mistakes to make; those of other services are ignored.
    #[arg(long, value_name = "IDS", env = "CACHE_DEFECTS", default_value_t)]
    defects: Defects,
}

impl From<CacheArguments> for cache::Options {
    fn from(arguments: CacheArguments) -> Self {
        // The cache has no defect of its own.
        let _ = arguments.defects;
        Self {
            listen: arguments.listen,
        }
    }
}

/// Switches of the vector store.
#[derive(Debug, Args)]
pub struct VectorStoreArguments {
    /// Where to listen; port 0 picks one that is free.
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "VECTOR_STORE_LISTEN",
        default_value = "127.0.0.1:8000"
    )]
    listen: SocketAddr,
    /// The folder of the durable state.
    #[arg(long, value_name = "DIR", env = "VECTOR_STORE_DATA")]
    data: PathBuf,
    /// The mistakes to make; those of other services are ignored.
    #[arg(
        long,
        value_name = "IDS",
        env = "VECTOR_STORE_DEFECTS",
        default_value_t
    )]
    defects: Defects,
}

impl From<VectorStoreArguments> for vector_store::Options {
    fn from(arguments: VectorStoreArguments) -> Self {
        // The vector store has no defect of its own.
        let _ = arguments.defects;
        Self {
            listen: arguments.listen,
            data: arguments.data,
        }
    }
}

/// Switches of the project service.
#[derive(Debug, Args)]
pub struct ProjectArguments {
    /// Where to listen; port 0 picks one that is free.
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "PROJECT_SERVICE_LISTEN",
        default_value = "127.0.0.1:8001"
    )]
    listen: SocketAddr,
    /// The folder of the durable state.
    #[arg(long, value_name = "DIR", env = "PROJECT_SERVICE_DATA")]
    data: PathBuf,
    /// The cache: redis://HOST:PORT.
    #[arg(long, value_name = "URL", env = "PROJECT_SERVICE_CACHE_URL")]
    cache_url: String,
    /// The vector store: http://HOST:PORT.
    #[arg(long, value_name = "URL", env = "PROJECT_SERVICE_VECTOR_STORE_URL")]
    vector_store_url: String,
    /// Requests a minute for each client address.
    #[arg(long, value_name = "N", env = "PROJECT_SERVICE_RATE_LIMIT", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    rate_limit: u32,
    /// Milliseconds for a whole request body, then 408.
    #[arg(long, value_name = "N", env = "PROJECT_SERVICE_BODY_TIMEOUT_MS", default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(1..))]
    body_timeout_ms: u64,
    /// Milliseconds for one call of the vector store; then it counts as down.
    #[arg(long, value_name = "N", env = "PROJECT_SERVICE_DEPENDENCY_TIMEOUT_MS", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    dependency_timeout_ms: u64,
    /// Adds what only tests may do: raw insertion of episodes, creations that fail or take long.
    #[arg(long, env = "PROJECT_SERVICE_TEST_HOOKS")]
    test_hooks: bool,
    /// Milliseconds that alerts and performance look back.
    #[arg(long, value_name = "N", env = "PROJECT_SERVICE_MONITORING_WINDOW_MS", default_value_t = 900_000, value_parser = clap::value_parser!(u64).range(1..=86_400_000))]
    monitoring_window_ms: u64,
    /// Milliseconds between two evaluations of the alert rules.
    #[arg(long, value_name = "N", env = "PROJECT_SERVICE_ALERT_PERIOD_MS", default_value_t = 15_000, value_parser = clap::value_parser!(u64).range(10..=3_600_000))]
    alert_period_ms: u64,
    /// Percent of failed creations of episodes above which an alert is raised.
    #[arg(long, value_name = "N", env = "PROJECT_SERVICE_ALERT_FAILURE_PERCENT", default_value_t = 1, value_parser = clap::value_parser!(u8).range(..=100))]
    alert_failure_percent: u8,
    /// Percent of creations of episodes that are conflicts above which an alert is raised.
    #[arg(long, value_name = "N", env = "PROJECT_SERVICE_ALERT_CONFLICT_PERCENT", default_value_t = 5, value_parser = clap::value_parser!(u8).range(..=100))]
    alert_conflict_percent: u8,
    /// Milliseconds of the P95 of the creations of episodes above which an alert is raised.
    #[arg(long, value_name = "N", env = "PROJECT_SERVICE_ALERT_LATENCY_MS", default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    alert_latency_ms: u64,
    /// The mistakes to make; those of other services are ignored.
    #[arg(
        long,
        value_name = "IDS",
        env = "PROJECT_SERVICE_DEFECTS",
        default_value_t
    )]
    defects: Defects,
}

impl From<ProjectArguments> for project::Options {
    fn from(arguments: ProjectArguments) -> Self {
        Self {
            listen: arguments.listen,
            data: arguments.data,
            cache_url: arguments.cache_url,
            vector_store_url: arguments.vector_store_url,
            rate_limit: arguments.rate_limit,
            body_timeout: Duration::from_millis(arguments.body_timeout_ms),
            dependency_timeout: Duration::from_millis(arguments.dependency_timeout_ms),
            test_hooks: arguments.test_hooks,
            monitoring: Settings {
                window: Duration::from_millis(arguments.monitoring_window_ms),
                period: Duration::from_millis(arguments.alert_period_ms),
                thresholds: Thresholds {
                    failure_percent: arguments.alert_failure_percent.into(),
                    conflict_percent: arguments.alert_conflict_percent.into(),
                    latency: Duration::from_millis(arguments.alert_latency_ms),
                },
            },
            defects: arguments.defects,
        }
    }
}

/// Switches of the generation service.
#[derive(Debug, Args)]
pub struct GenerationArguments {
    /// Where to listen; port 0 picks one that is free.
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "GENERATION_SERVICE_LISTEN",
        default_value = "127.0.0.1:8002"
    )]
    listen: SocketAddr,
    /// The folder of the durable state.
    #[arg(long, value_name = "DIR", env = "GENERATION_SERVICE_DATA")]
    data: PathBuf,
    /// The cache: redis://HOST:PORT.
    #[arg(long, value_name = "URL", env = "GENERATION_SERVICE_CACHE_URL")]
    cache_url: String,
    /// The project service: http://HOST:PORT.
    #[arg(
        long,
        value_name = "URL",
        env = "GENERATION_SERVICE_PROJECT_SERVICE_URL"
    )]
    project_service_url: String,
    /// Requests a minute for each client address.
    #[arg(long, value_name = "N", env = "GENERATION_SERVICE_RATE_LIMIT", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    rate_limit: u32,
    /// Milliseconds for a whole request body, then 408.
    #[arg(long, value_name = "N", env = "GENERATION_SERVICE_BODY_TIMEOUT_MS", default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(1..))]
    body_timeout_ms: u64,
    /// Milliseconds for one call of the project service; then it counts as down.
    #[arg(long, value_name = "N", env = "GENERATION_SERVICE_DEPENDENCY_TIMEOUT_MS", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    dependency_timeout_ms: u64,
    /// Milliseconds of one of the 7 steps of a generation.
    #[arg(long, value_name = "N", env = "GENERATION_SERVICE_STEP_MS", default_value_t = 40, value_parser = clap::value_parser!(u64).range(..=3_600_000))]
    step_ms: u64,
    /// Milliseconds between two heartbeats of a stream.
    #[arg(long, value_name = "N", env = "GENERATION_SERVICE_HEARTBEAT_MS", default_value_t = 15_000, value_parser = clap::value_parser!(u64).range(1..))]
    heartbeat_ms: u64,
    /// Milliseconds before a failed save is tried again; then twice as many, up to 16 times.
    #[arg(long, value_name = "N", env = "GENERATION_SERVICE_RETRY_BASE_MS", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    retry_base_ms: u64,
    /// How often a save is tried before it is a dead letter.
    #[arg(long, value_name = "N", env = "GENERATION_SERVICE_RETRY_ATTEMPTS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=20))]
    retry_attempts: u32,
    /// The mistakes to make; those of other services are ignored.
    #[arg(
        long,
        value_name = "IDS",
        env = "GENERATION_SERVICE_DEFECTS",
        default_value_t
    )]
    defects: Defects,
}

impl From<GenerationArguments> for generation::Options {
    fn from(arguments: GenerationArguments) -> Self {
        Self {
            listen: arguments.listen,
            data: arguments.data,
            cache_url: arguments.cache_url,
            project_service_url: arguments.project_service_url,
            rate_limit: arguments.rate_limit,
            body_timeout: Duration::from_millis(arguments.body_timeout_ms),
            dependency_timeout: Duration::from_millis(arguments.dependency_timeout_ms),
            pace: Pace {
                step: Duration::from_millis(arguments.step_ms),
                heartbeat: Duration::from_millis(arguments.heartbeat_ms),
                backoff: Backoff {
                    base: Duration::from_millis(arguments.retry_base_ms),
                    attempts: arguments.retry_attempts,
                },
            },
            defects: arguments.defects,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_save_is_tried_1_to_20_times() {
        for (attempts, taken) in [("0", false), ("1", true), ("20", true), ("21", false)] {
            let arguments = [
                "reference",
                "generation-service",
                "--data",
                "d",
                "--cache-url",
                "c",
                "--project-service-url",
                "p",
                "--retry-attempts",
                attempts,
            ];
            assert_eq!(Cli::try_parse_from(arguments).is_ok(), taken, "{attempts}");
        }
    }

    #[test]
    fn an_unknown_defect_is_refused_with_those_known() {
        let error = Cli::try_parse_from(["reference", "cache", "--defects", "D99"]).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("unknown defect D99: known are D1, ")
        );
    }

    #[test]
    fn every_switch_has_a_variable_under_the_name_of_its_service() {
        for service in Cli::command().get_subcommands() {
            let prefix = service.get_name().replace('-', "_").to_uppercase();
            for argument in service.get_arguments().filter(|one| one.get_id() != "help") {
                let switch = argument.get_long().unwrap_or_default();
                let wanted = format!("{prefix}_{}", switch.replace('-', "_").to_uppercase());
                let variable = argument.get_env().and_then(|name| name.to_str());
                assert_eq!(variable, Some(wanted.as_str()));
            }
        }
    }
}
