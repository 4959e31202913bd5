//! What suites may read: `[settings]`, profiles' own, and `--set`.

use assay_report::hint::Hinted;
use serde_json::json;

use super::{FILE, origin, with};

#[test]
fn settings_are_merged_by_their_names() {
    let settings = with(
        FILE,
        &[],
        &[("profile", "quick")],
        &["reference.defects=D1,D5", "a.b=[1, 2]"],
        &[],
    )
    .unwrap();
    let expected = json!({"reference": {"defects": "D1,D5", "step-ms": 1}, "a": {"b": [1, 2]}});
    assert_eq!(serde_json::Value::from(settings.values.clone()), expected);
    assert_eq!(
        origin(&settings, "settings.reference.step-ms"),
        "assay.toml:11"
    );
    assert_eq!(
        origin(&settings, "settings.reference.defects"),
        "argument --set reference.defects=D1,D5"
    );
}

#[test]
fn a_set_value_is_toml_or_else_a_bare_word() {
    for (text, value) in [
        ("1", json!(1)),
        ("0.5", json!(0.5)),
        ("true", json!(true)),
        ("D1", json!("D1")),
        ("", json!("")),
        ("a=b", json!("a=b")),
        ("1.5.0", json!("1.5.0")),
        ("\"1\"", json!("1")),
        ("{x = 1}", json!({"x": 1})),
    ] {
        let settings = with("", &[], &[], &[&format!("v={text}")], &[]).expect(text);
        assert_eq!(settings.values["v"], value, "{text}");
    }
    let deep = vec!["a"; 33].join(".");
    for set in [
        "v",
        "=1",
        "a..b=1",
        "v=[1,",
        "v=\"x",
        &format!("{deep}=1"),
        "v=inf",
    ] {
        let outcome = with("", &[], &[], &[set], &[]);
        assert!(outcome.is_err(), "{set}: {outcome:?}");
    }
    assert!(with("", &[], &[], &[&format!("{}=1", &deep[2..])], &[]).is_ok());
}

#[test]
fn a_set_name_that_is_a_slip_is_refused_with_what_was_meant() {
    let new = "a new one goes under [settings] of assay.toml";
    let meant = |name: &str| format!("did you mean `{name}`? {new}");
    for (set, name, hint) in [
        (
            "reference.defect=D13",
            "reference.defect",
            meant("reference.defects"),
        ),
        (
            "refrence.defects=D13",
            "refrence.defects",
            meant("reference.defects"),
        ),
        ("defects=D13", "defects", meant("reference.defects")),
        (
            "reference={defcts = 1}",
            "reference.defcts",
            meant("reference.defects"),
        ),
        ("qick=true", "qick", meant("quick")),
        (
            "reference.new.x=1",
            "reference.new.x",
            format!("there is: reference.defects, reference.step-ms; {new}"),
        ),
    ] {
        let file = format!("{FILE}[profiles.slow.settings]\nquick = false\n");
        let error = with(&file, &[], &[], &[set], &[]).expect_err(set);
        assert_eq!(error.message, format!("there is no setting `{name}`"));
        assert_eq!(error.hint(), Some(hint), "{set}");
        assert!(with("", &[], &[], &[set], &[]).is_ok(), "{set}");
    }
    // A setting of a profile is declared, also where another profile is chosen; a whole new table is somebody else's.
    let file = FILE.replace("step-ms = 20\n", "");
    assert!(
        with(
            &file,
            &[],
            &[],
            &["reference.step-ms=3", "faulty.setup=fail"],
            &[]
        )
        .is_ok()
    );
}

#[test]
fn a_set_that_a_running_service_would_not_notice_is_refused() {
    let set = "reference.defects=D1";
    let url = ("ASSAY_SERVICE_CACHE_URL", "redis://a:1");
    let error = with(FILE, &[url], &[], &[set], &[]).expect_err("it comes too late");
    assert_eq!(
        error.to_string(),
        "argument --set reference.defects=D1: service `cache` gets `reference.defects` when it is started, but it runs \
            already: variable ASSAY_SERVICE_CACHE_URL"
    );
    let error = with(FILE, &[], &[], &[set], &["cache=redis://a:1"]).expect_err("so does this");
    assert!(
        error
            .message
            .ends_with("argument --service cache=redis://a:1"),
        "{error}"
    );
    // Another setting, or another service that runs: it has its effect.
    assert!(with(FILE, &[url], &[], &["reference.step-ms=1"], &[]).is_ok());
    assert!(with(FILE, &[], &[], &[set], &["vector-store=http://a:1"]).is_ok());
}

#[test]
fn a_table_and_a_plain_value_do_not_replace_each_other() {
    for set in ["reference=1", "reference.defects.x=1"] {
        let error = with(FILE, &[], &[], &[set], &[]).expect_err(set);
        assert!(error.message.contains("set at assay.toml:"), "{error}");
    }
}
