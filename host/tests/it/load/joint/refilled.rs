//! A machine that is lost and made up for, with virtual users of a plugin.

use super::*;

/// Loses the second machine after its first delta.
fn loses_the_second(machine: usize, word: ShareWord) -> Result<ShareWord, Lost> {
    match word {
        ShareWord::Delta(_) if machine == 1 => Err(Lost::new("its plug was pulled")),
        word => Ok(word),
    }
}

#[tokio::test]
async fn others_make_the_virtual_users_of_a_lost_machine_by_the_faults_of_the_run() {
    let (order, mut events, here) = order_of(&[2, 1], loses_the_second, Some(50)).await;
    let fault = order.recorder.attempt().fault();
    let plan = Plan {
        parameter: "5".to_owned(),
        ..plan("waits", constant(6, 4_000))
    };
    let recorder = order.recorder.clone();
    let (running, _granted) = order.start(1, plan).unwrap();
    let made = timeout(PATIENCE, running.made()).await.unwrap().unwrap();
    drop(fault);
    here.gone().await;
    assert_eq!((made.outcome.most_vus, made.outcome.failed), (6, 0));
    let phases: Vec<_> = made.outcome.by_phase.keys().copied().collect();
    assert_eq!(phases, [Phase::Fault]);
    let told = std::iter::from_fn(|| events.try_recv().ok());
    let told: Vec<_> = told.map(|happened| happened.kind).collect();
    let end = end(&told);
    let [refill] = &*end.refilled else {
        panic!("{end:?}");
    };
    assert_eq!((&*refill.lost.machine, refill.lost.vus), ("machine-1", 2));
    let by: Vec<_> = refill
        .by
        .iter()
        .map(|one| (&*one.machine, one.vus))
        .collect();
    assert_eq!(by, [("machine-0", 2)]);
    assert_eq!((&end.lost, &end.message), (&None, &None));
    assert_eq!(recorder.evidence().lost_load, None);
}
