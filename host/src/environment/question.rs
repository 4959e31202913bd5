//! One question to a service over a connection that is open already: what shows that it answers, and not only its kernel.

use std::time::Duration;

use reqwest::Url;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::config::Readiness;

/// Bytes of an answer that are looked at; its first line is far shorter.
const MAX_LINE_BYTES: usize = 1 << 10;

/// What a service is asked. It follows from its scheme and from how it shows that it is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// `GET` of its health path.
    Health {
        /// What is sent.
        head: String,
        /// The status of a service that is ready.
        status: u16,
    },
    /// `PING` of the Redis protocol.
    Ping,
}

impl Question {
    /// The question to a service with this base URL; none if it says nothing that can be read without TLS: then it is only known
    /// whether it accepts connections.
    pub fn new(url: &str, readiness: &Readiness) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        match (url.scheme(), &readiness.health) {
            ("http", Some(health)) => {
                let path = format!("{}{health}", url.path().trim_end_matches('/'));
                let head = format!(
                    "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
                    url.authority(),
                );
                let status = readiness.status;
                Some(Self::Health { head, status })
            }
            ("redis", None) => Some(Self::Ping),
            _ => None,
        }
    }

    /// What is sent.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Health { head, .. } => head.as_bytes(),
            Self::Ping => b"*1\r\n$4\r\nPING\r\n",
        }
    }

    /// Asks, and waits for the answer as long as it takes; the error says why the service is not ready.
    pub async fn ask(&self, connection: &mut TcpStream) -> Result<(), String> {
        let asking = connection.write_all(self.bytes()).await;
        asking.map_err(|error| error.to_string())?;
        let line = first_line(connection).await?;
        if self.is_good(&line) {
            return Ok(());
        }
        Err(format!("it answers `{}`", line.trim_end()))
    }

    /// Whether anything is said to it so soon, over a connection that is opened first: good or bad, it shows that somebody is there. None
    /// is a connection that cannot be opened.
    pub async fn is_answered_within(
        &self,
        within: Duration,
        connecting: impl Future<Output = Option<TcpStream>>,
    ) -> bool {
        let asking = async {
            let mut connection = connecting.await?;
            connection.write_all(self.bytes()).await.ok()?;
            connection.read_u8().await.ok()
        };
        let answered = timeout(within, asking).await;
        answered.is_ok_and(|byte| byte.is_some())
    }

    fn is_good(&self, line: &str) -> bool {
        match self {
            Self::Health { status, .. } => line
                .strip_prefix("HTTP/1.")
                .and_then(|rest| rest.split(' ').nth(1))
                .is_some_and(|found| found == status.to_string()),
            // A server that wants a password first answers for itself as well.
            Self::Ping => line.starts_with("+PONG") || line.starts_with("-NOAUTH"),
        }
    }
}

async fn first_line(connection: &mut TcpStream) -> Result<String, String> {
    let mut line = Vec::new();
    let mut bytes = connection.take(MAX_LINE_BYTES as u64);
    while !line.ends_with(b"\n") {
        match bytes.read_u8().await {
            Ok(byte) => line.push(byte),
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    fn readiness(health: Option<&str>) -> Readiness {
        Readiness {
            health: health.map(str::to_owned),
            status: 204,
            within: Duration::from_secs(1),
        }
    }

    /// What comes of a question that is answered so.
    async fn answered(question: &Question, answer: &[u8]) -> (String, Result<(), String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connecting = TcpStream::connect(listener.local_addr().unwrap());
        let (client, server) = tokio::join!(connecting, listener.accept());
        let (mut client, (mut server, _)) = (client.unwrap(), server.unwrap());
        server.write_all(answer).await.unwrap();
        server.shutdown().await.unwrap();
        let outcome = question.ask(&mut client).await;
        drop(client);
        let mut asked = String::new();
        server.read_to_string(&mut asked).await.unwrap_or_default();
        (asked, outcome)
    }

    #[tokio::test]
    async fn a_health_path_is_good_with_its_status_and_no_other() {
        let question = Question::new("http://127.0.0.1:1/base", &readiness(Some("/ready")));
        let question = question.unwrap();
        for (answer, good) in [
            ("HTTP/1.1 204 No Content\r\n\r\n", true),
            ("HTTP/1.0 204\r\n", true),
            ("HTTP/1.1 200 OK\r\n\r\n", false),
            ("HTTP/1.1\r\n", false),
            ("204\r\n", false),
            ("HTTP/1.1 204", false),
            ("", false),
        ] {
            let (_, outcome) = answered(&question, answer.as_bytes()).await;
            assert_eq!(outcome.is_ok(), good, "{answer:?}: {outcome:?}");
        }
        let Question::Health { head, .. } = question else {
            panic!("it is HTTP");
        };
        assert!(head.starts_with("GET /base/ready HTTP/1.1\r\nhost: 127.0.0.1:1\r\n"));
    }

    #[tokio::test]
    async fn a_cache_is_asked_for_a_ping() {
        let question = Question::new("redis://127.0.0.1:6379", &readiness(None)).unwrap();
        for (answer, good) in [
            ("+PONG\r\n", true),
            ("-NOAUTH Authentication required.\r\n", true),
            ("-LOADING Redis is loading the dataset in memory\r\n", false),
            ("HTTP/1.1 400 Bad Request\r\n", false),
        ] {
            let (_, outcome) = answered(&question, answer.as_bytes()).await;
            assert_eq!(outcome.is_ok(), good, "{answer:?}: {outcome:?}");
        }
    }

    #[tokio::test]
    async fn an_answer_without_an_end_of_its_line_is_given_up_at_the_limit() {
        for (length, told) in [
            (MAX_LINE_BYTES - 1, "it answers"),
            (MAX_LINE_BYTES, "end of file"),
        ] {
            let answer = [vec![b'x'; length], b"\n".to_vec()].concat();
            let (_, outcome) = answered(&Question::Ping, &answer).await;
            let error = outcome.unwrap_err();
            assert!(error.contains(told), "{length}: {error:.80}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_asked() {
        for (url, health) in [
            ("https://127.0.0.1:1", Some("/ready")),
            ("http://127.0.0.1:1", None),
            ("amqp://127.0.0.1:1", None),
            ("nonsense", None),
        ] {
            assert_eq!(Question::new(url, &readiness(health)), None, "{url}");
        }
    }

    #[tokio::test]
    async fn any_answer_in_time_shows_that_somebody_is_there() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connect = || async { TcpStream::connect(address).await.ok() };
        let soon = Duration::from_millis(50);
        let silent = Question::Ping.is_answered_within(soon, connect()).await;
        assert!(!silent, "nobody has accepted it");
        let answering = async {
            loop {
                let (mut connection, _) = listener.accept().await.unwrap();
                // That of before has gone.
                let _ = connection.write_all(b"-ERR").await;
            }
        };
        let late = Duration::from_secs(10);
        tokio::select! {
            answered = Question::Ping.is_answered_within(late, connect()) => assert!(answered),
            () = answering => {}
        }
        let nobody = async { None };
        assert!(!Question::Ping.is_answered_within(late, nobody).await);
    }
}
