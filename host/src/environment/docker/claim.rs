//! One host at a time for a project: two would fight over its containers, and each would measure the faults of the other.
//!
//! The claim is a socket with an abstract name (unix(7)): the kernel gives it back however its holder ends, and tells who that is.

use std::{
    io,
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixListener, UnixStream},
    },
};

use sha2::{Digest as _, Sha256};

use super::{error::DockerError, project::Project};

/// The sole use of a project, until it is dropped.
#[derive(Debug)]
pub struct Claim {
    _socket: UnixListener,
}

impl Claim {
    /// Claims a project; an error names the process that has it.
    pub fn take(project: &Project) -> Result<Self, DockerError> {
        let address = address(project)?;
        match UnixListener::bind_addr(&address) {
            Ok(socket) => Ok(Self { _socket: socket }),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(DockerError::Claimed {
                project: project.name().to_owned(),
                pid: holder_of(&address).unwrap_or_default(),
            }),
            Err(error) => Err(error.into()),
        }
    }
}

/// The same project name on another engine is another project. A digest keeps any name within the length of an address.
fn address(project: &Project) -> io::Result<SocketAddr> {
    let whole = format!("{}\n{}", project.engine().address(), project.name());
    let digest = Sha256::digest(whole.as_bytes());
    let half = u128::from_be_bytes(std::array::from_fn(|index| digest[index]));
    SocketAddr::from_abstract_name(format!("assay-project-{half:032x}"))
}

/// The process of the host that has claimed a project.
pub(super) fn holder(project: &Project) -> Option<i32> {
    holder_of(&address(project).ok()?)
}

/// The process behind the socket; none if there is none, or if it ended meanwhile.
fn holder_of(address: &SocketAddr) -> Option<i32> {
    let socket = UnixStream::connect_addr(address).ok()?;
    socket.set_nonblocking(true).ok()?;
    let socket = tokio::net::UnixStream::from_std(socket).ok()?;
    socket.peer_cred().ok()?.pid()
}
