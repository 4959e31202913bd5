//! Where a load works: some projects that are removed after the case, and what must be true of their episodes afterwards.

use std::collections::BTreeSet;

use assay_client::{Api, NewEpisode, Service, User};
use assay_sdk::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ground::Ground;

/// How many projects a load works on: enough that they do not only wait for each other, and so few that many users share one.
const PROJECTS: usize = 4;
/// The name of the request that makes an episode.
pub(crate) const CREATION: &str = "POST /projects/{id}/episodes";
/// The length of an episode's text in bytes, about that of a scene of two pages.
const TEXT: usize = 4_000;
/// How long a request of a load may take. Longer than any critical level, so that what is slow is measured and not cut off.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// The projects of a load, for its virtual users.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Workshop {
    /// Their ids.
    projects: Vec<String>,
}

impl Workshop {
    /// New projects, without an episode.
    #[track_caller]
    pub(crate) fn open(user: &User) -> impl Future<Output = Result<Self>> {
        assay_sdk::located(async move {
            let new = (1..=PROJECTS).map(|number| async move {
                let project = user
                    .temporary_project(&format!("workshop {number}"))
                    .await?;
                Ok::<_, Problem>(project.id)
            });
            let projects = try_join_all(new).await?;
            Ok(Self { projects })
        })
    }

    /// The project of this virtual user.
    pub(crate) fn project_of(&self, vu: Vu) -> &str {
        &self.projects[vu.number as usize % self.projects.len()]
    }

    /// The creation of an episode by this virtual user, with the slot `title`.
    pub(crate) fn creation(&self, vu: Vu, api: &Api) -> Result<http::Template> {
        self.creation_named(CREATION, vu, api)
    }

    /// The same under another name, so that it is counted apart.
    pub(crate) fn creation_named(&self, name: &str, vu: Vu, api: &Api) -> Result<http::Template> {
        let path = format!("/projects/{}/episodes", self.project_of(vu));
        let line = format!("User {} writes another line of the scene.\n", vu.number);
        let text = format!("# {{title}}\n\n{}", line.repeat(TEXT / line.len()));
        let request = http::post(api.url(Service::Project, &path))
            .name(name)
            .timeout(PATIENCE)
            .json(&NewEpisode::new("{title}", text));
        Ok(request.prepare_with(&["title"])?)
    }

    /// Removes the projects before the end of the case, with all that was made in them.
    pub(crate) async fn remove(&self, user: &User) -> Result<()> {
        let removed = self.projects.iter();
        try_join_all(removed.map(|project| user.delete_project(project))).await?;
        Ok(())
    }

    /// Checks that the episodes of each project are numbered 1, 2, 3, ..., each once; answers how many there are.
    pub(crate) async fn check_numbers(&self, user: &User) -> Result<u64> {
        let mut count = 0;
        for project in &self.projects {
            let episodes = user.episodes(project).await?;
            let numbers: Vec<u64> = episodes.iter().map(|episode| episode.number).collect();
            count += numbers.len() as u64;
            check_eq!(
                broken(&numbers),
                BTreeSet::new(),
                "the {} episodes of a project are numbered without gap and duplicate",
                numbers.len()
            );
        }
        Ok(count)
    }
}

/// The session of a virtual user: on kept connections, as browsers have them, so that a stream follows other requests on the same one.
pub(crate) fn session(api: &Api, vu: Vu) -> User {
    let user = api.user(format!("user {}", vu.number));
    user.keeping_connections().following_no_redirects()
}

/// What a virtual user keeps that goes from one endpoint to the next.
pub(crate) struct Visitor {
    pub(crate) user: User,
    pub(crate) workshop: Workshop,
}

impl Visitor {
    pub(crate) fn prepare(vu: Vu, ground: &Ground) -> Result<Self> {
        Ok(Self {
            user: session(&ground.api, vu),
            workshop: vu.parameter()?,
        })
    }

    /// A request that is counted under this name, which begins with its method.
    pub(crate) fn request(&self, name: &str, service: Service, path: &str) -> http::Request {
        let method = name.split(' ').next().unwrap_or("GET");
        let request = self.user.request(method, service, path);
        request.name(name).timeout(PATIENCE)
    }
}

/// The title of the episode that a virtual user makes now.
pub(crate) fn title(vu: Vu) -> String {
    format!("Scene {} of user {}", vu.iteration + 1, vu.number)
}

/// Numbers up to the count that are missing, and those that are there more than once; at most 20.
fn broken(numbers: &[u64]) -> BTreeSet<u64> {
    let present: BTreeSet<u64> = numbers.iter().copied().collect();
    let last = present.last().copied().unwrap_or(0);
    let missing = (1..=last).filter(|number| !present.contains(number));
    let twice = numbers
        .windows(2)
        .filter(|pair| pair[0] == pair[1])
        .map(|pair| pair[0]);
    missing.chain(twice).take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_and_a_duplicate_are_broken_numbers() {
        assert_eq!(broken(&[]), BTreeSet::new());
        assert_eq!(broken(&[1, 2, 3]), BTreeSet::new());
        assert_eq!(broken(&[1, 3, 3, 5]), BTreeSet::from([2, 3, 4]));
        assert_eq!(broken(&[7]), (1..=6).collect());
    }
}
