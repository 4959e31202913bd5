//! Where the services are, and sessions that talk to them.

use std::time::Duration;

use assay_sdk::http::{self, Response};
use assay_sdk::{Problem, Result, ResultExt as _, context, located};
use serde::{Deserialize, Serialize};

/// Redirects that a call follows: the original answers its own paths without a slash at the end with one.
const MOST_REDIRECTS: u32 = 3;
/// How long a call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// The generation service whose steps take long.
const PACED: &str = "generation-service-paced";

/// One of the two services that answer HTTP to users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Projects and their episodes.
    Project,
    /// Generations and their streams.
    Generation,
}

impl Service {
    /// The name of the service in the environment.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Project => "project-service",
            Self::Generation => "generation-service",
        }
    }
}

/// Where the services are. `#[setup]` can hand it to the cases.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Api {
    project: String,
    generation: String,
}

impl Api {
    /// The services of the environment; errored if one is missing.
    pub fn of_environment() -> Result<Self> {
        Ok(Self::new(
            context::service_url(Service::Project.name())?,
            context::service_url(Service::Generation.name())?,
        ))
    }

    /// The services of the environment, once both have answered; how healthy they are is for cases to find out.
    #[track_caller]
    pub fn reached() -> impl Future<Output = Result<Self>> {
        located(async {
            let api = Self::of_environment()?;
            for service in [Service::Project, Service::Generation] {
                let url = format!("{}/health", api.base(service));
                let answer = http::get(url).send().await;
                answer.with_context(|| format!("{} answers", service.name()))?;
            }
            Ok(api)
        })
    }

    /// The same with the generation service whose steps take long enough for what has to happen midway; errored if it is missing.
    pub fn paced(&self) -> Result<Self> {
        Ok(Self::new(&*self.project, context::service_url(PACED)?))
    }

    /// Services at these base URLs.
    pub fn new(project: impl Into<String>, generation: impl Into<String>) -> Self {
        Self {
            project: project.into(),
            generation: generation.into(),
        }
    }

    /// The base URL of a service.
    pub fn base(&self, service: Service) -> &str {
        match service {
            Service::Project => &self.project,
            Service::Generation => &self.generation,
        }
    }

    /// The URL of a path under `/api/v1`: `url(Service::Project, "/projects")`.
    pub fn url(&self, service: Service, path: &str) -> String {
        format!("{}/api/v1{path}", self.base(service))
    }

    /// A session of its own.
    pub fn user(&self, name: impl Into<String>) -> User {
        let name = name.into();
        let identity = context::identity();
        let trace = format!(
            "{}-{}-{}-{name}",
            identity.run_id, identity.entry, identity.attempt
        );
        User {
            api: self.clone(),
            name,
            trace,
            keeps_connections: false,
            most_redirects: MOST_REDIRECTS,
        }
    }
}

/// A session: a user with a trace, headers, and connections of its own.
#[derive(Clone, Debug)]
pub struct User {
    api: Api,
    name: String,
    trace: String,
    keeps_connections: bool,
    most_redirects: u32,
}

impl User {
    /// Lets this user's requests share kept-alive connections. Otherwise each has one of its own, as if each user sat at another
    /// machine, so that what happens on a connection that was used before is tried only where it is meant.
    #[must_use]
    pub fn keeping_connections(mut self) -> Self {
        self.keeps_connections = true;
        self
    }

    /// Lets this user's requests follow no redirect, as those of a load's virtual users must not.
    #[must_use]
    pub fn following_no_redirects(mut self) -> Self {
        self.most_redirects = 0;
        self
    }

    /// The user's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the services are.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// A request with the user's headers to a path under `/api/v1`.
    pub fn request(&self, method: &str, service: Service, path: &str) -> http::Request {
        self.request_to(method, self.api.url(service, path))
    }

    /// A request with the user's headers to any URL, such as that of a service's health.
    pub fn request_to(&self, method: &str, url: impl Into<String>) -> http::Request {
        let request = http::request(method, url)
            .header("accept", "application/json")
            .header("user-agent", format!("assay ({})", self.name))
            .header("x-trace-id", self.trace.as_str())
            .redirects(self.most_redirects)
            .timeout(CALL_TIMEOUT);
        if self.keeps_connections {
            request
        } else {
            request.header("connection", "close")
        }
    }

    /// Sends a request that has to be answered with one of these codes.
    pub(crate) async fn call(&self, request: http::Request, allowed: &[u16]) -> Result<Response> {
        let response = request.send().await?;
        if allowed.contains(&response.status()) {
            return Ok(response);
        }
        let expected: Vec<String> = allowed.iter().map(u16::to_string).collect();
        let actual = format!("{} {}", response.status(), response.text());
        Err(Problem::failed(format!(
            "{} is answered for `{}`",
            response.url(),
            self.name
        ))
        .with_values(Some(expected.join(" or ")), Some(actual)))
    }

    /// Whether a thing is there: 200 or 404, and nothing else.
    pub(crate) async fn exists(&self, service: Service, path: &str) -> Result<bool> {
        let response = self
            .call(self.request("GET", service, path), &[200, 404])
            .await?;
        Ok(response.status() == 200)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stand_under_the_version() {
        let api = Api::new("http://p", "http://g");
        assert_eq!(
            api.url(Service::Project, "/projects"),
            "http://p/api/v1/projects"
        );
        assert_eq!(
            api.url(Service::Generation, "/generations"),
            "http://g/api/v1/generations"
        );
    }

    #[test]
    fn each_user_has_a_trace_of_its_own() {
        let api = Api::new("http://p", "http://g");
        assert_ne!(api.user("one").trace, api.user("two").trace);
    }
}
