//! Ports of the loopback address: one that is free, and who holds one that is not.

use std::{
    fmt, fs, io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
};

use tokio::net::TcpSocket;

/// Who listens on a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// Its program, as the system names it.
    pub program: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`, process {}", self.program, self.pid)
    }
}

/// A port that is free now.
pub fn free() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

/// Keeps a port from all others, without listening on it, until the socket is dropped.
pub(super) fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // Connections of the one who listened before may not be all gone.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Whether something listens on a port.
pub fn is_taken(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

/// Who listens on a port; none if the system does not tell, as for processes of other users.
pub fn holder(port: u16) -> Option<Holder> {
    let inodes: Vec<_> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .flat_map(|table| listeners(&table, port))
        .collect();
    let links: Vec<_> = inodes
        .iter()
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes
        .filter_map(|process| process.file_name().to_str()?.parse().ok())
        .find(|pid| holds(*pid, &links))
        .map(|pid| Holder {
            pid,
            program: fs::read_to_string(format!("/proc/{pid}/comm"))
                .map_or_else(|_| "unknown".to_owned(), |name| name.trim().to_owned()),
        })
}

fn holds(pid: u32, links: &[String]) -> bool {
    let Ok(handles) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    handles
        .flatten()
        .filter_map(|handle| fs::read_link(handle.path()).ok())
        .any(|target| links.iter().any(|link| target.as_os_str() == link.as_str()))
}

/// The inodes of sockets that listen on a port, from a table such as `/proc/net/tcp` (proc(5)).
fn listeners(table: &str, port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<_> = line.split_whitespace().collect();
            let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
            let (_, local_port) = local.rsplit_once(':')?;
            let listens = *state == LISTEN && u16::from_str_radix(local_port, 16) == Ok(port);
            listens.then(|| (*inode).to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listeners_on_the_port_are_found() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n\
            1: 0100007F:1F41 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0\n\
            2: 0100007F:1F42 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0\n";
        assert_eq!(listeners(table, 8001), ["4711"]);
        assert_eq!(listeners(table, 8003), [""; 0]);
        assert_eq!(listeners("", 8001), [""; 0]);
    }

    #[test]
    fn this_process_is_named_as_the_holder_of_its_port() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(is_taken(port));
        assert_eq!(
            holder(port).map(|holder| holder.pid),
            Some(std::process::id())
        );
    }

    #[tokio::test]
    async fn a_reserved_port_refuses_connections_and_is_free_afterwards() {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free().unwrap()));
        let reserved = reserve(address).unwrap();
        let error = tokio::net::TcpStream::connect(address).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        drop(reserved);
        assert!(TcpListener::bind(address).is_ok());
    }

    #[test]
    fn a_free_port_has_no_holder() {
        let port = free().unwrap();
        assert!(!is_taken(port));
        assert_eq!(holder(port), None);
    }
}
