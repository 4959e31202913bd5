//! What the project service counts besides requests.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// The numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Gauges {
    projects: Gauge,
    episodes: Gauge,
    pub(super) projects_created: Counter,
    pub(super) episodes_created: Counter,
}

impl Gauges {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let gauges = Self::default();
        registry.register("projects", "Projects stored", gauges.projects.clone());
        registry.register("episodes", "Episodes stored", gauges.episodes.clone());
        registry.register(
            "projects_created",
            "Projects made since the start",
            gauges.projects_created.clone(),
        );
        registry.register(
            "episodes_created",
            "Episodes made since the start",
            gauges.episodes_created.clone(),
        );
        gauges
    }

    /// Notes how many there are.
    pub(super) fn stored(&self, projects: u64, episodes: u64) {
        for (gauge, count) in [(&self.projects, projects), (&self.episodes, episodes)] {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
}
