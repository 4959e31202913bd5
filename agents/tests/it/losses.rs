//! Agents that are killed, at each stage, and what becomes of their shards.

use assay_agents::{
    coordinator::Coordinator,
    identity::AgentId,
    settings::Settings,
    shard::{Ending, Fate, Kind, Loss, ShardNumber},
    sink::Told,
};

use super::{
    child::Process,
    heard::{Heard, Recorder},
    scripted::{Step, cases, shard},
    stage::{Stage, eventually, impatient, soon},
};

fn finished() -> Fate {
    Fate::Ended(Ending::Finished)
}

fn id_of(coordinator: &Coordinator, name: &str) -> AgentId {
    let mut agents = coordinator.agents().iter();
    agents.find(|agent| agent.name == name).unwrap().id.clone()
}

/// What came of a run whose agent was killed.
struct Killed {
    heard: Heard,
    fates: Vec<Fate>,
    victim: AgentId,
    rescue: AgentId,
}

/// A run of two shards at two agents, one of which is killed while both wait after their first steps.
async fn killed_after(first: &[Step], then: &[Step]) -> Option<Killed> {
    let stage = Stage::open()?;
    let (mut process, rescue) = (
        Process::agent(&stage, "victim"),
        stage.agent("rescue", 1).await,
    );
    let mut coordinator = stage.joined(impatient(), 2).await;
    let victim = id_of(&coordinator, "victim");
    let (marks, go) = (
        [stage.file("first"), stage.file("second")],
        stage.file("go"),
    );
    let shards = marks.iter().map(|mark| {
        let waits = [Step::Mark(mark.clone()), Step::WaitFor(go.clone())];
        cases("one", &[first, &waits, then].concat())
    });
    let shards = shards.collect();
    let mut recorder = Recorder::default();
    let heard = recorder.heard.clone();
    let run = coordinator.run_all(shards, &mut recorder);
    let kill = async {
        eventually("both wait", || marks.iter().all(|mark| mark.exists())).await;
        process.kill();
        std::fs::write(&go, "").unwrap();
    };
    let (fates, ()) = soon(async { tokio::join!(run, kill) }).await;
    let fates = fates.unwrap();
    coordinator.close().await.unwrap();
    Some(Killed {
        heard,
        fates,
        victim,
        rescue: rescue.id.clone(),
    })
}

impl Killed {
    /// Both shards ended, the victim's at the other agent, and of each so many words were told, once and in order.
    fn assert_rescued(&self, words: u64) {
        assert_eq!(self.fates, vec![finished(); 2]);
        let given = self.heard.given();
        assert_eq!(given.len(), 3, "{given:?}");
        let (shard, attempt, agent) = given[2].clone();
        assert_eq!((attempt, &agent), (2, &self.rescue));
        assert!(given[..2].contains(&(shard, 1, self.victim.clone())));
        for shard in 0..2 {
            let told = self.heard.words().remove(&shard).unwrap_or_default();
            assert_eq!(told, (0..words).collect::<Vec<_>>());
        }
        let agent = self.victim.clone();
        assert!(
            self.heard
                .all()
                .contains(&Told::AgentLost { agent, left: false })
        );
    }
}

#[tokio::test]
async fn cases_whose_agent_is_killed_before_it_told_anything_run_elsewhere() {
    let killed = Box::pin(killed_after(&[], &[Step::Tell(5)])).await;
    killed.inspect(|killed| killed.assert_rescued(5));
}

#[tokio::test]
async fn cases_whose_agent_is_killed_in_their_middle_are_told_once() {
    let killed = Box::pin(killed_after(&[Step::Tell(100)], &[Step::Tell(100)])).await;
    killed.inspect(|killed| killed.assert_rescued(200));
}

#[tokio::test]
async fn cases_whose_agent_is_killed_after_it_told_all_but_the_end_are_told_once() {
    let killed = Box::pin(killed_after(&[Step::Tell(100)], &[])).await;
    killed.inspect(|killed| killed.assert_rescued(100));
}

#[tokio::test]
async fn an_agent_that_is_killed_with_nothing_to_do_is_told_and_costs_nothing() {
    let Some(stage) = Stage::open() else { return };
    let (mut process, _other) = (
        Process::agent(&stage, "victim"),
        stage.agent("other", 1).await,
    );
    let mut coordinator = stage.joined(impatient(), 2).await;
    let agent = id_of(&coordinator, "victim");
    process.kill();
    let go = stage.file("go");
    let mut recorder = Recorder::default();
    let heard = recorder.heard.clone();
    let shards = (0..5)
        .map(|_| cases("one", &[Step::WaitFor(go.clone()), Step::Tell(1)]))
        .collect();
    let run = coordinator.run_all(shards, &mut recorder);
    let watch = async {
        let lost = Told::AgentLost { agent, left: false };
        eventually("it is lost", || heard.has(|told| *told == lost)).await;
        std::fs::write(&go, "").unwrap();
    };
    let (fates, ()) = soon(async { tokio::join!(run, watch) }).await;
    assert_eq!(fates.unwrap(), vec![finished(); 5]);
    assert!(heard.given().iter().all(|(_, attempt, _)| *attempt == 1));
}

