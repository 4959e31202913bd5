//! Runs that break or are stopped: who or what is to blame, and what was not run.

use super::*;

#[test]
fn an_environment_that_failed_says_why_and_what_was_not_run() {
    assert_prints(
        &situations::environment_failed(),
        r"
       run  20260102-030405-abcd: 2 cases of 1 suite, environment embedded, profile quick, seed 42, 4 at once
   errored  the environment could not be brought up
              the service `project` did not start
              hint: look at its log

   not run  2 cases, the environment is not there: the service `project` did not start
            jobs/a-job-ends
            jobs/a-job-is-told
     cause  environment: the service `project` did not start (3 failures, first the environment at 0.100 s)
            hint: look at its log
   summary  2 cases in 3.204 s: 2 errored
   reports  target/assay/report.json
      exit  6: the environment is missing or broke, or a shard or an agent of the run is lost
",
    );
}

#[test]
fn a_service_that_died_is_told_when_it_is_seen_and_named_at_the_end() {
    assert_prints(
        &situations::service_died(),
        r"
       run  20260102-030405-abcd: 2 cases of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
    passed  jobs/a-job-ends (0.123 s)
      died  project, by itself
              service `project` ended with exit status: 3
              hint: run its `command` by hand
              the last lines of `project`:
                  out of luck
   errored  jobs/a-job-is-told (0.123 s)
            service `project` ended with exit status: 3
              before that: the job is told
            check: the job is told

   errored  jobs/a-job-is-told: service `project` ended with exit status: 3
      died  service `project` ended with exit status: 3
     cause  died by itself: service `project` ended with exit status: 3 (2 failures, first the environment at 1.000 s)
            hint: run its `command` by hand
   summary  2 cases in 3.204 s: 1 passed, 1 errored
   reports  target/assay/report.json
      exit  6: the environment is missing or broke, or a shard or an agent of the run is lost
",
    );
}

#[test]
fn what_is_left_of_the_environment_is_told_with_what_to_do() {
    assert_prints(
        &situations::environment_left(),
        r"
       run  20260102-030405-abcd: 1 case of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
    passed  jobs/a-job-ends (0.123 s)
      left  not all of the environment could be taken down
              the compose project `shop` could not be taken down
              hint: `host heal` tries it again

      left  the compose project `shop` could not be taken down
     cause  environment: the compose project `shop` could not be taken down (the environment at 0.800 s)
            hint: `host heal` tries it again
   summary  1 case in 3.204 s: 1 passed
   reports  target/assay/report.json
      exit  6: the environment is missing or broke, or a shard or an agent of the run is lost
",
    );
}

#[test]
fn what_the_engine_keeps_is_told_and_the_run_is_as_good_as_its_cases() {
    assert_prints(
        &situations::environment_abandoned(),
        r"
       run  20260102-030405-abcd: 1 case of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
    passed  jobs/a-job-ends (0.123 s)
 abandoned  something of the environment that only the engine can free
              the engine keeps the network `shop_near`
              hint: restart the engine

  unjudged  jobs/event-latency
   summary  1 case in 3.204 s: 1 passed
   reports  target/assay/report.json
",
    );
}

#[test]
fn an_interrupted_run_says_what_was_not_run() {
    assert_prints(
        &situations::interrupted(),
        r"
       run  20260102-030405-abcd: 3 cases of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
    passed  jobs/a-job-ends (0.123 s)
  stopping  Ctrl-C: no further case begins
   skipped  jobs/a-job-is-told (0.123 s): stopped by Ctrl-C while it ran

   not run  1 case, not begun: the run was stopped by Ctrl-C
            jobs/a-job-is-kept
     cause  interrupted: stopped by Ctrl-C while it ran (2 failures, first jobs/a-job-is-told at 1.100 s)
            hint: run it again: what was cut off is not known
   summary  3 cases in 3.204 s: 1 passed, 2 skipped, interrupted by Ctrl-C
   reports  target/assay/report.json
      exit  130: the run was interrupted
",
    );
}

#[test]
fn a_setup_that_failed_is_shown_once() {
    assert_prints(
        &situations::setup_failed(),
        r"
       run  20260102-030405-abcd: 2 cases of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
   errored  jobs/setup (0.123 s)
            the plugin panicked: no project to work with
              at        src/lib.rs:7
            log
              info   asking for a project

   not run  2 cases, the setup errored: the plugin panicked: no project to work with
            jobs/a-job-ends
            jobs/a-job-is-told
   errored  jobs/setup: the plugin panicked: no project to work with
     cause  panic: the plugin panicked: no project to work with (3 failures, first jobs/setup at 0.400 s)
            hint: repair the suite `jobs` at that place; nothing is known of the system
   summary  2 cases in 3.204 s: 2 errored
   reports  target/assay/report.json
      exit  5: a plugin broke, or was refused what it has no grant for, so nothing is known about what it tests
",
    );
}

#[test]
fn a_teardown_that_failed_is_named_at_the_end() {
    assert_prints(
        &situations::teardown_failed(),
        r"
       run  20260102-030405-abcd: 1 case of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
    passed  jobs/a-job-ends (0.123 s)
    failed  jobs/teardown (0.123 s)
            failed: a project was left behind

    failed  jobs/teardown: a project was left behind
     cause  unknown: a project was left behind (jobs/teardown at 0.800 s)
            hint: look at the reason and at the log of the attempt: no event shows more
   summary  1 case in 3.204 s: 1 passed
   reports  target/assay/report.json
      exit  1: a case, a setup or a teardown failed, or a time regressed: the system under test did not do what it must, or nothing shows that it did
",
    );
}

#[test]
fn the_last_wish_to_stop_counts_and_nothing_is_tried_again() {
    assert_prints(
        &situations::stopped_twice(),
        r"
       run  20260102-030405-abcd: 2 cases of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
  stopping  --fail-fast: no further case begins
  stopping  Ctrl-C: no further case begins
    failed  jobs/a (0.123 s)
            failed: no
    failed  jobs/b (0.123 s)
            failed: no

    failed  jobs/a: no
    failed  jobs/b: no
     cause  unknown: no (2 failures, first jobs/a at 0.800 s)
            hint: look at the reason and at the log of the attempt: no event shows more
   summary  2 cases in 3.204 s: 2 failed, interrupted by Ctrl-C
   reports  target/assay/report.json
      exit  130: the run was interrupted
",
    );
}

#[test]
fn a_run_without_an_end_says_so() {
    assert_prints(
        &situations::stopped(),
        r"
       run  20260102-030405-abcd: 3 cases of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
    passed  jobs/a-job-ends (0.123 s)

unfinished  jobs/a-job-is-told
   not run  1 case, never reached
     cause  no end: the events end before it did: the host was stopped (jobs/a-job-is-told at 0.900 s)
            hint: run it again, and look why the host was stopped
   summary  1 case in 0.900 s: 1 passed
   reports  target/assay/report.json
      exit  the run was stopped before its end
",
    );
}
