//! The report for people, as it is printed.

mod stopped;

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::{Arc, Mutex},
};

use anstream::ColorChoice;
use assay_report::{
    Reporter as _,
    console::{Console, ConsoleOptions},
    event::{Event, EventKind, Grade, ReasonKind},
    exit::Exit,
    hint::Hinted as _,
    verdict::Verdict,
};

use super::{
    recording::{Recording, outcome, passed, reason},
    situations,
};

/// Keeps what is written, for a look at it afterwards.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn options(writer: impl Write + Send + 'static, color: ColorChoice) -> ConsoleOptions {
    ConsoleOptions {
        writer: Box::new(writer),
        color,
        width: 100,
        progress: false,
        reports: vec![PathBuf::from("target/assay/report.json")],
    }
}

fn print(events: &[Event], color: ColorChoice) -> String {
    let paper = Paper::default();
    let mut console = Console::new(options(paper.clone(), color));
    for event in events {
        console.event(event).unwrap();
    }
    console.finish().unwrap();
    let bytes = paper.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

/// The report without colours.
pub(crate) fn rendered(events: &[Event]) -> String {
    print(events, ColorChoice::Never)
}

/// The expected text begins on a line of its own.
#[track_caller]
fn assert_prints(events: &[Event], expected: &str) {
    let expected = expected.strip_prefix('\n').unwrap();
    let actual = rendered(events);
    assert!(
        actual == expected,
        "--- printed\n{actual}\n--- expected\n{expected}"
    );
}

#[test]
fn no_name_of_the_run_turns_its_line_around() {
    let mut events = situations::passed_run();
    if let EventKind::RunStarted(info) = &mut events[0].kind {
        info.run_id = "\u{202e}a\u{1b}[2J".to_owned();
    }
    let report = print(&events, ColorChoice::Never);
    assert!(!report.contains(['\u{202e}', '\u{1b}']), "{report}");
}

#[test]
fn a_passed_run_is_a_line_for_each_case_and_a_summary() {
    assert_prints(
        &situations::passed_run(),
        r"
       run  20260102-030405-abcd: 2 cases of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
    passed  jobs/a-job-ends (0.123 s)
    passed  jobs/a-job-is-told (0.123 s)

 baselines  baseline              value         target        critical  grade
            jobs/event-latency  12.5 ms  at most 50 ms  at most 200 ms  target
   summary  2 cases in 3.204 s: 2 passed
   reports  target/assay/report.json
",
    );
}

#[test]
fn failed_checks_show_values_place_log_and_output() {
    assert_prints(
        &situations::failing_checks(),
        r#"
       run  20260102-030405-abcd: 2 cases of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
    passed  jobs/a-job-ends (0.123 s)
    failed  jobs/a-job-completes (0.123 s)
            check: the job completes (and 1 more of 3 checks)
              expected  completed
              actual    failed
              at        src/lib.rs:40
            check: the episode is there
              expected  {
                          "number": 1
                        }
              actual    null
              at        src/lib.rs:44
            log
              warn   the stream was slow
              error  the job says `failed`\u{1b}[2J
            standard error
              one
              two

    failed  jobs/a-job-completes: the job completes (and 1 more of 3 checks)
     cause  unknown: the job completes (and 1 more of 3 checks) (jobs/a-job-completes at 1.000 s)
            hint: look at the reason and at the log of the attempt: no event shows more
   summary  2 cases in 3.204 s: 1 passed, 1 failed
   reports  target/assay/report.json
      exit  1: a case, a setup or a teardown failed, or a time regressed: the system under test did not do what it must, or nothing shows that it did
"#,
    );
}

#[test]
fn a_trap_shows_its_backtrace() {
    assert_prints(
        &situations::trap(),
        r"
       run  20260102-030405-abcd: 2 cases of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
   errored  jobs/a-job-divides (0.123 s)
            the plugin trapped: integer divide by zero
            backtrace, innermost first
               0: jobs::divide
               1: jobs::run
    passed  jobs/a-job-ends (0.123 s)

   errored  jobs/a-job-divides: the plugin trapped: integer divide by zero
     cause  trap: the plugin trapped: integer divide by zero (jobs/a-job-divides at 0.400 s)
            hint: repair the suite `jobs` at that place; nothing is known of the system
   summary  2 cases in 3.204 s: 1 passed, 1 errored
   reports  target/assay/report.json
      exit  5: a plugin broke, or was refused what it has no grant for, so nothing is known about what it tests
",
    );
}

#[test]
fn a_timeout_says_what_was_waited_for() {
    assert_prints(
        &situations::timeout(),
        r"
       run  20260102-030405-abcd: 1 case of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
    failed  jobs/a-job-ends (0.123 s)
            timeout: it took longer than 30 s: the plugin was waiting
              before that, a check failed: the job ends

    failed  jobs/a-job-ends: it took longer than 30 s: the plugin was waiting
     cause  too late: it took longer than 30 s: the plugin was waiting, and no request or stream was under way (jobs/a-job-ends at 0.400 s)
            hint: look at what it did meanwhile: its log, its queues, what it waited for
   summary  1 case in 3.204 s: 1 failed
   reports  target/assay/report.json
      exit  1: a case, a setup or a teardown failed, or a time regressed: the system under test did not do what it must, or nothing shows that it did
",
    );
}

#[test]
fn a_flaky_case_shows_its_attempts() {
    assert_prints(
        &situations::flaky(),
        r"
       run  20260102-030405-abcd: 1 case of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
     again  jobs/a-job-ends (0.123 s), attempt 1 of 3: check: the job completes
     flaky  jobs/a-job-ends (0.247 s), 2 attempts: check: the job completes

  unjudged  jobs/event-latency
     cause  unknown: the job completes (jobs/a-job-ends at 0.400 s)
            hint: look at the reason and at the log of the attempt: no event shows more
   summary  1 case in 3.204 s: 1 flaky
   reports  target/assay/report.json
",
    );
}

#[test]
fn a_degraded_case_stands_in_the_table_of_baselines() {
    assert_prints(
        &situations::degraded(),
        r"
       run  20260102-030405-abcd: 1 case of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
  degraded  jobs/events-are-fast (0.123 s): baseline: event-latency is 120 ms from 40 samples: short of its target (at most 200 ms, target 50 ms)

 baselines  baseline             value         target        critical  grade
            jobs/event-latency  120 ms  at most 50 ms  at most 200 ms  critical
     cause  baseline: `jobs/event-latency`: 120 ms from 40 samples, target is at most 50 ms (jobs/events-are-fast at 0.500 s)
            hint: look at where the time went, and at what changed since it was last reached
   summary  1 case in 3.204 s: 1 degraded
   reports  target/assay/report.json
",
    );
}

/// Lost once: a later, better judgement by another case hid the one that made a case fail.
#[test]
fn one_case_does_not_hide_how_another_judged_the_same_baseline() {
    let mut run = Recording::of(&["slow", "fast"]);
    run.case("slow", &passed(), |run, source| {
        run.judge(source, 120.0, 40, Grade::Critical);
    });
    run.case("fast", &passed(), |run, source| {
        run.judge(source, 12.0, 40, Grade::Target);
    });
    let printed = rendered(&run.end(Exit::Success));
    assert!(
        printed.contains(
            "jobs/event-latency  120 ms  at most 50 ms  at most 200 ms  critical (the worst of 2)"
        ),
        "{printed}"
    );
}

#[test]
fn a_run_that_tested_nothing_says_so() {
    assert_prints(
        &situations::skipped(),
        r"
       run  20260102-030405-abcd: 1 case of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
   skipped  jobs/alerts-fire: it needs the service `prometheus`, which the environment does not have

   summary  1 case in 3.204 s: 1 skipped
   reports  target/assay/report.json
      exit  7: nothing was tested
",
    );
}

#[test]
fn a_case_that_takes_long_is_named_while_it_runs() {
    assert_prints(
        &situations::slow(),
        r"
       run  20260102-030405-abcd: 1 case of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
   running  jobs/a-job-ends for 30.000 s so far
    passed  jobs/a-job-ends (0.123 s)

  unjudged  jobs/event-latency
   summary  1 case in 3.204 s: 1 passed
   reports  target/assay/report.json
",
    );
}

#[test]
fn a_good_run_of_thirty_cases_fits_on_a_screen() {
    let names: Vec<_> = (0..30).map(|number| format!("case-{number:02}")).collect();
    let mut run = Recording::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for name in &names {
        run.pass(name);
    }
    let lines = rendered(&run.end(Exit::Success)).lines().count();
    assert!(lines <= 40, "{lines} lines");
}

#[test]
fn colours_only_repeat_what_the_words_say() {
    for (name, events) in situations::all() {
        let plain = rendered(&events);
        let colored = print(&events, ColorChoice::AlwaysAnsi);
        assert!(colored.contains("\u{1b}["), "{name}");
        assert!(!plain.contains('\u{1b}'), "{name}");
        assert_eq!(
            anstream::adapter::strip_str(&colored).to_string(),
            plain,
            "{name}"
        );
    }
}

#[test]
fn many_bad_cases_are_listed_up_to_a_limit_and_counted() {
    let names: Vec<_> = (0..33).map(|number| format!("case-{number:02}")).collect();
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Failed, "no"));
    let mut run = Recording::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for name in &names {
        run.case(name, &ending, |_, _| {});
    }
    let text = rendered(&run.end(Exit::Failed));
    assert!(
        text.contains("case-29: no\n            and 3 bad cases more\n"),
        "{text}"
    );
    assert!(!text.contains("case-30: no"));
}