#[tokio::test]
async fn a_share_of_a_load_is_told_until_its_agent_is_killed_and_can_be_made_up_for() {
    let Some(stage) = Stage::open() else { return };
    let mut process = Process::agent(&stage, "victim");
    let rescue = stage.agent("rescue", 1).await;
    let mut coordinator = stage.joined(impatient(), 2).await;
    let victim = id_of(&coordinator, "victim");
    let target = assay_agents::shard::Target::Agent(victim.clone());
    let steps = [Step::Tell(10), Step::WaitForStop];
    let share = assay_agents::shard::Shard::new("share", Kind::Load, target, &steps).unwrap();
    let mut recorder = Recorder {
        replacement: Some((
            coordinator.handle(),
            shard("rest", Kind::Load, &[Step::Tell(3)]),
        )),
        ..Recorder::default()
    };
    let heard = recorder.heard.clone();
    let run = coordinator.run_all(vec![share], &mut recorder);
    let kill = async {
        eventually("it is told", || {
            heard.words().get(&0).is_some_and(|told| told.len() == 10)
        })
        .await;
        process.kill();
    };
    let (fates, ()) = soon(async { tokio::join!(run, kill) }).await;
    let loss = Loss::AgentLost {
        agent: victim,
        attempts: 1,
        left: false,
    };
    assert_eq!(heard.losses(), [(ShardNumber(0), loss.clone())]);
    assert_eq!(fates.unwrap(), [Fate::Lost(loss), finished()]);
    assert_eq!(heard.words()[&0], (0..10).collect::<Vec<_>>());
    assert_eq!(heard.words()[&1], [0, 1, 2]);
    assert!(heard.given().contains(&(1, 1, rescue.id.clone())));
}

#[tokio::test]
async fn a_shard_that_kills_its_agents_is_lost_by_name_and_the_others_run() {
    let Some(stage) = Stage::open() else { return };
    let processes = ["a", "b"].map(|name| Process::agent(&stage, name));
    let settings = Settings {
        deliveries: 2,
        ..impatient()
    };
    let mut coordinator = stage.joined(settings, 2).await;
    let mut recorder = Recorder::default();
    let shards = vec![cases("deadly", &[Step::Tell(1), Step::Die])];
    let fates = soon(coordinator.run_all(shards, &mut recorder))
        .await
        .unwrap();
    drop(processes);
    let Fate::Lost(Loss::AgentLost { attempts: 2, .. }) = &fates[0] else {
        panic!("{fates:?}");
    };
    assert_eq!(
        recorder.heard.words().len(),
        0,
        "nothing is told of attempts that were lost"
    );
}

#[tokio::test]
async fn when_the_last_agent_is_killed_the_run_ends_with_what_was_lost() {
    let Some(stage) = Stage::open() else { return };
    let process = Process::agent(&stage, "only");
    let mut coordinator = stage.joined(impatient(), 1).await;
    let shards = vec![
        cases("deadly", &[Step::Die]),
        cases("waits", &[Step::Tell(1)]),
    ];
    let fates = soon(coordinator.run_all(shards, &mut Recorder::default()))
        .await
        .unwrap();
    drop(process);
    assert_eq!(fates, vec![Fate::Lost(Loss::NobodyLeft); 2]);
}

#[tokio::test]
async fn an_agent_that_leaves_in_peace_gives_its_shard_back() {
    let Some(stage) = Stage::open() else { return };
    let agents = [stage.agent("a", 1).await, stage.agent("b", 1).await];
    let mut coordinator = stage.joined(impatient(), 2).await;
    let go = stage.file("go");
    let mut recorder = Recorder::default();
    let heard = recorder.heard.clone();
    let steps = [Step::Tell(1), Step::WaitFor(go.clone()), Step::Tell(1)];
    let run = coordinator.run_all(vec![cases("one", &steps)], &mut recorder);
    let leave = async {
        eventually("it is given", || heard.given().len() == 1).await;
        let (leaving, staying): (Vec<_>, Vec<_>) = agents
            .into_iter()
            .partition(|agent| agent.id == heard.given()[0].2);
        for agent in leaving {
            agent.stop().await;
        }
        std::fs::write(&go, "").unwrap();
        staying
    };
    let (fates, staying) = Box::pin(soon(async { tokio::join!(run, leave) })).await;
    assert_eq!(fates.unwrap(), [finished()]);
    assert!(heard.has(|told| matches!(told, Told::AgentLost { left: true, .. })));
    assert_eq!(heard.given()[1], (0, 2, staying[0].id.clone()));
    assert_eq!(heard.words()[&0], [0, 1]);
}
