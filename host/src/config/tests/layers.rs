//! Which layer counts: defaults, file, profile, variables, arguments.

use std::path::PathBuf;

use super::{FILE, inputs, origin, with};
use crate::config::{Inputs, resolve};

#[test]
fn without_a_file_the_defaults_hold_and_no_environment() {
    let settings = resolve(Inputs {
        document: None,
        ..inputs("")
    })
    .unwrap();
    assert_eq!(
        (settings.jobs, settings.retries, settings.fail_fast),
        (4, 0, false)
    );
    assert_eq!((settings.seed, settings.profile.as_str()), (7, "default"));
    assert_eq!(settings.environment.name, "none");
    assert_eq!(settings.report_dir, PathBuf::from("/project/below/reports"));
    assert_eq!(origin(&settings, "run.jobs"), "default");
}

#[test]
fn a_load_may_miss_up_to_half_of_it_and_nothing_is_the_wish_for_no_refill() {
    let refilled = |percent: &str| {
        let settings = with("", &[], &[("refill", percent)], &[], &[]);
        settings.map(|settings| settings.refill)
    };
    for (percent, refill) in [("0", None), ("1", Some(1)), ("50", Some(50))] {
        assert_eq!(refilled(percent).unwrap(), refill);
    }
    assert!(refilled("51").is_err());
}

#[test]
fn a_stronger_layer_wins_and_is_named() {
    for (variables, run, jobs, from) in [
        (&[][..], &[][..], 2, "assay.toml:2"),
        (&[], &[("profile", "quick")], 8, "assay.toml:10"),
        (&[("ASSAY_PROFILE", "quick")], &[], 8, "assay.toml:10"),
        (
            &[("ASSAY_PROFILE", "quick"), ("ASSAY_JOBS", "3")],
            &[],
            3,
            "variable ASSAY_JOBS",
        ),
        (
            &[("ASSAY_JOBS", "3")],
            &[("jobs", "5")],
            5,
            "argument --jobs",
        ),
    ] {
        let settings = with(FILE, variables, run, &[], &[]).unwrap();
        assert_eq!(
            (settings.jobs, origin(&settings, "run.jobs").as_str()),
            (jobs, from)
        );
    }
}

#[test]
fn a_shard_comes_from_a_job_by_variable_or_argument() {
    let shard = |variables: &[(&str, &str)], run: &[(&'static str, &str)]| {
        with("", variables, run, &[], &[]).map(|settings| settings.shard.to_string())
    };
    assert_eq!(shard(&[], &[]).as_deref(), Ok("1/1"));
    let variable = [("ASSAY_SHARD", "2/4")];
    assert_eq!(shard(&variable, &[]).as_deref(), Ok("2/4"));
    assert_eq!(shard(&variable, &[("shard", "3/4")]).as_deref(), Ok("3/4"));
    let refused = shard(&[("ASSAY_SHARD", "0/4")], &[]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "variable ASSAY_SHARD: `shard`: there is no shard 0 of 4"
    );
}

#[test]
fn a_seed_that_nobody_gives_is_random() {
    assert_eq!(origin(&resolve(inputs("")).unwrap(), "run.seed"), "random");
    let given = with("", &[], &[("seed", "1")], &[], &[]).unwrap();
    assert_eq!(origin(&given, "run.seed"), "argument --seed");
}

#[test]
fn paths_start_where_they_were_written() {
    let file = "[run]\nreport-dir = \"out\"\ncache-dir = \"\"\n";
    let settings = resolve(inputs(file)).unwrap();
    assert_eq!(
        (settings.report_dir, settings.cache_dir),
        (PathBuf::from("/project/out"), None)
    );
    let settings = with(file, &[], &[("report-dir", "out")], &[], &[]).unwrap();
    assert_eq!(settings.report_dir, PathBuf::from("/project/below/out"));
}
