//! What `host doctor` says of the server at which runs are shared.

use assay_test_server::nats::Nats;

use crate::invocation::host;

/// Every line of its answer about NATS, asked with these arguments and this variable.
fn told(arguments: &[&str], variable: Option<&str>) -> String {
    let mut command = host();
    command
        .args(["doctor", "--environment", "none"])
        .args(arguments);
    if let Some(address) = variable {
        command.env("ASSAY_NATS", address);
    }
    let answer = command.output().expect("the host starts");
    let stdout = String::from_utf8_lossy(&answer.stdout);
    let mut lines = stdout.lines().skip_while(|line| !line.contains(" nats "));
    let about: Vec<_> = lines.by_ref().take(2).collect();
    about.join("\n")
}

#[test]
fn a_server_is_looked_at_where_somebody_says_which() {
    assert_eq!(told(&[], None), "");
    let Some(nats) = Nats::start() else { return };
    let url = nats.url();
    let address = url.replace("nats://", "nats://user:secret@");
    for told in [told(&["--nats", &address], None), told(&[], Some(&address))] {
        assert!(told.starts_with("ok "), "{told}");
        let words = format!("answers at `{url}`, and JetStream is on");
        assert!(
            told.contains("version 2.") && told.contains(&words),
            "{told}"
        );
    }
}

#[test]
fn a_server_that_can_carry_no_run_is_told_as_a_run_tells_it() {
    let nobody = told(&["--nats", "nats://user:secret@127.0.0.1:1"], None);
    let words = "no NATS server answers at `nats://127.0.0.1:1`";
    assert!(
        nobody.starts_with("bad ") && nobody.contains(words),
        "{nobody}"
    );
    assert!(nobody.contains("hint: start `nats-server -js`"), "{nobody}");
    let Some(nats) = Nats::start_with("") else {
        return;
    };
    let plain = told(&["--nats", &nats.url()], None);
    assert!(
        plain.contains("has no JetStream for this account"),
        "{plain}"
    );
}
