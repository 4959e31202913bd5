//! One host at a time for a project: two would fight over its containers, and each would measure the faults of the other.
//!
//! The claim is a socket with an abstract name (unix(7)): the kernel gives it back however its holder ends, and tells who that is.

use std::{
    io,
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixListener},
    },
};

use sha2::{Digest as _, Sha256};
use tokio::net::UnixStream;

use super::{error::DockerError, project::Project};

/// The sole use of a project, until it is dropped.
#[derive(Debug)]
pub struct Claim {
    _socket: UnixListener,
}

impl Claim {
    /// Claims a project; an error names the process that has it.
    pub async fn take(project: &Project) -> Result<Self, DockerError> {
        let address = SocketAddr::from_abstract_name(name(project))?;
        match UnixListener::bind_addr(&address) {
            Ok(socket) => Ok(Self { _socket: socket }),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(DockerError::Claimed {
                project: project.name().to_owned(),
                pid: holder(project).await.unwrap_or_default(),
            }),
            Err(error) => Err(error.into()),
        }
    }
}

/// The same project name on another engine is another project. A digest keeps any name within the length of an address.
fn name(project: &Project) -> String {
    let whole = format!("{}\n{}", project.engine().id(), project.name());
    let digest = Sha256::digest(whole.as_bytes());
    let half = u128::from_be_bytes(std::array::from_fn(|index| digest[index]));
    format!("assay-project-{half:032x}")
}

/// The process of the host that has claimed a project, 0 if it cannot be told; none if nobody has.
pub(super) async fn holder(project: &Project) -> Option<i32> {
    // The path that begins with a zero is a name without a file.
    match UnixStream::connect(format!("\0{}", name(project))).await {
        Ok(socket) => Some(socket.peer_cred().ok()?.pid().unwrap_or_default()),
        // Nobody takes the connections: so many have asked that no further one fits.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Some(0),
        Err(_) => None,
    }
}
