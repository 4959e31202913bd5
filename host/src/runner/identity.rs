//! What a run is called and when it began: names that sort by time and do not meet.

use std::time::SystemTime;

/// A run's id and the time of its start, UTC, RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `20261125t132700z-k3f9`: sorts by time; the four letters tell apart what began in the same second. All letters are small, as in the names of a
    /// run over agents, which are no others.
    pub run_id: String,
    /// `2026-11-25T13:27:00Z`.
    pub started_at: String,
}

impl Identity {
    /// Of a run that begins now.
    pub fn now() -> Self {
        let letter = || fastrand::alphanumeric().to_ascii_lowercase();
        Self::at(SystemTime::now(), [letter(), letter(), letter(), letter()])
    }

    fn at(time: SystemTime, letters: [char; 4]) -> Self {
        let started_at = humantime::format_rfc3339_seconds(time).to_string();
        let compact: String = started_at
            .chars()
            .filter(|letter| !matches!(letter, '-' | ':'))
            .map(|letter| letter.to_ascii_lowercase())
            .collect();
        Self {
            run_id: format!("{compact}-{}", letters.iter().collect::<String>()),
            started_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn ids_say_when_and_sort_by_time() {
        let at = |seconds| {
            Identity::at(
                UNIX_EPOCH + Duration::from_secs(seconds),
                ['k', '3', 'f', '9'],
            )
        };
        let identity = at(1_795_610_820);
        assert_eq!(identity.started_at, "2026-11-25T12:47:00Z");
        assert_eq!(identity.run_id, "20261125t124700z-k3f9");
        assert!(at(1_795_610_819).run_id < identity.run_id);
    }

    #[test]
    fn runs_of_the_same_second_differ() {
        let ids: std::collections::BTreeSet<String> =
            (0..100).map(|_| Identity::now().run_id).collect();
        assert!(ids.len() > 90, "{} of 100 differ", ids.len());
    }
}
