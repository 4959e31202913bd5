//! A machine that is lost while it makes its share of a load, as it is told.

use std::fmt;
use std::time::Duration;

use assay_report::{event::LoadLoss, words::headline};

/// A machine that is gone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gone {
    /// Of the team.
    pub(super) share: usize,
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
    /// Why nobody makes up for it, if that was wished.
    pub(super) not_refilled: Option<String>,
}

impl Gone {
    /// The same, which nobody can make up for.
    pub(super) fn not_refilled(self, why: impl Into<String>) -> Self {
        Self {
            not_refilled: Some(why.into()),
            ..self
        }
    }

    /// What is told of it.
    pub(super) fn told(self) -> LoadLoss {
        LoadLoss {
            machine: self.machine,
            at_ns: self.at.map(nanoseconds),
            vus: self.vus,
            per_second: self.per_second,
            reason: headline(&self.reason).to_owned(),
        }
    }

    /// That it was lost, and what with it.
    pub(super) fn what(&self) -> impl fmt::Display {
        let Self {
            machine,
            vus,
            all_vus,
            reason,
            ..
        } = self;
        let when = self.at.map_or_else(
            || "before the load began".to_owned(),
            |at| format!("{:.1} s after the load had begun", at.as_secs_f64()),
        );
        let reason = headline(reason);
        let starts = self.per_second.map_or_else(String::new, |per_second| {
            format!(" and up to {per_second:.1} starts a second")
        });
        format!(
            "the machine `{machine}` was lost {when} ({reason}), and with it {vus} of {all_vus} virtual users{starts}"
        )
    }
}

impl fmt::Display for Gone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.what())?;
        if let Some(why) = &self.not_refilled {
            write!(formatter, "the others cannot make up for it ({why}); ")?;
        }
        formatter
            .write_str("what was left was not the load that was asked for, and was stopped")?;
        // Whoever knows better what to do says so.
        match self.reason.lines().find(|line| line.starts_with("hint: ")) {
            Some(hint) => write!(formatter, "\n{hint}"),
            None => formatter.write_str("; look at that machine, and run it again"),
        }
    }
}

pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_says_who_when_how_much_and_what_to_do() {
        let gone = Gone {
            share: 1,
            machine: "agent-2".to_owned(),
            at: Some(Duration::from_millis(12_340)),
            vus: 3,
            all_vus: 10,
            per_second: Some(30.0),
            reason: "its connection was closed".to_owned(),
            not_refilled: None,
        };
        assert_eq!(
            gone.to_string(),
            "the machine `agent-2` was lost 12.3 s after the load had begun (its connection was closed), and with it 3 of 10 virtual users and up to 30.0 starts a second: what was left was not the load that was asked for, and was stopped; look at that machine, and run it again"
        );
        let server = Gone {
            reason: "the NATS server was away\nhint: see why it went".to_owned(),
            ..gone.clone()
        };
        let said = server.to_string();
        assert!(
            said.contains("(the NATS server was away), and with it"),
            "{said}"
        );
        assert!(
            said.ends_with("and was stopped\nhint: see why it went"),
            "{said}"
        );
        assert_eq!(server.told().reason, "the NATS server was away");
        let wished = gone.clone().not_refilled("nobody is left").to_string();
        assert!(
            wished.contains("(nobody is left); what was left"),
            "{wished}"
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
