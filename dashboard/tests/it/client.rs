//! A plain HTTP client over one connection, which says exactly what it is told to say.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// How long an answer may take: the machine may be busy with other tests.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Where a page is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

/// The head of an answer, and the rest of it as it comes.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    body: BufReader<TcpStream>,
}

/// An event of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) data: String,
    pub(crate) id: String,
}

impl Place {
    pub(crate) fn of(url: &str) -> Self {
        let (address, token) = url
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once("/?token="))
            .unwrap();
        Self {
            address: address.parse().unwrap(),
            token: token.to_owned(),
        }
    }

    /// Asks for something that is below the token, with further lines of a head.
    pub(crate) fn get(&self, path: &str, lines: &str) -> Answer {
        let target = format!("{path}?token={}", self.token);
        self.ask(&target, &format!("Host: {}\r\n{lines}", self.address))
    }

    /// Asks for a target under these lines of a head and no others.
    pub(crate) fn ask(&self, target: &str, lines: &str) -> Answer {
        let stream = TcpStream::connect(self.address).unwrap();
        Answer::to(stream, target, lines)
    }
}

impl Answer {
    pub(crate) fn to(mut stream: TcpStream, target: &str, lines: &str) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // HTTP/1.0 has no chunks to take apart, and ends with its connection.
        write!(stream, "GET {target} HTTP/1.0\r\n{lines}\r\n").unwrap();
        let mut body = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(body.read_line(&mut head).unwrap() > 0, "{head}");
        }
        Self {
            status: head[9..12].parse().unwrap(),
            head: head.to_lowercase(),
            body,
        }
    }

    /// All of the rest.
    pub(crate) fn text(mut self) -> String {
        let mut text = String::new();
        self.body.read_to_string(&mut text).unwrap();
        text
    }

    /// The next event of a stream; none at its end.
    pub(crate) fn event(&mut self) -> Option<Event> {
        let mut event = Event::default();
        let mut line = String::new();
        loop {
            line.clear();
            if self.body.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            let line = line.trim_end_matches('\n');
            match line
                .split_once(':')
                .map(|(name, rest)| (name, rest.trim_start_matches(' ')))
            {
                _ if line.is_empty() && !event.name.is_empty() => return Some(event),
                Some(("event", name)) => name.clone_into(&mut event.name),
                Some(("id", id)) => id.clone_into(&mut event.id),
                Some(("data", data)) => {
                    event.data.push_str(data);
                    event.data.push('\n');
                }
                _ => {}
            }
        }
    }

    /// The next event of this name.
    pub(crate) fn event_named(&mut self, name: &str) -> Event {
        loop {
            let event = self
                .event()
                .unwrap_or_else(|| panic!("there is a further `{name}`"));
            if event.name == name {
                return event;
            }
        }
    }
}

impl Answer {
    /// How many bytes come until the other end closes the connection, in whatever way.
    pub(crate) fn text_until_it_breaks(mut self) -> usize {
        let mut bytes = 0;
        let mut buffer = vec![0; 1 << 16];
        loop {
            match self.body.read(&mut buffer) {
                Ok(0) => return bytes,
                Ok(read) => bytes += read,
                Err(error) => {
                    assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock, "it is closed");
                    return bytes;
                }
            }
        }
    }
}
