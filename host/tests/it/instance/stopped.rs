//! Cases that would take all there is of time, memory or stack.

use super::*;

#[tokio::test]
async fn a_case_that_computes_without_end_is_stopped_where_it_is() {
    let begin = Instant::now();
    let Ending::TimedOut {
        after,
        computing,
        backtrace,
    } = faulty("loops-forever").await.ending
    else {
        panic!("it did not time out");
    };
    assert_eq!(after, Duration::from_millis(500));
    assert!(computing);
    assert!(contains(&backtrace, "faulty::"), "{backtrace:#?}");
    assert!(begin.elapsed() >= Duration::from_millis(500));
}

#[tokio::test]
async fn a_case_that_waits_without_end_is_stopped_and_known_to_wait() {
    for case in ["waits-forever", "blocks-forever"] {
        let ending = faulty(case).await.ending;
        assert_eq!(
            ending,
            Ending::TimedOut {
                after: Duration::from_millis(500),
                computing: false,
                backtrace: Vec::new(),
            },
            "{case}"
        );
    }
}

#[tokio::test]
async fn a_case_that_computes_without_end_leaves_room_for_others() {
    // The test has one thread: the second attempt can only run while the first is interrupted.
    let engine = kept_engine();
    let plugin = plugin(&engine, "faulty").await;
    let (mut endless, events) = attempt(&plugin, "loops-forever");
    endless.timeout = Duration::from_mins(1);
    let endless = run(&engine, (endless, events));
    let good = case_of(&engine, &plugin, "passes");
    tokio::select! {
        biased;
        run = endless => panic!("it ended: {:?}", run.ending),
        run = good => assert_eq!(run.ending, returned()),
    }
}

#[tokio::test]
async fn an_attempt_that_is_dropped_is_over() {
    let engine = kept_engine();
    let plugin = plugin(&engine, "faulty").await;
    // More than the engine has room for, one after the other.
    for _ in 0..64 {
        let (mut waiting, events) = attempt(&plugin, "waits-forever");
        waiting.timeout = Duration::from_mins(1);
        let dropped = timeout(Duration::from_millis(5), run(&engine, (waiting, events))).await;
        assert!(dropped.is_err());
    }
    assert_eq!(case_of(&engine, &plugin, "passes").await.ending, returned());
}

#[tokio::test]
async fn a_case_that_takes_memory_without_end_reaches_the_limit() {
    let Ending::LimitReached { message, backtrace } = faulty("allocates-without-end").await.ending
    else {
        panic!("it reached no limit");
    };
    assert!(
        message.starts_with("the plugin asked for ") && message.ends_with(" and may have 64 MiB"),
        "{message}"
    );
    assert!(!backtrace.is_empty());
}

#[tokio::test]
async fn a_plugin_that_needs_more_memory_than_it_may_have_does_not_start() {
    let engine = kept_engine();
    let plugin = plugin(&engine, "faulty").await;
    let (mut small, events) = attempt(&plugin, "passes");
    small.memory = 64 << 10;
    let ending = run(&engine, (small, events)).await.ending;
    let Ending::LimitReached { message, .. } = ending else {
        panic!("{ending:?}");
    };
    assert!(message.ends_with(" and may have 64 KiB"), "{message}");
}

#[tokio::test]
async fn a_case_that_recurses_without_end_traps() {
    for (case, said) in [
        ("overflows-its-stack", "call stack exhausted"),
        (
            "overflows-its-stack-with-large-frames",
            "a recursion that is too deep",
        ),
    ] {
        let Ending::Trapped { message, backtrace } = faulty(case).await.ending else {
            panic!("{case} did not trap");
        };
        assert!(message.contains(said), "{message}");
        assert!(contains(&backtrace, "faulty::"), "{backtrace:#?}");
        assert!(backtrace.len() <= 32);
    }
}
