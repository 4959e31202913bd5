//! Machines that are lost, that never get ready, and loads that nobody waits for.

use super::*;

fn text(refused: &Result<Made, Refusal>) -> String {
    refused.as_ref().unwrap_err().to_string()
}

/// Loses the second machine after its first delta.
fn loses_the_second(machine: usize, word: ShareWord) -> Result<ShareWord, Lost> {
    match word {
        ShareWord::Delta(_) if machine == 1 => Err(Lost::new("its plug was pulled")),
        word => Ok(word),
    }
}

#[tokio::test]
async fn a_load_of_which_a_machine_is_lost_has_no_outcome_and_the_others_stop() {
    let plan = Plan {
        parameter: "5".to_owned(),
        ..plan("waits", constant(6, 600_000))
    };
    let (made, told) = told_by(&[2, 1], loses_the_second, plan).await;
    assert!(matches!(made, Err(Refusal::Lost(_))), "{made:?}");
    let said = text(&made);
    for part in [
        "`machine-1` was lost",
        "its plug was pulled",
        "2 of 6 virtual users",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let end = end(&told);
    let lost = end.lost.as_ref().unwrap();
    assert_eq!((&*lost.machine, lost.vus), ("machine-1", 2));
    assert!(lost.at_ns.unwrap() > 0);
    assert_eq!(
        (&end.outcome, end.message.as_deref()),
        (&None, Some(&*said))
    );
}

#[tokio::test]
async fn the_attempt_of_a_lost_load_keeps_the_loss_whatever_the_plugin_makes_of_it() {
    let (order, _events, here) = order_on(&[1, 1], loses_the_second).await;
    let recorder = order.recorder.clone();
    let plan = Plan {
        parameter: "5".to_owned(),
        ..plan("waits", constant(2, 600_000))
    };
    let (running, _granted) = order.start(1, plan).unwrap();
    let made = timeout(PATIENCE, running.made()).await.unwrap();
    assert_eq!(recorder.evidence().lost_load, Some(text(&made)));
    here.gone().await;
}

#[tokio::test]
async fn a_share_that_cannot_get_ready_ends_the_load_and_is_named() {
    let (made, told) = told_on(&[1, 1], plan("never-begins", each(2, 1))).await;
    let said = text(&made);
    assert!(said.contains("on the machine `machine-"), "{said}");
    assert!(said.contains("there is nothing to begin with"), "{said}");
    assert_eq!(end(&told).message.as_deref(), Some(&*said));
}

#[tokio::test]
async fn a_share_that_ends_without_a_last_word_is_lost() {
    fn says_nothing(machine: usize, word: ShareWord) -> Result<ShareWord, Lost> {
        match word {
            ShareWord::Over(_) if machine == 0 => Err(Lost::new("it fell silent")),
            word => Ok(word),
        }
    }
    let (made, _) = told_by(&[1, 1], says_nothing, plan("nothing", each(2, 3))).await;
    assert!(text(&made).contains("it fell silent"), "{made:?}");
}

#[tokio::test]
async fn a_load_that_nobody_waits_for_ends_on_all_machines() {
    let (order, mut events, here) = order_on(&[1, 1], unchanged).await;
    let threads = order.threads.clone();
    let plan = Plan {
        isolated: true,
        ..plan("computes-without-end", constant(2, 600_000))
    };
    let (running, _granted) = order.start(1, plan).unwrap();
    let started = async {
        while let Some(happened) = events.recv().await {
            if matches!(happened.kind, EventKind::LoadStarted { .. }) {
                return;
            }
        }
    };
    timeout(PATIENCE, started).await.unwrap();
    drop(running);
    timeout(PATIENCE, threads.ended()).await.unwrap();
    here.gone().await;
}

/// A share of a load of its own, what it is told and what it tells.
async fn one_share() -> (
    RunningShare,
    mpsc::UnboundedSender<ShareCommand>,
    mpsc::Receiver<ShareWord>,
) {
    let (order, _events, _here) = order_on(&[1], unchanged).await;
    let work = ShareWork {
        machine: "0".to_owned(),
        source: order.recorder.source().clone(),
        load: 1,
        plan: assay_load_plan(),
        division: assay_load::share::Division::even(1).unwrap(),
        share: 0,
        refill: None,
        data: String::new(),
    };
    let (say, said) = mpsc::channel(8);
    let (commands, heard) = mpsc::unbounded_channel();
    let running = order.start_share(work, say, heard).unwrap();
    (running, commands, said)
}

#[tokio::test]
async fn a_share_says_how_long_after_the_agreed_moment_it_was_told_to_begin() {
    let now = tokio::time::Instant::now();
    let (ahead, ago) = (Duration::from_mins(10), Duration::from_secs(3));
    for (moment, least) in [(now + ahead, Duration::ZERO), (now - ago, ago)] {
        let (_running, commands, mut said) = one_share().await;
        assert_eq!(said.recv().await, Some(ShareWord::Ready));
        commands.send(ShareCommand::BeginAt(moment)).unwrap();
        let Some(ShareWord::Begun { late }) = said.recv().await else {
            panic!("it does not say that it begins");
        };
        assert!(
            late >= least && late.is_zero() == least.is_zero(),
            "{late:?}"
        );
    }
}

#[tokio::test]
async fn a_share_that_nobody_holds_any_more_stops_and_says_nothing_more() {
    let (running, commands, mut said) = one_share().await;
    assert_eq!(said.recv().await, Some(ShareWord::Ready));
    commands
        .send(ShareCommand::BeginAt(tokio::time::Instant::now()))
        .unwrap();
    assert!(matches!(said.recv().await, Some(ShareWord::Begun { .. })));
    assert!(matches!(said.recv().await, Some(ShareWord::Delta(_))));
    drop(running);
    let rest = async { while said.recv().await.is_some() {} };
    timeout(PATIENCE, rest).await.unwrap();
}

fn assay_load_plan() -> assay_load::plan::Plan {
    use assay_load::plan::{Draft, Executor, Plan};
    let executor = Executor::ConstantVus {
        vus: 2,
        duration: Duration::from_mins(10),
    };
    Plan::new(Draft {
        isolated: false,
        parameter: "5".to_owned(),
        ..Draft::new("waits", executor)
    })
    .unwrap()
}
