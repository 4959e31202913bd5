use super::*;
use crate::opentelemetry::{
    collector::{Collector, Reply, settings, taken},
    protocol::Span,
};

/// No pause worth a word.
const QUICK: Pace = Pace {
    patience: Duration::from_millis(1),
    first_pause: Duration::from_millis(1),
    longest_pause: Duration::from_millis(4),
    tries: 4,
    longest_asked: Duration::from_millis(1),
};

/// Longer than any test may take: whatever waits for it never ends.
const FOR_EVER: Duration = Duration::from_mins(10);

fn queued(count: usize) -> Arc<Queue> {
    let queue = Arc::new(Queue::default());
    for _ in 0..count {
        queue.push(&Span::default());
    }
    queue
}

fn sender(queue: &Arc<Queue>, settings: &Settings, pace: Pace) -> Sender {
    let receiver = Receiver::new(settings).unwrap();
    Sender::new(Arc::clone(queue), receiver, settings, pace)
}

/// Sends so many spans, and nothing after them.
async fn send(count: usize, collector: &Collector, timeout: Duration) -> Account {
    let queue = queued(count);
    queue.close();
    let settings = Settings {
        timeout,
        ..collector.settings()
    };
    sender(&queue, &settings, QUICK).run().await
}

#[tokio::test]
async fn all_that_waits_is_sent_in_batches() {
    let collector = Collector::start(taken);
    let account = send(1_025, &collector, FOR_EVER).await;
    let sent = Account {
        sent: 1_025,
        ..Account::default()
    };
    assert_eq!(account, sent);
    let requests = collector.requests();
    let batches: Vec<_> = requests
        .iter()
        .map(|request| request.body.resource_spans[0].scope_spans[0].spans.len())
        .collect();
    assert_eq!(batches, [512, 512, 1]);
}

#[tokio::test]
async fn what_is_not_taken_now_is_sent_again_as_it_was() {
    let collector = Collector::start(|number| match number {
        1 => Reply::Answer(503, "Retry-After: 1\r\n", Vec::new()),
        2 => Reply::Answer(429, "", Vec::new()),
        3 => Reply::Close,
        _ => taken(number),
    });
    let account = send(3, &collector, FOR_EVER).await;
    assert_eq!((account.sent, account.late), (3, 0));
    let requests = collector.requests();
    assert_eq!(requests.len(), 4);
    assert!(
        requests
            .iter()
            .all(|request| request.body == requests[0].body)
    );
}

#[tokio::test]
async fn a_batch_is_given_up_after_its_tries_and_the_next_one_is_sent() {
    let collector = Collector::start(|number| match number {
        1..=4 => Reply::Answer(503, "", Vec::new()),
        _ => taken(number),
    });
    let account = send(513, &collector, FOR_EVER).await;
    assert_eq!((account.sent, account.late), (1, 512));
    assert_eq!(collector.requests().len(), 5);
    let why = account.why_late.unwrap().to_string();
    assert_eq!(why, "it answered 503 Service Unavailable");
}

#[tokio::test]
async fn what_is_refused_is_not_sent_again() {
    let collector = Collector::start(|number| match number {
        1 => Reply::Answer(400, "", Vec::new()),
        _ => taken(number),
    });
    let account = send(513, &collector, FOR_EVER).await;
    assert_eq!((account.sent, account.refused), (1, 512));
    assert_eq!(collector.requests().len(), 2);
}

#[tokio::test]
async fn at_the_end_a_receiver_that_hangs_is_waited_for_as_long_as_for_a_request() {
    let collector = Collector::start(|_| Reply::Hang);
    let account = send(600, &collector, Duration::from_millis(200)).await;
    assert_eq!((account.sent, account.late), (0, 600));
}

#[tokio::test]
async fn at_the_end_nobody_waits_longer_than_there_is_time_and_nothing_more_is_sent() {
    let collector = Collector::start(|_| Reply::Answer(503, "Retry-After: 3600\r\n", Vec::new()));
    // More than one batch: none is sent into the pause that the receiver asked for.
    let queue = queued(513);
    queue.close();
    let settings = Settings {
        timeout: FOR_EVER,
        ..collector.settings()
    };
    let patient = Pace {
        longest_asked: 2 * FOR_EVER,
        tries: 1,
        ..QUICK
    };
    // If it waited, this would not end.
    let account = sender(&queue, &settings, patient).run().await;
    assert_eq!((account.sent, account.late), (0, 513));
    assert_eq!(collector.requests().len(), 1);
}

#[tokio::test]
async fn the_end_of_the_run_ends_a_pause_for_a_last_try() {
    let collector = Collector::start(|number| match number {
        1 => Reply::Close,
        _ => taken(number),
    });
    let queue = queued(1);
    let settings = Settings {
        timeout: FOR_EVER,
        ..collector.settings()
    };
    let slow = Pace {
        first_pause: FOR_EVER,
        longest_pause: FOR_EVER,
        ..QUICK
    };
    let sending = tokio::spawn(sender(&queue, &settings, slow).run());
    while collector.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    queue.close();
    let account = sending.await.unwrap();
    assert_eq!((account.sent, account.late), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_asks_for_a_pause_gets_all_of_it() {
    let queue = queued(0);
    let sender = sender(&queue, &settings("http://127.0.0.1:1"), QUICK);
    let since = Instant::now();
    assert!(sender.wait(Duration::from_secs(7)).await);
    assert_eq!(since.elapsed(), Duration::from_secs(7));
    queue.close();
    // There are ten seconds when the run is over.
    assert!(sender.wait(Duration::from_secs(9)).await);
    assert!(!sender.wait(Duration::from_secs(2)).await);
    assert_eq!(since.elapsed(), Duration::from_secs(16));
}

#[tokio::test(start_paused = true)]
async fn a_pause_is_at_least_half_as_long_as_it_may_be() {
    let queue = queued(0);
    let sender = sender(&queue, &settings("http://127.0.0.1:1"), QUICK);
    for _ in 0..20 {
        let since = Instant::now();
        sender.rest_for(Duration::from_secs(10), false).await;
        let range = Duration::from_secs(5)..=Duration::from_millis(10_001);
        assert!(range.contains(&since.elapsed()), "{:?}", since.elapsed());
    }
}