#[test]
fn a_console_that_is_gone_is_an_error_with_a_hint() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut console = Console::new(options(Gone, ColorChoice::Never));
    let error = console.event(&situations::passed_run()[0]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot write the report to the console: broken pipe"
    );
    assert!(error.hint().is_some());
}

#[test]
fn faults_of_a_bad_attempt_are_shown_with_how_they_ended() {
    let text = rendered(&situations::faults());
    for line in [
        "latency 100 ms ± 20 ms on client->project, active for 1.250 s, met 2 times, healthy 0.012 s after its heal, first success 0.018 s after it",
        "limit_cpu on generation, is not active: a process has no limit",
        "stop on project, is not healed: the service `project` did not become ready",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn what_is_told_again_of_a_bad_attempt_is_below_it() {
    assert_prints(
        &situations::recalled(),
        r#"
       run  20260102-030405-abcd: 1 case of 1 suite, environment embedded, profile quick, seed 42, 4 at once
     ready  project, generation after 0.812 s
    failed  jobs/a-job-is-made (0.123 s)
            check: the job is made
            requests that went wrong
              POST http://127.0.0.1:8001/health (0.012 s): 500
                { "error": "no room" }
                traceparent 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
            event streams that broke
              http://127.0.0.1:8002/jobs/1/events, after 3 events: the connection was reset
                last event progress: {"step": 3}
            service project, last lines
              a job comes
              panic: no room

    failed  jobs/a-job-is-made: the job is made
     cause  connection: `127.0.0.1:8002` resets the connection, while the body of the answer was being read (jobs/a-job-is-made at 0.700 s)
            hint: look whether `127.0.0.1:8002` was up then, and at its log of that moment
   summary  1 case in 3.204 s: 1 failed
   reports  target/assay/report.json
      exit  1: a case, a setup or a teardown failed, or a time regressed: the system under test did not do what it must, or nothing shows that it did
"#,
    );
}
