//! A run over agents, through the built `host` and a real NATS server: the same verdicts as on one machine, whoever is killed.

pub(crate) mod agent;
mod alike;
mod calls;
mod desk;
mod doctor;
mod gate;
mod limits;
mod loads;
mod losses;
mod refusals;
mod stages;
