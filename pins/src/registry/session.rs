//! Questions to one repository, with a login where the registry asks for one: Basic, or a token as docker's registries give it out
//! ("Token Authentication Specification").

use std::sync::Mutex;

use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde::Deserialize;
use url::Url;

use super::{Challenge, Login, RegistryError, succeeded};
use crate::{
    limits::MAX_TOKEN,
    source::{Reference, is_loopback},
    web::{Answer, Web},
};

/// The header that says what a manifest or a blob is.
pub(super) const DIGEST: &str = "docker-content-digest";

/// What is to be done in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Only read.
    Pull,
    /// Written, too.
    Push,
}

/// What is sent along once the registry asked for it.
#[derive(Clone)]
enum Proof {
    Basic(Login),
    Bearer(String),
}

/// A repository that is asked, and who asks.
pub(crate) struct Session<'a> {
    pub(super) web: &'a Web,
    pub(super) reference: &'a Reference,
    login: Option<&'a Login>,
    proof: Mutex<Option<Proof>>,
}

impl<'a> Session<'a> {
    pub(crate) fn new(web: &'a Web, reference: &'a Reference, login: Option<&'a Login>) -> Self {
        Self {
            web,
            reference,
            login,
            proof: Mutex::new(None),
        }
    }

    /// Where a part of the repository is.
    pub(super) fn url(&self, part: &str) -> Result<Url, RegistryError> {
        Ok(self.reference.url(part)?)
    }

    /// Sends a question; once more with a proof, if the registry asks for one.
    pub(super) async fn send(
        &self,
        access: Access,
        question: impl Fn(&Web) -> RequestBuilder,
    ) -> Result<Answer, RegistryError> {
        let before = self.known();
        let is_first = before.is_none();
        let answer = self.web.send(proven(question(self.web), before)).await?;
        if answer.status() != StatusCode::UNAUTHORIZED || !is_first {
            return Ok(answer);
        }
        let Some(proof) = self.prove(&answer, access).await? else {
            return Ok(answer);
        };
        *self
            .proof
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(proof.clone());
        Ok(self
            .web
            .send(proven(question(self.web), Some(proof)))
            .await?)
    }

    /// Sends a plugin, or something else that is big, to an address that the registry named. It gets the proof only if it is the registry
    /// itself.
    pub(super) async fn send_to(
        &self,
        url: &Url,
        question: RequestBuilder,
    ) -> Result<Answer, RegistryError> {
        let is_registry = self.url("")?.origin() == url.origin();
        let proof = self.known().filter(|_| is_registry);
        Ok(self.web.send_plugin(proven(question, proof)).await?)
    }

    fn known(&self) -> Option<Proof> {
        let proof = self.proof.lock();
        proof
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    /// What the registry asks for; none if it is a login that nobody gave.
    async fn prove(&self, answer: &Answer, access: Access) -> Result<Option<Proof>, RegistryError> {
        let mut said = answer.headers(header::WWW_AUTHENTICATE);
        match said.find_map(Challenge::read) {
            Some(Challenge::Basic) => Ok(self.login.cloned().map(Proof::Basic)),
            Some(Challenge::Bearer { realm, service }) => {
                let token = self.token(&realm, service.as_deref(), access).await?;
                Ok(Some(Proof::Bearer(token)))
            }
            None => Ok(None),
        }
    }

    /// Asks for a token, of whom the registry named.
    async fn token(
        &self,
        realm: &str,
        service: Option<&str>,
        access: Access,
    ) -> Result<String, RegistryError> {
        let mut url = Url::parse(realm).map_err(|_| self.strange("its realm is no address"))?;
        let is_here = url.scheme() == "http" && is_loopback(&url);
        if url.scheme() != "https" && !(is_here && self.reference.is_loopback()) {
            return Err(self.strange("the login would go where others can read it"));
        }
        let what = match access {
            Access::Pull => "pull",
            Access::Push => "pull,push",
        };
        let scope = format!("repository:{}:{what}", self.reference.name());
        url.query_pairs_mut()
            .append_pair("scope", &scope)
            .extend_pairs(service.map(|service| ("service", service)));
        let question = self.web.ask(Method::GET, &url);
        let question = match self.login {
            Some(login) => question.basic_auth(&login.user, Some(&login.password)),
            None => question,
        };
        let answer = self.web.send(question).await?;
        let mut answer = succeeded(answer, StatusCode::OK).await?;
        let body = answer.whole(MAX_TOKEN).await?;
        let given: Token =
            serde_json::from_slice(&body).map_err(|_| self.strange("its realm gives no token"))?;
        let token = given.token.or(given.access_token);
        token
            .filter(|token| token.chars().all(|character| character.is_ascii_graphic()))
            .ok_or_else(|| self.strange("its realm gives no token"))
    }

    fn strange(&self, problem: &'static str) -> RegistryError {
        RegistryError::Challenge {
            registry: self.reference.registry().to_owned(),
            problem,
        }
    }
}

fn proven(question: RequestBuilder, proof: Option<Proof>) -> RequestBuilder {
    match proof {
        None => question,
        Some(Proof::Basic(login)) => question.basic_auth(&login.user, Some(&login.password)),
        Some(Proof::Bearer(token)) => question.bearer_auth(token),
    }
}

/// The one name of it or the other.
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}
