//! The ports that a compose file publishes on this machine, as far as they are written down: those that the host chooses cannot be in
//! use, and those of a project that is up are its own.
//!
//! The file is read by lines and not as YAML: only the short form `[ADDRESS:]PORT:PORT[/tcp]` below `ports` is known, in a list of one
//! line or of many. What is written in another way is not looked at, and Compose tells of it when the run begins.

use std::{fs::File, io::Read as _, path::Path};

use super::{
    Finding,
    ports::{judge, user},
};
use crate::config::{DockerSettings, template::Part};

/// Bytes of a compose file that are read.
const MAX_BYTES: u64 = 1 << 20;

/// Whether the ports are free that the project will have once a run has brought it up.
pub(super) fn look(docker: &DockerSettings) -> Vec<Finding> {
    // A file that cannot be read is Compose's to tell.
    let text = read(&docker.compose).unwrap_or_default();
    published(&text, |name| given(docker, name))
        .iter()
        .map(|(service, port)| judge(service, *port, user(*port), false))
        .collect()
}

fn read(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    File::open(file)?
        .take(MAX_BYTES)
        .read_to_string(&mut text)?;
    Ok(text)
}

/// What a variable of the file stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Given {
    /// The file's own default holds.
    Nothing,
    Text(String),
    /// It is only known when the project comes up.
    Later,
}

fn given(docker: &DockerSettings, name: &str) -> Given {
    let mut variables = docker.variables.iter();
    let Some((_, template)) = variables.find(|(known, _)| known == name) else {
        return Given::Nothing;
    };
    match template.parts() {
        [] => Given::Nothing,
        [Part::Text(text)] => Given::Text(text.clone()),
        _ => Given::Later,
    }
}

/// Each service with a port of this machine.
fn published(text: &str, given: impl Fn(&str) -> Given) -> Vec<(String, u16)> {
    let mut found = Vec::new();
    let mut place = Place::default();
    for line in text.lines() {
        for entry in place.entries(line) {
            if let Some(port) = filled(entry, &given).as_deref().and_then(host_port) {
                found.push((place.service.clone(), port));
            }
        }
    }
    found
}

/// Where in the file a line is.
#[derive(Debug, Default)]
struct Place {
    in_services: bool,
    /// How far the names of services are indented.
    indent: Option<usize>,
    service: String,
    /// How far the word `ports` is indented whose list goes on.
    list: Option<usize>,
}

impl Place {
    /// The entries of a list of ports that stand on this line.
    fn entries<'a>(&mut self, line: &'a str) -> Vec<&'a str> {
        let words = line.trim();
        if words.is_empty() || words.starts_with('#') {
            return Vec::new();
        }
        let indent = line.len() - line.trim_start().len();
        if let (Some(list), Some(entry)) = (self.list, words.strip_prefix("- "))
            && indent >= list
        {
            return vec![unquoted(entry)];
        }
        self.list = None;
        if indent == 0 {
            self.in_services = words == "services:";
            self.indent = None;
        } else if self.in_services && indent <= *self.indent.get_or_insert(indent) {
            words.trim_end_matches(':').clone_into(&mut self.service);
        } else if let Some(rest) = words.strip_prefix("ports:").filter(|_| self.in_services) {
            let whole = rest
                .trim()
                .strip_prefix('[')
                .and_then(|rest| rest.split_once(']'));
            match whole {
                Some((entries, _)) => return entries.split(',').map(unquoted).collect(),
                None => self.list = Some(indent),
            }
        }
        Vec::new()
    }
}

/// Without its quotes, and without what is a comment.
fn unquoted(entry: &str) -> &str {
    let entry = entry.trim();
    for quote in ['"', '\''] {
        if let Some((inner, _)) = entry
            .strip_prefix(quote)
            .and_then(|rest| rest.split_once(quote))
        {
            return inner;
        }
    }
    entry.split(" #").next().unwrap_or_default().trim()
}

/// With what its `${NAME}`, `${NAME-DEFAULT}` and `${NAME:-DEFAULT}` stand for; none if that is not known.
fn filled(entry: &str, given: &impl Fn(&str) -> Given) -> Option<String> {
    let mut text = String::new();
    let mut rest = entry;
    while let Some((before, after)) = rest.split_once("${") {
        let (variable, after) = after.split_once('}')?;
        let end = variable.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let (name, default) = variable.split_at(end.unwrap_or(variable.len()));
        let default = match default {
            "" => "",
            other => other.trim_start_matches(':').strip_prefix('-')?,
        };
        text.push_str(before);
        match given(name) {
            Given::Nothing => text.push_str(default),
            Given::Text(given) => text.push_str(&given),
            Given::Later => return None,
        }
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

/// The port of this machine; none if the engine chooses it, or if it is none of TCP.
fn host_port(entry: &str) -> Option<u16> {
    let entry = match entry.split_once('/') {
        Some((ports, "tcp")) => ports,
        Some(_) => return None,
        None => entry,
    };
    let (before, _) = entry.rsplit_once(':')?;
    let port = before.rsplit_once(':').map_or(before, |(_, port)| port);
    port.parse().ok().filter(|port| *port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &str) -> Given {
        Given::Nothing
    }

    #[test]
    fn ports_in_the_short_form_are_found_with_their_services() {
        let text = r#"
# ports: ["1:1"]
x-ask: &ask "ports: [2:2]"
services:
  cache:
    ports: ["127.0.0.1:6379:6379", '6380:6380'] # two
    command: ["--port", "3:3"]
  shop:
    # its own
    ports:
      - "127.0.0.1:${SHOP_PORT:-8001}:8001"
      - 8002:8002/tcp # plain
      - "5353:53/udp"
      - "9000-9010:9000-9010"
      - "80"
    environment:
      - "7:7"
  web:
    ports:
    - "[::1]:8443:443"
volumes:
  data:
    ports: ["4:4"]
"#;
        let found = published(text, nothing);
        let found: Vec<_> = found.iter().map(|(name, port)| (&**name, *port)).collect();
        let expected = [
            ("cache", 6379),
            ("cache", 6380),
            ("shop", 8001),
            ("shop", 8002),
            ("web", 8443),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_reference_system_has_two_ports_that_are_written_down() {
        let text = include_str!("../../../docker-compose.yml");
        let chosen = |name: &str| match name {
            "PROJECT_SERVICE_PORT" | "GENERATION_SERVICE_PORT" => Given::Nothing,
            _ => Given::Later,
        };
        let expected = [("project-service", 8001), ("generation-service", 8002)];
        let expected = expected.map(|(name, port)| (name.to_owned(), port));
        assert_eq!(published(text, chosen), expected);
    }

    #[test]
    fn a_variable_that_the_environment_gives_is_filled_in_and_a_chosen_port_is_left_out() {
        let text = "services:\n  shop:\n    ports: [\"${PORT:-8001}:80\"]\n";
        for (given, expected) in [
            (Given::Nothing, Some(8001)),
            (Given::Text("8101".to_owned()), Some(8101)),
            (Given::Later, None),
        ] {
            let found = published(text, |name| {
                assert_eq!(name, "PORT");
                given.clone()
            });
            assert_eq!(found.first().map(|(_, port)| *port), expected, "{given:?}");
        }
        for (entry, port) in [
            ("${PORT-8001}:80", Some(8001)),
            ("${PORT:?say it}:80", None),
            ("${PORT}:80", None),
            ("0:80", None),
        ] {
            let filled = filled(entry, &nothing);
            assert_eq!(filled.as_deref().and_then(host_port), port, "{entry}");
        }
    }
}
