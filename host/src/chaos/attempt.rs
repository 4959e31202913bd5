//! The faults of one attempt, from the first that it makes to the last that is healed.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::future::{join_all, select_all};

use super::{
    act::Order,
    error::ChaosError,
    fault::{Fault, Healing},
    faults::{Shared, check},
};
use crate::{
    capability::recorder::Recorder,
    environment::{
        Environment,
        control::{ControlError, State, Usage},
    },
};

/// Faults that are active in an attempt at the same time.
pub const MAX_FAULTS: usize = 32;
/// Lines of a service's log that are told.
pub const MAX_LOG_LINES: u32 = 10_000;
/// Bytes of a service's log that are told.
pub const MAX_LOG_BYTES: usize = 1 << 20;

/// The faults of one attempt.
#[derive(Debug)]
pub struct Attempt {
    shared: Arc<Shared>,
    recorder: Recorder,
    made: Mutex<Made>,
}

#[derive(Debug, Default)]
struct Made {
    /// Those of which not all is told.
    faults: Vec<Arc<Fault>>,
    /// The attempt is over.
    over: bool,
}

/// A fault that somebody wants to be there. Dropping it begins the heal.
#[derive(Debug)]
pub struct Handle {
    fault: Arc<Fault>,
}

impl Attempt {
    pub(super) fn new(shared: Arc<Shared>, recorder: Recorder) -> Self {
        Self {
            shared,
            recorder,
            made: Mutex::default(),
        }
    }

    /// Makes a fault, and answers once it is confirmed from outside. Dropping the call heals what it has made so far.
    pub async fn inject(&self, order: Order) -> Result<Handle, ChaosError> {
        check(&order)?;
        let named = order.to_string();
        let fault = self.register(order).await?;
        let handle = Handle {
            fault: Arc::clone(&fault),
        };
        let making = self.shared.runtime.spawn(async move { fault.make().await });
        match making.await {
            Ok(made) => made.map(|()| handle),
            Err(problem) => Err(ChaosError::Broken {
                order: named,
                problem: problem.to_string(),
            }),
        }
    }

    /// From now on the end of the attempt heals it. Where too many are active, those that are being healed are waited for.
    async fn register(&self, order: Order) -> Result<Arc<Fault>, ChaosError> {
        loop {
            let healing = match self.try_register(&order) {
                Ok(fault) => return Ok(fault),
                Err(error) if error.is_empty() => return Err(self.refusal(&order)),
                Err(healing) => healing,
            };
            // Whether it went well is told at the end of the attempt.
            let _ = select_all(healing).await;
        }
    }

    /// The heals that would make room, if there is none.
    fn try_register(&self, order: &Order) -> Result<Arc<Fault>, Vec<Healing>> {
        let mut made = self.made();
        made.tell_what_is_known();
        if made.over {
            return Err(Vec::new());
        }
        let unhealed = made.faults.iter().filter(|fault| !fault.is_healed());
        if unhealed.count() >= MAX_FAULTS {
            let healing = made.faults.iter().filter_map(|fault| fault.healing());
            return Err(healing.filter(|healing| healing.peek().is_none()).collect());
        }
        let recorder = self.recorder.clone();
        let fault = Fault::new(order.clone(), Arc::clone(&self.shared), recorder);
        made.faults.push(Arc::clone(&fault));
        Ok(fault)
    }

    fn refusal(&self, order: &Order) -> ChaosError {
        if self.made().over {
            let order = order.to_string();
            return ChaosError::GivenUp { order };
        }
        ChaosError::TooMany
    }

    /// Heals everything; answers what could not be healed.
    pub(super) async fn settle(&self) -> Vec<ChaosError> {
        let left = {
            let mut made = self.made();
            made.over = true;
            std::mem::take(&mut made.faults)
        };
        let healed = join_all(left.iter().map(Fault::heal)).await;
        for fault in left {
            fault.tell_healed();
        }
        healed.into_iter().filter_map(Result::err).collect()
    }

    /// How a service looks from outside. One that was not started here either answers, or nothing is known of it.
    pub async fn state(&self, service: &str) -> Result<State, ChaosError> {
        let environment = self.environment();
        match environment.control(service) {
            Ok(control) => Ok(control.state().await),
            Err(ControlError::NotStarted { .. }) => Ok(environment.asked(service).await),
            Err(error) => Err(error.into()),
        }
    }

    /// What a service uses of the machine.
    pub async fn usage(&self, service: &str) -> Result<Usage, ChaosError> {
        Ok(self.environment().control(service)?.usage().await?)
    }

    /// The last lines that a service wrote, at most [`MAX_LOG_LINES`] and [`MAX_LOG_BYTES`].
    pub async fn logs(&self, service: &str, last: u32) -> Result<String, ChaosError> {
        let last = last.min(MAX_LOG_LINES) as usize;
        let lines = self.environment().control(service)?.log(last).await?;
        Ok(last_lines(&lines, MAX_LOG_BYTES))
    }

    fn environment(&self) -> &Environment {
        &self.shared.environment
    }

    /// Each change is whole.
    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Made {
    /// Tells of those that are healed and were followed by a success, and of the eldest ones of too many that were not.
    fn tell_what_is_known(&mut self) {
        let healed = self.faults.iter().filter(|fault| fault.is_healed());
        let mut surplus = healed.count().saturating_sub(MAX_FAULTS);
        self.faults.retain(|fault| {
            if !fault.is_healed() || (surplus == 0 && fault.first_success().is_none()) {
                return true;
            }
            surplus = surplus.saturating_sub(1);
            fault.tell_healed();
            false
        });
    }
}

impl Handle {
    /// Heals, and waits until the service is healthy: the time from the beginning of the heal; none if another fault is in the way of
    /// seeing it. Each call answers the same, and the heal goes on if nobody waits for it.
    pub fn heal(&self) -> impl Future<Output = Result<Option<Duration>, ChaosError>> + use<> {
        self.fault.heal()
    }

    /// From the heal to the end of the first request of the attempt that began after it and succeeded.
    pub fn first_success(&self) -> Option<Duration> {
        self.fault.first_success()
    }

    /// What met the fault so far: connections of a link; of a service requests of the attempt, and connections of other services
    /// over links that began or carried bytes meanwhile.
    pub fn traffic(&self) -> u64 {
        self.fault.traffic()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // It goes on without anybody who waits for it but the end of the attempt.
        drop(self.fault.heal());
    }
}

/// As many of the last lines as fit, each with its end.
fn last_lines(lines: &[String], most: usize) -> String {
    let mut bytes = 0;
    let fitting = lines.iter().rev().take_while(|line| {
        bytes += line.len() + 1;
        bytes <= most
    });
    let fitting = fitting.count();
    let mut text = lines[lines.len() - fitting..].join("\n");
    if fitting > 0 {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::last_lines;

    #[test]
    fn a_log_is_cut_to_whole_lines_from_its_end() {
        let lines = ["one", "two", "three"].map(str::to_owned);
        for (most, expected) in [
            (14, "one\ntwo\nthree\n"),
            (13, "two\nthree\n"),
            (6, "three\n"),
            (5, ""),
        ] {
            assert_eq!(last_lines(&lines, most), expected, "{most}");
        }
    }
}
