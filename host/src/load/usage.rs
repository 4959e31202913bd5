//! How much of the processors the threads of a load take, looked at each second.

use std::time::Duration;

use assay_load::{
    generator::{self, Usage},
    outcome::Generator,
    samples::Samples,
};

use super::cpu::Cpu;

/// The threads of a load, or of a share of one.
pub(super) struct Looks {
    threads: Vec<(Cpu, Usage)>,
}

impl Looks {
    /// Of threads at which nobody has looked.
    pub(super) fn new(cpus: &[Cpu]) -> Self {
        let threads = cpus.iter();
        Self {
            threads: threads.map(|cpu| (cpu.clone(), Usage::default())).collect(),
        }
    }

    /// Looks at them, so long after the start of the load.
    pub(super) fn look(&mut self, elapsed: Duration) {
        for (cpu, usage) in &mut self.threads {
            usage.look(elapsed, cpu.taken());
        }
    }

    /// What is to be told of this machine.
    pub(super) fn generator(&self, samples: &Samples) -> Generator {
        generator::told(self.threads.iter().map(|(_, usage)| usage), samples)
    }
}
