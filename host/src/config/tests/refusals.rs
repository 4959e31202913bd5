//! What is out of its limits, misspelt or not there is refused, with its place and what to do.

use std::time::Duration;

use super::{assert_refused, inputs, refused, with};
use crate::config::{Limits, resolve};

#[test]
fn limits_hold_up_to_their_last_value() {
    let settings = resolve(inputs(
        "[run]\njobs = 1024\ntimeout = \"24h\"\nmemory = \"4GiB\"\noutput-limit = \"0B\"\n",
    ))
    .unwrap();
    assert_eq!(settings.jobs, 1024);
    let limits = Limits {
        timeout: Duration::from_hours(24),
        memory: 4 << 30,
        output: 0,
    };
    assert_eq!(settings.limits, limits);
    for line in [
        "jobs = 0",
        "jobs = 1025",
        "jobs = -1",
        "jobs = \"2\"",
        "jobs = 1.0",
        "retries = 101",
        "shard = 2",
        "shard = \"5/4\"",
        "fail-fast = 1",
        "refill = true",
        "refill = 51",
        "timeout = 30",
        "timeout = \"0s\"",
        "timeout = \"25h\"",
        "memory = \"1KiB\"",
        "memory = \"5GiB\"",
        "memory = 64",
        "output-limit = \"65MiB\"",
        "report-dir = \"\"",
        "seed = -1",
        "environment = 1",
        "profile = true",
    ] {
        let (error, hint) = refused(&format!("[run]\n{line}\n"));
        assert!(error.starts_with("assay.toml:2: "), "{line}: {error}");
        assert!(!hint.is_empty(), "{line}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_line_and_what_to_do() {
    assert_refused(&[
        (
            "[run]\nretires = 1",
            "assay.toml:2: `retires` is no key of `[run]`",
            "did you mean `retries`?",
        ),
        (
            "[run]\nshard = \"2/4\"",
            "assay.toml:2: `shard`: a file would make each run of the project the same part of its plan",
            "give `--shard K/N` or `ASSAY_SHARD` where jobs are told from each other",
        ),
        (
            "\n[rum]",
            "assay.toml:2: `rum` is no table",
            "did you mean `run`?",
        ),
        (
            "[run]\nenvironment = \"x\"",
            "assay.toml:2: `x` is no environment",
            "there is: none",
        ),
        (
            "[run]\nprofile = \"x\"\n[profiles.quick]",
            "assay.toml:2: `x` is no profile",
            "there is: quick, default",
        ),
        (
            "[profiles.a.run]\nprofile = \"b\"",
            "assay.toml:2: `profile` is no key of `[profiles.a.run]`",
            "",
        ),
        (
            "[baselines.\"a/b\"]\ntarget = 1",
            "assay.toml:1: `a/b`: `critical` is missing",
            "give both `target` and `critical`",
        ),
        (
            "[baselines.a]\n",
            "assay.toml:1: `a`: it does not name a suite and its baseline",
            "",
        ),
        (
            "[settings]\nx = inf",
            "assay.toml:2: the number `inf` is not finite",
            "",
        ),
        (
            "[settings]\nx = 99999999999999999999",
            "assay.toml:2: the number `99999999999999999999` is out of range",
            "",
        ),
    ]);
    assert!(
        refused("[run]\n\njobs = = 1")
            .0
            .starts_with("assay.toml:3: ")
    );
}

#[test]
fn an_unknown_or_unreadable_variable_is_named() {
    for (name, value, message) in [
        (
            "ASSAY_JOBZ",
            "1",
            "variable ASSAY_JOBZ: `ASSAY_JOBZ` is no variable",
        ),
        (
            "ASSAY_JOBS",
            "many",
            "variable ASSAY_JOBS: `jobs`: `\"many\"` is not a whole number from 1 to 1024",
        ),
        (
            "ASSAY_TIMEOUT",
            "soon",
            "variable ASSAY_TIMEOUT: `timeout`: `soon` is no duration",
        ),
    ] {
        let error = with("", &[(name, value)], &[], &[], &[])
            .expect_err(name)
            .to_string();
        assert!(error.starts_with(message), "{error}");
    }
}
