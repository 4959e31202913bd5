//! A machine that is lost while it makes its share of a load, as it is told.

use std::fmt;
use std::time::Duration;

use assay_report::event::LoadLoss;

/// A machine that is gone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gone {
    pub(super) machine: String,
    /// Since the start of the load; none before it.
    pub(super) at: Option<Duration>,
    /// Virtual users of its share.
    pub(super) vus: u32,
    /// Of the whole load.
    pub(super) all_vus: u32,
    /// Starts a second of its share, at most; none where the system under test sets the pace.
    pub(super) per_second: Option<f64>,
    pub(super) reason: String,
}

impl Gone {
    pub(super) fn told(self) -> LoadLoss {
        let nanoseconds = |at: Duration| u64::try_from(at.as_nanos()).unwrap_or(u64::MAX);
        LoadLoss {
            machine: self.machine,
            at_ns: self.at.map(nanoseconds),
            vus: self.vus,
            per_second: self.per_second,
            reason: self.reason,
        }
    }
}

impl fmt::Display for Gone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            machine,
            at,
            vus,
            all_vus,
            per_second,
            reason,
        } = self;
        write!(formatter, "the machine `{machine}` was lost ")?;
        match at {
            Some(at) => write!(
                formatter,
                "{:.1} s after the load had begun",
                at.as_secs_f64()
            )?,
            None => write!(formatter, "before the load began")?,
        }
        write!(
            formatter,
            " ({reason}), and with it {vus} of {all_vus} virtual users"
        )?;
        if let Some(per_second) = per_second {
            write!(formatter, " and up to {per_second:.1} starts a second")?;
        }
        write!(
            formatter,
            ": what was left was not the load that was asked for, and was stopped; look at that machine, and run it again"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_says_who_when_how_much_and_what_to_do() {
        let gone = Gone {
            machine: "agent-2".to_owned(),
            at: Some(Duration::from_millis(12_340)),
            vus: 3,
            all_vus: 10,
            per_second: Some(30.0),
            reason: "its connection was closed".to_owned(),
        };
        assert_eq!(
            gone.to_string(),
            "the machine `agent-2` was lost 12.3 s after the load had begun (its connection was closed), and with it 3 of 10 virtual users and up to 30.0 starts a second: what was left was not the load that was asked for, and was stopped; look at that machine, and run it again"
        );
        let early = Gone {
            at: None,
            per_second: None,
            ..gone
        };
        let said = early.to_string();
        assert!(said.contains("was lost before the load began"), "{said}");
        assert!(!said.contains("starts a second"), "{said}");
        assert_eq!(early.told().at_ns, None);
    }
}
