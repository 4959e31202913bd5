//! What an agent tells of an attempt, and what becomes of it here.

use std::collections::BTreeMap;

use assay_grants::{Grants, Permit};
use assay_load::clock::Exchange;
use assay_report::event::{AgentProposal, MetricValue, Phase};
use tokio::sync::mpsc;

use super::*;
use crate::{
    access::Access,
    agents::routes::tests::{listen, routes},
    ledger::{Happened, Ledger, OngoingAttempt},
};

/// Bytes that are kept of an output.
const OUTPUT: usize = 1 << 10;

/// An attempt at the agent `a1`, whose clock is this one, and what is here of it.
pub(in crate::agents) struct Scripted {
    pub(in crate::agents) attempt: Attempt,
    pub(in crate::agents) recorder: Recorder,
    pub(in crate::agents) ongoing: OngoingAttempt,
    pub(in crate::agents) metrics: Arc<metrics::Shared>,
    pub(in crate::agents) events: mpsc::UnboundedReceiver<Happened>,
}

pub(in crate::agents) fn source(attempt: u32) -> Source {
    Source {
        suite: "shop".to_owned(),
        entry: "buys".to_owned(),
        attempt,
    }
}

fn agent() -> AgentId {
    "a1".parse().unwrap()
}

impl Scripted {
    /// The attempt of this number, which has the shard of the same.
    pub(in crate::agents) fn new(routes: &Arc<Routes>, number: u32) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let ongoing = Ledger::default().attempt();
        let recorder = Recorder::new(source(number), sender, ongoing.attempt());
        let metrics = Arc::<metrics::Shared>::default();
        let here = Here {
            routes: Arc::clone(routes),
            redactor: Redactor::default(),
            recorder: recorder.clone(),
            metrics: Arc::clone(&metrics),
            rights: Rights::nothing("shop"),
        };
        let told = listen(routes, number);
        Self {
            attempt: Attempt::new(here, told, Duration::from_mins(1), OUTPUT),
            recorder,
            ongoing,
            metrics,
            events,
        }
    }

    /// The same after its time: an agent has it, and says nothing of it.
    pub(in crate::agents) async fn overdue(mut self) -> Self {
        let given = Told::Given {
            shard: ShardNumber(1),
            attempt: 1,
            agent: agent(),
        };
        assert!(self.attempt.hear(given).is_none());
        assert!(self.attempt.follow().await.is_err());
        self.attempt.until = None;
        self
    }

    /// Its agent tells this.
    fn hear(&mut self, word: Word) {
        let told = Told::Word {
            shard: ShardNumber(1),
            agent: agent(),
            word: Box::new(word),
        };
        assert!(self.attempt.hear(told).is_none());
    }
}

fn scripted() -> Scripted {
    let routes = routes();
    let now = clock::now();
    let same = Exchange {
        asked: now,
        heard: now,
        answered: now,
        back: now,
    };
    routes.compared(&agent(), vec![same]);
    Scripted::new(&routes, 1)
}

fn counter(during: Stretch) -> Word {
    let there = metrics::Shared::timed(Vec::new());
    let counted = there.add(Phase::Baseline, "orders".to_owned(), Vec::new(), 1.0);
    counted.unwrap();
    let (_, figure) = there.timed_figures().remove(0);
    let figure = Box::new(figure);
    Word::Figure { during, figure }
}

fn line(at: Moment, during: Option<Stretch>) -> Word {
    Word::Happened {
        at,
        during,
        kind: Box::new(EventKind::Log {
            source: source(1),
            level: Level::Info,
            message: "so it is".to_owned(),
        }),
    }
}

#[test]
fn what_an_agent_tells_has_the_phase_of_when_it_happened_and_not_of_when_it_is_told() {
    let mut attempt = scripted();
    let fault = attempt.ongoing.attempt().fault();
    // What lies ahead is now.
    let now = clock::now().after(Duration::from_mins(1));
    let earlier = Moment(clock::now().since(Moment(0)) - 60_000_000_000);
    let stretch = |from, until| Stretch { from, until };
    for (from, until) in [(earlier, earlier), (now, now), (earlier, now)] {
        attempt.hear(line(until, (from != until).then(|| stretch(from, until))));
        attempt.hear(counter(stretch(from, until)));
    }
    drop(fault);
    // It is over by what is known of the clocks, too.
    let over = Instant::now();
    while over.elapsed() <= attempt.attempt.here.uncertainty(&agent()) {}
    attempt.hear(line(now, None));
    attempt.hear(counter(stretch(now, now)));
    let told: Vec<_> = std::iter::from_fn(|| attempt.events.try_recv().ok())
        .map(|happened| happened.phase)
        .collect();
    let expected = [Phase::Baseline, Phase::Fault, Phase::Fault, Phase::Recovery];
    assert_eq!(told, expected);
    let [orders] = attempt.metrics.snapshot().try_into().unwrap();
    let counted = |value| MetricValue::Counter { value };
    assert_eq!(orders.value, counted(4.0));
    let expected = [
        (Phase::Baseline, counted(1.0)),
        (Phase::Fault, counted(2.0)),
        (Phase::Recovery, counted(1.0)),
    ];
    assert_eq!(orders.by_phase, expected.into());
}

