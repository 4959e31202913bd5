//! The coordinator of one measurement, in a process of its own: what it costs per merged second is its row.

use std::{
    process::{Child, Stdio},
    time::Duration,
};

use assay_agents::{
    coordinator::Coordinator,
    identity::CoordinatorInfo,
    settings::{Settings, Times},
    shard::{Kind, Shard, Target},
};
use assay_test_server::nats::Nats;

use super::{
    again,
    agents::{CONTRACT, Share, WORDS, connection},
    merging::Merging,
    proc::{MONITORED, Server, TICKS, most_memory, used},
    share::SECONDS,
};

/// Agents of one process.
const TOGETHER: usize = 500;

pub(crate) const HEAD: &str = "agents  coordinator/s  merging/s  server/s  delay p50     p99     max  peak MiB  server MiB  KiB/s in  KiB/delta  joined in";

/// Processes that end with the measurement.
struct Children(Vec<Child>);

impl Drop for Children {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // One that has ended by itself was heard of: the run needs all.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub(crate) fn run(agents: usize) {
    let nats = Nats::start_with(MONITORED).unwrap();
    let _children = start(&nats.url(), agents);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(Box::pin(measure(&nats, agents)));
}

fn start(url: &str, agents: usize) -> Children {
    let firsts = (0..agents).step_by(TOGETHER);
    let processes = firsts.map(|first| {
        let count = TOGETHER.min(agents - first);
        let mut command = again(&["agents", url, &first.to_string(), &count.to_string()]);
        command.stdin(Stdio::null()).spawn().unwrap()
    });
    Children(processes.collect())
}

/// The usual ones, but for the patience with agents: so many of them on so few processors answer late.
fn settings() -> Settings {
    let times = Times {
        absence: Duration::from_secs(5),
        call: Duration::from_mins(2),
        ..Times::default()
    };
    Settings {
        times,
        ..Settings::default()
    }
}

async fn measure(nats: &Nats, agents: usize) {
    let info = CoordinatorInfo {
        version: "0.1.0".to_owned(),
        contract: CONTRACT.to_owned(),
        words: WORDS,
    };
    let connection = connection(&nats.url()).await;
    let mut coordinator = Coordinator::open(connection, info, settings())
        .await
        .unwrap();
    coordinator.call(Some(agents)).await.unwrap();
    let calling = std::time::Instant::now();
    coordinator.join(&[]).await.unwrap();
    let joining = calling.elapsed();
    let mut merging = Merging::new(coordinator.handle(), agents);
    let shards = shards(&coordinator, agents);
    let before = Server::look(nats);
    coordinator.run_all(shards, &mut merging).await.unwrap();
    let after = Server::look(nats);
    let used = used().saturating_sub(merging.used_before);
    let memory = most_memory();
    coordinator.close().await.unwrap();
    println!(
        "{}",
        row(&mut merging, used, memory, [before, after], joining)
    );
    merging.check();
}

fn shards(coordinator: &Coordinator, agents: usize) -> Vec<Shard> {
    let addressed = coordinator.agents().iter().enumerate();
    let shards = addressed.map(|(number, agent)| {
        let (target, work) = (
            Target::Agent(agent.id.clone()),
            Share { number, of: agents },
        );
        Shard::new(&format!("share {number}"), Kind::Load, target, &work).unwrap()
    });
    shards.collect()
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn row(
    merging: &mut Merging,
    used: Duration,
    memory: u64,
    [before, after]: [Server; 2],
    joining: Duration,
) -> String {
    let a_second = |time: Duration| time.as_secs_f64() * 1e3 / SECONDS as f64;
    merging.delays.sort_unstable();
    let delay = |percent: usize| {
        let place = (merging.delays.len() - 1) * percent / 100;
        format!("{:.0} ms", merging.delays[place].as_secs_f64() * 1e3)
    };
    let kib = (after.in_bytes - before.in_bytes) as f64 / 1024.0;
    let server = (after.ticks - before.ticks) as f64 / TICKS * 1e3 / SECONDS as f64;
    format!(
        "{:>6}  {:>10.1} ms  {:>6.1} ms  {:>5.1} ms  {:>9} {:>7} {:>7}  {:>8}  {:>10}  {:>8.0}  {:>9.2}  {:>7.1} s",
        merging.agents(),
        a_second(used),
        a_second(merging.on_processor),
        server,
        delay(50),
        delay(99),
        delay(100),
        memory,
        after.mem >> 20,
        kib / SECONDS as f64,
        kib / merging.delays.len() as f64,
        joining.as_secs_f64(),
    )
}
