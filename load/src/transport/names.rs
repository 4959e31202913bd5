//! Who tells the addresses of a name. It is the system, and in tests somebody who tells what a test needs: a name that leads somewhere else with
//! the second look (DNS rebinding) cannot be had from the system.

use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::net::lookup_host;

/// The addresses of a name, when they are known.
pub type Looking<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>>;

/// Tells addresses.
pub trait Lookup: Debug + Send + Sync {
    /// Those of this name, each with this port.
    fn look_up<'a>(&'a self, name: &'a str, port: u16) -> Looking<'a>;
}

/// Who is asked. Cheap to clone: all clones ask the same.
#[derive(Clone, Debug, Default)]
pub struct Names(Option<Arc<dyn Lookup>>);

impl Names {
    /// Whom the system asks.
    pub fn of_system() -> Self {
        Self::default()
    }

    /// Somebody else.
    pub fn told_by(lookup: Arc<dyn Lookup>) -> Self {
        Self(Some(lookup))
    }

    /// The addresses of a name now. Nothing is remembered.
    pub async fn look_up(&self, name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        match &self.0 {
            Some(lookup) => lookup.look_up(name, port).await,
            None => Ok(lookup_host((name, port)).await?.collect()),
        }
    }
}
