//! The way to the server: how one logs in, whether it is in reach now, and what it complained of.

mod address;
mod link;
mod storing;
mod tls;

use std::{
    error::Error as _,
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use async_nats::{
    ConnectErrorKind, ConnectOptions,
    client::Client,
    jetstream::{self, Context, response::Response},
};

use self::address::{Addresses, Login, shown};
pub(crate) use self::link::{Link, State};
use crate::{
    error::{Cause, NatsError},
    orders::MAX_ORDER_BYTES,
    shard::MAX_SHARD_BYTES,
};

/// How long a first connection may take.
const CONNECTING: Duration = Duration::from_secs(5);
/// How long the server may take for an answer.
const ANSWERING: Duration = Duration::from_secs(5);
/// How long the server may take to say that it has stored a message.
const STORING: Duration = Duration::from_secs(2);
/// Between two attempts to come back to a server that is away.
const COMING_BACK: Duration = Duration::from_millis(100);
/// How often a silent connection is tried. One that is dead is known after three of them.
const TRYING: Duration = Duration::from_secs(2);
/// The oldest server that has all that is used here.
const OLDEST: (i64, i64, i64) = (2, 9, 0);

/// Bytes of a message that the server has to take: the largest are shards and orders, with what is around them.
const MESSAGE_BYTES: usize = MAX_SHARD_BYTES + (64 << 10);
const _: () = assert!(MAX_ORDER_BYTES <= MAX_SHARD_BYTES);

/// Where the server is, and how to log in. All of it is what NATS itself has.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// `nats://HOST:4222` or `tls://HOST:4222`, with a user and a password or with a token if need be; several of a cluster with commas.
    pub url: String,
    /// A file of credentials, as `nsc` writes it.
    pub credentials: Option<PathBuf>,
    /// Certificates, as PEM, of whoever may sign the server's; those of the system if there are none.
    pub root_certificates: Vec<PathBuf>,
    /// A certificate and its key, as PEM, to show to the server.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

impl Access {
    /// The address for a person, without a password.
    pub fn shown(&self) -> String {
        shown(&self.url)
    }
}

/// Without whoever logs in with the address.
impl fmt::Debug for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Access")
            .field("url", &self.shown())
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

/// A connection to a server that has `JetStream`. It comes back by itself when it is lost.
#[derive(Clone, Debug)]
pub struct Connection {
    pub(crate) client: Client,
    pub(crate) jetstream: Context,
    pub(crate) link: Link,
}

impl Connection {
    /// Connects and sees whether the server can carry a run. `name` is what the server's own tools show.
    pub async fn open(access: &Access, name: &str) -> Result<Self, NatsError> {
        let addresses: Addresses = access.url.parse()?;
        let (link, options) = Link::watch(options(access, addresses.login()).await?.name(name));
        let client = match options.connect(addresses.servers()).await {
            Ok(client) => client,
            Err(error) => return Err(refused(&addresses, &error).await),
        };
        let (major, minor, patch) = OLDEST;
        if !client.is_server_compatible(major, minor, patch) {
            let version = client.server_info().version;
            return Err(NatsError::OldServer { version });
        }
        let bytes = client.max_payload();
        if bytes < MESSAGE_BYTES {
            let needed = MESSAGE_BYTES;
            return Err(NatsError::SmallMessages { bytes, needed });
        }
        let jetstream = jetstream::ContextBuilder::new()
            .timeout(ANSWERING)
            .ack_timeout(STORING)
            .build(client.clone());
        let connection = Self {
            client,
            jetstream,
            link,
        };
        connection.look_at_jetstream().await?;
        Ok(connection)
    }

    /// The version of the server.
    pub fn version(&self) -> String {
        self.client.server_info().version
    }

    /// Whether there is `JetStream` for this account. The client's own question wants to know more than a server of 2.9 says.
    async fn look_at_jetstream(&self) -> Result<(), NatsError> {
        let what = "to look at its JetStream";
        let answer = self
            .jetstream
            .request::<_, _, Response<serde_json::Value>>("INFO", &())
            .await;
        match answer.map_err(|error| self.told(&error, what))? {
            Response::Ok(_) => Ok(()),
            Response::Err { error } => Err(self.told(&error, what)),
        }
    }

    /// An error of the client for a person.
    pub(crate) fn told(
        &self,
        error: &(dyn std::error::Error + 'static),
        what: &'static str,
    ) -> NatsError {
        Cause::of(error).told(what, self.link.complaint())
    }
}

async fn options(access: &Access, login: Option<Login>) -> Result<ConnectOptions, NatsError> {
    let mut options = ConnectOptions::new()
        .connection_timeout(CONNECTING)
        .request_timeout(Some(ANSWERING))
        .ping_interval(TRYING)
        .reconnect_delay_callback(|_| COMING_BACK);
    options = match login {
        Some(Login::User(user, password)) => options.user_and_password(user, password),
        Some(Login::Token(token)) => options.token(token),
        None => options,
    };
    if let Some(path) = &access.credentials {
        let read = options.credentials_file(path).await;
        options = read.map_err(|error| unusable(path, &error))?;
    }
    for path in &access.root_certificates {
        options = options.add_root_certificates(readable(path).await?);
    }
    if let Some((certificate, key)) = &access.certificate {
        options =
            options.add_client_certificate(readable(certificate).await?, readable(key).await?);
    }
    Ok(options)
}

/// Whether a file can be opened: the client does not say which one cannot.
async fn readable(path: &Path) -> Result<PathBuf, NatsError> {
    let opened = tokio::fs::File::open(path).await;
    let opened = opened.map(|_| path.to_owned());
    opened.map_err(|error| unusable(path, &error))
}

fn unusable(path: &Path, error: &std::io::Error) -> NatsError {
    NatsError::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    }
}

async fn refused(addresses: &Addresses, error: &async_nats::ConnectError) -> NatsError {
    let url = addresses.to_string();
    let reason = error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string);
    match error.kind() {
        ConnectErrorKind::ServerParse => NatsError::Address { url, reason },
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
            NatsError::Credentials { url }
        }
        kind => {
            if let Some(url) = tls::missing(addresses).await {
                return NatsError::NoTls { url };
            }
            if kind == ConnectErrorKind::Tls || tls::is_cause(error) {
                let is_wished = tls::is_wish_of_server(addresses);
                return NatsError::Tls {
                    url,
                    reason,
                    is_wished,
                };
            }
            NatsError::Unreachable { url, reason }
        }
    }
}
