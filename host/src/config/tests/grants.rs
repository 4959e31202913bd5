//! `[grants.NAME]`, `--grant` and `trust`: what plugins may do that are not the project's own.

use assay_grants::{Grants, table};

use super::{assert_refused, inputs};
use crate::config::{
    GrantSettings, Inputs, Overrides, Settings, Trust, grants::MAX_PLUGINS, resolve,
};

const TABLES: &str = r#"
[redact]
settings = ["shop.token"]

[settings.shop]
token = "geheim-geheim"
url = "http://shop"

[grants.shop]
hosts = ["api.example.com:443"]
settings = ["shop.*"]
load = { vus = 10, rate = 100, duration = "1m" }
"#;

fn given(document: &str, arguments: &[&str]) -> Settings {
    resolve(Inputs {
        overrides: Overrides {
            grants: arguments.iter().map(|text| (*text).to_owned()).collect(),
            ..Overrides::default()
        },
        ..inputs(document)
    })
    .unwrap()
}

fn lines(grants: &Grants) -> Vec<String> {
    table::lines(grants)
}

#[test]
fn without_a_word_nothing_is_granted_and_only_the_projects_own_is_trusted() {
    let settings = given("", &[]);
    assert_eq!(settings.grants, GrantSettings::default());
    assert_eq!(
        (settings.trust, settings.project),
        (Trust::Own, Some("/project".into()))
    );
}

#[test]
fn a_table_grants_what_it_says_and_arguments_add_to_each_other() {
    let settings = given(
        TABLES,
        &[
            "shop: hosts=one.test:80",
            "shop: hosts=two.test:80; faults=pause",
        ],
    );
    let GrantSettings {
        tables,
        given,
        secrets,
    } = settings.grants;
    assert_eq!(
        lines(&tables["shop"]),
        [
            "hosts = [\"api.example.com:443\"]",
            "settings = [\"shop.*\"]",
            "load = { vus = 10, rate = 100, duration = \"1m\" }",
        ]
    );
    assert_eq!(
        lines(&given["shop"]),
        [
            "hosts = [\"one.test:80\", \"two.test:80\"]",
            "faults = [\"pause\"]"
        ]
    );
    assert_eq!(secrets, ["shop.token"]);
}

#[test]
fn whoever_trusts_all_says_so() {
    assert_eq!(given("[run]\ntrust = \"all\"", &[]).trust, Trust::All);
    assert_refused(&[(
        "[run]\ntrust = \"everybody\"",
        "assay.toml:2: `everybody` is no answer to whom to trust",
        "there is: own, all",
    )]);
}

#[test]
fn a_grant_that_cannot_be_read_is_told_with_its_line() {
    for text in [
        "[grants.shop]\nhosts = [\"nowhere\"]",
        "[grants.shop]\nhost = [\"api.example.com:443\"]",
        "[grants.shop]\nfaults = [\"pauze\"]",
        "[grants.shop]\nload = { vus = 0, duration = \"1m\" }",
    ] {
        let error = resolve(inputs(text)).unwrap_err();
        assert!(error.to_string().starts_with("assay.toml:"), "{error}");
    }
    let refused = resolve(Inputs {
        overrides: Overrides {
            grants: vec!["shop hosts=nowhere".to_owned()],
            ..Overrides::default()
        },
        ..inputs("")
    });
    assert!(refused.unwrap_err().to_string().contains("--grant"));
}

#[test]
fn as_many_plugins_may_have_grants_as_may_be_and_no_more() {
    let tables = |count| {
        let tables = (0..count).map(|number| format!("[grants.p{number}]\nattachments = true\n"));
        tables.collect::<String>()
    };
    let most = resolve(inputs(&tables(MAX_PLUGINS))).unwrap();
    assert_eq!(most.grants.tables.len(), MAX_PLUGINS);
    assert!(resolve(inputs(&tables(MAX_PLUGINS + 1))).is_err());
}
