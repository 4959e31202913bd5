//! Environments of containers: the compose project, what its file is told, and the services that are its containers.

use super::*;

/// A project with two containers, one of which is told of a link to the other.
const FILE: &str = r#"[settings]
size = 3

[environments.embedded]
compose = "compose.yml"
project = "shop"

[environments.embedded.variables]
SIZE = "{setting:size}"
WEB_PORT = "{port}"
STORE_URL = "{link:web->store}"
PLAIN = "a {{b}}"

[environments.embedded.services]
web = { container = "web", port = 80 }
store = { container = "store", port = 6379, scheme = "redis" }

[environments.embedded.links]
"client->web" = {}
"web->store" = {}
"#;

/// The file with one line instead of another one.
fn changed(line: &str, instead: &str) -> String {
    assert!(FILE.contains(line), "{line}");
    FILE.replace(line, instead)
}

#[test]
fn a_project_has_its_file_its_name_and_its_variables_in_order() {
    let settings = resolve(inputs(FILE)).unwrap();
    let docker = settings.environment.docker.as_ref().unwrap();
    assert_eq!(docker.compose, PathBuf::from("/project/compose.yml"));
    assert_eq!(docker.project, "shop");
    let variables = docker.variables.iter();
    let variables: Vec<_> = variables
        .map(|(name, value)| (name.as_str(), value.text()))
        .collect();
    assert_eq!(
        variables,
        [
            ("SIZE", "{setting:size}"),
            ("WEB_PORT", "{port}"),
            ("STORE_URL", "{link:web->store}"),
            ("PLAIN", "a {{b}}"),
        ]
    );
    assert_eq!(docker.links().collect::<Vec<_>>(), ["web->store"]);
}

#[test]
fn a_container_has_its_port_and_speaks_http_unless_it_says_otherwise() {
    let settings = resolve(inputs(FILE)).unwrap();
    let container = |index: usize| match &settings.environment.services[index].source {
        ServiceSource::Container(container) => container.clone(),
        other => panic!("it is a container: {other:?}"),
    };
    let expected = |name: &str, port, scheme: &str| ContainerSettings {
        container: name.to_owned(),
        port,
        scheme: scheme.to_owned(),
    };
    assert_eq!(container(0), expected("web", 80, "http"));
    assert_eq!(container(1), expected("store", 6379, "redis"));
}

#[test]
fn the_project_and_its_containers_are_shown_with_their_lines() {
    let settings = resolve(inputs(FILE)).unwrap();
    for (key, value, line) in [
        ("compose", "\"compose.yml\"", 5),
        ("project", "\"shop\"", 6),
        ("variables.SIZE", "\"{setting:size}\"", 9),
        ("services.web.container", "\"web\"", 15),
        ("services.store.port", "6379", 16),
        ("services.store.scheme", "\"redis\"", 16),
    ] {
        let key = format!("environments.embedded.{key}");
        let shown = settings.entries.iter().find(|entry| entry.key == key);
        let shown = shown.expect(&key);
        assert_eq!(shown.value.to_string(), value, "{key}");
        assert_eq!(
            shown.origin.to_string(),
            format!("assay.toml:{line}"),
            "{key}"
        );
    }
}

#[test]
fn a_project_that_cannot_be_meant_is_named_with_its_line() {
    assert_refused(&[
        (
            &changed("compose = \"compose.yml\"\n", ""),
            "assay.toml:5: `project`: there is no compose file that it could be for",
            "add `compose = \"docker-compose.yml\"`",
        ),
        (
            &changed("project = \"shop\"\n", ""),
            "assay.toml:5: `compose`: the project has no name",
            "",
        ),
        (
            &changed("\"compose.yml\"", "1"),
            "assay.toml:5: `compose`: `1` is not a text in quotes",
            "",
        ),
        (
            &changed("\"shop\"", "\"Shop\""),
            "assay.toml:6: `project`: `Shop` is no name of a compose project",
            "use a to z, 0 to 9, `-` and `_`, at most 63 of them",
        ),
        (
            "[environments.a.services.s]\ncontainer = \"s\"\nport = 1",
            "assay.toml:1: `s` is a container of no project",
            "add `compose` and `project` to the environment",
        ),
    ]);
}

#[test]
fn a_projects_name_is_as_compose_wants_it_up_to_its_longest() {
    for (name, is_one) in [
        ("a".repeat(63).as_str(), true),
        ("a".repeat(64).as_str(), false),
        ("0_a-b", true),
        ("", false),
        ("-a", false),
        ("_a", false),
        ("a.b", false),
        ("ä", false),
    ] {
        let file = changed("\"shop\"", &format!("\"{name}\""));
        assert_eq!(resolve(inputs(&file)).is_ok(), is_one, "{name}");
    }
}

