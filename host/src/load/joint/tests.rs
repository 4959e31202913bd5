//! Shares that are scripted: who is waited for, for how long, and what a step of a search is judged by.

mod bounded;
mod played;
mod refilled;

use assay_load::{
    delta::{Delta, Deltas},
    outcome::Generator,
    plan::{Draft, Executor, Steps},
    samples::{RequestSample, Samples, Shard},
    share::{Division, Part},
    threshold::{Figure, Measure, Threshold},
    turns::Turns,
};
use assay_report::event::{Baseline, Direction, EventKind, Phase, Source};
use async_trait::async_trait;
use tokio::sync::mpsc;

use super::piece::{Member, Piece};
use super::*;
use super::{beginning::MAX_LATE, team::Asked};
use crate::{
    ledger::{Happened, Ledger},
    load::{
        machines::{Machine, Remote},
        share::ShareWork,
    },
};

/// Two machines, `good` and `bad`, that say what they are given to say and nothing more.
#[derive(Debug)]
struct Scripted(std::sync::Mutex<[Vec<ShareWord>; 2]>);

#[async_trait]
impl Machines for Scripted {
    fn list(&self) -> Vec<Machine> {
        let machines = ["good", "bad"].map(|name| Machine {
            id: name.to_owned(),
            name: name.to_owned(),
            weight: 1,
            clock: None,
        });
        machines.into()
    }

    async fn start(&self, _shares: Vec<ShareWork>) -> Result<Vec<Remote>, Refusal> {
        let scripts = std::mem::take(&mut *self.0.lock().unwrap());
        Ok(scripts.map(remote).into())
    }
}

/// It is there until it is told to stop.
fn remote(script: Vec<ShareWord>) -> Remote {
    let (tell, words) = mpsc::channel(8);
    let (commands, mut heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for word in script {
            tell.send(Ok(word)).await.unwrap();
        }
        while heard
            .recv()
            .await
            .is_some_and(|command| command != ShareCommand::Stop)
        {}
    });
    Remote { words, commands }
}

fn baseline() -> Baseline {
    Baseline {
        name: "time".to_owned(),
        summary: String::new(),
        unit: "ms".to_owned(),
        direction: Direction::AtMost,
        target: 10.0,
        critical: 10.0,
    }
}

fn recorder() -> Recorder {
    heard_recorder().0
}

/// One whose events somebody hears.
fn heard_recorder() -> (Recorder, mpsc::UnboundedReceiver<Happened>) {
    let (sender, told) = mpsc::unbounded_channel();
    let source = Source {
        suite: "shop".to_owned(),
        entry: "orders".to_owned(),
        attempt: 1,
    };
    let recorder = Recorder::new(source, sender, Ledger::default().attempt().attempt());
    (recorder, told)
}

fn constant() -> Plan {
    let duration = Duration::from_hours(1);
    Plan::new(Draft::new(
        "browse",
        Executor::ConstantVus { vus: 4, duration },
    ))
    .unwrap()
}

/// A load of these machines.
fn joint(plan: Plan, recorder: &Recorder, machines: Arc<dyn Machines>) -> Joint {
    Joint {
        number: 1,
        plan,
        data: String::new(),
        recorder: recorder.clone(),
        metrics: Arc::new(metrics::Shared::new(vec![baseline()])),
        findings: Findings::new(recorder.clone()),
        machines,
        ends: ShareEnd::default(),
        losses: Losses::default(),
        has_begun: false,
    }
}

