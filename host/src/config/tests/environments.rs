//! The settings and the baselines of an environment: what holds for it and not for the others.

use serde_json::json;

use super::*;

/// What `[settings]` says, what the environments say otherwise, and what a profile says.
const FILE: &str = r"[settings]
wait = 1
size = 1

[environments.embedded]

[environments.slow.settings]
wait = 10
reference = { x = 10 }

[profiles.patient.settings]
wait = 100
";

#[test]
fn settings_of_the_environment_count_more_than_the_files_and_less_than_the_profiles() {
    for (run, sets, wait, from) in [
        (&[][..], &[][..], 1, "assay.toml:2"),
        (&[("environment", "slow")], &[], 10, "assay.toml:8"),
        (&[("profile", "patient")], &[], 100, "assay.toml:12"),
        (
            &[("environment", "slow"), ("profile", "patient")],
            &[],
            100,
            "assay.toml:12",
        ),
        (
            &[("environment", "slow")],
            &["wait=5"],
            5,
            "argument --set wait=5",
        ),
    ] {
        let settings = with(FILE, &[], run, sets, &[]).unwrap();
        assert_eq!(settings.values["wait"], json!(wait), "{run:?}");
        assert_eq!(settings.values["size"], json!(1), "{run:?}");
        assert_eq!(origin(&settings, "settings.wait"), from, "{run:?}");
    }
}

#[test]
fn the_environment_that_a_profile_chooses_has_its_settings() {
    let file = format!("{FILE}[profiles.elsewhere.run]\nenvironment = \"slow\"\n");
    let settings = with(&file, &[], &[("profile", "elsewhere")], &[], &[]).unwrap();
    assert_eq!(settings.values["wait"], json!(10));
}

#[test]
fn a_setting_of_an_environment_is_declared_also_where_another_one_is_chosen() {
    assert!(with(FILE, &[], &[], &["reference.x=1"], &[]).is_ok());
    let error = with(FILE, &[], &[], &["reference.y=1"], &[]).expect_err("a slip");
    assert_eq!(error.message, "there is no setting `reference.y`");
}

#[test]
fn settings_of_an_environment_that_are_no_table_are_refused() {
    assert_refused(&[(
        "[environments.a]\nsettings = 1",
        "assay.toml:2: `settings`: `1` is not a table",
        "",
    )]);
}

#[test]
fn baselines_of_the_environment_count_more_than_the_files() {
    let file = r#"[baselines."suite/recovery"]
target = 1
critical = 10
[environments.embedded]
[environments.slow.baselines."suite/recovery"]
target = 3
[environments.slow.baselines."suite/other"]
target = 1
critical = 2
"#;
    for (environment, levels, from) in [
        ("embedded", (1.0, 10.0), "assay.toml:2"),
        ("slow", (3.0, 10.0), "assay.toml:6"),
    ] {
        let settings = with(file, &[], &[("environment", environment)], &[], &[]).unwrap();
        let recovery = &settings.baselines["suite/recovery"];
        assert_eq!(
            (recovery.target, recovery.critical),
            levels,
            "{environment}"
        );
        let shown = origin(&settings, "baselines.\"suite/recovery\".target");
        assert_eq!(shown, from);
        let other = settings.baselines.contains_key("suite/other");
        assert_eq!(other, environment == "slow");
    }
}

#[test]
fn a_baseline_of_an_environment_needs_both_levels_like_any_other() {
    let file = r#"[environments.slow.baselines."suite/recovery"]
target = 3
"#;
    let error = with(file, &[], &[("environment", "slow")], &[], &[]).expect_err("one is missing");
    assert!(error.message.contains("`critical` is missing"), "{error}");
}
