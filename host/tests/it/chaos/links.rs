//! Faults on a link.

use assay_host::{
    chaos::{Kind, MAX_FAULTS},
    link::{self, Delay, Direction},
};

use super::*;

fn act(action: link::Action) -> Act {
    Act::OnLink(action)
}

#[tokio::test]
async fn each_fault_does_what_it_says_and_is_gone_after_its_heal() {
    let mut world = World::new().await;
    let delay = Delay {
        milliseconds: 40,
        jitter: 10,
    };
    for (act, expected, met) in [
        (Act::Disconnect, Answer::Silence, 1),
        (act(link::Action::Blackhole), Answer::Silence, 1),
        (act(link::Action::Refuse), Answer::Reset, 1),
        (act(link::Action::Reset), Answer::Reset, 1),
        (act(link::Action::DropFirst(1)), Answer::Reset, 1),
        (act(link::Action::CutAfterBytes(14)), Answer::Closed, 1),
        (act(link::Action::CutAfterMs(0)), Answer::Closed, 1),
        (act(link::Action::Latency(delay)), Answer::Pong, 1),
        (act(link::Action::Bandwidth(1 << 20)), Answer::Pong, 1),
    ] {
        let named = format!("{act:?}");
        let fault = world.on_link(act).await.unwrap();
        assert_eq!(fault.traffic(), 0, "{named}: the host's look is no traffic");
        let patience = match expected {
            Answer::Silence => SILENCE,
            _ => PATIENCE,
        };
        let answer = ping(world.link(), patience).await;
        // A connection that is cut may be reset when its own bytes were under way still.
        let cut = expected == Answer::Closed && answer == Answer::Reset;
        assert!(answer == expected || cut, "{named}: {answer:?}");
        assert_eq!(fault.traffic(), met, "{named}");
        let healthy = fault.heal().await.unwrap();
        assert!(healthy > Some(Duration::ZERO), "{named}");
        assert_eq!(fault.traffic(), met, "{named}: it stays after the heal");
        assert_eq!(ping(world.link(), PATIENCE).await, Answer::Pong, "{named}");
        assert_eq!(
            fault.heal().await.unwrap(),
            healthy,
            "{named}: the same again"
        );
    }
    assert!(world.checks().is_empty(), "something met each of them");
    assert!(world.settle().await.is_empty());
}

