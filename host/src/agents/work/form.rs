//! A recorded sample of what travels, which shows that its version is raised with its form. Deltas of loads have a version of their own.

mod events;

use std::{collections::BTreeSet, fs, path::PathBuf, time::Duration};

use assay_grants::Permit;
use assay_load::{
    clock::Moment,
    plan::{Draft, Executor, Plan},
    share::{Deal, Division, Refill},
    threshold::{self, Measure, Threshold},
};
use assay_report::event::{Attachment, AttemptCounts, Level, Phase, Refusal, Source};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{AttemptWork, Ended, EntryWork, Given, ShareJob, Stretch, WORDS, Word, Work};
use crate::{
    access::{Access, Rights},
    capability::{
        context,
        metrics::Shared,
        recorder::{Evidence, Panic, Recorder},
    },
    ledger::Ledger,
    load::{
        Refusal as LoadRefusal,
        share::{Finding, ShareCommand, ShareEnd, ShareWord, ShareWork},
    },
    plugin::{
        bindings::assay::suite::metrics::Unit,
        ending::{Ending, Failure},
    },
};

fn text(text: &str) -> String {
    text.to_owned()
}

fn source() -> Source {
    Source {
        suite: text("shop"),
        entry: text("buys"),
        attempt: 1,
    }
}

fn stretch() -> Stretch {
    Stretch {
        from: Moment(1),
        until: Moment(2),
    }
}

fn given() -> Given {
    Given {
        digest: "0".repeat(64),
        context: context::Shared {
            run_id: text("a run"),
            suite: text("shop"),
            profile: text("quick"),
            environment: text("local"),
            seed: 7,
            settings: [(text("shop"), json!({ "url": "a" }))]
                .into_iter()
                .collect(),
            services: [(text("cart"), text("http://127.0.0.1:1"))].into(),
        },
        baselines: vec![events::baseline()],
        granted: toml::from_str("services = [\"cart\"]").unwrap(),
        secrets: vec![text("shop.token")],
        memory: 1 << 20,
    }
}

fn work() -> Vec<Work> {
    let case = EntryWork::Case {
        name: text("buys"),
        data: text("of the setup"),
    };
    let teardown = EntryWork::Teardown {
        data: text("of the setup"),
    };
    let attempt = |entry| {
        Work::Attempt(Box::new(AttemptWork {
            given: given(),
            source: source(),
            entry,
            traced: true,
            timeout: Duration::from_millis(1_500),
            output: 1 << 10,
        }))
    };
    let mut all: Vec<_> = [EntryWork::Setup, case, teardown].map(attempt).into();
    let duration = Duration::from_secs(10);
    let executor = Executor::ConstantArrivalRate {
        per_second: 2.5,
        duration,
    };
    let measure = Measure::Iterations(threshold::Figure::P95);
    let threshold = Threshold::new("buying", "ms", measure, true).unwrap();
    let draft = Draft {
        max_vus: 4,
        parameter: text("a parameter"),
        thresholds: vec![threshold],
        ..Draft::new("buys", executor)
    };
    all.push(Work::Share(Box::new(ShareJob {
        given: given(),
        share: ShareWork {
            machine: text("an-agent"),
            source: source(),
            load: 1,
            plan: Plan::new(draft).unwrap(),
            division: Division::weighted(vec![1, 2]).unwrap(),
            share: 1,
            refill: Some(Refill {
                number: 2,
                deals: vec![Deal {
                    among: Division::weighted(vec![1, 1]).unwrap(),
                    hand: 1,
                }],
                from: Duration::from_millis(1_500),
            }),
            data: text("of the setup"),
        },
    })));
    all
}

fn evidence() -> Evidence {
    Evidence {
        counts: AttemptCounts {
            checks_passed: 1,
            checks_failed: 2,
            baselines: 3,
            requests: 4,
            streams: 5,
            refusals: 6,
            dropped_logs: 7,
            dropped_attachments: 8,
        },
        first_failed_check: Some(events::check()),
        worst_judgement: Some(events::judgement()),
        first_refusal: Some(refusal()),
        lost_load: Some(text("it is lost")),
        panic: Some(Panic {
            message: text("it is too much"),
            location: Some(text("src/lib.rs:1")),
        }),
    }
}

fn refusal() -> Refusal {
    Refusal::new("service", "store", "it is not granted", "grants.shop")
}

fn endings() -> Vec<Option<Ending>> {
    let failure = || Failure {
        message: text("it is wrong"),
        expected: Some(text("1")),
        actual: Some(text("2")),
        location: Some(text("src/lib.rs:1")),
    };
    let (message, backtrace) = (text("it is too much"), vec![text("shop::buys")]);
    let mut all = vec![
        Ending::Returned(text("for the others")),
        Ending::Failed(failure()),
        Ending::Skipped(text("there is nothing to do")),
        Ending::Errored(failure()),
        Ending::Lost(text("it is gone")),
        Ending::TimedOut {
            after: Duration::from_millis(1_500),
            computing: true,
            backtrace: backtrace.clone(),
        },
        Ending::Panicked {
            message: message.clone(),
            location: Some(text("src/lib.rs:1")),
            backtrace: backtrace.clone(),
        },
    ];
    let (message, backtrace) = (|| message.clone(), || backtrace.clone());
    all.extend([
        Ending::Trapped {
            message: message(),
            backtrace: backtrace(),
        },
        Ending::LimitReached {
            message: message(),
            backtrace: backtrace(),
        },
        Ending::Broken {
            message: message(),
            backtrace: backtrace(),
        },
    ]);
    all.into_iter().map(Some).chain([None]).collect()
}

