//! `[redact]`: which settings are secret, and what is refused.

use super::{inputs, refused};
use crate::config::{
    Inputs, Overrides,
    redact::{MAX_SECRETS, MAX_SECRETS_BYTES},
    resolve,
};

fn assert_says(text: &str, parts: &[&str]) {
    let (error, hint) = refused(text);
    for part in parts {
        assert!(
            format!("{error}\n{hint}").contains(part),
            "{part:?} is not in {error}\n{hint}"
        );
    }
}

fn redacted(text: &str, sets: &[&str], told: &str) -> String {
    let inputs = Inputs {
        overrides: Overrides {
            set: sets.iter().map(|set| (*set).to_owned()).collect(),
            ..Overrides::default()
        },
        ..inputs(text)
    };
    resolve(inputs).unwrap().redactor.text(told).into_owned()
}

#[test]
fn a_marked_setting_is_secret_in_each_layer_and_a_marked_table_with_all_it_has() {
    let file = r#"
        [redact]
        settings = ["load.token", "keys"]
        [settings]
        load = { token = "in-the-file", other = "not-secret" }
        keys = { first = "key-one", more = ["key-two", 123456] }
        [profiles.quick.settings]
        load = { token = "in-the-profile" }
        [environments.embedded.settings]
        load = { token = "in-the-environment" }
    "#;
    let told =
        "in-the-file in-the-profile in-the-environment given key-one key-two 123456 not-secret";
    assert_eq!(
        redacted(file, &["load.token=given"], told),
        "[secret load.token] [secret load.token] [secret load.token] [secret load.token] \
         [secret keys.first] [secret keys.more] [secret keys.more] not-secret"
    );
}

#[test]
fn a_secret_that_is_not_set_is_none() {
    let file = "[redact]\nsettings = [\"token\", \"theirs.key\"]\n[settings]\ntoken = \"\"\n";
    assert_eq!(redacted(file, &[], "a text"), "a text");
}

#[test]
fn a_name_that_hides_nothing_is_worth_a_warning() {
    let file =
        "[redact]\nsettings = [\"token\", \"theirs.key\"]\n[settings]\ntoken = \"hush-hush\"\n";
    let warnings = resolve(inputs(file)).unwrap().warnings;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("`theirs.key`"), "{warnings:?}");
}

#[test]
fn what_cannot_be_secret_is_refused_with_what_to_do() {
    let marked =
        |settings: &str| format!("[redact]\nsettings = [\"pin\"]\n[settings]\n{settings}\n");
    assert_says(
        &marked("pin = \"abc\""),
        &["`pin`", "fewer than 4 bytes", "longer"],
    );
    assert_says(&marked("pin = 123"), &["`pin`", "fewer than 4 bytes"]);
    assert_says(&marked("pin = true"), &["`pin`", "true or false"]);
    assert_says(
        &marked("pins = \"abcd\""),
        &["no setting `pin`", "did you mean `pins`"],
    );
    assert_says("[redact]\nsetings = []\n", &["setings", "settings"]);
    assert_says("[redact]\nsettings = \"token\"\n", &["no list of texts"]);
    assert_says(
        "[redact]\npatterns = [\"(\"]\n",
        &["`(` is no pattern", "docs.rs/regex"],
    );
    assert_says(
        "[redact]\npatterns = [\"a*\"]\n",
        &["matches where there is nothing"],
    );
}

#[test]
fn secrets_at_their_limits_are_taken_and_more_are_refused() {
    let values = |count: usize, bytes: usize| {
        let values: Vec<_> = (0..count)
            .map(|number| {
                let number = number.to_string();
                let filling = "0".repeat(bytes - number.len());
                format!("\"{filling}{number}\"")
            })
            .collect();
        format!(
            "[redact]\nsettings = [\"all\"]\n[settings]\nall = [{}]\n",
            values.join(", ")
        )
    };
    for (count, bytes) in [(MAX_SECRETS, 4), (1, MAX_SECRETS_BYTES)] {
        assert!(resolve(inputs(&values(count, bytes))).is_ok());
    }
    for (count, bytes) in [(MAX_SECRETS + 1, 4), (1, MAX_SECRETS_BYTES + 1)] {
        assert_says(&values(count, bytes), &["are secret, at most"]);
    }
}

#[test]
fn an_error_tells_no_secret() {
    let file = "[redact]\nsettings = [\"token\"]\n[settings]\ntoken = \"hush-hush\"\n[run]\njobs = \"hush-hush\"\n";
    let error = resolve(inputs(file)).unwrap_err().to_string();
    assert!(
        error.contains("[secret token]") && !error.contains("hush-hush"),
        "{error}"
    );
}