/// What came of a load whose machines say that.
async fn refused(good: Vec<ShareWord>, bad: Vec<ShareWord>) -> (String, Recorder) {
    let recorder = recorder();
    let joint = joint(
        constant(),
        &recorder,
        Arc::new(Scripted([good, bad].into())),
    );
    let (_wanted, stopped) = watch::channel(false);
    let ended = joint.conduct(stopped).await.unwrap();
    match ended.measured {
        Err(Early::Refused(refusal)) => (refusal.to_string(), recorder),
        Err(Early::Unwanted) => panic!("somebody waits for it"),
        Ok(measured) => panic!("{:?}", measured.outcome),
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_never_ready_is_named() {
    let began = Instant::now();
    let (said, recorder) = refused(vec![ShareWord::Ready], Vec::new()).await;
    assert!(said.starts_with("not ready after 75 s: `bad`;"), "{said}");
    assert!(began.elapsed() < ALL_READY_TIME + SECOND);
    assert_eq!(recorder.evidence().lost_load, None);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_says_nothing_any_more_is_lost() {
    let mut over = begun(Duration::ZERO);
    over.push(ShareWord::Over(ShareEnd::default()));
    let (said, recorder) = refused(over, vec![ShareWord::Ready]).await;
    for part in [
        "`bad` was lost 60.0 s after",
        "nothing was heard of its share for 60 s",
        "2 of 4 virtual users",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(recorder.evidence().lost_load, Some(said));
}

#[tokio::test(start_paused = true)]
async fn what_a_share_was_refused_is_heard_also_when_it_is_stopped() {
    let (tell, words) = mpsc::channel(8);
    let (commands, mut heard) = mpsc::unbounded_channel();
    let refused = || {
        let refusal = assay_report::event::Refusal::new("service", "store", "no", "");
        Finding::Refused(refusal)
    };
    tokio::spawn(async move {
        assert_eq!(heard.recv().await, Some(ShareCommand::Stop));
        for word in [ShareWord::Ready, ShareWord::Found(refused())] {
            tell.send(Ok(word)).await.unwrap();
        }
    });
    let machine = Scripted(std::sync::Mutex::default()).list().remove(0);
    let part = Division::even(1).unwrap().led_part(&constant(), 0).unwrap();
    let piece = Piece::share(0, part);
    let member = Member { machine, piece };
    let mut team = Team::new(vec![member], vec![Remote { words, commands }], Asked::Own).unwrap();
    let found = std::cell::RefCell::new(Vec::new());
    team.stop(STOP_TIME, |finding| found.borrow_mut().push(finding))
        .await;
    assert_eq!(found.into_inner(), [refused()]);
}

fn begun(late: Duration) -> Vec<ShareWord> {
    vec![ShareWord::Ready, ShareWord::Begun { late }]
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_begins_too_late_ends_the_load_and_is_named() {
    let late = MAX_LATE + Duration::from_millis(1);
    let (said, recorder) = refused(begun(Duration::ZERO), begun(late)).await;
    for part in [
        "`bad` was lost",
        "it was told to begin 1.001 s after the others began, and 1 s is the most",
        "2 of 4 virtual users",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(recorder.evidence().lost_load, Some(said));
}

#[tokio::test(start_paused = true)]
async fn a_share_that_never_says_that_it_begins_is_not_believed_and_its_machine_is_named() {
    let mut other = Filled::new(Division::even(2).unwrap().led_part(&constant(), 1).unwrap());
    let measured = ShareWord::Delta(Box::new(other.took(5)));
    for first in [measured, ShareWord::Over(ShareEnd::default())] {
        let bad = vec![ShareWord::Ready, first];
        let (said, recorder) = refused(begun(Duration::ZERO), bad).await;
        assert!(said.starts_with("on the machine `bad`: "), "{said}");
        assert!(said.contains("how late it was told to begin"), "{said}");
        assert_eq!(recorder.evidence().lost_load, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_begins_late_is_told_with_how_much_and_the_load_goes_on() {
    let (recorder, mut told) = heard_recorder();
    let joint = joint(
        constant(),
        &recorder,
        Arc::new(Scripted([begun(Duration::ZERO), begun(MAX_LATE)].into())),
    );
    let (_wanted, stopped) = watch::channel(false);
    // They say nothing more, and so it is another loss that ends it.
    let ended = joint.conduct(stopped).await.unwrap();
    let Err(Early::Refused(refusal)) = ended.measured else {
        panic!("it has no outcome");
    };
    assert!(
        refusal.to_string().contains("nothing was heard"),
        "{refusal}"
    );
    let logs = std::iter::from_fn(|| told.try_recv().ok());
    let logs: Vec<_> = logs
        .filter_map(|happened| match happened.kind {
            EventKind::Log { level, message, .. } => Some((level, message)),
            _ => None,
        })
        .collect();
    let [(Level::Warn, message)] = &*logs else {
        panic!("{logs:?}");
    };
    assert!(
        message.starts_with("the machine `bad` was told to begin 1.000 s after the others began"),
        "{message}"
    );
}

/// One of two shares of a search, filled by hand.
struct Filled {
    turns: Turns,
    shard: Arc<Shard>,
    deltas: Deltas,
}

impl Filled {
    fn new(part: Part) -> Self {
        let turns = Turns::of_part(part, Samples::new([]).unwrap());
        turns.begin();
        Self {
            shard: turns.samples().shard(),
            deltas: Deltas::new(turns.clone()),
            turns,
        }
    }

    /// A request of so many milliseconds, as a delta.
    fn took(&mut self, milliseconds: u64) -> Delta {
        self.shard.record(RequestSample {
            name: self.shard.name("get"),
            phase: Phase::Baseline,
            failure: None,
            nanoseconds: milliseconds * 1_000_000,
            received: 0,
        });
        let generator = Generator::default();
        self.deltas.take(&generator, false).remove(0)
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_is_judged_by_its_own_samples_however_far_another_share_is() {
    let steps = Steps {
        first: 2.0,
        step: 2.0,
        last: 6.0,
        hold: SECOND,
    };
    let slowest = Measure::Requests("get".to_owned(), Figure::Max);
    let plan = Plan::new(Draft {
        thresholds: vec![Threshold::new("time", "ms", slowest, false).unwrap()],
        ..Draft::new("browse", Executor::SearchingVus(steps))
    })
    .unwrap();
    let division = Division::even(2).unwrap();
    let metrics = Arc::new(metrics::Shared::new(vec![baseline()]));
    let mut merging = Merging::new(1, &plan, &division, metrics, recorder()).unwrap();
    let mut parts = division.led_parts(&plan).into_iter().map(Filled::new);
    let (mut ahead, mut behind) = (parts.next().unwrap(), parts.next().unwrap());
    tokio::time::advance(SECOND).await;
    let first = [ahead.took(5), behind.took(5)];
    tokio::time::advance(SECOND).await;
    let second = [ahead.took(50), behind.took(5)];
    let [first_ahead, first_behind] = first;
    let [second_ahead, second_behind] = second;
    assert_eq!(merging.hear(0, first_ahead), Ok(false));
    // Of the second step, which would miss the first one.
    assert_eq!(merging.hear(0, second_ahead), Ok(false));
    assert_eq!(merging.hear(1, first_behind), Ok(false));
    assert_eq!(merging.hear(1, second_behind), Ok(true));
    for share in [&mut ahead, &mut behind] {
        share.turns.stop();
        let last = share.deltas.take(&Generator::default(), true).remove(0);
        merging.hear(last.share(), last).unwrap();
    }
    assert_eq!(merging.close().unwrap().outcome.limit, Some(2.0));
}

#[tokio::test(start_paused = true)]
async fn a_share_that_tells_what_another_one_measured_breaks_the_load() {
    let (plan, division) = (constant(), Division::even(2).unwrap());
    let mut merging = Merging::new(1, &plan, &division, Arc::default(), recorder()).unwrap();
    let mut other = Filled::new(division.led_part(&plan, 1).unwrap());
    let refused = merging.hear(0, other.took(5)).unwrap_err();
    assert!(refused.to_string().contains("of one version"), "{refused}");
}
