//! A thing that is made with an idempotency key, and what every further request with that key has to be answered.

use assay_client::{NewEpisode, NewGeneration, Refusal, Service, User, data, idempotency_key};
use assay_sdk::http::{ErrorKind, Response};
use assay_sdk::prelude::*;
use serde_json::Value;

/// Requests with one key that are sent at once.
const AT_ONCE: usize = 6;
/// How long an answer may take, whatever is broken.
const BOUND: Duration = Duration::from_secs(5);
/// How long an answer that cannot come is waited for.
const IN_VAIN: Duration = Duration::from_secs(1);

/// A thing to make, and another body for the same key.
#[derive(Clone, Debug)]
pub(crate) struct Once {
    what: String,
    service: Service,
    path: String,
    body: Value,
    other: Value,
    key: String,
}

/// A thing that was made, with the answer that it was made by.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    once: Once,
    answer: String,
    /// The id of the generation; that of an episode is not needed.
    pub(crate) job: Option<String>,
}

impl Once {
    /// A generation.
    pub(crate) fn generation(project: &str, title: &str) -> Result<Self> {
        let body = |title| serde_json::to_value(NewGeneration::new(project, title));
        Ok(Self {
            what: format!("the generation `{title}`"),
            service: Service::Generation,
            path: "/generations".to_owned(),
            body: body(title.to_owned())?,
            other: body(format!("{title}, otherwise"))?,
            key: idempotency_key(),
        })
    }

    /// An episode.
    pub(crate) fn episode(project: &str, title: &str) -> Result<Self> {
        let body = |text| serde_json::to_value(NewEpisode::new(title, text));
        Ok(Self {
            what: format!("the episode `{title}`"),
            service: Service::Project,
            path: format!("/projects/{project}/episodes"),
            body: body(format!("# {title}"))?,
            other: body(format!("# {title}, otherwise"))?,
            key: idempotency_key(),
        })
    }

    /// Sends the request, once more or for the first time.
    pub(crate) async fn send(&self, user: &User) -> Result<Response> {
        self.send_body(user, &self.body).await
    }

    async fn send_body(&self, user: &User, body: &Value) -> Result<Response> {
        let request = user.request("POST", self.service, &self.path);
        let request = request.header("Idempotency-Key", &*self.key).json(body);
        Ok(request.timeout(BOUND).send().await?)
    }

    /// Sends the request where no answer comes back.
    pub(crate) async fn ask_in_vain(&self, user: &User) -> Result<()> {
        let request = user.request("POST", self.service, &self.path);
        let request = request.header("Idempotency-Key", &*self.key);
        match request.json(&self.body).timeout(IN_VAIN).send().await {
            Err(error) if error.kind() == ErrorKind::Timeout => Ok(()),
            other => fail!("the answer to {} gets lost: {other:?}", self.what),
        }
    }

    /// Makes it, by one request.
    pub(crate) async fn make(self, user: &User, when: &str) -> Result<Made> {
        let response = self.send(user).await?;
        ensure_eq!(
            (response.status(), response.header("idempotency-replayed")),
            (201, None),
            "{} is made {when}",
            self.what
        );
        self.made(&response)
    }

    /// Makes it, by many requests at once: one of them makes it, and all are answered the same.
    pub(crate) async fn make_at_once(self, user: &User, when: &str) -> Result<Made> {
        let answers = try_join_all((0..AT_ONCE).map(|_| self.send(user))).await?;
        let mut statuses: Vec<u16> = answers.iter().map(Response::status).collect();
        statuses.sort_unstable();
        let mut expected = [200; AT_ONCE];
        expected[AT_ONCE - 1] = 201;
        ensure_eq!(
            statuses,
            expected,
            "{} is made by one of many {when}",
            self.what
        );
        let first = answers[0].text();
        check!(
            answers.iter().all(|answer| answer.text() == first),
            "{} has one answer {when}",
            self.what
        );
        self.made(&answers[0])
    }

    fn made(self, response: &Response) -> Result<Made> {
        let made: Value = data(response)?;
        Ok(Made {
            job: made["jobId"].as_str().map(str::to_owned),
            answer: response.text(),
            once: self,
        })
    }
}

impl Made {
    /// Something that was made by a request whose answer was lost.
    pub(crate) async fn by_lost_request(once: Once, user: &User) -> Result<Self> {
        let response = once.send(user).await?;
        check_eq!(
            (response.status(), response.header("idempotency-replayed")),
            (200, Some("true")),
            "{} was made by the request whose answer was lost",
            once.what
        );
        once.made(&response)
    }

    /// The same request is answered as before and marked as repeated; one with another body is a conflict.
    pub(crate) async fn check_kept(&self, user: &User, when: &str) -> Result<()> {
        let what = &self.once.what;
        let again = self.once.send(user).await?;
        check_eq!(
            (again.status(), again.header("idempotency-replayed")),
            (200, Some("true")),
            "{what} is repeated {when}"
        );
        check_eq!(
            again.text(),
            self.answer,
            "{what} is answered as before {when}"
        );
        let other = self.once.send_body(user, &self.once.other).await?;
        let code = Refusal::of(&other).and_then(|refusal| refusal.code);
        check_eq!(
            (other.status(), code.as_deref()),
            (409, Some("IDEMPOTENCY_CONFLICT")),
            "{what} with another body is a conflict {when}"
        );
        Ok(())
    }
}
