//! A run over many machines: what is between the coordinator, which is `host run`, and agents, which are `host agent`.
//!
//! NATS `JetStream` carries everything, and what it can do is not done here again: delivery and redelivery, storage, authentication, TLS.
//! Here is what a run needs beside it: who runs which shard (`ledger`), what is told of it and in which order (`merge`), when an agent has to
//! stop (`lease`), and which errors have which cause. Those are pure; `coordinator` and `agent` speak with the server.
//!
//! One shard runs at one agent at a time. An agent asks for each shard that it is delivered, and keeps it only as long as the coordinator
//! answers its beats; the coordinator gives a shard away again only after the agent must have stopped. So whoever makes a fault is its one
//! owner, as far as both clocks run at the same speed.
//!
//! Nothing here knows WebAssembly: a [`worker::Worker`] runs a shard and tells words of its host's own, a [`sink::Sink`] hears those of all of them. A
//! [`coordinator::Handle`] adds shards while the run goes on, gives orders to them, stops one or all, and says when there are no more.

pub mod agent;
pub mod clock;
pub mod connection;
pub mod coordinator;
pub mod error;
pub mod hearing;
pub mod identity;
mod lease;
mod ledger;
mod lines;
mod merge;
mod message;
mod names;
pub mod orders;
pub mod plugin;
pub mod settings;
pub mod shard;
pub mod sink;
pub mod stop;
mod streams;
pub mod worker;
