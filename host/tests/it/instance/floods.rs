//! Cases that leave more evidence than is kept.

use super::*;

#[tokio::test]
async fn a_flooded_log_is_cut_and_counted() {
    let run = faulty("floods-the-log").await;
    assert_eq!(run.ending, returned());
    assert_eq!(run.evidence.counts.dropped_logs, 10_000);
    let lines = run.events.iter().filter(|event| {
        matches!(event, EventKind::Log { level: Level::Info, message, .. } if message.starts_with("line "))
    });
    assert_eq!(lines.count() as u64, MAX_LOG_LINES);
}

#[tokio::test]
async fn flooded_outputs_are_cut_and_the_case_goes_on() {
    let run = faulty("floods-its-outputs").await;
    assert_eq!(run.ending, returned());
    let outputs = outputs(&run);
    assert_eq!(outputs.len(), 2);
    for ((stream, text, truncated), expected) in outputs
        .into_iter()
        .zip([OutputStream::Stdout, OutputStream::Stderr])
    {
        assert_eq!((stream, text.len(), truncated), (expected, OUTPUT, true));
        assert!(text.starts_with("ooo"));
    }
}

#[tokio::test]
async fn too_many_attachments_are_cut_and_counted() {
    let run = faulty("attaches-too-much").await;
    assert_eq!(run.ending, returned());
    let attachments = attachments(&run);
    assert_eq!(attachments.len() as u64, MAX_ATTACHMENTS);
    assert_eq!(
        run.evidence.counts.dropped_attachments,
        40 - MAX_ATTACHMENTS
    );
    let large = attachments[0];
    assert!(large.base64 && large.truncated);
    assert_eq!(large.size, 2 * MAX_ATTACHMENT_BYTES as u64);
    assert_eq!(attachments[1].content, "small");
}

#[tokio::test]
async fn a_failed_check_after_a_flood_of_checks_is_not_lost() {
    let run = faulty("checks-too-much").await;
    let counts = run.evidence.counts;
    assert_eq!((counts.checks_passed, counts.checks_failed), (20_000, 1));
    assert!(run.evidence.first_failed_check.is_some());
}

#[tokio::test]
async fn an_endless_message_is_cut() {
    let Ending::Failed(failure) = faulty("fails-at-length").await.ending else {
        panic!("it did not fail");
    };
    assert_eq!(failure.message.len(), 64 << 10);
}
