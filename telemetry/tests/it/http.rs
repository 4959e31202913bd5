//! Questions over HTTP/1.0, whose answers end with their connection: what a test sees is what was sent.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// The head of an answer, in lower case, and its body. `headers` end in a line break each.
pub(crate) fn ask(address: SocketAddr, line: &str, headers: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "{line} HTTP/1.0\r\n{headers}\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned())
}

pub(crate) fn get(address: SocketAddr, path: &str) -> String {
    let (head, body) = ask(address, &format!("GET {path}"), "");
    assert!(head.contains(" 200 "), "{path}: {head}\n{body}");
    body
}

/// What an API tells as JSON.
pub(crate) fn json(address: SocketAddr, path: &str, parameters: &[(&str, &str)]) -> Value {
    let url = format!("http://{address}{path}");
    let url = reqwest::Url::parse_with_params(&url, parameters).unwrap();
    let question = format!("GET {}?{}", url.path(), url.query().unwrap_or_default());
    let (_, body) = ask(address, &question, "");
    serde_json::from_str(&body).unwrap()
}