#[test]
fn a_container_that_cannot_be_meant_is_named_with_its_line() {
    let web = "web = { container = \"web\", port = 80 }";
    for (instead, error, hint) in [
        (
            "web = { container = \"web\" }",
            "`container`: it is not known on which port the container listens",
            "add `port`, the one inside the container",
        ),
        (
            "web = { container = \"web\", port = 0 }",
            "`port`: `0` is not a whole number from 1 to 65535",
            "",
        ),
        (
            "web = { container = \"web\", port = 65536 }",
            "`port`: `65536` is not a whole number from 1 to 65535",
            "",
        ),
        (
            "web = { container = \"web\", port = 80, ready-line = \"on \" }",
            "`ready-line`: it is for services that the host starts itself",
            "",
        ),
        (
            "web = { container = \"web\", port = 80, url = \"http://a\" }",
            "`container`: a container is started by Compose, and its address is the one that it publishes",
            "",
        ),
        (
            "web = { container = 1, port = 80 }",
            "`container`: `1` is not a text in quotes",
            "",
        ),
    ] {
        let error = format!("assay.toml:15: {error}");
        assert_refused(&[(&changed(web, instead), &error, hint)]);
    }
    for port in [1, 65_535] {
        let instead = format!("web = {{ container = \"web\", port = {port} }}");
        assert!(resolve(inputs(&changed(web, &instead))).is_ok(), "{port}");
    }
}

#[test]
fn a_variable_that_cannot_be_filled_is_named_with_its_line() {
    let places = "there is `{port}`, a free port, `{setting:NAME}` and `{link:FROM->TO}`; a brace is written twice";
    for (value, error, hint) in [
        (
            "\"{url:web}\"",
            "assay.toml:9: `SIZE`: a variable of a compose file has no such place",
            places,
        ),
        (
            "\"{data}\"",
            "assay.toml:9: `SIZE`: a variable of a compose file has no such place",
            places,
        ),
        (
            "\"{prot}\"",
            "assay.toml:9: `SIZE`: `{prot}` is unknown",
            places,
        ),
        ("3", "assay.toml:9: `SIZE`: `3` is not a text in quotes", ""),
        (
            "\"{setting:sice}\"",
            "assay.toml:5: the variable `SIZE` needs the setting `sice`",
            "add it to `[settings]`, or give it: `--set sice=VALUE`",
        ),
        (
            "\"{link:web->stroe}\"",
            "assay.toml:9: `web->stroe` is no declared link of a container",
            "did you mean `web->store`?",
        ),
        (
            "\"{link:client->web}\"",
            "assay.toml:9: `client->web` is no declared link of a container",
            "there is: web->store",
        ),
    ] {
        let file = changed("SIZE = \"{setting:size}\"", &format!("SIZE = {value}"));
        assert_refused(&[(&file, error, hint)]);
    }
}

#[test]
fn a_link_from_a_container_that_is_not_told_of_it_is_refused() {
    assert_refused(&[(
        &changed("STORE_URL = \"{link:web->store}\"\n", ""),
        "assay.toml:19: `web->store`: the container of `web` is not told of it",
        "add a variable of the compose file: `STORE_URL = \"{link:web->store}\"`",
    )]);
}

#[test]
fn a_command_is_told_of_links_by_the_url_of_the_service() {
    assert_refused(&[(
        "[environments.a.services.s]\ncommand = [\"{port}\", \"{link:s->cache}\"]",
        "assay.toml:2: `command`: `{link:s->cache}` is for what a compose file is told",
        "write `{url:cache}`: it is the URL of the link where there is one",
    )]);
}

#[test]
fn a_set_that_a_running_container_would_not_notice_is_refused() {
    let url = ["web=http://127.0.0.1:1"];
    let error = with(FILE, &[], &[], &["size=4"], &url).expect_err("it comes too late");
    assert_eq!(
        error.message,
        "service `web` gets `size` when it is started, but it runs already: argument --service web=http://127.0.0.1:1"
    );
    assert!(error.hint().is_some());
    assert!(with(FILE, &[], &[], &["other.x=4"], &url).is_ok());
}

#[test]
fn the_project_knows_what_was_set_for_it() {
    for (sets, expected) in [
        (&[][..], &[][..]),
        (&["size=4"], &["size"]),
        (&["other.x=4"], &[]),
    ] {
        let settings = with(FILE, &[], &[], sets, &[]).unwrap();
        let docker = settings.environment.docker.unwrap();
        assert_eq!(docker.given, expected, "{sets:?}");
    }
}
