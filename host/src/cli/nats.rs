//! How a host that conducts a run, and one that lends its machine, find each other: the arguments about NATS.

use std::{path::PathBuf, time::Duration};

use assay_agents::{connection::Access, error::NatsError};
use assay_report::exit::Exit;
use clap::Args;

use crate::config::{NATS_VARIABLE, quantity, run::REFILLS};

/// Where the help has them. Not that of whatever follows: other arguments come after these.
const HEADING: &str = "Agents";
/// How long agents have to answer, unless told otherwise.
const WITHIN: &str = "2s";
/// How many percent of a load may be missing that is refilled, unless told otherwise.
const REFILL: &str = "5";
/// How long they may have.
const WITHINS: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(1)..=assay_agents::settings::MAX_TIME;

/// How to log in to NATS.
#[derive(Args, Clone, Debug, Default)]
pub struct LoginArguments {
    /// Credentials of NATS, as `nsc` writes them.
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    pub nats_credentials: Option<PathBuf>,
    /// Certificates, as PEM, of whoever may have signed that of the server, beside the system's own; may be repeated.
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    pub nats_ca: Vec<PathBuf>,
    /// A certificate, as PEM, to show to the server.
    #[arg(long, value_name = "FILE", requires = "nats_key", help_heading = HEADING)]
    pub nats_certificate: Option<PathBuf>,
    /// The key of that certificate, as PEM.
    #[arg(long, value_name = "FILE", requires = "nats_certificate", help_heading = HEADING)]
    pub nats_key: Option<PathBuf>,
}

/// A server alone, which is not asked for if nobody says where it is.
#[derive(Args, Clone, Debug)]
pub struct ServerArguments {
    /// Look at the NATS server at which runs are shared, too, such as `nats://HOST:4222`.
    #[arg(long, value_name = "URL", env = NATS_VARIABLE, hide_env_values = true, help_heading = HEADING)]
    pub nats: Option<String>,
    /// How to log in.
    #[command(flatten)]
    pub login: LoginArguments,
}

/// Agents that share a run.
#[derive(Args, Clone, Debug)]
pub struct AgentArguments {
    /// Share the run with the agents at this NATS server, such as `nats://HOST:4222`: with all that answer.
    #[arg(long, value_name = "URL", env = NATS_VARIABLE, hide_env_values = true, help_heading = HEADING)]
    pub nats: Option<String>,
    /// With so many of them, and with no fewer.
    #[arg(long, value_name = "N", requires = "nats", value_parser = clap::value_parser!(u32).range(1..=1_000), help_heading = HEADING)]
    pub agents: Option<u32>,
    /// Wait so long until so many have answered; without a number all that answer by then are waited for.
    #[arg(long, value_name = "DURATION", requires = "nats", default_value = WITHIN, value_parser = within, help_heading = HEADING)]
    pub agents_within: Duration,
    /// Have the others make what an agent that is lost would still have made of a load, if that ends with its time, and if no more of it than
    /// so many percent is missing for that: 5 without a number, 50 at most. What is missing is told. With 0, or without it, the load is lost.
    #[arg(
        long,
        requires = "nats",
        value_name = "PERCENT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = REFILL,
        value_parser = percent,
        help_heading = HEADING
    )]
    pub refill: Option<u32>,
    /// How to log in.
    #[command(flatten)]
    pub login: LoginArguments,
}

fn percent(text: &str) -> Result<u32, String> {
    let number = text.trim_end_matches('%').trim().parse().ok();
    let number = number.filter(|number| REFILLS.contains(number));
    let number = number.and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| {
        format!(
            "it has to be a whole number of percent from {} to {}",
            REFILLS.start(),
            REFILLS.end()
        )
    })
}

fn within(text: &str) -> Result<Duration, String> {
    let time = quantity::duration(text)?;
    if WITHINS.contains(&time) {
        Ok(time)
    } else {
        Err("it has to be from 1ms to 10m".to_owned())
    }
}

/// What the process ends with when there is no way to the server: an address that is none is a wrong argument.
pub(super) fn exit(error: &NatsError) -> Exit {
    match error {
        NatsError::Address { .. } => Exit::Usage,
        _ => Exit::Environment,
    }
}

impl LoginArguments {
    /// The way to the server at this address.
    pub fn access(&self, url: &str) -> Access {
        let certificate = self.nats_certificate.clone().zip(self.nats_key.clone());
        Access {
            url: url.to_owned(),
            credentials: self.nats_credentials.clone(),
            root_certificates: self.nats_ca.clone(),
            certificate,
        }
    }
}

impl ServerArguments {
    /// The way to the server; none if nobody says where it is.
    pub fn access(&self) -> Option<Access> {
        self.nats.as_deref().map(|url| self.login.access(url))
    }
}

impl AgentArguments {
    /// The way to the server; none if the run is not shared.
    pub fn access(&self) -> Option<Access> {
        self.nats.as_deref().map(|url| self.login.access(url))
    }

    /// As many agents as are wanted; none if all that answer are.
    pub fn wanted(&self) -> Option<usize> {
        self.agents.and_then(|number| usize::try_from(number).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_part_of_a_load_is_a_whole_number_of_percent_up_to_half() {
        for (text, number) in [("0", 0), ("5", 5), ("30%", 30), ("50 %", 50)] {
            assert_eq!(percent(text), Ok(number));
        }
        for text in ["51", "-1", "2.5", "%", "half"] {
            let refused = percent(text).unwrap_err();
            assert!(refused.ends_with("percent from 0 to 50"), "{refused}");
        }
    }
}
