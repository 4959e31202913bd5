//! Baselines that were missed, and where the time of their attempt's requests went.

use super::{
    judge::{Attempt, Finding, headline_of},
    load,
    shapes::{Evidence, EvidenceKind, TimeShares},
    trail::{Times, Trail},
};
use crate::{
    event::{Grade, Phase},
    words::{clean, duration, figure},
};

/// Of a baseline that was missed, or whose target was.
pub(super) fn missed(attempt: &Attempt<'_>) -> Finding {
    let suite = clean(&attempt.source.suite);
    let Some(judged) = &attempt.trail.judged else {
        let said = attempt.outcome.reason.as_ref();
        return Finding {
            subject: Some(suite),
            common: said.map_or_else(String::new, |reason| headline_of(&reason.message)),
            ..attempt.at_its_end()
        };
    };
    let judgement = &judged.judgement;
    let baseline = &judgement.baseline;
    let level = match judgement.grade {
        Grade::Missed => ("critical", baseline.critical),
        Grade::Critical | Grade::Target => ("target", baseline.target),
    };
    let name = format!("{suite}/{}", clean(&baseline.name));
    let value = if judgement.samples == 0 {
        "nothing was measured".to_owned()
    } else {
        let samples = judgement.samples;
        format!(
            "{} from {samples} samples",
            figure(judgement.value, &baseline.unit)
        )
    };
    let levels = format!(
        "{} is {} {}",
        level.0,
        baseline.direction.words(),
        figure(level.1, &baseline.unit)
    );
    let common = format!("`{name}`: {value}, {levels}");
    let mut evidence = vec![Evidence {
        kind: EvidenceKind::Baseline,
        at_ns: Some(judged.at_ns),
        sequence: Some(judged.sequence),
        text: common.clone(),
    }];
    let time = shares(attempt.trail);
    evidence.extend(time.map(|time| told(&time)));
    evidence.extend(load::evidence(attempt.trail));
    Finding {
        subject: Some(name),
        common,
        from_ns: attempt.trail.started_at_ns,
        at_ns: judged.at_ns,
        evidence,
        time,
        ..Finding::default()
    }
}

/// Where the time went; none if there was no request.
fn shares(trail: &Trail) -> Option<TimeShares> {
    let of_phase = |phase| trail.times.get(&phase).copied().unwrap_or_default();
    let mut phases: [(u64, u64); 3] = [0, 1, 2].map(|place| {
        let times = of_phase(Phase::ALL[place]);
        (times.requests, times.total_ns)
    });
    let cases = trail.times.values().fold(Times::default(), Times::and);
    let of_loads = load::times(trail);
    for (of_phase, (requests, total_ns)) in phases.iter_mut().zip(of_loads) {
        of_phase.0 = of_phase.0.saturating_add(requests);
        of_phase.1 = of_phase.1.saturating_add(total_ns);
    }
    let sum = |sum: u64, part: u64| sum.saturating_add(part);
    let requests = phases.iter().map(|phase| phase.0).fold(0, sum);
    let total_ns = phases.iter().map(|phase| phase.1).fold(0, sum);
    if requests == 0 || total_ns == 0 {
        return None;
    }
    // The parts of a request are known of those of cases only.
    let part =
        |nanoseconds: u64| (cases.total_ns == total_ns).then(|| share(nanoseconds, total_ns));
    let receive_ns = cases
        .total_ns
        .saturating_sub(cases.connect_ns)
        .saturating_sub(cases.first_byte_ns);
    Some(TimeShares {
        requests,
        total_ns,
        baseline: share(phases[0].1, total_ns),
        fault: share(phases[1].1, total_ns),
        recovery: share(phases[2].1, total_ns),
        connect: part(cases.connect_ns),
        first_byte: part(cases.first_byte_ns),
        receive: part(receive_ns),
    })
}

impl Times {
    fn and(self, other: &Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            total_ns: self.total_ns.saturating_add(other.total_ns),
            connect_ns: self.connect_ns.saturating_add(other.connect_ns),
            first_byte_ns: self.first_byte_ns.saturating_add(other.first_byte_ns),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share needs no more than 52 bits"
)]
fn share(part: u64, of: u64) -> f64 {
    part as f64 / of as f64
}

fn told(time: &TimeShares) -> Evidence {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let phases = [
        ("baseline", time.baseline),
        ("fault", time.fault),
        ("recovery", time.recovery),
    ];
    let phases: Vec<String> = phases
        .into_iter()
        .filter(|(_, share)| *share > 0.0)
        .map(|(phase, share)| format!("{phase} {}", percent(share)))
        .collect();
    let parts = [
        ("connecting", time.connect),
        ("waiting for the first byte", time.first_byte),
        ("receiving", time.receive),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter_map(|(part, share)| Some(format!("{part} {}", percent(share?))))
        .collect();
    let parts = if parts.is_empty() {
        String::new()
    } else {
        format!("; {}", parts.join(", "))
    };
    Evidence {
        kind: EvidenceKind::Time,
        at_ns: None,
        sequence: None,
        text: format!(
            "{} of {} requests: by phase {}{parts}",
            duration(time.total_ns),
            time.requests,
            phases.join(", ")
        ),
    }
}
