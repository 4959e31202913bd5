//! What the two services are known to have, apart from what they say of themselves.

use assay_client::Service;

/// A method and a path, its parameters in braces.
pub(crate) type Route = (&'static str, &'static str);

/// What both have.
const OPERATIONS: [Route; 8] = [
    ("GET", "/health"),
    ("GET", "/api/v1/health"),
    ("GET", "/healthz"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
];

const PROJECTS: [Route; 24] = [
    ("GET", "/api/v1/projects"),
    ("POST", "/api/v1/projects"),
    ("GET", "/api/v1/projects/recent"),
    ("GET", "/api/v1/projects/stats/summary"),
    ("GET", "/api/v1/projects/{id}"),
    ("PUT", "/api/v1/projects/{id}"),
    ("DELETE", "/api/v1/projects/{id}"),
    ("PATCH", "/api/v1/projects/{id}/progress"),
    ("GET", "/api/v1/projects/{id}/episodes"),
    ("POST", "/api/v1/projects/{id}/episodes"),
    ("GET", "/api/v1/projects/{id}/episodes/_next-number"),
    ("GET", "/api/v1/projects/{id}/episodes/_stats"),
    ("GET", "/api/v1/projects/{id}/episodes/{episodeId}"),
    ("DELETE", "/api/v1/projects/{id}/episodes/{episodeId}"),
    ("PUT", "/api/v1/projects/{id}/episodes/{episodeId}/script"),
    ("GET", "/api/v1/monitoring/episodes/integrity/summary"),
    ("GET", "/api/v1/monitoring/episodes/integrity/projects/{id}"),
    (
        "POST",
        "/api/v1/monitoring/episodes/integrity/projects/{id}/fix-gaps",
    ),
    ("POST", "/api/v1/monitoring/episodes/integrity/run-check"),
    ("GET", "/api/v1/monitoring/episodes/performance/stats"),
    ("GET", "/api/v1/monitoring/episodes/alerts/active"),
    ("POST", "/api/v1/monitoring/episodes/alerts/check"),
    (
        "POST",
        "/api/v1/monitoring/episodes/alerts/{alertId}/resolve",
    ),
    ("GET", "/api/v1/monitoring/episodes/feed"),
];

const GENERATIONS: [Route; 10] = [
    ("GET", "/api/v1/generations"),
    ("POST", "/api/v1/generations"),
    ("GET", "/api/v1/generations/active"),
    ("GET", "/api/v1/generations/_stats"),
    ("GET", "/api/v1/generations/{jobId}"),
    ("DELETE", "/api/v1/generations/{jobId}"),
    ("GET", "/api/v1/generations/{jobId}/events"),
    ("GET", "/api/v1/retry/queue/stats"),
    ("GET", "/api/v1/retry/jobs/{jobId}"),
    ("POST", "/api/v1/retry/generations/{jobId}/save"),
];

/// Where services of this kind are known to have something that they do not document.
pub(crate) const TELLTALE: [&str; 14] = [
    "/",
    "/admin",
    "/debug",
    "/redoc",
    "/swagger",
    "/swagger.json",
    "/api",
    "/api/v1",
    "/api/v1/docs",
    "/api/v1/metrics",
    "/api/v1/readyz",
    "/api/v1/health/database",
    "/api/v1/health/detailed",
    "/api/v1/testing/projects/proj_none/episodes",
];

/// All that a service is known to have.
pub(crate) fn known(service: Service) -> Vec<Route> {
    let own: &[Route] = match service {
        Service::Project => &PROJECTS,
        Service::Generation => &GENERATIONS,
    };
    [&OPERATIONS[..], own].concat()
}

/// Whether two paths are the same but for the names of their parameters.
pub(crate) fn is_same(left: &str, right: &str) -> bool {
    let (left, right) = (parts(left), parts(right));
    left.len() == right.len()
        && left
            .iter()
            .zip(&right)
            .all(|(left, right)| left == right || (is_parameter(left) && is_parameter(right)))
}

/// Whether a path is one of those that a documented path stands for.
pub(crate) fn may_be(documented: &str, path: &str) -> bool {
    documented == path || may_shadow(documented, path)
}

/// Whether a router could take the fixed path for the one with parameters.
pub(crate) fn may_shadow(with_parameters: &str, fixed: &str) -> bool {
    let (with_parameters, fixed) = (parts(with_parameters), parts(fixed));
    with_parameters != fixed
        && with_parameters.len() == fixed.len()
        && with_parameters
            .iter()
            .zip(&fixed)
            .all(|(part, fixed)| part == fixed || (is_parameter(part) && !is_parameter(fixed)))
}

fn parts(path: &str) -> Vec<&str> {
    path.split('/').collect()
}

fn is_parameter(part: &str) -> bool {
    part.starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parameters_do_not_matter() {
        assert!(is_same("/a/{id}/b", "/a/{name}/b"));
        for other in ["/a/b", "/a/{id}/c", "/a/x/b", "/a/{id}/b/c"] {
            assert!(!is_same("/a/{id}/b", other), "{other}");
        }
    }

    #[test]
    fn fixed_paths_can_be_taken_for_parameters() {
        assert!(may_shadow("/a/{id}", "/a/recent"));
        assert!(may_shadow("/a/{id}/b/{other}", "/a/{id}/b/_stats"));
        for fixed in ["/a/{other}", "/a/recent/b", "/b/recent", "/a/{id}"] {
            assert!(!may_shadow("/a/{id}", fixed), "{fixed}");
        }
    }
}
