//! What a server answered: its head, and its body part by part, none of which is waited for without end.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Response, StatusCode, header::AsHeaderName};

use super::{WebError, error};
use crate::limits::MAX_COMPLAINT;

/// An answer whose head is there.
#[derive(Debug)]
pub(crate) struct Answer {
    response: Response,
    url: String,
    stall: Duration,
}

impl Answer {
    pub(super) fn new(response: Response, url: String, stall: Duration) -> Self {
        Self {
            response,
            url,
            stall,
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// Where the question was sent, fit to be shown.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where the answer came from at last.
    pub(crate) fn from(&self) -> &url::Url {
        self.response.url()
    }

    /// A header, if it is there once or more and the first one is text.
    pub(crate) fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// All headers of a name that are text.
    pub(crate) fn headers(&self, name: impl AsHeaderName) -> impl Iterator<Item = &str> {
        let all = self.response.headers().get_all(name);
        all.iter().filter_map(|value| value.to_str().ok())
    }

    /// What kind of thing the body is, without parameters, in lower case; empty if it is not said.
    pub(crate) fn kind(&self) -> String {
        let kind = self.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default();
        kind.trim().to_ascii_lowercase()
    }

    /// The next part of the body; none at its end.
    pub(crate) async fn part(&mut self) -> Result<Option<Bytes>, WebError> {
        match tokio::time::timeout(self.stall, self.response.chunk()).await {
            Ok(Ok(part)) => Ok(part),
            Ok(Err(problem)) => Err(error::broken(self.url.clone(), problem)),
            Err(_) => Err(WebError::Stalled {
                url: self.url.clone(),
                waited: self.stall,
            }),
        }
    }

    /// All of the body, if it has no more than `limit` bytes.
    pub(crate) async fn whole(&mut self, limit: u64) -> Result<Vec<u8>, WebError> {
        let mut whole = Vec::new();
        while let Some(part) = self.part().await? {
            if (whole.len() + part.len()) as u64 > limit {
                return Err(WebError::TooBig {
                    url: self.url.clone(),
                    limit,
                });
            }
            whole.extend_from_slice(&part);
        }
        Ok(whole)
    }

    /// An answer that is a refusal, as an error with what it says.
    pub(crate) async fn refusal(mut self) -> WebError {
        let mut said = Vec::new();
        // What does not come is no loss: the status is known.
        while let Ok(Some(part)) = self.part().await {
            said.extend_from_slice(&part);
            if said.len() as u64 >= MAX_COMPLAINT {
                break;
            }
        }
        WebError::Refused {
            status: self.status().as_u16(),
            url: self.url,
            said: complaint(&said),
        }
    }
}

/// What a server says is wrong, in one line that can be shown: of a registry its code and its message, of others their first line.
pub(crate) fn complaint(body: &[u8]) -> String {
    const SHOWN: usize = 200;
    let text = String::from_utf8_lossy(body);
    let told = of_registry(&text).unwrap_or_else(|| {
        let line = text.lines().map(str::trim).find(|line| !line.is_empty());
        line.unwrap_or_default().to_owned()
    });
    told.chars()
        .filter(|character| !character.is_control())
        .take(SHOWN)
        .collect()
}

/// The first error of the list that OCI's distribution specification has ("Error Codes").
fn of_registry(text: &str) -> Option<String> {
    let document: serde_json::Value = serde_json::from_str(text).ok()?;
    let error = document.get("errors")?.get(0)?;
    let word = |key| error.get(key).and_then(serde_json::Value::as_str);
    Some(match (word("code"), word("message")) {
        (Some(code), Some(message)) => format!("{code}, {message}"),
        (Some(word), None) | (None, Some(word)) => word.to_owned(),
        (None, None) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_one_line_that_can_be_shown() {
        for (body, expected) in [
            ("", ""),
            ("\n  not here\nreally\n", "not here"),
            ("a\x1b[31mb", "a[31mb"),
            (
                r#"{"errors":[{"code":"DENIED","message":"no\nway","detail":1}]}"#,
                "DENIED, noway",
            ),
            (r#"{"errors":[{"code":"DENIED"}]}"#, "DENIED"),
            (r#"{"errors":[]}"#, r#"{"errors":[]}"#),
        ] {
            assert_eq!(complaint(body.as_bytes()), expected);
        }
        assert_eq!(complaint("é".repeat(500).as_bytes()).chars().count(), 200);
    }
}