#[tokio::test]
async fn a_fault_that_met_nothing_is_a_failed_check_unless_it_may_be_idle() {
    let mut world = World::new().await;
    let mut idle = on_link(act(link::Action::Refuse));
    idle.options.may_be_idle = true;
    world
        .attempt
        .inject(idle)
        .await
        .unwrap()
        .heal()
        .await
        .unwrap();
    assert!(world.checks().is_empty());
    // The end of the attempt heals it as well as a call would.
    drop(
        world
            .on_link(act(link::Action::SlowClose(1)))
            .await
            .unwrap(),
    );
    assert!(world.settle().await.is_empty());
    let checks = world.checks();
    assert_eq!(checks.len(), 1);
    let name = "the fault `slow-close` on `client->cache` met traffic";
    assert_eq!((&*checks[0].name, checks[0].passed), (name, false));
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_with_what_to_do() {
    let world = World::new().await;
    let with = |target: Target, act: Act, direction: Direction, share: f64| Order {
        target,
        act,
        options: Options {
            direction,
            share,
            may_be_idle: true,
        },
    };
    let link = |name: &str| Target::Link(name.to_owned());
    let cache = || Target::Service("cache".to_owned());
    let both = Direction::Both;
    let reset = || act(link::Action::Reset);
    for (order, kind, told) in [
        (
            with(link("cleint->cache"), reset(), both, 1.0),
            Kind::Unknown,
            "did you mean `client->cache`?",
        ),
        (
            with(link("client->cache"), Act::Stop, both, 1.0),
            Kind::Unsupported,
            "it is an action for services",
        ),
        (
            with(cache(), reset(), both, 1.0),
            Kind::Unsupported,
            "it is an action for links",
        ),
        (
            with(cache(), Act::Pause, both, 0.5),
            Kind::Unsupported,
            "a service is met as a whole",
        ),
        (
            with(link("client->cache"), reset(), Direction::Upstream, 1.0),
            Kind::Unsupported,
            "give both directions",
        ),
        (
            with(link("client->cache"), reset(), both, 1.5),
            Kind::Unsupported,
            "give a number from 0 to 1",
        ),
        (
            with(
                link("client->cache"),
                act(link::Action::Bandwidth(0)),
                both,
                1.0,
            ),
            Kind::Unsupported,
            "at least 1 byte a second",
        ),
    ] {
        let named = order.to_string();
        let error = hinted(world.attempt.inject(order).await);
        assert_eq!(error.kind(), kind, "{named}: {error}");
        assert!(error.told().contains(told), "{named}: {}", error.told());
    }
    assert_eq!(ping(world.link(), PATIENCE).await, Answer::Pong);
    assert!(world.settle().await.is_empty());
}

#[tokio::test]
async fn an_attempt_has_so_many_faults_and_no_more() {
    let world = World::new().await;
    let order = || {
        let mut order = on_link(act(link::Action::SlowClose(1)));
        order.options.may_be_idle = true;
        order
    };
    let mut faults = Vec::new();
    for _ in 0..MAX_FAULTS {
        faults.push(world.attempt.inject(order()).await.unwrap());
    }
    let error = hinted(world.attempt.inject(order()).await);
    assert!(matches!(error, ChaosError::TooMany), "{error}");
    faults.pop();
    faults.push(world.attempt.inject(order()).await.unwrap());
    assert!(world.settle().await.is_empty());
    let traffic = world
        .environment
        .link("client->cache")
        .unwrap()
        .link
        .traffic();
    assert_eq!(traffic.connections, 0, "the host itself is not counted");
}

#[tokio::test]
async fn a_link_to_a_service_that_was_not_started_here_has_faults_too() {
    let owner = World::new().await;
    let world = owner.beside().await;
    let fault = world.on_link(act(link::Action::Refuse)).await.unwrap();
    assert_eq!(ping(world.link(), PATIENCE).await, Answer::Reset);
    assert_eq!(ping(world.address(), PATIENCE).await, Answer::Pong);
    fault.heal().await.unwrap();
    assert_eq!(ping(world.link(), PATIENCE).await, Answer::Pong);
}

#[tokio::test]
async fn a_link_is_healed_although_its_service_has_a_fault_of_its_own() {
    let world = World::new().await;
    for silence in [Act::Pause, Act::Stop, Act::Kill("KILL".to_owned())] {
        let named = format!("{silence:?}");
        let link = world.on_link(act(link::Action::Refuse)).await.unwrap();
        let service = world.on_cache(silence).await.unwrap();
        assert_eq!(link.heal().await.expect(&named), None, "{named}");
        service.heal().await.expect(&named);
        assert_eq!(ping(world.link(), PATIENCE).await, Answer::Pong, "{named}");
    }
}

#[tokio::test]
async fn one_of_two_faults_of_a_link_is_healed_alone() {
    let world = World::new().await;
    let refuse = world.on_link(act(link::Action::Refuse)).await.unwrap();
    let blackhole = world.on_link(act(link::Action::Blackhole)).await.unwrap();
    assert_eq!(refuse.heal().await.unwrap(), None, "nobody can tell");
    assert_eq!(ping(world.link(), SILENCE).await, Answer::Silence);
    let healthy = blackhole.heal().await.unwrap();
    assert!(healthy > Some(Duration::ZERO));
    assert_eq!(ping(world.link(), PATIENCE).await, Answer::Pong);
}

#[tokio::test]
async fn a_heal_is_measured_although_a_fault_that_lets_answers_pass_is_on_the_link() {
    let world = World::new().await;
    let latency = link::Action::Latency(link::Delay {
        milliseconds: 1,
        jitter: 0,
    });
    let slow = world.on_link(act(latency)).await.unwrap();
    let refuse = world.on_link(act(link::Action::Refuse)).await.unwrap();
    let healthy = refuse.heal().await.unwrap();
    assert!(healthy > Some(Duration::ZERO), "{healthy:?}");
    assert_eq!(ping(world.link(), PATIENCE).await, Answer::Pong);
    slow.heal().await.unwrap();
}