#[test]
fn what_may_have_met_a_fault_as_far_as_clocks_are_known_counts_as_if_it_had() {
    let routes = routes();
    let now = clock::now();
    // Two seconds on the way: it may be one second wrong to either side.
    let slow = Exchange {
        asked: now.before(Duration::from_secs(2)),
        heard: now.before(Duration::from_secs(1)),
        answered: now.before(Duration::from_secs(1)),
        back: now,
    };
    routes.compared(&agent(), vec![slow]);
    let mut attempt = Scripted::new(&routes, 1);
    let half_a_second_ago = clock::now().before(Duration::from_millis(500));
    let long_ago = clock::now().before(Duration::from_mins(1));
    let _fault = attempt.ongoing.attempt().fault();
    for at in [long_ago, half_a_second_ago] {
        attempt.hear(line(at, None));
        attempt.hear(counter(Stretch {
            from: at,
            until: at,
        }));
    }
    let told = std::iter::from_fn(|| attempt.events.try_recv().ok());
    let told: Vec<_> = told.map(|happened| happened.phase).collect();
    assert_eq!(told, [Phase::Baseline, Phase::Fault]);
    let [orders] = attempt.metrics.snapshot().try_into().unwrap();
    let counted = MetricValue::Counter { value: 1.0 };
    let expected = [(Phase::Baseline, counted.clone()), (Phase::Fault, counted)];
    assert_eq!(orders.by_phase, expected.into());
}

#[test]
fn an_agent_tells_as_many_parts_of_figures_as_it_may_and_no_more() {
    let mut attempt = scripted();
    let now = clock::now();
    let told = |attempt: &mut Scripted| {
        attempt.hear(counter(Stretch {
            from: now,
            until: now,
        }));
        attempt.attempt.is_foreign
    };
    for _ in 0..MAX_PARTS {
        assert!(!told(&mut attempt));
    }
    assert!(told(&mut attempt));
}

/// Its agent, which grants nothing, refuses it a service.
fn refuse(attempt: &mut Scripted) {
    let there = Rights::nothing("shop");
    let access = Access::new(there.clone(), attempt.recorder.clone());
    access.look("store").unwrap_err();
    attempt.hear(Word::Wanted(Box::new(there.wanted().unwrap())));
}

#[test]
fn what_is_refused_at_an_agent_is_proposed_here() {
    let mut attempt = scripted();
    refuse(&mut attempt);
    let proposal = attempt.attempt.here.rights.proposal().unwrap();
    assert_eq!(proposal.table, "[grants.shop]\nservices = [\"store\"]");
    assert_eq!(proposal.at_agents, []);
}

#[test]
fn what_an_agents_own_grants_refuse_is_proposed_for_it_and_not_for_a_project_that_grants_all() {
    let mut attempt = scripted();
    let everything = Permit::everything("shop");
    attempt.attempt.here.rights = Rights::new(&everything, &BTreeMap::new(), &[]);
    refuse(&mut attempt);
    let proposal = attempt.attempt.here.rights.proposal().unwrap();
    let there = AgentProposal {
        agent: "one".to_owned(),
        grant: "grants.shop.services = [\"store\"]".to_owned(),
    };
    assert_eq!((proposal.table.as_str(), proposal.truncated), ("", false));
    assert_eq!(proposal.at_agents, [there]);
}

#[test]
fn a_refusal_by_an_agents_own_grants_says_whose_they_are() {
    let refusal = || Refusal::new("service", "store", "it is not in `services`", "");
    for (permit, said) in [
        (
            Permit::everything("shop"),
            "the assay.toml of the agent `one` does not grant it: it is not in `services`",
        ),
        (
            Permit::only("shop", Grants::default()),
            "it is not in `services`",
        ),
    ] {
        let mut attempt = scripted();
        attempt.attempt.here.rights = Rights::new(&permit, &BTreeMap::new(), &[]);
        let kind = EventKind::Refused {
            source: source(1),
            refusal: refusal(),
        };
        attempt.hear(Word::Happened {
            at: clock::now(),
            during: None,
            kind: Box::new(kind),
        });
        let told = attempt.events.try_recv().unwrap().kind;
        let EventKind::Refused { refusal, .. } = told else {
            panic!("{told:?}");
        };
        assert_eq!(refusal.message, said);
    }
}

fn given() -> Told<Word> {
    Told::Given {
        shard: ShardNumber(1),
        attempt: 1,
        agent: agent(),
    }
}

#[test]
fn what_an_agent_is_to_blame_for_names_it() {
    let shard = ShardNumber(1);
    let ended = |ending| Told::Ended {
        shard,
        agent: agent(),
        ending,
    };
    let broken = Loss::Broken("so it is".to_owned());
    for (told, words) in [
        (
            ended(ShardEnding::Finished),
            "its agent `one` told no end of it\n",
        ),
        (
            ended(ShardEnding::Stopped),
            "its agent `one` stopped it before its end\n",
        ),
        (
            Told::Lost {
                shard,
                loss: broken,
            },
            "what its agent `one` told cannot be used: so it is\n",
        ),
    ] {
        let mut attempt = scripted();
        assert!(attempt.attempt.hear(given()).is_none());
        let ending = attempt.attempt.hear(told);
        let Some(Ending::Lost(message)) = ending else {
            panic!("{ending:?}");
        };
        assert!(message.starts_with(words), "{message}");
        assert!(!message.contains("hint: "), "{message}");
    }
}

#[tokio::test]
async fn a_run_that_ends_says_what_to_do_and_blames_no_agent() {
    for (why, hint) in [
        ("the server is gone\nhint: start it", "hint: start it"),
        ("the run is over", &*format!("hint: {ADVICE}")),
    ] {
        let routes = routes();
        let mut attempt = Scripted::new(&routes, 1);
        assert!(attempt.attempt.hear(given()).is_none());
        routes.end(why.to_owned());
        let ending = attempt.attempt.follow().await;
        let Ok(Ending::Lost(message)) = ending else {
            panic!("{ending:?}");
        };
        assert!(!message.contains("`one`"), "{message}");
        let hints: Vec<_> = message.lines().skip(1).collect();
        assert_eq!(hints, [hint]);
    }
}
