//! What it means that an agent does not answer: it is gone once that went on for as long as an outage may last, with the server in reach all the while. Whose
//! question does not even reach the server knows nothing of an agent, and blames none.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    connection::State,
    error::{NatsError, RunError},
    identity::AgentInfo,
};

/// Whether the server is in reach. The error is that it has been away for longer than an outage may last.
pub(super) fn is_in_reach(link: State, outage: Duration, now: Instant) -> Result<bool, NatsError> {
    if !link.up && now.saturating_duration_since(link.since) > outage {
        return Err(NatsError::Away(outage));
    }
    Ok(link.up)
}

/// The silence of one agent, as far as it has lasted.
#[derive(Debug)]
pub(super) struct Silence {
    /// What people call the agent.
    agent: String,
    /// How long an outage may last.
    outage: Duration,
    /// Since when it is known that the agent does not answer; none if it did, or if it may be the server.
    since: Option<Instant>,
}

impl Silence {
    /// Of an agent that was not asked yet.
    pub(super) fn of(agent: &AgentInfo, outage: Duration) -> Self {
        Self {
            agent: agent.name.clone(),
            outage,
            since: None,
        }
    }

    /// It has answered.
    pub(super) fn ends(&mut self) {
        self.since = None;
    }

    /// It has not answered, and the way to the server is so. The error is who has been silent for too long: the server or the agent.
    pub(super) fn goes_on(&mut self, link: State, now: Instant) -> Result<(), RunError> {
        if !is_in_reach(link, self.outage, now)? {
            self.since = None;
            return Ok(());
        }
        // Between two questions the server may have been away, and agents come back to it after us.
        let since = self.since.unwrap_or(now).max(link.since);
        if now.saturating_duration_since(since) > self.outage {
            let agent = self.agent.clone();
            return Err(RunError::Vanished { agent });
        }
        self.since = Some(since);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTAGE: Duration = Duration::from_secs(10);

    /// What is said of an agent that answers to none of these questions: when each was asked, and since when the way to the server was up or down then.
    fn said(start: Instant, asked: &[(u64, bool, u64)]) -> Vec<Result<(), RunError>> {
        let agent = AgentInfo {
            id: "a1".parse().unwrap(),
            name: "one".to_owned(),
            version: String::new(),
            contract: String::new(),
            words: 1,
            slots: 1,
            processors: 1,
        };
        let mut silence = Silence::of(&agent, OUTAGE);
        let second = |second| start + Duration::from_secs(second);
        let said = asked.iter().map(|(at, up, since)| {
            let link = State {
                up: *up,
                since: second(*since),
            };
            silence.goes_on(link, second(*at))
        });
        said.collect()
    }

    fn vanished() -> Result<(), RunError> {
        let agent = "one".to_owned();
        Err(RunError::Vanished { agent })
    }

    #[test]
    fn an_agent_is_gone_after_an_outage_with_the_server_in_reach() {
        let asked = [(20, true, 0), (30, true, 0), (31, true, 0)];
        let start = Instant::now();
        assert_eq!(said(start, &asked), [Ok(()), Ok(()), vanished()]);
    }

    #[test]
    fn a_server_that_is_away_is_not_taken_for_an_agent_that_is_gone() {
        let asked = [
            (20, true, 0),
            (29, false, 21),
            (31, false, 21),
            (32, false, 21),
        ];
        let away = Err(NatsError::Away(OUTAGE).into());
        let expected = [Ok(()), Ok(()), Ok(()), away];
        assert_eq!(said(Instant::now(), &asked), expected);
    }

    #[test]
    fn an_agent_has_the_time_of_an_outage_to_come_back_after_the_server() {
        // The server was away between two questions, and nobody has seen it.
        let asked = [
            (20, true, 0),
            (31, true, 25),
            (35, true, 25),
            (36, true, 25),
        ];
        let expected = [Ok(()), Ok(()), Ok(()), vanished()];
        assert_eq!(said(Instant::now(), &asked), expected);
        let asked = [(20, true, 0), (25, false, 24), (31, true, 26)];
        assert_eq!(said(Instant::now(), &asked), vec![Ok(()); 3]);
    }

    #[test]
    fn an_agent_that_answers_in_between_is_not_gone() {
        let start = Instant::now();
        let second = |second| start + Duration::from_secs(second);
        let mut silence = Silence {
            agent: "one".to_owned(),
            outage: OUTAGE,
            since: None,
        };
        let link = State {
            up: true,
            since: start,
        };
        assert_eq!(silence.goes_on(link, second(1)), Ok(()));
        silence.ends();
        assert_eq!(silence.goes_on(link, second(12)), Ok(()));
        assert_eq!(silence.goes_on(link, second(23)), vanished());
    }
}
