//! What is remembered of an attempt while it runs, to know why it was not good. However much it does, this stays small.

use std::collections::{BTreeMap, VecDeque};

use super::contact::Contact;
use crate::event::{
    Check, Event, EventKind, Exchange, Fault, FaultStage, Grade, Judgement, LoadEnd, Phase,
    Refusal, ServiceState,
};

/// Requests and streams of an attempt that are remembered: the last ones.
pub const MAX_CONTACTS: usize = 64;
/// Loads of an attempt that are remembered: the first ones. One that is over and was good makes room for a later one.
const MAX_LOADS: usize = 8;
/// Different refusals of an attempt that are remembered: the first ones.
const MAX_REFUSALS: usize = 8;

/// What is remembered of an attempt.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail {
    pub(super) started_at_ns: u64,
    pub(super) check: Option<FailedCheck>,
    pub(super) failed_checks: u64,
    pub(super) contacts: VecDeque<Contact>,
    pub(super) requests: u64,
    pub(super) times: BTreeMap<Phase, Times>,
    pub(super) unhealed: Option<Unhealed>,
    pub(super) judged: Option<Judged>,
    pub(super) loads: Vec<Load>,
    pub(super) services: Option<Probed>,
    pub(super) refusals: Vec<Refused>,
    /// Who had it last; none if it ran at its host.
    pub(super) agent: Option<String>,
}

/// Something that it had no grant for.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub(super) refusal: Refusal,
    pub(super) at_ns: u64,
    pub(super) sequence: u64,
}

/// The first check that failed.
#[derive(Clone, Debug)]
pub(super) struct FailedCheck {
    pub(super) check: Check,
    pub(super) at_ns: u64,
    pub(super) sequence: u64,
    /// The last requests and streams that were over by then.
    pub(super) after: VecDeque<Contact>,
}

/// The first fault that could not be healed.
#[derive(Clone, Debug)]
pub(super) struct Unhealed {
    pub(super) fault: Fault,
    pub(super) message: String,
    pub(super) at_ns: u64,
    pub(super) sequence: u64,
}

/// The worst judgement, the first one of those that are as bad.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) judgement: Judgement,
    pub(super) at_ns: u64,
    pub(super) sequence: u64,
}

/// A load that is over.
#[derive(Clone, Debug)]
pub(super) struct Load {
    pub(super) scenario: String,
    /// None as long as it runs.
    pub(super) end: Option<Ended>,
    number: u32,
}

/// How a load ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) end: Box<LoadEnd>,
    pub(super) at_ns: u64,
    pub(super) sequence: u64,
}

/// How services were found.
#[derive(Clone, Debug)]
pub(super) struct Probed {
    pub(super) services: Vec<ServiceState>,
    pub(super) at_ns: u64,
    pub(super) sequence: u64,
}

/// Where the time of requests went.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Times {
    pub(super) requests: u64,
    pub(super) total_ns: u64,
    pub(super) connect_ns: u64,
    pub(super) first_byte_ns: u64,
}

impl Trail {
    pub(super) fn new(started_at_ns: u64) -> Self {
        Self {
            started_at_ns,
            ..Self::default()
        }
    }

