//! A container for tests, of an engine that answers as it is told.

use std::{sync::atomic::AtomicBool, time::Duration};

use tokio::sync::Mutex;

use super::Container;
use crate::{
    config::Readiness,
    environment::{
        docker::{Original, Project},
        probe::Probe,
    },
};

impl Container {
    /// One that was found when it was as `original` has it.
    pub(in crate::environment) fn scripted(
        project: &Project,
        service: &str,
        original: Original,
    ) -> Self {
        Self {
            project: project.clone(),
            service: service.to_owned(),
            id: original.id.clone(),
            port: 80,
            url: "http://127.0.0.1:9".to_owned(),
            readiness: Readiness {
                health: None,
                status: 200,
                within: Duration::ZERO,
            },
            probe: Probe::new().unwrap(),
            healthy: AtomicBool::new(true),
            original,
            ended: Mutex::default(),
        }
    }
}
