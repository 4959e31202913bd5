//! A machine that was lost in a load and that others made up for, in words: each report for people says it so.

use std::fmt::Write as _;

use crate::{
    event::LoadRefill,
    words::{clean, count, duration, one_line},
};

/// Machines that made up for one and are named; further ones are counted.
const MAX_NAMED: usize = 8;

/// `two was lost after 12.3 s, and one, three made up for it after 25.1 s: for 13 s the load was less than what was asked for, and 1.2 % of it
/// was not made`.
pub(crate) fn line(refill: &LoadRefill) -> String {
    let lost = &refill.lost;
    let when = lost
        .at_ns
        .map_or_else(String::new, |at_ns| format!(" after {}", duration(at_ns)));
    let mut text = format!("{} was lost{when}", name(&lost.machine));
    match refill.whole_ns().zip(refill.hole_ns()) {
        Some((whole_ns, hole_ns)) => {
            let _ = write!(
                text,
                ", and {} made up for it after {}: for {} the load was less than what was asked for",
                takers(refill),
                duration(whole_ns),
                duration(hole_ns)
            );
        }
        None if !takers(refill).is_empty() => {
            let _ = write!(
                text,
                ", and {} made up for a part of it before the load ended",
                takers(refill)
            );
        }
        None => text.push_str(", and nobody made up for it before the load ended"),
    }
    let _ = write!(text, ", and {} of it was not made", missing(refill));
    if refill.dropped > 0 {
        let dropped = usize::try_from(refill.dropped).unwrap_or(usize::MAX);
        let _ = write!(text, " ({})", count(dropped, "start"));
    }
    text
}

/// How much of the load nobody made, in percent.
pub(crate) fn missing(refill: &LoadRefill) -> String {
    format!("{:.1} %", refill.missing_percent)
}

/// The names of those that made up for one.
pub(crate) fn takers(refill: &LoadRefill) -> String {
    let begun = refill.by.iter().filter(|taker| taker.begun_ns.is_some());
    let begun: Vec<_> = begun.collect();
    let shown = begun.iter().take(MAX_NAMED);
    let shown: Vec<_> = shown.map(|taker| name(&taker.machine)).collect();
    let shown = shown.join(", ");
    match begun.len().saturating_sub(MAX_NAMED) {
        0 => shown,
        further => format!("{shown} and {further} more"),
    }
}

fn name(machine: &str) -> String {
    clean(&one_line(machine))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{LoadLoss, LoadTaker};

    fn refill(takers: usize, dropped: u64) -> LoadRefill {
        let taker = |number: usize| LoadTaker {
            machine: format!("agent-{number}"),
            vus: 1,
            per_second: None,
            begun_ns: Some(20_000_000_000 + number as u64 * 1_000_000_000),
        };
        LoadRefill {
            lost: LoadLoss {
                machine: "two".to_owned(),
                at_ns: Some(12_000_000_000),
                vus: 3,
                per_second: None,
                reason: "silence".to_owned(),
            },
            from_ns: 10_000_000_000,
            under_way: 3,
            dropped,
            missing_percent: 4.56,
            by: (0..takers).map(taker).collect(),
        }
    }

    #[test]
    fn it_says_who_was_lost_who_made_up_for_it_and_what_was_missing() {
        let said = line(&refill(2, 7));
        assert_eq!(
            said,
            "two was lost after 12.000 s, and agent-0, agent-1 made up for it after 21.000 s: for 11.000 s the load was less than what was asked for, and 4.6 % of it was not made (7 starts)"
        );
        let nobody = line(&refill(0, 0));
        let until_its_end =
            "nobody made up for it before the load ended, and 4.6 % of it was not made";
        assert!(nobody.ends_with(until_its_end), "{nobody}");
        let mut partly = refill(2, 0);
        partly.by[1].begun_ns = None;
        let said = line(&partly);
        assert!(
            said.contains("and agent-0 made up for a part of it before"),
            "{said}"
        );
        assert_eq!((partly.whole_ns(), partly.hole_ns()), (None, None));
        assert!(takers(&refill(10, 0)).ends_with("agent-7 and 2 more"));
    }
}
