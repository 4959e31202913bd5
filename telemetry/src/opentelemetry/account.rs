//! What became of the spans of a run, and how it is told if some did not arrive.

use assay_report::{ReportError, words::count};
use reqwest::StatusCode;

use super::endpoint::Endpoint;
use crate::client::Failure;

/// Counts spans by what became of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Account {
    /// They arrived.
    pub(super) sent: u64,
    /// A limit on what is open at once left them out.
    pub(super) left_out: u64,
    /// The queue had no room for them.
    pub(super) dropped: u64,
    /// The receiver took the request and not them.
    pub(super) rejected: u64,
    /// The receiver refused the request.
    pub(super) refused: u64,
    /// They were not taken in time, or not tried any more.
    pub(super) late: u64,
    /// Why the first ones were rejected.
    pub(super) why_rejected: String,
    /// Why the first request was refused.
    pub(super) why_refused: Option<Failure>,
    /// Why the last request that could have been tried again was not taken.
    pub(super) why_late: Option<Failure>,
}

impl Account {
    /// A request was taken, but for so many of its spans.
    pub(super) fn took(&mut self, spans: u64, rejected: u64, why: &str) {
        let rejected = rejected.min(spans);
        self.sent += spans - rejected;
        if rejected > 0 && self.rejected == 0 {
            why.clone_into(&mut self.why_rejected);
        }
        self.rejected += rejected;
    }

    /// A request was refused.
    pub(super) fn refused(&mut self, spans: u64, why: Failure) {
        self.refused += spans;
        self.why_refused.get_or_insert(why);
    }

    /// Closes it: whatever of `taken` nothing is known of did not go in time.
    pub(super) fn close(&mut self, taken: u64, dropped: u64) {
        let known = self.sent + self.rejected + self.refused;
        self.late = taken.saturating_sub(known);
        self.dropped = dropped;
    }

    /// What is to be told; nothing if all arrived.
    pub(super) fn told(&self, endpoint: &Endpoint) -> Result<(), ReportError> {
        let reasons = self.reasons();
        if reasons.is_empty() {
            return Ok(());
        }
        let lost = self.left_out + self.dropped + self.rejected + self.refused + self.late;
        let all = count(
            usize::try_from(self.sent + lost).unwrap_or(usize::MAX),
            "span",
        );
        Err(ReportError::Telemetry {
            message: format!(
                "{lost} of {all} did not reach `{endpoint}`: {}",
                reasons.join("; ")
            ),
            hint: Some(self.hint().to_owned()),
        })
    }

    fn reasons(&self) -> Vec<String> {
        let failure = |why: &Option<Failure>| match why {
            Some(why) => format!(" ({why})"),
            None => String::new(),
        };
        let why_rejected = match self.why_rejected.as_str() {
            "" => String::new(),
            why => format!(" ({why})"),
        };
        let reasons = [
            (self.refused, "refused", failure(&self.why_refused)),
            (self.rejected, "rejected", why_rejected),
            (self.late, "not taken in time", failure(&self.why_late)),
            (self.dropped, "more than the queue holds", String::new()),
            (
                self.left_out,
                "more than can be open at once",
                String::new(),
            ),
        ];
        let reasons = reasons.into_iter().filter(|(spans, ..)| *spans > 0);
        reasons
            .map(|(spans, what, why)| format!("{spans} {what}{why}"))
            .collect()
    }

    fn hint(&self) -> &'static str {
        let status = self.why_refused.as_ref().or(self.why_late.as_ref());
        match status {
            Some(Failure::Answered { status, .. }) => match *status {
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                    "look at `headers` of `[opentelemetry]`, or at `OTEL_EXPORTER_OTLP_HEADERS`"
                }
                StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
                    "name a receiver of OTLP/HTTP, whose path is usually `/v1/traces` and whose port 4318"
                }
                _ => "look at what the receiver wrote; the other reports of the run are complete",
            },
            Some(Failure::Unanswered(_)) => {
                "start the receiver, or name another one with `endpoint` of `[opentelemetry]` or `OTEL_EXPORTER_OTLP_ENDPOINT`"
            }
            None if self.rejected > 0 => {
                "look at what the receiver wrote; the other reports of the run are complete"
            }
            None => {
                "the receiver is slower than the run; the other reports of the run are complete"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use assay_report::hint::Hinted as _;

    use super::*;

    fn endpoint() -> Endpoint {
        Endpoint::of_base("http://me:s3cret@127.0.0.1:4318").unwrap()
    }

    fn answered(status: u16, said: &str) -> Failure {
        Failure::Answered {
            status: StatusCode::from_u16(status).unwrap(),
            said: said.to_owned(),
        }
    }

    #[test]
    fn nothing_is_told_if_all_arrived() {
        let mut account = Account::default();
        account.took(5, 0, "a warning");
        account.close(5, 0);
        assert!(account.told(&endpoint()).is_ok());
    }

    #[test]
    fn each_way_to_lose_spans_is_told_with_its_count() {
        let mut account = Account {
            left_out: 1,
            ..Account::default()
        };
        account.took(10, 2, "no name");
        account.took(10, 1, "another reason");
        account.refused(3, answered(400, "bad data"));
        account.refused(3, answered(413, ""));
        account.why_late = Some(Failure::Unanswered("it did not answer in time".into()));
        account.close(30, 7);
        let error = account.told(&endpoint()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "21 of 38 spans did not reach `http://127.0.0.1:4318/v1/traces`: \
             6 refused (it answered 400 Bad Request: bad data); 3 rejected (no name); \
             4 not taken in time (it did not answer in time); 7 more than the queue holds; \
             1 more than can be open at once"
        );
    }

    #[test]
    fn a_receiver_that_rejects_more_than_it_was_sent_takes_nothing_from_others() {
        let mut account = Account::default();
        account.took(2, 5, "");
        account.close(2, 0);
        assert_eq!((account.sent, account.rejected, account.late), (0, 2, 0));
    }

    #[test]
    fn each_error_ends_in_something_to_do() {
        let late = |why| Account {
            late: 1,
            why_late: Some(why),
            ..Account::default()
        };
        let refused = |status| Account {
            refused: 1,
            why_refused: Some(answered(status, "")),
            ..Account::default()
        };
        let dropped = Account {
            dropped: 1,
            ..Account::default()
        };
        for (account, part) in [
            (refused(401), "headers"),
            (refused(404), "/v1/traces"),
            (refused(400), "what the receiver wrote"),
            (late(answered(503, "")), "what the receiver wrote"),
            (
                late(Failure::Unanswered(String::new())),
                "start the receiver",
            ),
            (dropped, "slower than the run"),
        ] {
            let error = account.told(&endpoint()).unwrap_err();
            let hint = error.hint().unwrap();
            assert!(hint.contains(part), "{error}: {hint}");
        }
    }
}
