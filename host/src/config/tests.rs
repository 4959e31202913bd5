//! The configuration as tables: no file, no variable and no argument of the real world is looked at.

mod containers;
mod environments;
mod fuzzed;
mod grants;
mod history;
mod layers;
mod links;
mod redact;
mod refusals;
mod report;
mod services;
mod settings;
mod signatures;
mod telemetry;

use std::path::PathBuf;

use assay_report::hint::Hinted;

use super::{document::Document, *};

const FILE: &str = r#"[run]
jobs = 2
timeout = "30s"

[settings.reference]
defects = ""
step-ms = 20

[profiles.quick]
run = { jobs = 8, environment = "other" }
settings = { reference = { step-ms = 1 } }

[baselines."core-flow/latency"]
target = 0.1
critical = 1

[environments.embedded.services.vector-store]
command = ["{exe-dir}/store", "--port", "{port}"]
health = "/health"

[environments.embedded.services.cache]
command = ["cache", "{url:vector-store}", "{setting:reference.defects}"]
ready-line = "listening on "
scheme = "redis"

[environments.other.services.cache]
url = "redis://127.0.0.1:6379/"
"#;

fn inputs(text: &str) -> Inputs {
    Inputs {
        document: Some(Document {
            name: PathBuf::from("assay.toml"),
            folder: PathBuf::from("/project"),
            text: text.to_owned(),
        }),
        directory: PathBuf::from("/project/below"),
        variables: Vec::new(),
        overrides: Overrides::default(),
        seed: 7,
    }
}

fn with(
    text: &str,
    variables: &[(&str, &str)],
    run: &[(&'static str, &str)],
    set: &[&str],
    services: &[&str],
) -> Result<Settings, ConfigError> {
    let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    resolve(Inputs {
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        overrides: Overrides {
            run: run
                .iter()
                .map(|(key, text)| (*key, (*text).to_owned()))
                .collect(),
            set: owned(set),
            services: owned(services),
            ..Overrides::default()
        },
        ..inputs(text)
    })
}

fn refused(text: &str) -> (String, String) {
    let error = resolve(inputs(text)).expect_err(text);
    (error.to_string(), error.hint().unwrap_or_default())
}

/// What is configured, the error, and the hint unless it is a longer one.
fn assert_refused(rows: &[(&str, &str, &str)]) {
    for (text, error, hint) in rows {
        let (told, advice) = refused(text);
        assert_eq!(told, *error, "{text}");
        assert!(!advice.is_empty(), "{text}");
        assert!(hint.is_empty() || advice == *hint, "{text}: {advice}");
    }
}

fn names(settings: &Settings) -> Vec<&str> {
    let services = settings.environment.services.iter();
    services.map(|service| service.name.as_str()).collect()
}

fn origin(settings: &Settings, key: &str) -> String {
    let entry = settings.entries.iter().find(|entry| entry.key == key);
    entry.expect(key).origin.to_string()
}

#[test]
fn this_repositorys_own_file_is_readable() {
    let settings = resolve(inputs(include_str!("../../../assay.toml"))).unwrap();
    assert_eq!(settings.environment.name, "embedded");
    assert_eq!(
        names(&settings)[..4],
        [
            "cache",
            "vector-store",
            "project-service",
            "generation-service"
        ]
    );
    assert!(
        with(
            include_str!("../../../assay.toml"),
            &[],
            &[("profile", "quick")],
            &[],
            &[]
        )
        .is_ok()
    );
}
