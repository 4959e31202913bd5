//! The order of things in a run, proven against a scripted world.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;

use super::{
    world::{Task, World},
    *,
};
use crate::{
    capability::recorder::Recorder,
    event::{Check, MetricSnapshot, Outcome, ServiceInfo},
    plan::PlannedSuite,
    plugin::{
        description::Case,
        ending::{Ending, Failure},
    },
};

/// What an attempt does.
#[derive(Clone, Copy, Debug)]
enum Act {
    Pass,
    Nothing,
    FailCheck,
    Error,
    Skip,
    Wait(u64),
    WaitForever,
}

/// A world in which every entry does what it is told, attempt by attempt; what is not told passes.
#[derive(Default)]
struct Script {
    acts: BTreeMap<&'static str, Vec<Act>>,
    broken: Option<&'static str>,
    slow_to_start: bool,
    running: AtomicUsize,
    most_running: AtomicUsize,
    with_exclusive: AtomicUsize,
    order: Mutex<Vec<String>>,
    downs: AtomicUsize,
}

impl Script {
    fn of(acts: &[(&'static str, &[Act])]) -> Self {
        Self {
            acts: acts
                .iter()
                .map(|(entry, acts)| (*entry, acts.to_vec()))
                .collect(),
            ..Self::default()
        }
    }

    async fn act(&self, entry: &str, recorder: &Recorder) -> Ending {
        let acts = self.acts.get(entry).map_or(&[Act::Pass][..], Vec::as_slice);
        let attempt = recorder.source().attempt as usize;
        match acts[(attempt - 1).min(acts.len() - 1)] {
            Act::Pass => recorder.check(check(true)),
            Act::FailCheck => recorder.check(check(false)),
            Act::Nothing => {}
            Act::Error => return Ending::Errored(Failure::default()),
            Act::Skip => return Ending::Skipped("nothing to see".into()),
            Act::Wait(seconds) => {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                recorder.check(check(true));
            }
            Act::WaitForever => std::future::pending().await,
        }
        Ending::Returned(format!("data of {entry}"))
    }
}

fn check(passed: bool) -> Check {
    Check {
        name: "it is so".into(),
        passed,
        expected: None,
        actual: None,
        location: None,
    }
}

#[async_trait]
impl World for Script {
    async fn up(&mut self) -> Result<Vec<ServiceInfo>, String> {
        if self.slow_to_start {
            std::future::pending::<()>().await;
        }
        self.broken
            .map_or(Ok(Vec::new()), |why| Err(why.to_owned()))
    }

    fn has_service(&self, name: &str) -> bool {
        name == "there"
    }

    async fn run(&self, _: usize, task: Task<'_>, recorder: Recorder, _: Duration) -> Ending {
        let (entry, data) = match task {
            Task::Setup => ("setup", ""),
            Task::Case { name, data } => (name, data),
            Task::Teardown { data } => ("teardown", data),
        };
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_running.fetch_max(running, Ordering::SeqCst);
        if entry == "exclusive" {
            self.with_exclusive.fetch_max(running, Ordering::SeqCst);
        }
        if let Ok(mut order) = self.order.lock() {
            order.push(if data.is_empty() {
                entry.to_owned()
            } else {
                format!("{entry} with {data}")
            });
        }
        // One turn for the others, so that whatever may run at once does.
        tokio::task::yield_now().await;
        let ending = self.act(entry, &recorder).await;
        self.running.fetch_sub(1, Ordering::SeqCst);
        ending
    }

    fn metrics(&self, _: usize) -> Vec<MetricSnapshot> {
        Vec::new()
    }

    async fn down(&mut self) {
        self.downs.fetch_add(1, Ordering::SeqCst);
    }
}

fn suite(cases: &[&str]) -> PlannedSuite {
    PlannedSuite {
        plugin: 0,
        file: "suite.wasm".into(),
        digest: String::new(),
        size: 0,
        name: "suite".into(),
        version: String::new(),
        summary: String::new(),
        has_setup: false,
        has_teardown: false,
        cases: cases
            .iter()
            .map(|name| Case {
                name: (*name).into(),
                summary: String::new(),
                tags: Vec::new(),
                exclusive: *name == "exclusive",
                timeout: None,
                needs: match *name {
                    "needy" => vec!["missing".into()],
                    "content" => vec!["there".into()],
                    _ => Vec::new(),
                },
                location: None,
            })
            .collect(),
        baselines: Vec::new(),
    }
}

fn with_hooks(cases: &[&str]) -> PlannedSuite {
    PlannedSuite {
        has_setup: true,
        has_teardown: true,
        ..suite(cases)
    }
}

fn orders() -> Orders {
    Orders {
        info: RunInfo {
            run_id: "run".into(),
            started_at: String::new(),
            host_version: String::new(),
            contract: String::new(),
            environment: "embedded".into(),
            profile: "default".into(),
            seed: 0,
            jobs: 2,
            plugins: Vec::new(),
        },
        retries: 0,
        fail_fast: false,
        timeout: Duration::from_secs(30),
    }
}

struct Told {
    ended: Ended,
    events: Vec<Event>,
    world: Script,
}

impl Told {
    fn outcomes(&self) -> Vec<(String, Outcome, u32)> {
        self.events
            .iter()
            .filter_map(|event| match &event.kind {
                EventKind::CaseFinished {
                    case,
                    outcome,
                    attempts,
                    ..
                } => Some((case.clone(), outcome.clone(), *attempts)),
                _ => None,
            })
            .collect()
    }

    fn verdicts(&self) -> Vec<(String, Verdict, u32)> {
        self.outcomes()
            .into_iter()
            .map(|(case, outcome, attempts)| (case, outcome.verdict, attempts))
            .collect()
    }

    fn order(&self) -> Vec<String> {
        self.world.order.lock().expect("no panic").clone()
    }
}

async fn tell(
    suite: PlannedSuite,
    orders: Orders,
    mut world: Script,
    interrupt: Interrupt,
) -> Told {
    let plan = Plan {
        suites: vec![suite],
    };
    let mut events = Vec::new();
    let ended = run(&plan, orders, &mut world, &interrupt, |event| {
        events.push(event.clone());
    })
    .await;
    Told {
        ended,
        events,
        world,
    }
}

async fn told(suite: PlannedSuite, orders: Orders, world: Script) -> Told {
    tell(suite, orders, world, Interrupt::default()).await
}

fn case(name: &str, verdict: Verdict, attempts: u32) -> (String, Verdict, u32) {
    (name.to_owned(), verdict, attempts)
}

#[tokio::test]
async fn events_are_numbered_without_gaps_from_the_first_to_the_last() {
    let told = told(with_hooks(&["a", "b"]), orders(), Script::default()).await;
    let numbers: Vec<u64> = told.events.iter().map(|event| event.sequence).collect();
    assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
    assert!(matches!(
        told.events.first().map(|event| &event.kind),
        Some(EventKind::RunStarted(_))
    ));
    assert!(matches!(
        told.events.last().map(|event| &event.kind),
        Some(EventKind::RunFinished { .. })
    ));
    assert!(told.events.is_sorted_by_key(|event| event.at_ns));
    assert_eq!(told.ended.exit, Exit::Success);
}

#[tokio::test]
async fn the_setup_comes_first_and_hands_its_data_on_and_the_teardown_comes_last() {
    let told = told(with_hooks(&["a"]), orders(), Script::default()).await;
    assert_eq!(
        told.order(),
        [
            "setup",
            "a with data of setup",
            "teardown with data of setup"
        ]
    );
}

#[tokio::test]
async fn who_is_to_blame_decides_the_exit_code() {
    for (acts, verdict, exit) in [
        (
            &[("a", &[Act::Pass][..])][..],
            Verdict::Passed,
            Exit::Success,
        ),
        (&[("a", &[Act::FailCheck])], Verdict::Failed, Exit::Failed),
        (&[("a", &[Act::Nothing])], Verdict::Failed, Exit::Failed),
        (&[("a", &[Act::Error])], Verdict::Errored, Exit::Errored),
        (
            &[("a", &[Act::Error]), ("b", &[Act::FailCheck])],
            Verdict::Errored,
            Exit::Failed,
        ),
        (&[("a", &[Act::Skip])], Verdict::Passed, Exit::Success),
        (
            &[("a", &[Act::Skip]), ("b", &[Act::Skip])],
            Verdict::Skipped,
            Exit::NothingTested,
        ),
    ] {
        let told = told(suite(&["a", "b"]), orders(), Script::of(acts)).await;
        assert_eq!(
            (told.ended.verdict, told.ended.exit),
            (verdict, exit),
            "{acts:?}"
        );
    }
}

#[tokio::test]
async fn a_setup_that_passes_does_not_make_skipped_cases_look_tested() {
    let told = told(
        with_hooks(&["a"]),
        orders(),
        Script::of(&[("a", &[Act::Skip])]),
    )
    .await;
    assert_eq!(told.ended.exit, Exit::NothingTested);
}

#[tokio::test]
async fn a_case_is_tried_again_only_while_it_does_not_pass() {
    let retries = Orders {
        retries: 2,
        ..orders()
    };
    let script = Script::of(&[
        ("late", &[Act::FailCheck, Act::Error, Act::Pass]),
        ("never", &[Act::FailCheck]),
        ("skips", &[Act::Skip]),
    ]);
    let told = told(suite(&["good", "late", "never", "skips"]), retries, script).await;
    let mut verdicts = told.verdicts();
    verdicts.sort();
    assert_eq!(
        verdicts,
        [
            case("good", Verdict::Passed, 1),
            case("late", Verdict::Flaky, 3),
            case("never", Verdict::Failed, 3),
            case("skips", Verdict::Skipped, 1),
        ]
    );
    let late = told
        .outcomes()
        .into_iter()
        .find(|(case, ..)| case == "late");
    let reason = late.and_then(|(_, outcome, _)| outcome.reason);
    assert_eq!(reason.map(|reason| reason.kind), Some(ReasonKind::Plugin));
}

#[tokio::test]
async fn a_setup_that_does_not_succeed_gives_its_verdict_to_every_case() {
    for (act, verdict, exit) in [
        (Act::FailCheck, Verdict::Failed, Exit::Failed),
        (Act::Error, Verdict::Errored, Exit::Errored),
        (Act::Skip, Verdict::Skipped, Exit::NothingTested),
    ] {
        let acts: &[Act] = &[act];
        let told = told(
            with_hooks(&["a", "b"]),
            orders(),
            Script::of(&[("setup", acts)]),
        )
        .await;
        assert_eq!(told.order(), ["setup"], "neither cases nor a teardown");
        assert_eq!(
            told.verdicts(),
            [case("a", verdict, 0), case("b", verdict, 0)]
        );
        assert_eq!(told.ended.exit, exit);
    }
}

#[tokio::test]
async fn a_teardown_that_fails_is_to_blame_although_every_case_passed() {
    let told = told(
        with_hooks(&["a"]),
        orders(),
        Script::of(&[("teardown", &[Act::FailCheck])]),
    )
    .await;
    assert_eq!(
        (told.ended.stats.passed, told.ended.exit),
        (1, Exit::Failed)
    );
}

#[tokio::test]
async fn a_case_whose_service_is_missing_is_skipped_with_the_reason() {
    let told = told(suite(&["needy", "content"]), orders(), Script::default()).await;
    let outcomes = told.outcomes();
    assert_eq!(outcomes[0].1.verdict, Verdict::Skipped);
    let reason = outcomes[0].1.reason.as_ref().expect("a reason");
    assert!(reason.message.contains("`missing`"), "{}", reason.message);
    assert_eq!(outcomes[1].1.verdict, Verdict::Passed);
}

#[tokio::test]
async fn so_many_cases_run_at_once_as_the_run_allows() {
    let told = told(suite(&["a", "b", "c", "d"]), orders(), Script::default()).await;
    assert_eq!(told.world.most_running.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_exclusive_case_runs_alone() {
    let told = told(
        suite(&["a", "b", "exclusive", "c", "d"]),
        orders(),
        Script::default(),
    )
    .await;
    assert_eq!(told.world.with_exclusive.load(Ordering::SeqCst), 1);
    assert_eq!(told.ended.stats.passed, 5);
}

#[tokio::test(start_paused = true)]
async fn fail_fast_lets_what_runs_end_and_begins_nothing_new() {
    let fail_fast = Orders {
        fail_fast: true,
        ..orders()
    };
    let script = Script::of(&[("bad", &[Act::FailCheck]), ("slow", &[Act::Wait(5)])]);
    let told = told(with_hooks(&["slow", "bad", "never"]), fail_fast, script).await;
    let mut verdicts = told.verdicts();
    verdicts.sort();
    assert_eq!(
        verdicts,
        [
            case("bad", Verdict::Failed, 1),
            case("never", Verdict::Skipped, 0),
            case("slow", Verdict::Passed, 1),
        ]
    );
    assert!(
        told.order()
            .last()
            .is_some_and(|entry| entry.starts_with("teardown"))
    );
    assert_eq!(told.ended.exit, Exit::Failed);
}

/// Stops the run as soon as a case runs, as a person would.
async fn cut_off(world: Script) -> Told {
    let interrupt = Interrupt::default();
    let stopper = interrupt.clone();
    let stop = async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        stopper.stop(Force::Cancel, "Ctrl-C");
    };
    let (told, ()) = tokio::join!(
        tell(
            with_hooks(&["stuck", "stuck-too", "never"]),
            orders(),
            world,
            interrupt
        ),
        stop
    );
    told
}

#[tokio::test(start_paused = true)]
async fn a_stop_cuts_off_what_runs_and_still_tears_down() {
    let script = Script::of(&[
        ("stuck", &[Act::WaitForever]),
        ("stuck-too", &[Act::WaitForever]),
    ]);
    let told = cut_off(script).await;
    let kinds: Vec<_> = told
        .outcomes()
        .into_iter()
        .map(|(_, outcome, attempts)| {
            (
                outcome.verdict,
                outcome.reason.map(|reason| reason.kind),
                attempts,
            )
        })
        .collect();
    let interrupted = |attempts| (Verdict::Skipped, Some(ReasonKind::Interrupted), attempts);
    assert_eq!(
        kinds.iter().filter(|kind| **kind == interrupted(1)).count(),
        2,
        "{kinds:?}"
    );
    assert_eq!(
        kinds.iter().filter(|kind| **kind == interrupted(0)).count(),
        1,
        "{kinds:?}"
    );
    assert!(
        told.order()
            .last()
            .is_some_and(|entry| entry.starts_with("teardown"))
    );
    assert!(told.events.iter().any(
        |event| matches!(&event.kind, EventKind::Interrupted { reason } if reason == "Ctrl-C")
    ));
    assert_eq!(told.world.downs.load(Ordering::SeqCst), 1);
    assert_eq!(told.ended.exit, Exit::Interrupted);
}

#[tokio::test(start_paused = true)]
async fn a_teardown_that_hangs_after_a_stop_is_cut_off_too() {
    let script = Script::of(&[
        ("stuck", &[Act::WaitForever]),
        ("stuck-too", &[Act::WaitForever]),
        ("teardown", &[Act::WaitForever]),
    ]);
    assert_eq!(cut_off(script).await.ended.exit, Exit::Interrupted);
}

#[tokio::test]
async fn without_an_environment_no_case_runs_and_everything_is_taken_down() {
    let broken = Script {
        broken: Some("the service `cache` did not answer\nhint: look at it"),
        ..Script::default()
    };
    let told = told(suite(&["a"]), orders(), broken).await;
    assert_eq!(told.verdicts(), [case("a", Verdict::Errored, 0)]);
    assert!(told.order().is_empty());
    assert_eq!(told.world.downs.load(Ordering::SeqCst), 1);
    assert_eq!(
        (told.ended.verdict, told.ended.exit),
        (Verdict::Errored, Exit::Environment)
    );
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_the_environment_comes_up_ends_the_run() {
    let slow = Script {
        slow_to_start: true,
        ..Script::default()
    };
    let told = cut_off(slow).await;
    assert_eq!(told.ended.exit, Exit::Interrupted);
    assert_eq!(told.ended.stats.skipped, 3);
    assert_eq!(told.world.downs.load(Ordering::SeqCst), 1);
}
