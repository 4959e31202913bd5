//! Which plugins an agent lets in: with `--locked` what its own `assay.lock` pins, as its `[signatures]` demands it; else what its grants allow, which
//! is asked once the plugin is there.

use assay_agents::plugin::{Offered, Plugin, Policy, Refusal};
use assay_pins::lock::Lock;

/// What is let in before its bytes are looked at.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// What is pinned; none lets in whatever is offered.
    lock: Option<Lock>,
}

impl Admitted {
    /// With a lock, if nothing else is let in.
    pub fn new(lock: Option<Lock>) -> Self {
        Self { lock }
    }
}

impl Policy for Admitted {
    fn may_fetch(&self, offered: &Offered) -> Result<(), Refusal> {
        let Some(lock) = &self.lock else {
            return Ok(());
        };
        if lock.pins().any(|pin| pin.digest == offered.digest) {
            return Ok(());
        }
        let reason = format!("it is not locked here: {}", offered.digest);
        Err(Refusal::of(&offered.name, reason).hint(
            "lock the same plugins on the agent's machine with `host lock`, or start it without `--locked`",
        ))
    }

    /// Its signatures and its grants are judged where it is made ready.
    fn may_use(&self, _: &Plugin) -> Result<(), Refusal> {
        Ok(())
    }
}
