//! Requests that are to be read as others: what reaches the server is exactly as many requests as were sent, each as the host frames it.

use crate::fixtures::fixture;

use super::{
    answers::{assert_goes_on, assert_granted, case, told},
    project::Project,
    server::Server,
};

#[test]
fn what_is_sent_is_one_request_that_the_host_has_framed_or_none() {
    let server = Server::new();
    let answer = Project::new()
        .granting("hosts", &format!("[\"{}\"]", server.address))
        .granting("load", r#"{ vus = 2, duration = "20s" }"#)
        .told("url", &format!("http://{}", server.address))
        .run(&["smuggles"]);
    assert_granted(&answer, "smuggles");
    assert_goes_on(&answer);
    let told = told(&answer, "smuggles");
    let sent = |line: &&String| {
        ["send", "fire"]
            .iter()
            .any(|way| line.starts_with(&format!("done: {way}")))
    };
    let done = told.iter().filter(sent).count();
    let requests = server.requests();
    assert_eq!(requests.len(), done, "{told:#?}");
    assert!(done > 50, "{done} were answered");
    for request in &requests {
        assert_one(request, &server);
    }
    for what in [
        "value a\\r",
        "name a\\r",
        "method a\\r",
        "header Host",
        "header Content-Length",
        "header Transfer-Encoding",
    ] {
        let lines: Vec<_> = told.iter().filter(|line| line.contains(what)).collect();
        assert!(!lines.is_empty(), "{what}");
        for line in lines {
            assert!(line.contains("invalid request: "), "{line}");
        }
    }
}

/// The request has one line, one `Host`, at most one length and no header of theirs, and ends where it says.
#[track_caller]
fn assert_one(request: &str, server: &Server) {
    let (head, body) = request
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("{request:?}"));
    let mut lines = head.split("\r\n");
    let line: Vec<&str> = lines.next().unwrap().split(' ').collect();
    assert_eq!(line.len(), 3, "{request:?}");
    assert_eq!(line[2], "HTTP/1.1", "{request:?}");
    assert!(
        line[1].starts_with('/') && !line[1].starts_with("/smuggled"),
        "{request:?}"
    );
    let control = |text: &str| text.contains(|letter: char| letter.is_control());
    assert!(!control(line[1]), "{request:?}");
    let (mut hosts, mut lengths) = (Vec::new(), Vec::new());
    for header in lines {
        let (name, value) = header
            .split_once(": ")
            .unwrap_or_else(|| panic!("{request:?}"));
        assert!(
            !control(value) && !name.contains(char::is_whitespace),
            "{request:?}"
        );
        match &*name.to_ascii_lowercase() {
            "host" => hosts.push(value),
            "content-length" => lengths.push(value),
            "transfer-encoding" | "x-smuggled" => panic!("{request:?}"),
            _ => {}
        }
    }
    assert_eq!(hosts, [server.address.to_string()], "{request:?}");
    let length = body.len().to_string();
    match lengths[..] {
        [] => assert_eq!(body, "", "{request:?}"),
        [said] => assert_eq!(said, length, "{request:?}"),
        _ => panic!("{request:?}"),
    }
}

/// What a plugin sends as a secret is taken out of what is told of it. What is told of another one is not its to change.
#[test]
fn a_plugin_takes_no_words_out_of_what_is_told_of_another_one() {
    let server = Server::new();
    let reason = |words: &[&str]| {
        let project = Project::new()
            .granting("hosts", &format!("[\"{}\"]", server.address))
            .told("url", &server.url())
            .told("words", words);
        let run = project.invocation(&["calls-words-secrets"]);
        let faulty = fixture("faulty").display().to_string();
        let answer = run
            .with(&[&faulty, "--jobs", "1", "--filter", "faulty/fails-a-check"])
            .answer();
        assert_granted(&answer, "calls-words-secrets");
        case(&answer, "fails-a-check").reason.unwrap()
    };
    let told = reason(&[]);
    assert_eq!(reason(&[&told.message]), told);
}