fn share_words() -> Vec<ShareWord> {
    let attachment = Attachment {
        name: text("page"),
        media_type: text("text/html"),
        content: text("<p>"),
        base64: false,
        size: 3,
        truncated: false,
    };
    let line = Finding::Log {
        level: Level::Warn,
        message: text("a line"),
    };
    let end = ShareEnd {
        replaced: 1,
        dropped_logs: 2,
        dropped_attachments: 3,
    };
    let refusals = [
        LoadRefusal::Denied,
        LoadRefusal::Invalid,
        LoadRefusal::Limit,
        LoadRefusal::Broke,
        LoadRefusal::Lost,
        LoadRefusal::NoIterations,
    ];
    let findings = [
        line,
        Finding::Attached(attachment),
        Finding::Failed(events::check()),
        Finding::Refused(refusal()),
    ];
    let failed = refusals.map(|refusal| ShareWord::Failed(refusal(text("so it is"))));
    let begun = ShareWord::Begun {
        late: Duration::from_millis(1),
    };
    [ShareWord::Ready, begun, ShareWord::Over(end)]
        .into_iter()
        .chain(findings.map(ShareWord::Found))
        .chain(failed)
        .map(listed)
        .collect()
}

/// Whoever adds a word adds it here, and to the sample.
fn listed(word: ShareWord) -> ShareWord {
    match &word {
        ShareWord::Ready
        | ShareWord::Begun { .. }
        | ShareWord::Found(_)
        | ShareWord::Over(_)
        | ShareWord::Failed(_) => word,
        ShareWord::Delta(_) | ShareWord::Figure(_) => panic!("these two have samples of their own"),
    }
}

fn words() -> Vec<Word> {
    let figures = Shared::timed(Vec::new());
    let phase = Phase::Baseline;
    let labels = || vec![(text("of"), text("books"))];
    let add = figures.add(phase, text("orders"), labels(), 1.0);
    let set = figures.set(phase, text("users"), labels(), 2.0, Unit::None);
    let observe = figures.observe(phase, text("time"), labels(), 0.5, Unit::Seconds);
    add.and(set).and(observe).unwrap();
    let rights = Rights::new(
        &Permit::only("shop", toml::from_str("").unwrap()),
        &std::collections::BTreeMap::new(),
        &[],
    );
    let (events, _) = tokio::sync::mpsc::unbounded_channel();
    let attempt = Ledger::default().attempt();
    let recorder = Recorder::new(source(), events, attempt.attempt());
    Access::new(rights.clone(), recorder)
        .look("store")
        .unwrap_err();
    let ended = |ending| {
        Word::Ended(Box::new(Ended {
            ending,
            evidence: evidence(),
        }))
    };
    let mut all = vec![
        Word::Learned(vec![text("a secret")]),
        Word::Wanted(Box::new(rights.wanted().unwrap())),
    ];
    for (number, kind) in events::kinds().into_iter().enumerate() {
        all.push(Word::Happened {
            at: Moment(3),
            during: (number == 0).then(stretch),
            kind: Box::new(kind),
        });
    }
    // When it was is not the same each time.
    all.extend(figures.timed_figures().into_iter().map(|(_, figure)| {
        let (during, figure) = (stretch(), Box::new(figure));
        Word::Figure { during, figure }
    }));
    all.extend(endings().into_iter().map(ended));
    all.extend(
        share_words()
            .into_iter()
            .map(|word| Word::Share(Box::new(word))),
    );
    all
}

fn orders() -> Vec<ShareCommand<Moment>> {
    let faults = Ledger::default().faults();
    vec![
        ShareCommand::BeginAt(Moment(4)),
        ShareCommand::Faults(faults),
        ShareCommand::End,
        ShareCommand::Abort(text("a baseline is missed")),
        ShareCommand::Stop,
    ]
}

/// Which sort of word it is. One that is new here is new in the sample, too.
fn sort(word: &Word) -> &'static str {
    match word {
        Word::Learned(_) => "learned",
        Word::Happened { .. } => "happened",
        Word::Figure { .. } => "figure",
        Word::Wanted(_) => "wanted",
        Word::Ended(_) => "ended",
        Word::Share(_) => "share",
    }
}

fn recorded() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/agents/work/form.json")
}

#[test]
fn the_version_is_raised_with_the_form() {
    let sample = json!({ "version": WORDS, "work": work(), "words": words(), "orders": orders() });
    let before: Value = fs::read(recorded())
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    if before == sample {
        return;
    }
    assert_ne!(
        before["version"],
        sample["version"],
        "what hosts of one run tell each other has another form than {}: raise `WORDS` of agents/work.rs, and run this again with ASSAY_BLESS=1",
        recorded().display()
    );
    assert!(
        std::env::var_os("ASSAY_BLESS").is_some(),
        "`WORDS` was raised: run this again with ASSAY_BLESS=1, and look at the difference"
    );
    let text = serde_json::to_string_pretty(&sample).unwrap();
    fs::write(recorded(), text + "\n").unwrap();
}

fn assert_read<T: Serialize + DeserializeOwned>(all: &[T]) {
    for one in all {
        let written = serde_json::to_value(one).unwrap();
        let read = T::deserialize(&written).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), written);
    }
}

#[test]
fn all_that_travels_is_read_as_it_was_written() {
    assert_read(&work());
    assert_read(&words());
    assert_read(&orders());
    let words = words();
    let sorts: BTreeSet<_> = words.iter().map(sort).collect();
    assert_eq!(sorts.len(), 6, "{sorts:?}");
}