    /// Takes an event of the attempt.
    pub(super) fn hear(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Checked { check, .. } if !check.passed => self.checked(event, check),
            EventKind::Exchanged { exchange, .. } => {
                self.timed(event.phase, exchange);
                self.contact(Contact::of_exchange(event, exchange));
            }
            EventKind::Streamed { stream, .. } => self.contact(Contact::of_stream(event, stream)),
            EventKind::Judged { judgement, .. } => self.judged(event, judgement),
            // One that could not be made has been undone: what becomes of that is the case's own to say.
            EventKind::FaultFailed {
                fault,
                stage: FaultStage::Healing,
                message,
                ..
            } => {
                self.unhealed.get_or_insert_with(|| Unhealed {
                    fault: fault.clone(),
                    message: message.clone(),
                    at_ns: event.at_ns,
                    sequence: event.sequence,
                });
            }
            EventKind::AttemptPlaced { agent, .. } => self.agent = Some(agent.clone()),
            EventKind::Refused { refusal, .. } => self.refused(event, refusal),
            EventKind::LoadStarted { load, .. } => self.load(Load {
                scenario: load.scenario.clone(),
                end: None,
                number: load.load,
            }),
            EventKind::LoadEnded { end, .. } => self.load_ended(event, end),
            EventKind::ServicesProbed { services, .. } => {
                self.services = Some(Probed {
                    services: services.clone(),
                    at_ns: event.at_ns,
                    sequence: event.sequence,
                });
            }
            _ => {}
        }
    }

    fn checked(&mut self, event: &Event, check: &Check) {
        self.failed_checks += 1;
        if self.check.is_none() {
            self.check = Some(FailedCheck {
                check: check.clone(),
                at_ns: event.at_ns,
                sequence: event.sequence,
                after: self.contacts.clone(),
            });
        }
    }

    fn refused(&mut self, event: &Event, refusal: &Refusal) {
        let mut before = self.refusals.iter();
        let is_new = !before.any(|refused| refused.refusal == *refusal);
        if is_new && self.refusals.len() < MAX_REFUSALS {
            self.refusals.push(Refused {
                refusal: refusal.clone(),
                at_ns: event.at_ns,
                sequence: event.sequence,
            });
        }
    }

    fn contact(&mut self, contact: Contact) {
        self.requests += 1;
        if self.contacts.len() == MAX_CONTACTS {
            self.contacts.pop_front();
        }
        self.contacts.push_back(contact);
    }

    fn timed(&mut self, phase: Phase, exchange: &Exchange) {
        let times = self.times.entry(phase).or_default();
        let connect_ns = exchange.connect_ns.unwrap_or(0);
        let first_byte_ns = exchange.first_byte_ns.unwrap_or(exchange.duration_ns);
        times.requests += 1;
        times.total_ns = times.total_ns.saturating_add(exchange.duration_ns);
        times.connect_ns = times.connect_ns.saturating_add(connect_ns);
        let waited_ns = first_byte_ns.saturating_sub(connect_ns);
        times.first_byte_ns = times.first_byte_ns.saturating_add(waited_ns);
    }

    fn judged(&mut self, event: &Event, judgement: &Judgement) {
        let worst = self
            .judged
            .as_ref()
            .map_or(Grade::Target, |judged| judged.judgement.grade);
        if judgement.grade > worst {
            self.judged = Some(Judged {
                judgement: judgement.clone(),
                at_ns: event.at_ns,
                sequence: event.sequence,
            });
        }
    }

    fn load_ended(&mut self, event: &Event, end: &LoadEnd) {
        let ended = Ended {
            end: Box::new(end.clone()),
            at_ns: event.at_ns,
            sequence: event.sequence,
        };
        let mut loads = self.loads.iter_mut();
        if let Some(load) = loads.find(|load| load.number == end.load) {
            load.end = Some(ended);
        } else {
            // It could not begin.
            self.load(Load {
                scenario: format!("load {}", end.load),
                end: Some(ended),
                number: end.load,
            });
        }
    }

    fn load(&mut self, load: Load) {
        if self.loads.len() == MAX_LOADS
            && let Some(good) = self.loads.iter().position(Load::is_good)
        {
            self.loads.remove(good);
        }
        if self.loads.len() < MAX_LOADS {
            self.loads.push(load);
        }
    }
}

impl Load {
    /// Whether it is over and nothing of it went wrong.
    fn is_good(&self) -> bool {
        self.end.as_ref().is_some_and(Ended::is_good)
    }
}

impl Ended {
    /// Whether it has an outcome and nothing of it went wrong.
    pub(super) fn is_good(&self) -> bool {
        let outcome = self.end.outcome.as_ref();
        outcome.is_some_and(|outcome| outcome.failed == 0 && outcome.interrupted == 0)
            && self.end.failed_checks.is_empty()
    }
}
